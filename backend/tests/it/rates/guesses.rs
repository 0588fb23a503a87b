//! Guesses at passwords and tokens.

use chrono::TimeDelta;
use reqwest::Client;
use serde_json::json;
use shared_types::{ErrorCode, Scope};

use super::{behind_a_proxy, status};
use crate::{
    common::{PASSWORD, TestApp, with_token},
    http_people::refused,
};

async fn guess(app: &TestApp, username: &str, password: &str, from: &str) -> u16 {
    let request = app.client().post(app.url("/api/v1/login/local"));
    let request = request.header("x-forwarded-for", from);
    let request = request.json(&json!({ "username": username, "password": password }));
    request.send().await.unwrap().status().as_u16()
}

/// A token as the original made them, which nobody has.
fn wrong(number: u32) -> Client {
    with_token(&format!("{number:040x}"))
}

#[tokio::test]
async fn an_account_is_guarded_from_many_addresses_and_its_owner_is_not_kept_out() {
    let app = TestApp::settings_with(behind_a_proxy).await;
    app.user_with_password("amy").await;
    let home = "203.0.113.1";
    assert_eq!(guess(&app, "amy", PASSWORD, home).await, 200);
    for name in ["amy", "nobody"] {
        let mut refusals = 0;
        // An account's guesses are held up by the fiftieth, whether it exists or not. The first one of hers has succeeded.
        for number in 0..55 {
            let from = format!("198.51.100.{number}");
            match guess(&app, name, "guess", &from).await {
                401 => assert_eq!(refusals, 0, "{name} {number}"),
                429 => refusals += 1,
                other => panic!("{other}"),
            }
        }
        assert_eq!(refusals, 5, "{name}");
    }
    assert_eq!(guess(&app, "amy", PASSWORD, "198.51.100.99").await, 429);
    assert_eq!(guess(&app, "amy", PASSWORD, home).await, 200);
    app.clock.advance(TimeDelta::seconds(15));
    assert_eq!(guess(&app, "amy", PASSWORD, "198.51.100.99").await, 200);
}

#[tokio::test]
async fn guessing_tokens_gets_slow_and_holds_up_no_token_that_is_right() {
    let app = TestApp::settings_with(behind_a_proxy).await;
    let amy = app.user("amy").await;
    let path = "/api/v1/tokens";
    let (here, elsewhere) = ("203.0.113.1", "203.0.113.2");
    assert_eq!(status(&app, &amy.client, path, here).await, 200);
    let fresh = with_token(&app.token("amy", Scope::Admin, None).await);
    for number in 0..100 {
        assert_eq!(status(&app, &wrong(number), path, here).await, 401);
    }
    let request = wrong(1000)
        .get(app.url(path))
        .header("x-forwarded-for", here);
    let response = request.send().await.unwrap();
    let pause: i64 = response.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=15).contains(&pause), "{pause}");
    refused(response, 429, ErrorCode::RateLimited).await;
    assert_eq!(status(&app, &amy.client, path, here).await, 200);
    assert_eq!(
        status(&app, &fresh, path, here).await,
        200,
        "one that nobody has used yet works too"
    );
    assert_eq!(status(&app, &wrong(1001), path, elsewhere).await, 401);
    app.clock.advance(TimeDelta::seconds(pause));
    assert_eq!(status(&app, &wrong(1002), path, here).await, 401);
    assert_eq!(status(&app, &wrong(1003), path, here).await, 429);
}

#[tokio::test]
async fn a_node_with_a_revoked_token_locks_out_nobody() {
    let app = TestApp::start().await;
    app.user("amy").await;
    let path = "/api/v1/tokens";
    for _ in 0..300 {
        assert_eq!(status(&app, &wrong(7), path, "").await, 401);
    }
    let fresh = with_token(&app.token("amy", Scope::Admin, None).await);
    assert_eq!(status(&app, &fresh, path, "").await, 200);
}
