//! Keys of the original registry, and tokens for passwords.

use reqwest::{Client, Response};
use serde_json::{Value, json};
use shared_types::{NewToken, Scope};
use sif::Arch;
use sregistry_server::{
    config::Settings,
    services::{Error, tokens},
};

use super::Cli;
use crate::{
    common::{PASSWORD, TestApp},
    db_test, seed,
    wire_library::image_for,
};

const KEY: &str = "4663ea637c6688ee750707dabbaece3a78ceb284";

fn named(name: &str) -> NewToken {
    NewToken {
        name: name.to_owned(),
        scope: Some(Scope::Push),
        collections: None,
        expires_in_days: None,
    }
}

db_test!(
    a_key_that_was_imported_works_on_everywhere,
    async |app: TestApp| {
        app.user("alice").await;
        let get = |authorization: String| {
            let request = app.client().get(app.url("/v1/token-status"));
            request.header("authorization", authorization).send()
        };
        assert_eq!(get(format!("Bearer {KEY}")).await.unwrap().status(), 404);
        tokens::import(app.core(), "alice", &named("imported"), KEY)
            .await
            .unwrap();
        for scheme in ["Bearer", "BEARER", "Token"] {
            assert_eq!(
                get(format!("{scheme} {KEY}")).await.unwrap().status(),
                200,
                "{scheme}"
            );
        }
        let basic = app.client().get(app.url("/v1/token-status"));
        let basic = basic.basic_auth("alice", Some(KEY)).send().await.unwrap();
        assert_eq!(basic.status(), 200);
        let other = "0".repeat(40);
        assert_eq!(get(format!("Bearer {other}")).await.unwrap().status(), 404);
        let cli = Cli::with_key(&app, "alice", KEY);
        let names = ["dinos", "tacos", "v1"];
        cli.pushed(names, &image_for(Arch::Amd64, 1)).await;
        assert!(cli.pull(names).await.is_ok());
    }
);

#[tokio::test]
async fn a_key_is_imported_once_and_ends_as_any_token() {
    let app = TestApp::start().await;
    app.user("alice").await;
    app.user("ben").await;
    let import = async |user: &str, key: &str| {
        tokens::import(app.core(), user, &named("imported"), key).await
    };
    for odd in ["", "x", &KEY[1..], &KEY.to_uppercase(), &format!("{KEY}0")] {
        assert!(
            matches!(import("alice", odd).await, Err(Error::Invalid(_))),
            "{odd}"
        );
    }
    import("alice", KEY).await.unwrap();
    assert!(matches!(import("ben", KEY).await, Err(Error::Conflict(_))));
    let alice = seed::viewer(&app, "alice").await;
    let list = tokens::list(app.core(), &alice).await.unwrap().items;
    let id = &list
        .iter()
        .find(|token| token.name == "imported")
        .unwrap()
        .id;
    let rotated = tokens::rotate(app.core(), &alice, id).await.unwrap();
    assert!(rotated.secret.starts_with("sreg_"));
    let old = tokens::authenticate(app.core(), KEY, None).await;
    assert!(matches!(old, Err(Error::Unauthenticated(_))));
    assert!(
        tokens::authenticate(app.core(), &rotated.secret, None)
            .await
            .is_ok()
    );
}

async fn ask(client: &Client, app: &TestApp, body: &Value) -> Response {
    let request = client.post(app.url("/api/api-token-auth/"));
    request.json(body).send().await.unwrap()
}

async fn answer(response: Response, status: u16) -> Value {
    let found = response.status().as_u16();
    let text = response.text().await.unwrap();
    assert_eq!(found, status, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn a_password_is_exchanged_for_the_same_token_each_time() {
    let app = TestApp::start().await;
    app.user_with_password("amy").await;
    let (client, login) = (
        app.client(),
        json!({ "username": "Amy", "password": PASSWORD }),
    );
    let refused = answer(ask(&client, &app, &login).await, 403).await;
    assert!(refused["detail"].as_str().unwrap().contains("terms"));
    app.accept_terms("amy").await;
    let first = answer(ask(&client, &app, &login).await, 200).await;
    let again = client
        .post(app.url("/api/api-token-auth/"))
        .form(&[("username", "amy"), ("password", PASSWORD)])
        .send()
        .await
        .unwrap();
    assert_eq!(again.headers()["cache-control"], "no-store");
    assert_eq!(answer(again, 200).await, first);
    let token = first["token"].as_str().unwrap();
    Cli::with_key(&app, "amy", token)
        .pushed(["dinos", "tacos", "v1"], &image_for(Arch::Amd64, 1))
        .await;
    // It pushes and pulls; it makes no other tokens, and it can be revoked.
    let amy = seed::viewer(&app, "amy").await;
    let by_token = tokens::authenticate(app.core(), token, None).await.unwrap();
    assert!(matches!(
        tokens::list(app.core(), &by_token).await,
        Err(Error::Forbidden(_))
    ));
    let id = token.split('_').nth(1).unwrap();
    tokens::revoke(app.core(), &amy, id).await.unwrap();
    let after = answer(ask(&client, &app, &login).await, 200).await;
    assert_ne!(after, first);
}

#[tokio::test]
async fn wrong_passwords_are_refused_in_the_old_words_and_then_have_to_wait() {
    let app = TestApp::start().await;
    app.user_with_password("amy").await;
    let client = app.client();
    let empty = answer(ask(&client, &app, &json!({})).await, 400).await;
    let required = json!(["This field is required."]);
    assert_eq!(empty, json!({ "username": required, "password": required }));
    let wrong = json!({ "username": "amy", "password": "wrong" });
    let nobody = json!({ "username": "nobody", "password": "wrong" });
    let refusal = json!({ "non_field_errors": ["Unable to log in with provided credentials."] });
    for login in [&wrong, &nobody] {
        assert_eq!(answer(ask(&client, &app, login).await, 400).await, refusal);
    }
    let mut limited = None;
    for _ in 0..50 {
        let response = ask(&client, &app, &wrong).await;
        if response.status() == 429 {
            limited = Some(response);
            break;
        }
    }
    let limited = limited.expect("guessing has to wait at some time");
    assert!(limited.headers().contains_key("retry-after"));
    assert!(answer(limited, 429).await["detail"].is_string());
}

#[tokio::test]
async fn without_accounts_of_its_own_a_registry_gives_no_tokens_for_passwords() {
    let app =
        TestApp::settings_with(|settings: &mut Settings| settings.security.local_accounts = false)
            .await;
    let login = json!({ "username": "amy", "password": PASSWORD });
    answer(ask(&app.client(), &app, &login).await, 404).await;
}
