//! The operations of OCI clients. Anonymous callers are asked for credentials wherever they may not see.

use serde_json::{Value, json};

use super::{Cell, Expected, RequestBuilder, Row, Target, anybody, row, signed_in};

/// A digest that nothing has.
const NOTHING: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// Reading.
const fn reads(id: &'static str, status: u16, ask: fn(&Cell) -> RequestBuilder) -> [Row; 2] {
    pair(
        id,
        ask,
        [
            401, 404, 404, status, status, status, status, status, status,
        ],
        [status; _],
    )
}

/// Changing.
const fn changes(id: &'static str, status: u16, ask: fn(&Cell) -> RequestBuilder) -> [Row; 2] {
    pair(
        id,
        ask,
        [401, 403, 403, 403, status, status, status, status, 403],
        [401, 403, 403, 403, status, status, status, status, 403],
    )
}

const fn pair(
    id: &'static str,
    ask: fn(&Cell) -> RequestBuilder,
    private: Expected,
    public: Expected,
) -> [Row; 2] {
    [
        row(id, Target::Private, ask, private),
        row(id, Target::Public, ask, public),
    ]
}

fn tool(cell: &Cell, method: &str, path: &str) -> RequestBuilder {
    cell.send(method, &format!("/v2/{}/tool/{path}", cell.name))
}

fn manifest() -> Value {
    let config = json!({
        "mediaType": "application/vnd.oci.empty.v1+json",
        "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "size": 2,
    });
    json!({ "schemaVersion": 2, "config": config, "layers": [] })
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![
        signed_in("check_oci", 200, 200, |c| c.send("GET", "/v2/")),
        anybody("create_oci_pass", 200, |c| c.send("GET", "/v2/token")),
        signed_in("list_repositories", 200, 200, |c| {
            c.send("GET", "/v2/_catalog")
        }),
    ];
    let pairs = [
        reads("list_repository_tags", 200, |c| tool(c, "GET", "tags/list")),
        reads("list_referrers", 200, |c| {
            tool(c, "GET", &format!("referrers/{NOTHING}"))
        }),
        reads("get_manifest", 200, |c| tool(c, "GET", "manifests/v1")),
        reads("get_repository_blob", 404, |c| {
            tool(c, "GET", &format!("blobs/{NOTHING}"))
        }),
        changes("put_manifest", 201, |c| {
            tool(c, "PUT", "manifests/other").json(&manifest())
        }),
        deletes("delete_manifest", |c| {
            tool(c, "DELETE", &format!("manifests/{NOTHING}"))
        }),
        deletes("delete_repository_blob", |c| {
            tool(c, "DELETE", &format!("blobs/{NOTHING}"))
        }),
        changes("start_blob", 202, |c| tool(c, "POST", "blobs/uploads/")),
        deletes("get_blob_upload", |c| tool(c, "GET", "blobs/uploads/none")),
        deletes("append_blob", |c| tool(c, "PATCH", "blobs/uploads/none")),
        deletes("finish_blob", |c| {
            tool(c, "PUT", &format!("blobs/uploads/none?digest={NOTHING}"))
        }),
        deletes("abort_blob", |c| tool(c, "DELETE", "blobs/uploads/none")),
    ];
    rows.extend(pairs.into_iter().flatten());
    rows
}

/// Changing what is not there: strangers do not learn more of what is private.
const fn deletes(id: &'static str, ask: fn(&Cell) -> RequestBuilder) -> [Row; 2] {
    pair(
        id,
        ask,
        [401, 404, 404, 403, 404, 404, 404, 404, 403],
        [401, 403, 403, 403, 404, 404, 404, 404, 403],
    )
}
