//! There and back, and what binds the two.

use reqwest::header;
use shared_types::ProviderKind;
use sregistry_server::{
    config::Secret,
    plugins::auth::{Providers, Sites},
};

use super::{
    IDP, PAGE, Pair, Says, Signed, leave, own, post, read, settings, settings_with_key, sign_in,
};
use crate::{
    common::{PASSWORD, TestApp},
    db_test,
    providers::{Traveller, location},
};

#[tokio::test]
async fn somebody_signs_in_whatever_is_signed() {
    let app = TestApp::settings_with(settings).await;
    for signed in [Signed::Assertion, Signed::Response, Signed::Both] {
        let browser = Traveller::new(&app);
        let shown = browser.session().await.registry.providers;
        assert_eq!(
            (shown[0].id.as_str(), shown[0].label.as_str(), shown[0].kind),
            ("saml-institute", "The institute", ProviderKind::Redirect)
        );
        let asked = leave(&app, &browser, "/login/saml-institute/?next=/token").await;
        assert!(!asked.signed);
        let mut says = Says::honest(&app, &asked.id);
        says.signed = signed;
        let on = post(&app, &says.xml(), &asked.state).await;
        assert!(on.starts_with("/complete/saml/?state="), "{on}");
        assert!(!on.contains("amy"), "{on}");
        assert_eq!(location(&browser.go(&on).await), "/token", "{signed:?}");
        let account = browser.session().await.account.unwrap();
        assert_eq!(
            (account.username.as_str(), account.display_name.as_str()),
            ("amy", "Amy A."),
            "{signed:?}"
        );
        assert_eq!(account.email.as_deref(), Some("amy@example.org"));
    }
}

db_test!(it_works_on_both_engines, async |app: TestApp| {
    let app = app.restart_with(settings_with_key).await;
    let browser = Traveller::new(&app);
    assert_eq!(sign_in(&app, &browser).await, "/token");
    assert_eq!(browser.username().await.as_deref(), Some("amy"));
});

#[tokio::test]
async fn with_a_key_requests_are_signed_and_the_metadata_shows_it() {
    let app = TestApp::settings_with(settings_with_key).await;
    let asked = leave(&app, &Traveller::new(&app), "/login/saml/").await;
    assert!(asked.signed);
    let response = app.get("/saml_auth/saml.xml").await;
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/xml; charset=utf-8"
    );
    let xml = response.text().await.unwrap();
    let domain = &app.core().settings.server.domain_name;
    let certificate: String = Pair::all()[2]
        .certificate
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    for part in [
        format!("entityID=\"{domain}/saml_auth/saml.xml\""),
        format!("Location=\"{domain}/complete/saml/\""),
        "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST".to_owned(),
        "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned(),
        "AuthnRequestsSigned=\"true\"".to_owned(),
        certificate,
    ] {
        assert!(xml.contains(&part), "{part} in {xml}");
    }
    assert!(!xml.contains("PRIVATE"));
}

#[tokio::test]
async fn without_saml_there_is_nothing() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/saml_auth/saml.xml").await.status(), 404);
    let browser = Traveller::new(&app);
    let led = location(&browser.go("/login/saml/").await);
    assert_eq!(led, "/login?problem=unknown_provider");
    let led = post(&app, "<x/>", "x").await;
    assert_eq!(led, "/login?problem=unknown_provider");
}

#[tokio::test]
async fn an_answer_counts_once_and_in_the_browser_that_asked() {
    let app = TestApp::settings_with(settings).await;
    let browser = Traveller::new(&app);
    let asked = leave(&app, &browser, "/login/saml/").await;
    let xml = Says::honest(&app, &asked.id).xml();
    let on = post(&app, &xml, &asked.state).await;

    // Whoever makes somebody else's browser post an answer of their own signs nobody in.
    let other = Traveller::new(&app);
    assert_eq!(location(&other.go(&on).await), "/login?problem=expired");
    let theirs = leave(&app, &other, "/login/saml/").await;
    assert_eq!(location(&other.go(&on).await), "/login?problem=expired");
    let theirs_too = leave(&app, &other, "/login/saml/").await;
    assert_ne!(theirs.id, theirs_too.id);
    let crossed = post(&app, &xml, &theirs_too.state).await;
    assert_eq!(
        location(&other.go(&crossed).await),
        "/login?problem=not_genuine"
    );
    assert_eq!(other.username().await, None);

    // Changed on the way.
    let fresh = Traveller::new(&app);
    let asked_again = leave(&app, &fresh, "/login/saml/").await;
    let honest = Says::honest(&app, &asked_again.id).xml();
    let mut changed = post(&app, &honest, &asked_again.state).await;
    let at = changed.len() - 9;
    let other_letter = if &changed[at..=at] == "A" { "B" } else { "A" };
    changed.replace_range(at..=at, other_letter);
    assert_eq!(
        location(&fresh.go(&changed).await),
        "/login?problem=expired"
    );

    // Its own browser, once.
    assert_eq!(location(&browser.go(&on).await), "/");
    assert_eq!(browser.username().await.as_deref(), Some("amy"));
    assert_eq!(location(&browser.go(&on).await), "/login?problem=expired");
    let again = post(&app, &xml, &asked.state).await;
    assert_eq!(
        location(&browser.go(&again).await),
        "/login?problem=expired"
    );
}

#[tokio::test]
async fn an_answer_counts_once_whichever_process_gets_it() {
    let app = TestApp::settings_with(settings).await;
    let browser = Traveller::new(&app);
    let response = browser.go("/login/saml/").await;
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let asked = read(&app, &location(&response)).await;
    let on = post(&app, &Says::honest(&app, &asked.id).xml(), &asked.state).await;
    assert_eq!(location(&browser.go(&on).await), "/");
    // Another process with the same database remembers no journeys.
    let app = app.restart().await;
    let response = app
        .client()
        .get(app.url(&on))
        .header(header::COOKIE, cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(location(&response), "/login?problem=not_genuine");
}

#[tokio::test]
async fn it_ends_in_time() {
    let app = TestApp::settings_with(settings).await;
    let browser = Traveller::new(&app);
    let asked = leave(&app, &browser, "/login/saml/").await;
    let on = post(&app, &Says::honest(&app, &asked.id).xml(), &asked.state).await;
    app.clock.advance(chrono::TimeDelta::seconds(121));
    assert_eq!(location(&browser.go(&on).await), "/login?problem=expired");
    assert_eq!(browser.username().await, None);
}

#[tokio::test]
async fn a_login_is_connected_with_the_account_of_the_session() {
    let app = TestApp::settings_with(settings).await;
    app.user_with_password("zoe").await;
    app.accept_terms("zoe").await;
    let browser = Traveller::new(&app);
    let login = serde_json::json!({ "username": "zoe", "password": PASSWORD });
    let response = browser
        .client
        .post(app.url("/api/v1/login/local"))
        .json(&login)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let csrf = browser.session().await.csrf_token.unwrap();
    let response = browser
        .client
        .post(app.url("/api/v1/account/logins"))
        .header("x-csrf-token", csrf)
        .json(&serde_json::json!({ "provider": "saml-institute", "next": "/account/logins" }))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let started: serde_json::Value = response.json().await.unwrap();
    let asked = read(&app, started["url"].as_str().unwrap()).await;
    let on = post(&app, &Says::honest(&app, &asked.id).xml(), &asked.state).await;
    assert_eq!(location(&browser.go(&on).await), "/account/logins");
    let other = Traveller::new(&app);
    assert_eq!(sign_in(&app, &other).await, "/token");
    assert_eq!(other.username().await.as_deref(), Some("zoe"));
}

/// Settings with a second identity provider, by its metadata.
fn two(dir: &std::path::Path) -> impl FnOnce(&mut sregistry_server::config::Settings) {
    let path = dir.join("partner.xml");
    let certificate: String = Pair::all()[1]
        .certificate
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let metadata = format!(
        r#"<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://partner.example.net"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{PAGE}"/></md:IDPSSODescriptor></md:EntityDescriptor>"#
    );
    std::fs::write(&path, metadata).unwrap();
    move |to| {
        settings(to);
        to.saml.identity_providers = vec![format!("partner={}", path.display())];
        to.saml.institutions.push("The partner".to_owned());
    }
}

#[tokio::test]
async fn identity_providers_do_not_speak_for_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let app = TestApp::settings_with(two(dir.path())).await;
    let browser = Traveller::new(&app);
    let shown = browser.session().await.registry.providers;
    let shown: Vec<_> = shown
        .iter()
        .filter(|one| one.id != "local")
        .map(|one| (one.id.as_str(), one.label.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("saml-institute", "The institute"),
            ("saml-partner", "The partner")
        ]
    );
    let partner = |asked: &super::Asked| Says {
        issuer: "https://partner.example.net".to_owned(),
        signer: &Pair::all()[1],
        shown: &Pair::all()[1],
        ..Says::honest(&app, &asked.id)
    };
    // The partner answers what the institute was asked.
    let asked = leave(&app, &browser, "/login/saml-institute/").await;
    let on = post(&app, &partner(&asked).xml(), &asked.state).await;
    assert_eq!(
        location(&browser.go(&on).await),
        "/login?problem=not_genuine"
    );
    // The partner says that it is the institute.
    let asked = leave(&app, &browser, "/login/saml-institute/").await;
    let mut says = partner(&asked);
    says.issuer = IDP.to_owned();
    let led = post(&app, &says.xml(), &asked.state).await;
    assert_eq!(led, "/login?problem=not_genuine");
    assert_eq!(browser.username().await, None);
    // The same name at both is two people.
    assert_eq!(sign_in(&app, &browser).await, "/token");
    let other = Traveller::new(&app);
    let asked = leave(&app, &other, "/login/saml-partner/").await;
    let on = post(&app, &partner(&asked).xml(), &asked.state).await;
    assert_eq!(location(&other.go(&on).await), "/");
    assert_eq!(other.username().await.as_deref(), Some("amy-2"));
}

#[tokio::test]
async fn metadata_that_does_not_come_is_told() {
    let app = TestApp::settings_with(|to| {
        settings(to);
        to.saml.idp_entity_id = None;
        to.saml.identity_providers = vec!["institute=http://127.0.0.1:9/metadata".to_owned()];
    })
    .await;
    let led = location(&app.get("/login/saml/").await);
    assert_eq!(led, "/login?problem=unavailable");
    let led = post(&app, &Says::honest(&app, "_x").xml(), "x").await;
    assert_eq!(led, "/login?problem=unavailable");
}

#[tokio::test]
async fn a_key_that_does_not_fit_stops_the_start() {
    for (certificate, key) in [
        (
            "-----BEGIN CERTIFICATE-----\nMIIx\n-----END CERTIFICATE-----",
            own().key.as_str(),
        ),
        (
            own().certificate.as_str(),
            "-----BEGIN PRIVATE KEY-----\nMIIx\n-----END PRIVATE KEY-----",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let mut to = sregistry_server::config::Settings::for_tests(dir.path());
        settings(&mut to);
        to.saml.certificate = certificate.to_owned();
        to.saml.private_key = Secret::new(key.to_owned());
        assert!(Providers::build(&to, &Sites::default()).is_err());
    }
}
