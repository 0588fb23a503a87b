//! Signing in and out, the cookie, cross-site requests, guessing passwords.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use shared_types::{ErrorCode, Session};

use super::{
    Browser,
    browser::{PASSWORD, set_cookie},
    good, refused,
};
use crate::{common::TestApp, db_test};

db_test!(
    a_browser_signs_in_stays_and_signs_out,
    async |app: TestApp| {
        app.user_with_password("amy").await;
        let mut browser = Browser::open(&app);
        assert_eq!(browser.username().await, None);
        let cookie = browser.sign_in("Amy ", PASSWORD).await;
        assert!(cookie.starts_with("sregistry="), "{cookie}");
        for part in ["Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=1209600"] {
            assert!(cookie.contains(part), "{part} in {cookie}");
        }
        assert!(!cookie.contains("Secure"));
        let session = browser.session().await;
        let account = session.account.unwrap();
        assert_eq!(
            (account.username.as_str(), account.terms_accepted),
            ("amy", false)
        );
        assert_eq!(session.csrf_token, browser.csrf);
        let out = browser.send(Method::DELETE, "/session").await;
        assert_eq!(out.status(), 204);
        assert!(set_cookie(&out).unwrap().starts_with("sregistry=; "));
        assert_eq!(browser.username().await, None);
    }
);

#[tokio::test]
async fn what_the_database_holds_opens_no_session() {
    let app = TestApp::start().await;
    app.user_with_password("amy").await;
    let mut browser = Browser::open(&app);
    let cookie = browser.sign_in("amy", PASSWORD).await;
    let value = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    let hash = sregistry_server::services::keys::hash(&value);
    let names = [
        ("right", value, true),
        ("hash", hash, false),
        ("none", "x".to_owned(), false),
    ];
    for (name, value, works) in names {
        let response = app
            .client()
            .get(app.url("/api/v1/session"))
            .header("cookie", format!("sregistry={value}"))
            .send()
            .await
            .unwrap();
        let session: Session = good(response, 200).await;
        assert_eq!(session.account.is_some(), works, "{name}");
    }
}

#[tokio::test]
async fn with_tls_the_cookie_is_bound_to_the_host() {
    let app = TestApp::settings_with(|settings| {
        settings.server.domain_name = "https://registry.example.org".to_owned();
    })
    .await;
    app.user_with_password("amy").await;
    let cookie = Browser::open(&app).sign_in("amy", PASSWORD).await;
    assert!(cookie.starts_with("__Host-sregistry="), "{cookie}");
    assert!(
        cookie.contains("; Secure") && cookie.contains("Path=/;"),
        "{cookie}"
    );
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before() {
    let app = TestApp::start().await;
    app.user_with_password("amy").await;
    let mut browser = Browser::open(&app);
    let first = browser.sign_in("amy", PASSWORD).await;
    let second = browser.sign_in("amy", PASSWORD).await;
    assert_ne!(first, second);
    let old = first.split(';').next().unwrap();
    let response = app
        .client()
        .get(app.url("/api/v1/session"))
        .header("cookie", old)
        .send();
    let session: Session = good(response.await.unwrap(), 200).await;
    assert_eq!(session.account, None);
    assert_eq!(browser.username().await.as_deref(), Some("amy"));
}

db_test!(
    a_session_ends_when_nobody_comes_back,
    async |app: TestApp| {
        app.user_with_password("amy").await;
        let mut browser = Browser::open(&app);
        browser.sign_in("amy", PASSWORD).await;
        for _ in 0..3 {
            app.clock.advance(TimeDelta::days(5));
            assert_eq!(
                browser.username().await.as_deref(),
                Some("amy"),
                "coming back extends it"
            );
        }
        app.clock.advance(TimeDelta::hours(14 * 24 + 1));
        assert_eq!(browser.username().await, None);
    }
);

#[tokio::test]
async fn changes_need_the_pages_token_and_the_pages_origin() {
    let app = TestApp::start().await;
    app.user_with_password("amy").await;
    let mut browser = Browser::signed_in(&app, "amy").await;
    let body = json!({"name": "x"});
    let right = browser.csrf.clone();
    for wrong in [None, Some(String::new()), Some("0".repeat(64))] {
        browser.csrf = wrong;
        refused(
            browser.post("/tokens", &body).await,
            403,
            ErrorCode::CrossSite,
        )
        .await;
    }
    browser.csrf = right;
    for site in ["cross-site", "same-site"] {
        let mut request = browser
            .request(Method::POST, "/tokens")
            .json(&body)
            .build()
            .unwrap();
        request
            .headers_mut()
            .insert("sec-fetch-site", site.parse().unwrap());
        let response = app
            .client()
            .execute(with_cookie(request, &browser, &app).await)
            .await
            .unwrap();
        refused(response, 403, ErrorCode::CrossSite).await;
    }
    assert_eq!(browser.post("/tokens", &body).await.status(), 201);
    let tokens: serde_json::Value = good(browser.get("/tokens").await, 200).await;
    assert_eq!(
        tokens["total"], 2,
        "the refused ones made nothing: one of the test's own, one of this"
    );
}

/// The request with a cookie of its own, from another sign-in of the same user.
async fn with_cookie(
    mut request: reqwest::Request,
    browser: &Browser,
    app: &TestApp,
) -> reqwest::Request {
    assert!(browser.csrf.is_some());
    let mut other = Browser::open(app);
    let cookie = other.sign_in("amy", PASSWORD).await;
    let pair = cookie.split(';').next().unwrap();
    request
        .headers_mut()
        .insert("cookie", pair.parse().unwrap());
    request
        .headers_mut()
        .insert("x-csrf-token", other.csrf.unwrap().parse().unwrap());
    request
}

#[tokio::test]
async fn another_site_cannot_sign_anyone_in() {
    let app = TestApp::start().await;
    app.user_with_password("amy").await;
    let request = app
        .client()
        .post(app.url("/api/v1/login/local"))
        .header("sec-fetch-site", "cross-site");
    let response = request
        .json(&json!({"username": "amy", "password": PASSWORD}))
        .send()
        .await
        .unwrap();
    assert!(set_cookie(&response).is_none());
    refused(response, 403, ErrorCode::CrossSite).await;
}

#[tokio::test]
async fn a_second_tab_signs_in_without_knowing_of_the_first() {
    let app = TestApp::start().await;
    app.user_with_password("amy").await;
    app.user_with_password("ben").await;
    let mut browser = Browser::open(&app);
    browser.sign_in("amy", PASSWORD).await;
    browser.csrf = None;
    browser.sign_in("ben", PASSWORD).await;
    assert_eq!(browser.username().await.as_deref(), Some("ben"));
}

#[tokio::test]
async fn wrong_and_unknown_are_told_in_the_same_words() {
    let app = TestApp::start().await;
    app.user_with_password("amy").await;
    app.user("ben").await;
    let browser = Browser::open(&app);
    let mut said = Vec::new();
    for (username, password) in [
        ("amy", "wrong"),
        ("nobody", PASSWORD),
        ("ben", PASSWORD),
        ("A B", ""),
        ("", ""),
    ] {
        let problem = refused(
            browser.try_sign_in(username, password).await,
            401,
            ErrorCode::WrongCredentials,
        )
        .await;
        said.push(problem.message);
    }
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
    refused(
        browser.try_sign_in("amy", &"x".repeat(2000)).await,
        401,
        ErrorCode::WrongCredentials,
    )
    .await;
}

#[tokio::test]
async fn an_unknown_provider_is_not_found() {
    let app = TestApp::start().await;
    let body = json!({"username": "amy", "password": PASSWORD});
    let response = Browser::open(&app).post("/login/nowhere", &body).await;
    refused(response, 404, ErrorCode::NotFound).await;
    let app = TestApp::settings_with(|settings| settings.security.local_accounts = false).await;
    let response = Browser::open(&app).post("/login/local", &body).await;
    refused(response, 404, ErrorCode::NotFound).await;
    assert!(
        Browser::open(&app)
            .session()
            .await
            .registry
            .providers
            .is_empty()
    );
}

#[tokio::test]
async fn guessing_a_password_gets_slow() {
    let app = TestApp::start().await;
    app.user_with_password("amy").await;
    app.user_with_password("ben").await;
    let browser = Browser::open(&app);
    for _ in 0..5 {
        refused(
            browser.try_sign_in("amy", "guess").await,
            401,
            ErrorCode::WrongCredentials,
        )
        .await;
    }
    let response = browser.try_sign_in("amy", PASSWORD).await;
    let pause: i64 = response.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=16).contains(&pause), "{pause}");
    refused(response, 429, ErrorCode::RateLimited).await;
    assert_eq!(
        browser.try_sign_in("ben", PASSWORD).await.status(),
        200,
        "others are not held up"
    );
    app.clock.advance(TimeDelta::seconds(pause));
    assert_eq!(browser.try_sign_in("amy", PASSWORD).await.status(), 200);
}

#[tokio::test]
async fn guesses_count_for_the_address_that_a_trusted_proxy_names() {
    let app = TestApp::settings_with(|settings| {
        settings.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    app.user_with_password("amy").await;
    let guess = async |forwarded: &str, password: &str| {
        let request = app
            .client()
            .post(app.url("/api/v1/login/local"))
            .header("x-forwarded-for", forwarded);
        let request = request.json(&json!({"username": "amy", "password": password}));
        request.send().await.unwrap().status().as_u16()
    };
    for number in 0..5 {
        assert_eq!(
            guess(&format!("198.51.100.{number}, 203.0.113.9"), "guess").await,
            401
        );
    }
    assert_eq!(
        guess("198.51.100.77, 203.0.113.9", PASSWORD).await,
        429,
        "what the client adds does not count"
    );
    assert_eq!(guess("203.0.113.10", PASSWORD).await, 200);
}

#[tokio::test]
async fn an_untrusted_client_cannot_choose_its_address() {
    let app = TestApp::start().await;
    app.user_with_password("amy").await;
    for number in 0..6 {
        let request = app.client().post(app.url("/api/v1/login/local"));
        let request = request.header("x-forwarded-for", format!("203.0.113.{number}"));
        let request = request.json(&json!({"username": "amy", "password": "guess"}));
        let status = request.send().await.unwrap().status().as_u16();
        assert_eq!(status, if number < 5 { 401 } else { 429 });
    }
}

db_test!(
    a_changed_password_ends_the_other_sessions,
    async |app: TestApp| {
        app.user_with_password("amy").await;
        let here = Browser::signed_in(&app, "amy").await;
        let elsewhere = Browser::signed_in(&app, "amy").await;
        let change = async |current: &str, new: &str| {
            let request = here.request(Method::PUT, "/account/password");
            request
                .json(&json!({"current": current, "new": new}))
                .send()
                .await
                .unwrap()
        };
        let problem = refused(
            change("wrong password", "a new password").await,
            422,
            ErrorCode::Invalid,
        )
        .await;
        assert!(problem.fields.contains_key("current"));
        let problem = refused(change(PASSWORD, "short").await, 422, ErrorCode::Invalid).await;
        assert!(problem.fields.contains_key("new"));
        assert_eq!(change(PASSWORD, "a new password").await.status(), 204);
        assert_eq!(here.username().await.as_deref(), Some("amy"));
        assert_eq!(elsewhere.username().await, None);
        let browser = Browser::open(&app);
        refused(
            browser.try_sign_in("amy", PASSWORD).await,
            401,
            ErrorCode::WrongCredentials,
        )
        .await;
        assert_eq!(
            browser.try_sign_in("amy", "a new password").await.status(),
            200
        );
    }
);

#[tokio::test]
async fn a_token_cannot_change_the_password() {
    let app = TestApp::start().await;
    let amy = app.user_with_password("amy").await;
    let request = amy.client.put(app.url("/api/v1/account/password"));
    let request = request.json(&json!({"current": PASSWORD, "new": "a new password"}));
    refused(request.send().await.unwrap(), 403, ErrorCode::Forbidden).await;
}

db_test!(
    a_session_ends_after_a_month_however_often_someone_comes_back,
    async |app: TestApp| {
        app.user_with_password("amy").await;
        let mut browser = Browser::open(&app);
        browser.sign_in("amy", PASSWORD).await;
        for day in 1..30 {
            app.clock.advance(TimeDelta::days(1));
            let found = browser.username().await;
            assert_eq!(found.as_deref(), Some("amy"), "day {day}");
        }
        app.clock.advance(TimeDelta::days(1));
        assert_eq!(browser.username().await, None);
        browser.sign_in("amy", PASSWORD).await;
        app.clock.advance(TimeDelta::days(15));
        assert_eq!(browser.username().await, None, "nor without coming back");
    }
);
