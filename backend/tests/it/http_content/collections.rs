//! Making, showing and changing collections.

use serde_json::json;
use shared_types::{
    Collection, CollectionDetail, CollectionPage, ErrorCode, NameCheck, Problem, Scope,
};

use crate::{
    common::{TestApp, with_token},
    db_test, seed,
    seed::{answered, read},
};

db_test!(
    a_collection_is_made_shown_changed_and_deleted,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let url = app.url("/api/v1/collections");
        let new = json!({ "name": "climate", "description": " Models ", "private": true });
        let response = amy.client.post(&url).json(&new).send().await.unwrap();
        assert_eq!(response.status(), 201);
        assert_eq!(
            response.headers()["location"],
            "/api/v1/collections/climate"
        );
        assert_eq!(
            response.headers()["content-type"],
            "application/json; charset=utf-8"
        );
        assert_eq!(response.headers()["cache-control"], "no-store");
        let made: Collection = response.json().await.unwrap();
        assert_eq!((made.description.as_str(), made.private), ("Models", true));
        assert_eq!(made.owners, ["amy"]);
        assert!(made.rights.push && made.rights.manage);

        let url = app.url("/api/v1/collections/climate");
        let change = json!({ "readme": "# Hello\n<script>alert(1)</script>", "private": false });
        let changed: CollectionDetail = read(amy.client.patch(&url).json(&change), 200).await;
        assert!(!changed.collection.private);
        assert_eq!(
            changed.collection.description, "Models",
            "what is absent stays"
        );
        assert!(
            changed.readme_html.contains("<h1>Hello</h1>")
                && !changed.readme_html.contains("script")
        );
        let shown: CollectionDetail = read(app.client().get(&url), 200).await;
        assert_eq!(
            shown.readme, "# Hello\n<script>alert(1)</script>",
            "the text is kept as it was written"
        );
        assert!(!shown.collection.rights.push);

        answered(amy.client.delete(&url), 204).await;
        answered(amy.client.get(&url), 404).await;
    }
);

#[tokio::test]
async fn a_name_is_taken_once_whoever_can_see_it() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    seed::collection(&app, "amy", "secret", true).await;
    let url = app.url("/api/v1/collections");
    let problem: Problem = read(
        ben.client.post(&url).json(&json!({ "name": "secret" })),
        409,
    )
    .await;
    assert_eq!(problem.code, ErrorCode::NameTaken);
    let check = |name: &str| app.url(&format!("/api/v1/collection-names/{name}"));
    let taken: NameCheck = read(ben.client.get(check("secret")), 200).await;
    assert!(!taken.available && taken.message.is_some());
    let free: NameCheck = read(amy.client.get(check("free")), 200).await;
    assert!(free.available && free.message.is_none());
    for bad in ["Upper", "a--b", "new", "a_b"] {
        let check: NameCheck = read(amy.client.get(check(bad)), 200).await;
        assert!(!check.available, "{bad}");
    }
    answered(app.client().get(check("free")), 401).await;
}

#[tokio::test]
async fn two_who_take_a_name_at_once_do_not_both_get_it() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let send = || {
        let request = amy.client.post(app.url("/api/v1/collections"));
        async {
            request
                .json(&json!({ "name": "race" }))
                .send()
                .await
                .unwrap()
                .status()
                .as_u16()
        }
    };
    let (a, b, c) = tokio::join!(send(), send(), send());
    let mut found = [a, b, c];
    found.sort_unstable();
    assert_eq!(found, [201, 409, 409]);
}

#[tokio::test]
async fn bad_fields_are_named_one_by_one() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let url = app.url("/api/v1/collections");
    let bad = json!({ "name": "Bad Name", "description": "x".repeat(1001) });
    let problem: Problem = read(amy.client.post(&url).json(&bad), 422).await;
    assert_eq!(problem.code, ErrorCode::Invalid);
    let fields: Vec<_> = problem.fields.keys().map(String::as_str).collect();
    assert_eq!(fields, ["description", "name"]);
    seed::collection(&app, "amy", "climate", false).await;
    let url = app.url("/api/v1/collections/climate");
    for (field, value) in [
        ("description", json!("x".repeat(1001))),
        ("readme", json!("x".repeat(256 * 1024 + 1))),
    ] {
        let problem: Problem =
            read(amy.client.patch(&url).json(&json!({ field: value })), 422).await;
        assert!(problem.fields.contains_key(field), "{field}");
    }
    let hollow = json!({ "description": "a\u{0}b" });
    answered(amy.client.patch(&url).json(&hollow), 400).await;
    let largest = json!({ "readme": "x".repeat(256 * 1024) });
    answered(amy.client.patch(&url).json(&largest), 200).await;
}

#[tokio::test]
async fn bodies_that_do_not_fit_are_refused_with_a_sentence() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let post = || amy.client.post(app.url("/api/v1/collections"));
    let json_type = ("content-type", "application/json");
    for (request, status) in [
        (post().header(json_type.0, json_type.1).body("{"), 400),
        (post().header(json_type.0, json_type.1).body("[]"), 400),
        (
            post().header(json_type.0, json_type.1).body("{\"name\":1}"),
            400,
        ),
        (post().json(&json!({ "name": "x", "surprise": true })), 400),
        (post().json(&json!({})), 400),
        (post().body("name=x"), 415),
        (
            post()
                .header("content-type", "text/plain")
                .body("{\"name\":\"x\"}"),
            415,
        ),
        (post().json(&json!({ "name": "x".repeat(2 << 20) })), 413),
    ] {
        let problem: Problem = read(request, status).await;
        assert!(!problem.message.is_empty() && !problem.request_id.is_empty());
    }
    let none: CollectionPage = read(amy.client.get(app.url("/api/v1/collections")), 200).await;
    assert_eq!(none.total, 0, "nothing half-made stays behind");
}

#[tokio::test]
async fn the_settings_decide_who_creates_what() {
    let app = TestApp::settings_with(|settings| {
        settings.registry.user_collection_limit = Some(2);
        settings.registry.private_only = true;
    })
    .await;
    let (amy, admin) = (app.user("amy").await, app.admin().await);
    let url = app.url("/api/v1/collections");
    let create =
        |client: &reqwest::Client, name: &str| client.post(&url).json(&json!({ "name": name }));
    let made: Collection = read(create(&amy.client, "one"), 201).await;
    assert!(made.private, "private without asking, where all are");
    let open = json!({ "name": "two", "private": false });
    let problem: Problem = read(amy.client.post(&url).json(&open), 422).await;
    assert!(problem.fields.contains_key("private"));
    answered(create(&amy.client, "two"), 201).await;
    let problem: Problem = read(create(&amy.client, "three"), 507).await;
    assert_eq!(problem.code, ErrorCode::QuotaExceeded);
    for name in ["a1", "a2", "a3"] {
        answered(create(&admin.client, name), 201).await;
    }

    let closed =
        TestApp::settings_with(|settings| settings.registry.user_collections = false).await;
    let (ben, admin) = (closed.user("ben").await, closed.admin().await);
    let url = closed.url("/api/v1/collections");
    let body = json!({ "name": "mine" });
    answered(ben.client.post(&url).json(&body), 403).await;
    answered(admin.client.post(&url).json(&body), 201).await;
}

#[tokio::test]
async fn a_token_creates_as_far_as_it_goes() {
    let app = TestApp::start().await;
    app.user("amy").await;
    let url = app.url("/api/v1/collections");
    let create = async |token: String, name: &str| {
        let body = json!({ "name": name });
        with_token(&token)
            .post(&url)
            .json(&body)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(
        create(app.token("amy", Scope::Pull, None).await, "a").await,
        403
    );
    assert_eq!(
        create(app.token("amy", Scope::Push, None).await, "b").await,
        201
    );
    let limited = Some(vec!["b".to_owned()]);
    assert_eq!(
        create(app.token("amy", Scope::Manage, limited).await, "c").await,
        403
    );
}

#[tokio::test]
async fn contributors_may_push_where_the_owner_says_so() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    seed::collection(&app, "amy", "climate", true).await;
    seed::contributor(&app, "climate", "ben").await;
    let url = app.url("/api/v1/collections/climate");
    let shown: CollectionDetail = read(ben.client.get(&url), 200).await;
    assert_eq!(
        (shown.contributors, shown.contributors_may_push),
        (vec!["ben".to_owned()], false)
    );
    assert!(!shown.collection.rights.push);
    let open = json!({ "contributors_may_push": true });
    answered(ben.client.patch(&url).json(&open), 403).await;
    answered(amy.client.patch(&url).json(&open), 200).await;
    let shown: CollectionDetail = read(ben.client.get(&url), 200).await;
    assert!(shown.collection.rights.push && !shown.collection.rights.manage);
}
