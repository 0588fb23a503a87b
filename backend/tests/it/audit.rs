//! The audit log: who did what to which thing, from where and when.
//!
//! That each change leaves an entry is checked where everybody tries everything: `authz_coverage`.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use shared_types::{AuditAction, AuditActorKind, AuditDoor, AuditPage, AuditThing, Role};
use sregistry_server::{
    domain::access::Membership,
    services::{audit, users},
};

use crate::{
    common::{Engine, PASSWORD, TestApp},
    db_test, seed,
    seed::read,
};

async fn log(app: &TestApp, client: &Client, query: &str) -> AuditPage {
    read(client.get(app.url(&format!("/api/v1/audit{query}"))), 200).await
}

/// A site with a pushed image, moved about by its owner over HTTP.
async fn busy(app: &TestApp) -> (Client, Client) {
    let amy = app.user("amy").await.client;
    let admin = app.admin().await.client;
    seed::collection(app, "amy", "dinos", true).await;
    let pushed = seed::push(app, "amy", "dinos/tacos", "v1", 1).await;
    let tag = app.url("/api/v1/collections/dinos/containers/tacos/tags/v2");
    let change = json!({ "digest": pushed.digest });
    let _: Value = read(amy.put(tag).json(&change), 200).await;
    (amy, admin)
}

db_test!(
    an_entry_says_who_did_what_to_which_thing_from_where,
    async |app: TestApp| {
        let (amy, admin) = busy(&app).await;
        let tag = app.url("/api/v1/collections/dinos/containers/tacos/tags/v2");
        let freeze = amy.put(tag).json(&json!({ "frozen": true }));
        let response = freeze.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let request = response.headers()["x-request-id"].to_str().unwrap();

        let page = log(&app, &admin, "?action=tag.freeze").await;
        assert_eq!(page.total, 1);
        let entry = &page.items[0];
        assert_eq!(entry.action, AuditAction::TagFreeze);
        assert_eq!(entry.actor.as_deref(), Some("amy"));
        assert_eq!(entry.actor_kind, AuditActorKind::Person);
        assert_eq!(entry.token.as_deref(), Some("test"));
        assert_eq!(entry.thing_kind, AuditThing::Tag);
        assert_eq!(entry.thing, "dinos/tacos:v2");
        assert_eq!(entry.collection.as_deref(), Some("dinos"));
        assert_eq!(entry.address.as_deref(), Some("127.0.0.1"));
        assert_eq!(entry.request_id.as_deref(), Some(request));
        assert_eq!(entry.door, AuditDoor::Api);
        assert_eq!(entry.details["arch"], "amd64");
    }
);

db_test!(the_log_is_narrowed_down_and_paged, async |app: TestApp| {
    let (_, admin) = busy(&app).await;
    let all = log(&app, &admin, "?limit=250").await;
    let actions = |page: &AuditPage| -> Vec<AuditAction> {
        page.items.iter().map(|entry| entry.action).collect()
    };
    let tags = log(&app, &admin, "?action=tag").await;
    assert_eq!(
        actions(&tags),
        [AuditAction::TagCreate, AuditAction::TagCreate],
        "newest first"
    );
    assert_eq!(tags.items[0].thing, "dinos/tacos:v2");
    let pushed = log(&app, &admin, "?action=image.push&collection=dinos").await;
    assert_eq!(pushed.total, 1);
    assert_eq!(pushed.items[0].details["container"], "dinos/tacos");
    let thing = log(&app, &admin, "?thing=dinos%2Ftacos").await;
    assert_eq!(actions(&thing), [AuditAction::ContainerCreate]);
    let by_amy = log(&app, &admin, "?actor=amy&limit=250").await;
    assert!(by_amy.total >= 5 && by_amy.total < all.total);
    let from_here = log(&app, &admin, "?address=127.0.0.1").await;
    assert_eq!(from_here.total, 1, "the others were no requests");
    let at = tags.items[0].at;
    assert_eq!(
        log(&app, &admin, &format!("?until={at}")).await.total,
        all.total - 1
    );
    assert_eq!(log(&app, &admin, &format!("?since={at}")).await.total, 1);

    let mut walked = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = log(&app, &admin, &format!("?limit=2{cursor}")).await;
        walked.extend(page.items);
        match page.next {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(walked, all.items);
    for odd in [
        "?action=tag.explode",
        "?actor=a%00b",
        "?cursor=x",
        "?since=now",
    ] {
        let response = admin
            .get(app.url(&format!("/api/v1/audit{odd}")))
            .send()
            .await;
        assert_eq!(response.unwrap().status(), 400, "{odd}");
    }
});

#[tokio::test]
async fn owners_read_what_was_done_in_their_collection_without_addresses() {
    let app = TestApp::start().await;
    let (amy, admin) = busy(&app).await;
    let bob = app.user("bob").await.client;
    seed::member(&app, "dinos", "bob", Membership::Contributor).await;
    let path = app.url("/api/v1/collections/dinos/audit");
    let page: AuditPage = read(amy.get(&path), 200).await;
    let words: Vec<_> = page
        .items
        .iter()
        .map(|entry| entry.action.as_str())
        .collect();
    assert_eq!(
        words,
        [
            "tag.create",
            "tag.create",
            "image.push",
            "container.create",
            "collection.create"
        ]
    );
    assert!(page.items.iter().all(|entry| entry.address.is_none()));
    assert_eq!(bob.get(&path).send().await.unwrap().status(), 403);
    assert_eq!(
        amy.get(app.url("/api/v1/audit"))
            .send()
            .await
            .unwrap()
            .status(),
        403
    );

    // Another collection of the same name is another one; the log of the registry keeps both.
    let delete = amy.delete(app.url("/api/v1/collections/dinos"));
    assert_eq!(delete.send().await.unwrap().status(), 204);
    seed::collection(&app, "bob", "dinos", false).await;
    let page: AuditPage = read(bob.get(&path), 200).await;
    assert_eq!(page.total, 1);
    let both = log(&app, &admin, "?collection=dinos").await;
    assert_eq!(both.total, 7);
    assert_eq!(both.items[1].action, AuditAction::CollectionDelete);
}

#[tokio::test]
async fn what_did_not_happen_is_not_in_the_log() {
    let app = TestApp::start().await;
    let (amy, admin) = busy(&app).await;
    seed::freeze(&app, "amy", "dinos/tacos", "v1", true).await;
    let before = log(&app, &admin, "").await.total;
    let delete = amy.delete(app.url("/api/v1/collections/dinos"));
    assert_eq!(delete.send().await.unwrap().status(), 409);
    assert_eq!(log(&app, &admin, "").await.total, before);
}

#[tokio::test]
async fn sign_ins_are_in_the_log_and_what_was_typed_is_not() {
    let app = TestApp::start().await;
    let amy = app.user_with_password("amy").await;
    let admin = app.admin().await.client;
    for (name, password, status) in [
        ("Amy", "not her password", 401),
        ("my secret password", "", 401),
        ("amy", PASSWORD, 200),
    ] {
        let login = json!({ "username": name, "password": password });
        let request = app
            .client()
            .post(app.url("/api/v1/login/local"))
            .json(&login);
        assert_eq!(request.send().await.unwrap().status(), status, "{name}");
    }
    let page = log(&app, &admin, "?action=login").await;
    let told: Vec<_> = page
        .items
        .iter()
        .map(|entry| {
            (
                entry.action.as_str(),
                entry.thing.as_str(),
                entry.actor.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("login.succeeded", "amy", Some("amy")),
            ("login.failed", "(unknown)", None),
            ("login.failed", "amy", None),
        ]
    );
    assert!(page.items.iter().all(|entry| entry.address.is_some()));
    let all = admin
        .get(app.url("/api/v1/audit?limit=250"))
        .send()
        .await
        .unwrap();
    let text = all.text().await.unwrap();
    for secret in [
        "not her password",
        "my secret password",
        PASSWORD,
        &amy.token,
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn commands_and_administrators_are_told_apart() {
    let app = TestApp::start().await;
    let root = app.superuser().await.client;
    app.user("amy").await;
    let change = json!({ "role": "admin", "disabled": true });
    let _: Value = read(root.patch(app.url("/api/v1/users/amy")).json(&change), 200).await;
    let page = log(&app, &root, "?thing=amy").await;
    let told: Vec<_> = page
        .items
        .iter()
        .map(|entry| {
            (
                entry.action.as_str(),
                entry.actor.as_deref(),
                entry.actor_kind,
                entry.door,
            )
        })
        .collect();
    let (person, operator) = (AuditActorKind::Person, AuditActorKind::Operator);
    assert_eq!(
        told,
        [
            ("user.disable", Some("root"), person, AuditDoor::Api),
            ("user.change", Some("root"), person, AuditDoor::Api),
            ("user.create", Some("operator"), operator, AuditDoor::Server),
        ]
    );
    assert_eq!(page.items[1].details["role"], Role::Admin.as_str());
    let token = log(&app, &root, "?action=token.create").await;
    assert_eq!(token.items[0].details["owner"], "amy");
}

#[tokio::test]
async fn the_address_is_the_clients_where_a_trusted_proxy_says_so() {
    let app = TestApp::settings_with(|settings| {
        settings.server.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let amy = app.user("amy").await.client;
    let admin = app.admin().await.client;
    let new = json!({ "name": "dinos" });
    let create = amy
        .post(app.url("/api/v1/collections"))
        .header("x-forwarded-for", "198.51.100.1, 203.0.113.9");
    let _: Value = read(create.json(&new), 201).await;
    assert_eq!(log(&app, &admin, "?address=203.0.113.9").await.total, 1);
    assert_eq!(log(&app, &admin, "?address=198.51.100.1").await.total, 0);
}

db_test!(
    old_entries_go_after_the_time_that_the_settings_say,
    async |app: TestApp| {
        let (_, admin) = busy(&app).await;
        let before = log(&app, &admin, "").await.total;
        app.clock.advance(chrono::Duration::days(200));
        seed::collection(&app, "amy", "younger", false).await;
        app.clock.advance(chrono::Duration::days(166));
        audit::sweep(app.core()).await.unwrap();
        let left = log(&app, &admin, "").await;
        assert!(before > 1);
        assert_eq!(left.total, 1);
        assert_eq!(left.items[0].thing, "younger");
    }
);

#[tokio::test]
async fn without_an_end_the_log_is_kept() {
    let app = TestApp::start_with(Engine::Sqlite, |settings| {
        settings.security.audit_retention = None;
    })
    .await;
    let (_, admin) = busy(&app).await;
    let before = log(&app, &admin, "").await.total;
    app.clock
        .advance(chrono::Duration::from_std(Duration::from_hours(24 * 3000)).unwrap());
    audit::sweep(app.core()).await.unwrap();
    assert_eq!(log(&app, &admin, "").await.total, before);
    assert!(
        users::get(app.core(), &users::operator(), "amy")
            .await
            .is_ok()
    );
}
