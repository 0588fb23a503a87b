//! There and back: what binds a journey to its browser, and what an ID token must hold.

use chrono::TimeDelta;
use reqwest::header;
use serde_json::{Value, json};
use shared_types::ProviderKind;

use super::{Provider, Traveller, location};
use crate::{common::TestApp, db_test};

async fn start() -> (Provider, TestApp) {
    let provider = Provider::start();
    let app = TestApp::settings_with(provider.settings()).await;
    (provider, app)
}

#[tokio::test]
async fn somebody_signs_in_and_lands_where_they_wanted() {
    let (provider, app) = start().await;
    let browser = Traveller::new(&app);
    let shown = browser.session().await.registry.providers;
    assert_eq!(
        (shown[0].id.as_str(), shown[0].label.as_str(), shown[0].kind),
        ("oidc", "The institute", ProviderKind::Redirect)
    );
    let response = browser.go("/login/oidc/?next=/token").await;
    let cookie = response.headers()[header::SET_COOKIE]
        .to_str()
        .unwrap()
        .to_owned();
    for part in [
        "sregistry-journey=",
        "; Path=/;",
        "HttpOnly",
        "SameSite=Lax",
        "Max-Age=600",
    ] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    let url = location(&response);
    let back = Traveller::left(&provider, &url);
    // What is on its way is nobody else's to read.
    assert!(!cookie.contains(&back.state), "{cookie}");
    let response = browser.go(&back.path()).await;
    assert_eq!(location(&response), "/token");
    let cookies: Vec<_> = response
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|value| value.to_str().unwrap())
        .collect();
    assert!(
        cookies.iter().any(
            |cookie| cookie.starts_with("sregistry-journey=; ") && cookie.contains("Max-Age=0")
        ),
        "{cookies:?}"
    );
    assert_eq!(response.headers()[header::REFERRER_POLICY], "no-referrer");
    let account = browser.session().await.account.unwrap();
    assert_eq!(
        (account.username.as_str(), account.display_name.as_str()),
        ("amy", "Amy A.")
    );
    assert_eq!(account.email.as_deref(), Some("amy@example.org"));
    assert!(!account.terms_accepted);
    // The second time it is the same account.
    let other = Traveller::new(&app);
    assert_eq!(other.sign_in(&provider).await, "/token");
    assert_eq!(other.username().await.as_deref(), Some("amy"));
    assert_eq!(
        provider.says.lock().unwrap().key_requests,
        1,
        "keys are remembered"
    );
}

db_test!(a_journey_works_on_both_engines, async |app: TestApp| {
    let provider = Provider::start();
    let app = app.restart_with(provider.settings()).await;
    let browser = Traveller::new(&app);
    assert_eq!(browser.sign_in(&provider).await, "/token");
    assert_eq!(browser.username().await.as_deref(), Some("amy"));
});

#[tokio::test]
async fn with_tls_the_journey_is_bound_to_the_host() {
    let provider = Provider::start();
    let app = TestApp::settings_with(|settings| {
        provider.settings()(settings);
        settings.server.domain_name = "https://registry.example.org".to_owned();
    })
    .await;
    let response = app.get("/login/oidc").await;
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-sregistry-journey=") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
    let url: url::Url = location(&response).parse().unwrap();
    let callback = url
        .query_pairs()
        .find(|(key, _)| key == "redirect_uri")
        .unwrap()
        .1
        .into_owned();
    assert_eq!(callback, "https://registry.example.org/complete/oidc/");
}

#[tokio::test]
async fn it_never_leads_to_another_site() {
    let (provider, app) = start().await;
    for next in [
        "//evil.example/",
        "https://evil.example/",
        "/%5Cevil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "%0d%0aset-cookie:x=y",
    ] {
        let browser = Traveller::new(&app);
        let back = browser.leave(&provider, next).await;
        assert_eq!(location(&browser.go(&back.path()).await), "/", "{next}");
    }
    let browser = Traveller::new(&app);
    let back = browser.leave(&provider, "/search?q=%C3%BC").await;
    assert_eq!(
        location(&browser.go(&back.path()).await),
        "/search?q=%C3%BC"
    );
}

#[tokio::test]
async fn a_journey_belongs_to_its_browser_and_counts_once() {
    let (provider, app) = start().await;
    let expired = "/login?problem=expired";
    let browser = Traveller::new(&app);
    let back = browser.leave(&provider, "/").await;
    // Somebody else's browser, with a journey of its own or without one.
    let other = Traveller::new(&app);
    assert_eq!(location(&other.go(&back.path()).await), expired);
    other.leave(&provider, "/").await;
    assert_eq!(location(&other.go(&back.path()).await), expired);
    assert_eq!(other.username().await, None);
    // Without a state, with a wrong one, and cut.
    for query in [
        format!("code={}", back.code),
        format!("code={}&state=", back.code),
        format!("code={}&state=0123", back.code),
        format!("code={}&state={}", back.code, &back.state[1..]),
    ] {
        let browser = Traveller::new(&app);
        browser.leave(&provider, "/").await;
        assert_eq!(
            location(&browser.go(&format!("/complete/oidc/?{query}")).await),
            expired,
            "{query}"
        );
    }
    // A cookie that counted must not count again, even where somebody kept it.
    let browser = Traveller::new(&app);
    let response = browser.go("/login/oidc/").await;
    let cookie = response.headers()[header::SET_COOKIE]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let back = Traveller::left(&provider, &location(&response));
    assert_eq!(location(&browser.go(&back.path()).await), "/");
    let again = app
        .client()
        .get(app.url(&back.path()))
        .header("cookie", &cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(location(&again), expired);
    // Cookies that somebody made up.
    for value in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let made_up = format!("sregistry-journey={value}");
        let response = app
            .client()
            .get(app.url(&back.path()))
            .header("cookie", made_up)
            .send()
            .await
            .unwrap();
        assert_eq!(location(&response), expired);
    }
}

#[tokio::test]
async fn a_journey_takes_ten_minutes_at_most() {
    let (provider, app) = start().await;
    let browser = Traveller::new(&app);
    let back = browser.leave(&provider, "/").await;
    app.clock.advance(TimeDelta::minutes(11));
    assert_eq!(
        location(&browser.go(&back.path()).await),
        "/login?problem=expired"
    );
}

#[tokio::test]
async fn a_token_that_proves_nothing_opens_nothing() {
    let (provider, app) = start().await;
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp();
    let claims = [
        ("another issuer", json!({ "iss": "https://evil.example" })),
        ("no issuer", json!({ "iss": null })),
        ("for somebody else", json!({ "aud": "another" })),
        ("for others too", json!({ "aud": ["registry", "another"] })),
        ("for nobody", json!({ "aud": null })),
        ("expired", json!({ "exp": now - 120 })),
        ("without end", json!({ "exp": null })),
        ("from the future", json!({ "iat": now + 600 })),
        ("another nonce", json!({ "nonce": "0123" })),
        ("no nonce", json!({ "nonce": null })),
        ("about nobody", json!({ "sub": null })),
        ("about an empty name", json!({ "sub": "" })),
    ];
    for (lie, claims) in claims {
        provider.tell(|says| says.claims = claims);
        assert_eq!(refused(&app, &provider).await, "not_genuine", "{lie}");
    }
    provider.tell(|says| says.claims = json!({}));
    for algorithm in ["none", "HS256", "RS256", "made up"] {
        provider.tell(|says| says.algorithm = Some(algorithm));
        assert_eq!(refused(&app, &provider).await, "not_genuine", "{algorithm}");
    }
    provider.tell(|says| {
        says.algorithm = None;
        says.forger = Some([8; 32]);
    });
    assert_eq!(refused(&app, &provider).await, "not_genuine");
    provider.tell(|says| {
        says.forger = None;
        // Without an address in the ID token the user info is asked, and speaks of another person.
        says.claims = json!({ "email": null });
        says.userinfo =
            json!({ "sub": "s-2", "email": "root@example.org", "email_verified": true });
    });
    assert_eq!(refused(&app, &provider).await, "not_genuine");
}

/// Tries to sign in, which must not work, and says which word came of it.
async fn refused(app: &TestApp, provider: &Provider) -> String {
    let browser = Traveller::new(app);
    let back = browser.leave(provider, "/").await;
    let led = location(&browser.go(&back.path()).await);
    assert_eq!(browser.username().await, None, "{led}");
    led.strip_prefix("/login?problem=").unwrap().to_owned()
}

#[tokio::test]
async fn what_the_token_leaves_out_the_user_info_tells() {
    let (provider, app) = start().await;
    provider.tell(|says| {
        says.claims = json!({ "email": null, "email_verified": null, "name": null });
        says.userinfo = json!({ "sub": "s-1", "email": "amy@example.net", "email_verified": "true", "name": "Amy N." });
    });
    let browser = Traveller::new(&app);
    assert_eq!(browser.sign_in(&provider).await, "/token");
    let account = browser.session().await.account.unwrap();
    assert_eq!(
        (account.display_name.as_str(), account.email.as_deref()),
        ("Amy N.", Some("amy@example.net"))
    );
    // Whether an address in the token is vouched for is not for the user info to say.
    provider.tell(|says| {
        says.claims = json!({ "sub": "s-9", "email": "ben@example.net", "email_verified": null, "name": null, "preferred_username": "ben" });
        says.userinfo = json!({ "sub": "s-9", "email_verified": true, "name": "Ben" });
    });
    let browser = Traveller::new(&app);
    assert_eq!(browser.sign_in(&provider).await, "/token");
    assert_eq!(browser.session().await.account.unwrap().email, None);
}

#[tokio::test]
async fn new_keys_are_learnt_when_they_are_needed() {
    let (provider, app) = start().await;
    assert_eq!(Traveller::new(&app).sign_in(&provider).await, "/token");
    provider.rotate();
    assert_eq!(Traveller::new(&app).sign_in(&provider).await, "/token");
    assert_eq!(provider.says.lock().unwrap().key_requests, 2);
}

#[tokio::test]
async fn a_code_must_be_the_providers_own() {
    let (provider, app) = start().await;
    for (query, word) in [
        ("code=made-up", "not_genuine"),
        ("", "not_genuine"),
        (
            "error=access_denied&error_description=%3Cscript%3E",
            "denied",
        ),
        ("code=x&iss=https%3A%2F%2Fevil.example", "not_genuine"),
    ] {
        let browser = Traveller::new(&app);
        let back = browser.leave(&provider, "/").await;
        let path = format!("/complete/oidc/?{query}&state={}", back.state);
        assert_eq!(
            location(&browser.go(&path).await),
            format!("/login?problem={word}")
        );
    }
}

#[tokio::test]
async fn a_provider_that_is_down_gets_a_word_and_comes_back() {
    let provider = Provider::start();
    let issuer = provider.issuer.clone();
    let settings = provider.settings();
    drop(provider);
    let app = TestApp::settings_with(settings).await;
    let led = location(&app.get("/login/oidc/").await);
    assert_eq!(led, "/login?problem=unavailable");
    let led = location(&app.get("/login/unknown/").await);
    assert_eq!(led, "/login?problem=unknown_provider");
    for path in [
        "/complete",
        "/complete/",
        "/complete/unknown",
        "/login/a/b/c",
    ] {
        assert_eq!(
            location(&app.get(path).await),
            "/login?problem=unknown_provider",
            "{path}"
        );
    }
    // No form opens what is a page elsewhere.
    let body = json!({ "username": "amy", "password": "x" });
    let response = app
        .client()
        .post(app.url("/api/v1/login/oidc"))
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 404);
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["code"], "not_found", "{issuer}");
}
