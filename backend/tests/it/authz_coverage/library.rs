//! The operations of the library clients.

use serde_json::json;

use crate::signer::Signer;

use super::{Cell, RequestBuilder, Row, Target, anybody, change, read, row, signed_in};

/// For who may change: what comes when the request itself leads nowhere. Others are refused before.
const fn reaches(id: &'static str, status: u16, ask: fn(&Cell) -> RequestBuilder) -> [Row; 2] {
    change(id, status, ask)
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![
        signed_in("add_keys", 200, 403, |c| {
            let text = Signer::new(7, &["Ada <ada@example.org>"]).armored();
            c.send("POST", "/pks/add").form(&[("keytext", text)])
        }),
        signed_in("bring_keys", 200, 403, |c| {
            let text = Signer::new(8, &["Bea <bea@example.org>"]).armored();
            c.api("POST", "/keys").json(&json!({ "armored": text }))
        }),
        anybody("list_keys", 200, |c| c.api("GET", "/keys")),
        anybody("get_key", 200, |c| {
            let fingerprint = Signer::new(7, &["Ada <ada@example.org>"]).fingerprint();
            c.api("GET", &format!("/keys/{fingerprint}"))
        }),
        anybody("lookup_keys", 200, |c| {
            c.send("GET", "/pks/lookup?op=get&search=ada@example.org")
        }),
        // The stranger was the first who could bring it; then it is gone.
        row(
            "delete_key",
            Target::None,
            |c| {
                let fingerprint = Signer::new(7, &["Ada <ada@example.org>"]).fingerprint();
                c.api("DELETE", &format!("/keys/{fingerprint}"))
            },
            [401, 204, 404, 404, 404, 404, 404, 404, 404],
        ),
        anybody("get_client_config", 200, |c| {
            c.send("GET", "/assets/config/config.prod.json")
        }),
        anybody("get_version", 200, |c| c.send("GET", "/version")),
        anybody("get_oci_redirect", 404, |c| {
            c.send("GET", "/v1/oci-redirect")
        }),
        anybody("list_entities", 200, |c| c.send("GET", "/v1/entities")),
        anybody("get_entity", 200, |c| c.send("GET", "/v1/entities/owner")),
        anybody("search_library", 200, |c| {
            c.send("GET", "/v1/search?value=tool")
        }),
        row(
            "check_token",
            Target::None,
            |c| c.send("GET", "/v1/token-status"),
            [404, 200, 200, 200, 200, 200, 200, 200, 200],
        ),
        signed_in("get_current_user", 200, 200, |c| {
            c.send("GET", "/v1/rbac/users/current")
        }),
        signed_in("create_entity", 200, 403, |c| {
            c.send("POST", "/v1/entities")
                .json(&json!({ "name": "owner" }))
        }),
        row(
            "create_library_collection",
            Target::None,
            |c| {
                let new = json!({ "name": format!("{}-new", c.name), "entity": "e-owner" });
                c.send("POST", "/v1/collections").json(&new)
            },
            [401, 403, 403, 403, 200, 200, 200, 403, 403],
        ),
    ];
    rows.extend(reading().into_iter().chain(pushing()).flatten());
    rows
}

fn reading() -> Vec<[Row; 2]> {
    let mut file = read("get_library_file", |c| {
        c.send("GET", &format!("/v1/imagefile/owner/{}/tool:v1", c.name))
    });
    for status in file
        .iter_mut()
        .flat_map(|row| &mut row.expected)
        .filter(|status| **status == 200)
    {
        *status = 303;
    }
    vec![
        read("get_library_collection", |c| {
            c.send("GET", &format!("/v1/collections/owner/{}", c.name))
        }),
        read("get_library_container", |c| {
            c.send("GET", &format!("/v1/containers/owner/{}/tool", c.name))
        }),
        read("get_library_image", |c| {
            c.send("GET", &format!("/v1/images/owner/{}/tool:v1", c.name))
        }),
        file,
        read("list_library_tags", |c| {
            c.send("GET", &format!("/v1/tags/n{}", c.pushed.ids[1]))
        }),
        read("list_library_arch_tags", |c| {
            c.send("GET", &format!("/v2/tags/n{}", c.pushed.ids[1]))
        }),
    ]
}

fn pushing() -> Vec<[Row; 2]> {
    let mut delete = change("delete_library_image", 200, |c| {
        c.send("DELETE", &format!("/v1/images/owner/{}/tool:v1", c.name))
    });
    // The clients understand “not found” better here; the collection is as invisible as before.
    delete[0].expected[0] = 404;
    vec![
        delete,
        change("create_library_container", 200, |c| {
            let new = json!({ "name": "other", "collection": format!("c{}", c.pushed.ids[0]) });
            c.send("POST", "/v1/containers").json(&new)
        }),
        change("create_library_image", 200, |c| {
            let hash = format!("sha256.{}", "1".repeat(64));
            let new = json!({ "hash": hash, "container": format!("n{}", c.pushed.ids[1]) });
            c.send("POST", "/v1/images").json(&new)
        }),
        change("set_library_tag", 200, |c| {
            let tag = json!({ "Tag": "v2", "ImageID": format!("i{}", c.pushed.ids[2]) });
            c.send("POST", &format!("/v1/tags/n{}", c.pushed.ids[1]))
                .json(&tag)
        }),
        change("set_library_arch_tag", 200, |c| {
            let tags =
                json!({ "Arch": "amd64", "Tag": "v2", "ImageID": format!("i{}", c.pushed.ids[2]) });
            c.send("POST", &format!("/v2/tags/n{}", c.pushed.ids[1]))
                .json(&tags)
        }),
        change("push_library_file", 200, |c| {
            c.send("POST", &format!("/v1/imagefile/i{}", c.announced))
                .body(c.coming.clone())
        }),
        change("open_upload", 200, |c| {
            let wanted = json!({ "filesize": c.coming.len() });
            c.send("POST", &format!("/v2/imagefile/i{}", c.announced))
                .json(&wanted)
        }),
        change("open_multipart", 200, |c| {
            let wanted = json!({ "filesize": c.coming.len() });
            c.send(
                "POST",
                &format!("/v2/imagefile/i{}/_multipart", c.announced),
            )
            .json(&wanted)
        }),
        reaches("complete_upload", 409, |c| {
            c.send("PUT", &format!("/v2/imagefile/i{}/_complete", c.announced))
                .json(&json!({}))
        }),
        reaches("open_part", 404, |c| {
            let part = json!({ "uploadID": "none", "partNumber": 1, "partSize": 1 });
            c.send("PUT", &format!("/v2/imagefile/i{}/_multipart", c.announced))
                .json(&part)
        }),
        reaches("complete_multipart", 404, |c| {
            let parts = json!({ "uploadID": "none", "completedParts": [{ "partNumber": 1, "token": "x" }] });
            c.send(
                "PUT",
                &format!("/v2/imagefile/i{}/_multipart_complete", c.announced),
            )
            .json(&parts)
        }),
        reaches("abort_multipart", 200, |c| {
            c.send(
                "PUT",
                &format!("/v2/imagefile/i{}/_multipart_abort", c.announced),
            )
            .json(&json!({ "uploadID": "none" }))
        }),
    ]
}
