//! Which account a login opens, and the logins of one's own account.

use reqwest::Method;
use serde_json::json;
use shared_types::{
    AccountLogins, ErrorCode, LoginConnectionStarted, NewUser, Role, Session, UserChange,
};
use sregistry_server::services::users;

use super::{Provider, Traveller, location};
use crate::{
    common::{PASSWORD, TestApp},
    http_people::{Browser, good, refused},
};

async fn start(link: bool, create: bool) -> (Provider, TestApp) {
    let provider = Provider::start();
    let app = TestApp::settings_with(|settings| {
        provider.settings()(settings);
        settings.logins.link_by_email = link;
        settings.logins.create_accounts = create;
    })
    .await;
    (provider, app)
}

pub async fn account(app: &TestApp, username: &str, role: Role, email: &str) {
    let new = NewUser {
        username: username.to_owned(),
        password: Some(PASSWORD.to_owned()),
        display_name: None,
        email: Some(email.to_owned()),
        role: Some(role),
    };
    users::create(app.core(), &users::operator(), new)
        .await
        .unwrap();
}

/// Signs in as this person of the provider; the user name here, or the word that says why not.
async fn signed_in(app: &TestApp, provider: &Provider, claims: serde_json::Value) -> String {
    provider.tell(|says| says.claims = claims);
    let browser = Traveller::new(app);
    let led = browser.sign_in(provider).await;
    match browser.username().await {
        Some(name) => name,
        None => led.strip_prefix("/login?problem=").unwrap().to_owned(),
    }
}

#[tokio::test]
async fn the_same_address_is_the_same_account_only_where_the_settings_say_so() {
    for (link, expected) in [(true, "amy.local"), (false, "amy")] {
        let (provider, app) = start(link, true).await;
        account(&app, "amy.local", Role::User, "Amy@Example.org").await;
        assert_eq!(
            signed_in(&app, &provider, json!({})).await,
            expected,
            "{link}"
        );
    }
}

#[tokio::test]
async fn an_address_that_nobody_vouches_for_opens_nothing() {
    let (provider, app) = start(true, true).await;
    account(&app, "amy.local", Role::User, "amy@example.org").await;
    for claims in [
        json!({ "sub": "a", "email_verified": false }),
        json!({ "sub": "b", "email_verified": null }),
    ] {
        let name = signed_in(&app, &provider, claims).await;
        assert!(name.starts_with("amy") && name != "amy.local", "{name}");
    }
}

#[tokio::test]
async fn an_address_of_an_administrator_or_of_two_opens_nothing() {
    let (provider, app) = start(true, true).await;
    account(&app, "boss", Role::Superuser, "amy@example.org").await;
    assert_eq!(signed_in(&app, &provider, json!({})).await, "amy");
    account(&app, "ben1", Role::User, "ben@example.org").await;
    account(&app, "ben2", Role::User, "ben@example.org").await;
    let claims = json!({ "sub": "s-2", "email": "ben@example.org", "preferred_username": "ben" });
    assert_eq!(signed_in(&app, &provider, claims).await, "ben");
}

#[tokio::test]
async fn names_are_lower_case_and_nobody_gets_somebody_elses() {
    let (provider, app) = start(false, true).await;
    app.user("amy").await;
    for (subject, wished, name) in [
        ("1", "AMY", "amy-2"),
        ("2", "Amy", "amy-3"),
        ("3", "Amy O'Hara", "amy-o-hara"),
        ("4", "../../etc", "etc"),
        ("5", "日本", "user"),
        ("1", "renamed meanwhile", "amy-2"),
    ] {
        let claims = json!({ "sub": subject, "preferred_username": wished });
        assert_eq!(signed_in(&app, &provider, claims).await, name, "{wished}");
    }
}

#[tokio::test]
async fn without_new_accounts_only_people_who_are_known_come_in() {
    let (provider, app) = start(true, false).await;
    assert_eq!(signed_in(&app, &provider, json!({})).await, "no_account");
    account(&app, "amy.local", Role::User, "amy@example.org").await;
    assert_eq!(signed_in(&app, &provider, json!({})).await, "amy.local");
}

#[tokio::test]
async fn a_disabled_account_stays_shut() {
    let (provider, app) = start(false, true).await;
    assert_eq!(signed_in(&app, &provider, json!({})).await, "amy");
    let change = UserChange {
        disabled: Some(true),
        ..UserChange::default()
    };
    users::change(app.core(), &users::operator(), "amy", change)
        .await
        .unwrap();
    assert_eq!(signed_in(&app, &provider, json!({})).await, "disabled");
}

#[tokio::test]
async fn a_login_is_connected_used_and_disconnected() {
    let (provider, app) = start(false, true).await;
    app.user_with_password("zoe").await;
    let mut browser = Browser::signed_in(&app, "zoe").await;
    let logins: AccountLogins = good(browser.get("/account/logins").await, 200).await;
    assert!(logins.password && logins.connected.is_empty());

    let started = browser
        .post(
            "/account/logins",
            &json!({ "provider": "oidc", "next": "/account/logins" }),
        )
        .await;
    let started: LoginConnectionStarted = good(started, 200).await;
    let url = started.url.unwrap();
    let code = provider.approve(&url);
    let parsed: url::Url = url.parse().unwrap();
    let state = parsed
        .query_pairs()
        .find(|(key, _)| key == "state")
        .unwrap()
        .1
        .into_owned();
    // Not without the session that it began with.
    let path = format!("/complete/oidc/?code={code}&state={state}");
    let led = browser.visit(&path).await;
    assert!(led.ends_with("/account/logins"), "{led}");
    let logins: AccountLogins = good(browser.get("/account/logins").await, 200).await;
    let login = &logins.connected[0];
    assert_eq!(
        (
            login.provider.as_str(),
            login.label.as_str(),
            login.login.as_str()
        ),
        ("oidc", "The institute", "Amy")
    );
    assert!(login.usable && login.email_verified);
    assert_eq!(signed_in(&app, &provider, json!({})).await, "zoe");

    // Somebody else cannot take it.
    app.user_with_password("eve").await;
    let eve = Browser::signed_in(&app, "eve").await;
    let started = eve
        .post("/account/logins", &json!({ "provider": "oidc" }))
        .await;
    let url = good::<LoginConnectionStarted>(started, 200)
        .await
        .url
        .unwrap();
    let code = provider.approve(&url);
    let parsed: url::Url = url.parse().unwrap();
    let state = parsed
        .query_pairs()
        .find(|(key, _)| key == "state")
        .unwrap()
        .1
        .into_owned();
    let led = eve
        .visit(&format!("/complete/oidc/?code={code}&state={state}"))
        .await;
    assert!(led.contains("problem=other_account"), "{led}");
    refused(
        eve.send(Method::DELETE, &format!("/account/logins/{}", login.id))
            .await,
        404,
        ErrorCode::NotFound,
    )
    .await;

    let gone = browser
        .send(Method::DELETE, &format!("/account/logins/{}", login.id))
        .await;
    assert_eq!(gone.status(), 204);
    assert_eq!(signed_in(&app, &provider, json!({})).await, "amy");
    browser.csrf = None;
    let started = browser
        .post("/account/logins", &json!({ "provider": "oidc" }))
        .await;
    refused(started, 403, ErrorCode::CrossSite).await;
}

#[tokio::test]
async fn a_journey_that_connects_ends_with_the_session_that_began_it() {
    let (provider, app) = start(false, true).await;
    app.user_with_password("zoe").await;
    let browser = Browser::signed_in(&app, "zoe").await;
    let started = browser
        .post("/account/logins", &json!({ "provider": "oidc" }))
        .await;
    let url = good::<LoginConnectionStarted>(started, 200)
        .await
        .url
        .unwrap();
    let code = provider.approve(&url);
    let parsed: url::Url = url.parse().unwrap();
    let state = parsed
        .query_pairs()
        .find(|(key, _)| key == "state")
        .unwrap()
        .1
        .into_owned();
    assert_eq!(browser.send(Method::DELETE, "/session").await.status(), 204);
    let led = browser
        .visit(&format!("/complete/oidc/?code={code}&state={state}"))
        .await;
    assert!(led.contains("problem=expired"), "{led}");
    assert_eq!(browser.username().await, None);
}

#[tokio::test]
async fn the_last_way_to_sign_in_stays() {
    let (provider, app) = start(false, true).await;
    let browser = Traveller::new(&app);
    browser.sign_in(&provider).await;
    let session = browser.session().await;
    let csrf = session.csrf_token.unwrap();
    app.accept_terms("amy").await;
    let logins: AccountLogins = browser
        .go("/api/v1/account/logins")
        .await
        .json()
        .await
        .unwrap();
    assert!(!logins.password);
    let path = format!("/api/v1/account/logins/{}", logins.connected[0].id);
    let response = browser
        .client
        .delete(app.url(&path))
        .header("x-csrf-token", csrf)
        .send()
        .await
        .unwrap();
    let problem = refused(response, 409, ErrorCode::Conflict).await;
    assert!(problem.message.contains("last way"), "{problem:?}");
}

#[tokio::test]
async fn without_local_accounts_the_page_shows_the_providers_alone() {
    let provider = Provider::start();
    let app = TestApp::settings_with(|settings| {
        provider.settings()(settings);
        settings.security.local_accounts = false;
    })
    .await;
    let session: Session = good(app.get("/api/v1/session").await, 200).await;
    let ids: Vec<_> = session
        .registry
        .providers
        .iter()
        .map(|provider| provider.id.as_str())
        .collect();
    assert_eq!(ids, ["oidc"]);
    let response = app.get("/login/local/").await;
    assert_eq!(location(&response), "/login?problem=unknown_provider");
}
