//! The operations of the older client and its scripts, with a token in place of a signature.

use reqwest::multipart::{Form, Part};
use serde_json::json;

use super::{Cell, PASSWORD, RequestBuilder, Row, Target, anybody, change, read, row};

/// As `change`, for a protocol that knows no 401.
const fn refusing(id: &'static str, good: u16, ask: fn(&Cell) -> RequestBuilder) -> [Row; 2] {
    let mut rows = change(id, good, ask);
    rows[0].expected[0] = 403;
    rows[1].expected[0] = 403;
    rows
}

/// As `refusing`, where the name of what one may not see is in use.
const fn making(id: &'static str, ask: fn(&Cell) -> RequestBuilder) -> [Row; 2] {
    let mut rows = refusing(id, 200, ask);
    rows[0].expected[1] = 409;
    rows[0].expected[2] = 409;
    rows
}

fn announce(c: &Cell, path: &str) -> RequestBuilder {
    let wanted = json!({ "collection": c.name, "name": "tool", "tag": "v2" });
    c.send("POST", path).json(&wanted)
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![
        anybody("list_sregistry_collections", 200, |c| {
            c.send("GET", "/api/collections/")
        }),
        anybody("list_sregistry_containers", 200, |c| {
            c.send("GET", "/api/containers/")
        }),
        anybody("get_sregistry_identity", 200, |c| {
            c.send("GET", "/api/registry/identity")
        }),
        anybody("search_sregistry_collections", 200, |c| {
            c.send("GET", "/api/collection/search/tool")
        }),
        anybody("search_containers_by_name", 200, |c| {
            c.send("GET", "/api/container/search/name/tool")
        }),
        anybody("search_containers_by_name_and_tag", 200, |c| {
            c.send("GET", "/api/container/search/name/tool/tag/v1")
        }),
        anybody("search_labels", 200, |c| {
            c.send("GET", "/api/labels/search")
        }),
        anybody("search_labels_by_key", 200, |c| {
            c.send("GET", "/api/labels/search/maintainer/key")
        }),
        anybody("search_labels_by_value", 200, |c| {
            c.send("GET", "/api/labels/search/amy/value")
        }),
        anybody("search_labels_by_key_and_value", 200, |c| {
            c.send("GET", "/api/labels/search/maintainer/key/amy/value")
        }),
        // Who has not accepted the terms of use gets none, whoever asks.
        anybody("get_token_by_password", 403, |c| {
            let login = json!({ "username": "owner", "password": PASSWORD });
            c.send("POST", "/api/api-token-auth/").json(&login)
        }),
    ];
    rows.extend(within().into_iter().flatten());
    // What is private is found by nobody else: an empty answer, not a refusal.
    for (id, ask) in SEARCHES {
        for target in [Target::Private, Target::Public] {
            rows.push(row(id, target, *ask, [200; _]));
        }
    }
    rows
}

type Ask = fn(&Cell) -> RequestBuilder;

const SEARCHES: &[(&str, Ask)] = &[
    ("get_sregistry_collection", |c| {
        c.send("GET", &format!("/api/collection/{}", c.name))
    }),
    ("search_containers_by_collection_and_name", |c| {
        let path = format!("/api/container/search/collection/{}/name/tool", c.name);
        c.send("GET", &path)
    }),
    ("search_containers_by_collection_name_and_tag", |c| {
        let path = format!(
            "/api/container/search/collection/{}/name/tool/tag/v1",
            c.name
        );
        c.send("GET", &path)
    }),
];

fn within() -> Vec<[Row; 2]> {
    vec![
        read("get_shub_manifest", |c| {
            c.send("GET", &format!("/api/container/{}/tool:v1", c.name))
        }),
        read("get_shub_manifest_of_entity", |c| {
            c.send("GET", &format!("/owner/api/container/{}/tool:v1", c.name))
        }),
        read("get_sregistry_collection_by_id", |c| {
            c.send("GET", &format!("/api/collections/{}", c.pushed.ids[0]))
        }),
        read("get_sregistry_container_by_id", |c| {
            c.send("GET", &format!("/api/containers/{}", c.pushed.ids[2]))
        }),
        refusing("delete_sregistry_container", 204, |c| {
            c.send("DELETE", &format!("/api/container/{}/tool:v1", c.name))
        }),
        refusing("delete_sregistry_container_unprefixed", 204, |c| {
            c.send("DELETE", &format!("/container/{}/tool:v1", c.name))
        }),
        making("announce_sregistry_upload", |c| {
            announce(c, "/api/upload/chunked_upload")
        }),
        making("announce_sregistry_upload_unprefixed", |c| {
            announce(c, "/upload/chunked_upload")
        }),
        refusing("upload_sregistry_form", 200, |c| {
            let file = Part::stream(c.coming.clone()).file_name("x.sif");
            let form = Form::new()
                .text("collection", c.pushed.ids[0].to_string())
                .text("name", "tool")
                .text("tag", "v2")
                .part("file1", file);
            c.send("POST", "/upload").multipart(form)
        }),
    ]
}
