//! The operations of webhooks: for whoever governs their collection; those of the registry are for administrators.

use serde_json::json;
use shared_types::{NewWebhook, WebhookEvent};
use sregistry_server::services::webhooks;

use super::{Cell, RequestBuilder, Row, Target, govern, row};
use crate::{common::TestApp, seed};

/// Where nobody listens.
const NOWHERE: &str = "http://receiver.invalid/hook";

/// Gives a collection a webhook to which a message was sent. Returns their ids.
pub(super) async fn furnish(app: &TestApp, collection: &str) -> [String; 2] {
    let core = app.core();
    let owner = seed::viewer(app, "owner").await;
    let new = NewWebhook {
        collection: Some(collection.to_owned()),
        url: NOWHERE.to_owned(),
        events: Some(vec![WebhookEvent::Push]),
        secret: None,
        active: Some(false),
    };
    let hook = webhooks::create(core, &owner, new).await.unwrap();
    let id = hook.webhook.id;
    let sent = webhooks::ping(core, &owner, &id).await.unwrap();
    [id, sent.id]
}

fn of(c: &Cell, method: &str, path: &str) -> RequestBuilder {
    c.api(method, &format!("/webhooks/{}{path}", c.hook[0]))
}

pub(super) fn rows() -> Vec<Row> {
    let pairs = [
        govern("list_webhooks", 200, |c| {
            c.api("GET", &format!("/webhooks?collection={}", c.name))
        }),
        govern("create_webhook", 201, |c| {
            c.api("POST", "/webhooks")
                .json(&json!({ "collection": c.name, "url": NOWHERE, "active": false }))
        }),
        govern("get_webhook", 200, |c| of(c, "GET", "")),
        govern("change_webhook", 200, |c| {
            of(c, "PATCH", "").json(&json!({ "events": ["tag"] }))
        }),
        govern("delete_webhook", 204, |c| of(c, "DELETE", "")),
        govern("ping_webhook", 200, |c| of(c, "POST", "/ping")),
        govern("list_deliveries", 200, |c| of(c, "GET", "/deliveries")),
        govern("redeliver", 200, |c| {
            of(c, "POST", &format!("/deliveries/{}/redeliver", c.hook[1]))
        }),
    ];
    let mut rows: Vec<Row> = pairs.into_iter().flatten().collect();
    rows.push(row(
        "list_webhooks",
        Target::None,
        |c| c.api("GET", "/webhooks"),
        [401, 403, 403, 403, 403, 200, 200, 403, 403],
    ));
    rows.push(row(
        "create_webhook",
        Target::None,
        |c| {
            c.api("POST", "/webhooks")
                .json(&json!({ "url": NOWHERE, "active": false }))
        },
        [401, 403, 403, 403, 403, 201, 201, 403, 403],
    ));
    rows
}
