//! Tokens: made, used, rotated, revoked, limited, expired.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use shared_types::{ErrorCode, IssuedToken, Scope, TokenPage};
use sregistry_server::services::tokens;

use super::{Browser, good, refused};
use crate::{
    common::{TestApp, TestUser, eventually, with_token},
    db_test,
};

/// Whether a token opens the door, and if not, the sentence that says why.
async fn refusal(app: &TestApp, token: &str) -> Option<String> {
    let response = with_token(token)
        .get(app.url("/api/v1/tokens"))
        .send()
        .await
        .unwrap();
    if response.status() == 200 || response.status() == 403 {
        return None;
    }
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
    Some(
        refused(response, 401, ErrorCode::Unauthenticated)
            .await
            .message,
    )
}

async fn make(app: &TestApp, user: &TestUser, body: &Value) -> IssuedToken {
    let response = user
        .client
        .post(app.url("/api/v1/tokens"))
        .json(body)
        .send()
        .await
        .unwrap();
    good(response, 201).await
}

async fn list(app: &TestApp, user: &TestUser) -> TokenPage {
    good(
        user.client
            .get(app.url("/api/v1/tokens"))
            .send()
            .await
            .unwrap(),
        200,
    )
    .await
}

async fn collection(app: &TestApp, user: &TestUser, name: &str, private: bool) {
    let body = json!({"name": name, "private": private});
    let response = user
        .client
        .post(app.url("/api/v1/collections"))
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 201);
}

db_test!(a_token_is_shown_once_and_works, async |app: TestApp| {
    app.user_with_password("amy").await;
    let browser = Browser::signed_in(&app, "amy").await;
    let body = json!({"name": " cluster ", "scope": "push", "expires_in_days": 30});
    let response = browser.post("/tokens", &body).await;
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let issued: IssuedToken = good(response, 201).await;
    assert!((200..=255).contains(&issued.secret.len()));
    assert!(
        issued
            .secret
            .starts_with(&format!("sreg_{}_", issued.token.id))
    );
    assert_eq!(location, format!("/api/v1/tokens/{}", issued.token.id));
    assert_eq!(
        (issued.token.name.as_str(), issued.token.scope),
        ("cluster", Scope::Push)
    );
    let life = issued.token.expires_at.unwrap().0 - issued.token.created_at.0;
    assert_eq!(life, TimeDelta::days(30));
    let text = browser.get("/tokens").await.text().await.unwrap();
    assert!(text.contains(&issued.token.id) && !text.contains(&issued.secret));
    assert_eq!(refusal(&app, &issued.secret).await, None);
});

#[tokio::test]
async fn every_scheme_takes_a_token() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let get = || app.client().get(app.url("/api/v1/tokens"));
    for scheme in ["Bearer", "BEARER", "bearer", "Token", "token"] {
        let response = get()
            .header("authorization", format!("{scheme} {}", amy.token))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{scheme}");
    }
    let response = get()
        .basic_auth("anything", Some(&amy.token))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    for nothing in ["Bearer", "Bearer ", "Token", ""] {
        let response = app
            .client()
            .get(app.url("/api/v1/session"))
            .header("authorization", nothing);
        let session: Value = good(response.send().await.unwrap(), 200).await;
        assert_eq!(session["account"], Value::Null, "“{nothing}” is anonymous");
    }
}

#[tokio::test]
async fn each_bad_token_is_told_what_is_wrong_with_it() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let cut = &amy.token[..amy.token.len() - 1];
    let flipped = format!("{cut}{}", if amy.token.ends_with('0') { '1' } else { '0' });
    let elsewhere = TestApp::start().await;
    let foreign = elsewhere.user("amy").await.token;
    for (token, sentence) in [
        ("garbage", "not a token of this registry"),
        (cut, "not a whole token"),
        (&flipped, "not a whole token"),
        (&"x".repeat(5000), "not a token of this registry"),
        (&foreign, "not known here"),
    ] {
        let said = refusal(&app, token).await.unwrap();
        assert!(said.contains(sentence), "{said}");
    }
    for header in ["Digest abc", "sreg_without_scheme", "Basic %%%"] {
        let response = app
            .client()
            .get(app.url("/api/v1/tokens"))
            .header("authorization", header);
        refused(
            response.send().await.unwrap(),
            401,
            ErrorCode::Unauthenticated,
        )
        .await;
    }
    refused(
        app.get("/api/v1/tokens").await,
        401,
        ErrorCode::Unauthenticated,
    )
    .await;
}

#[tokio::test]
async fn a_bad_token_is_refused_where_none_would_do() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/api/v1/session").await.status(), 200);
    let response = with_token("garbage")
        .get(app.url("/api/v1/session"))
        .send()
        .await
        .unwrap();
    refused(response, 401, ErrorCode::Unauthenticated).await;
}

db_test!(a_token_stops_at_its_end, async |app: TestApp| {
    let amy = app.user("amy").await;
    let issued = make(&app, &amy, &json!({"name": "short", "expires_in_days": 1})).await;
    assert_eq!(refusal(&app, &issued.secret).await, None);
    app.clock.advance(TimeDelta::days(1));
    let said = refusal(&app, &issued.secret).await.unwrap();
    assert!(said.contains("expired on "), "{said}");
    let path = app.url(&format!("/api/v1/tokens/{}/rotate", issued.token.id));
    refused(
        amy.client.post(path).send().await.unwrap(),
        409,
        ErrorCode::Conflict,
    )
    .await;
});

db_test!(
    rotating_replaces_the_secret_at_once,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let first = make(
            &app,
            &amy,
            &json!({"name": "ci", "scope": "pull", "expires_in_days": 9}),
        )
        .await;
        assert_eq!(refusal(&app, &first.secret).await, None);
        let path = app.url(&format!("/api/v1/tokens/{}/rotate", first.token.id));
        let second: IssuedToken = good(amy.client.post(path).send().await.unwrap(), 200).await;
        assert_ne!(first.secret, second.secret);
        assert_eq!(
            (&first.token.id, first.token.scope),
            (&second.token.id, second.token.scope)
        );
        assert_eq!(first.token.expires_at, second.token.expires_at);
        assert!(
            refusal(&app, &first.secret)
                .await
                .unwrap()
                .contains("replaced")
        );
        assert_eq!(refusal(&app, &second.secret).await, None);
    }
);

db_test!(revoking_ends_a_token_at_once, async |app: TestApp| {
    let amy = app.user("amy").await;
    let issued = make(&app, &amy, &json!({"name": "ci"})).await;
    assert_eq!(refusal(&app, &issued.secret).await, None);
    let path = app.url(&format!("/api/v1/tokens/{}", issued.token.id));
    assert_eq!(amy.client.delete(&path).send().await.unwrap().status(), 204);
    assert!(
        refusal(&app, &issued.secret)
            .await
            .unwrap()
            .contains("revoked")
    );
    refused(
        amy.client.delete(&path).send().await.unwrap(),
        404,
        ErrorCode::TokenNotFound,
    )
    .await;
});

#[tokio::test]
async fn tokens_of_others_do_not_exist() {
    let app = TestApp::start().await;
    let (amy, root) = (app.user("amy").await, app.superuser().await);
    let issued = make(&app, &amy, &json!({"name": "ci"})).await;
    let path = app.url(&format!("/api/v1/tokens/{}", issued.token.id));
    refused(
        root.client.delete(&path).send().await.unwrap(),
        404,
        ErrorCode::TokenNotFound,
    )
    .await;
    let rotate = root
        .client
        .post(format!("{path}/rotate"))
        .send()
        .await
        .unwrap();
    refused(rotate, 404, ErrorCode::TokenNotFound).await;
    assert_eq!(refusal(&app, &issued.secret).await, None);
    assert_eq!(list(&app, &root).await.total, 1, "one's own only");
}

#[tokio::test]
async fn a_token_that_leaked_cannot_make_a_better_one() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    collection(&app, &amy, "climate", false).await;
    let limited = Some(vec!["climate".to_owned()]);
    for (scope, collections) in [
        (Scope::Pull, None),
        (Scope::Push, None),
        (Scope::Manage, None),
        (Scope::Admin, limited),
    ] {
        let client = with_token(&app.token("amy", scope, collections).await);
        let url = app.url("/api/v1/tokens");
        let made = client
            .post(&url)
            .json(&json!({"name": "x", "scope": "admin"}))
            .send()
            .await
            .unwrap();
        refused(made, 403, ErrorCode::Forbidden).await;
        refused(
            client.get(&url).send().await.unwrap(),
            403,
            ErrorCode::Forbidden,
        )
        .await;
        refused(
            client.delete(format!("{url}/x")).send().await.unwrap(),
            403,
            ErrorCode::Forbidden,
        )
        .await;
    }
}

#[tokio::test]
async fn a_token_is_limited_only_to_collections_that_its_maker_sees() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let ben = app.user("ben").await;
    collection(&app, &amy, "climate", true).await;
    collection(&app, &ben, "secrets", true).await;
    let issued = make(
        &app,
        &amy,
        &json!({"name": "x", "collections": ["climate", "climate"]}),
    )
    .await;
    assert_eq!(issued.token.collections, ["climate"]);
    let mut said = Vec::new();
    for name in ["secrets", "missing"] {
        let body = json!({"name": "x", "collections": [name]});
        let response = amy
            .client
            .post(app.url("/api/v1/tokens"))
            .json(&body)
            .send()
            .await
            .unwrap();
        let problem = refused(response, 422, ErrorCode::Invalid).await;
        said.push(problem.fields["collections"].replace(name, "…"));
    }
    assert_eq!(
        said[0], said[1],
        "what one may not see and what is not there are told alike"
    );
}

#[tokio::test]
async fn a_token_needs_a_name_and_a_sensible_life() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let many: Vec<String> = (0..101).map(|number| format!("c{number}")).collect();
    for (field, body) in [
        ("name", json!({"name": ""})),
        ("name", json!({"name": "  "})),
        ("name", json!({"name": "x".repeat(101)})),
        ("name", json!({"name": "two\nlines"})),
        (
            "expires_in_days",
            json!({"name": "x", "expires_in_days": 0}),
        ),
        (
            "expires_in_days",
            json!({"name": "x", "expires_in_days": 100_000}),
        ),
        ("collections", json!({"name": "x", "collections": many})),
        ("collections", json!({"name": "x", "collections": ["a,b"]})),
    ] {
        let response = amy
            .client
            .post(app.url("/api/v1/tokens"))
            .json(&body)
            .send()
            .await
            .unwrap();
        let problem = refused(response, 422, ErrorCode::Invalid).await;
        assert_eq!(problem.fields.keys().collect::<Vec<_>>(), [field], "{body}");
    }
    assert_eq!(list(&app, &amy).await.total, 1, "nothing half-made stays");
}

db_test!(
    the_last_use_is_written_down_by_and_by,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        assert_eq!(refusal(&app, &amy.token).await, None);
        let first = eventually("the last use is written", async || {
            tokens::flush_uses(app.core()).await.unwrap();
            list(&app, &amy).await.items[0].last_used_at
        })
        .await;
        app.clock.advance(TimeDelta::hours(1));
        assert_eq!(refusal(&app, &amy.token).await, None);
        tokens::flush_uses(app.core()).await.unwrap();
        let second = list(&app, &amy).await.items[0].last_used_at.unwrap();
        assert!(
            second.0 - first.0 >= TimeDelta::hours(1),
            "{first} {second}"
        );
    }
);

db_test!(the_secret_is_kept_sealed, async |app: TestApp| {
    use sea_orm::{ConnectionTrait, Statement};
    let amy = app.user("amy").await;
    let db = app.core().db.read();
    let sql = "SELECT public_id, secret_hash, sealed_secret FROM tokens";
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap()
        .unwrap();
    let id: String = row.try_get("", "public_id").unwrap();
    let sealed: Vec<u8> = row.try_get("", "sealed_secret").unwrap();
    assert!(!String::from_utf8_lossy(&sealed).contains("sreg_"));
    let opened = app
        .core()
        .keys
        .open(&format!("token:{id}"), &sealed)
        .unwrap();
    assert_eq!(opened, amy.token.as_bytes());
    let hash: String = row.try_get("", "secret_hash").unwrap();
    assert_eq!(hash, sregistry_server::services::keys::hash(&amy.token));
});

#[tokio::test]
async fn a_browser_revokes_its_tokens() {
    let app = TestApp::start().await;
    let amy = app.user_with_password("amy").await;
    let browser = Browser::signed_in(&app, "amy").await;
    let page: TokenPage = good(browser.get("/tokens").await, 200).await;
    let path = format!("/tokens/{}", page.items[0].id);
    assert_eq!(browser.send(Method::DELETE, &path).await.status(), 204);
    assert!(refusal(&app, &amy.token).await.unwrap().contains("revoked"));
}
