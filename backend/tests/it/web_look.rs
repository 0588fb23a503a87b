//! What settings give the pages of their own: accent, logo, statistics.

use std::fs;

use reqwest::{
    StatusCode,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
};
use sregistry_server::config::Rgb;

use crate::{
    common::TestApp,
    web::{build, with_application},
};

const LOGO: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";

async fn with_a_look_of_its_own() -> (TestApp, tempfile::TempDir) {
    let dir = tempfile::TempDir::new().unwrap();
    let (web, logo) = (dir.path().join("web"), dir.path().join("logo.svg"));
    build(&web);
    let page = "<html><head><title>x</title><link rel=\"icon\" href=\"/icon.svg\"></head><body></body></html>";
    fs::write(web.join("index.html"), page).unwrap();
    fs::write(&logo, LOGO).unwrap();
    let app = TestApp::settings_with(|settings| {
        settings.server.web_dir = Some(web);
        settings.look.accent = Some(Rgb([0x0b, 0x53, 0x94]));
        settings.look.logo = Some(logo);
        settings.look.google_analytics = Some("G-TEST1234".to_owned());
    })
    .await;
    (app, dir)
}

/// What stands between two texts of a page.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = page
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before} in {page}"));
    rest.split_once(after).unwrap().0
}

#[tokio::test]
async fn the_page_wears_the_accent_before_anything_is_drawn() {
    let (app, _dir) = with_a_look_of_its_own().await;
    let response = app.get("/").await;
    let policy = response.headers()[CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap()
        .to_owned();
    let page = response.text().await.unwrap();
    let style = between(&page, "<style>", "</style>");
    assert!(
        style.starts_with(":root{--accent:#0b5394;--accent-fill:#0b5394;"),
        "{style}"
    );
    let hash = {
        use base64::Engine;
        use sha2::Digest;
        base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style))
    };
    assert!(
        policy.contains(&format!("style-src 'self' 'sha256-{hash}';")),
        "{policy}"
    );
    assert!(!between(&policy, "script-src", ";").contains("unsafe-inline"));
}

#[tokio::test]
async fn the_logo_is_served_here_and_can_run_nothing() {
    let (app, _dir) = with_a_look_of_its_own().await;
    let page = app.get("/").await.text().await.unwrap();
    let path = between(&page, "<meta name=\"registry-logo\" content=\"", "\"");
    assert!(
        page.contains(&format!("<link rel=\"icon\" href=\"{path}\">")),
        "{page}"
    );
    let logo = app.get(path).await;
    assert_eq!(logo.headers()[CONTENT_TYPE], "image/svg+xml");
    assert_eq!(
        logo.headers()[CACHE_CONTROL],
        "public, max-age=31536000, immutable"
    );
    let policy = logo.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("sandbox"),
        "{policy}"
    );
    assert!(!policy.contains("script-src"));
    assert_eq!(logo.text().await.unwrap(), LOGO);
}

#[tokio::test]
async fn statistics_are_in_the_page_where_the_settings_name_an_id_and_nowhere_else() {
    let (app, _dir) = with_a_look_of_its_own().await;
    let response = app.get("/").await;
    let policy = response.headers()[CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(between(&policy, "script-src", ";").contains("https://www.googletagmanager.com"));
    let page = response.text().await.unwrap();
    assert_eq!(between(&page, "data-statistics=\"", "\""), "G-TEST1234");
    assert!(
        !page.contains("https://"),
        "what is loaded at first is ours: {page}"
    );
    let path = between(&page, "<script src=\"", "\"");
    let script = app.get(path).await;
    assert_eq!(
        script.headers()[CONTENT_TYPE],
        "text/javascript; charset=utf-8"
    );

    let (plain, _dir) = with_application().await;
    let response = plain.get("/").await;
    let policy = response.headers()[CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(!policy.contains("https:"), "{policy}");
    let gone = plain
        .client()
        .get(plain.url(path))
        .header("sec-fetch-dest", "script");
    assert_eq!(gone.send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn ids_that_count_nothing_any_more_ask_nobody() {
    let dir = tempfile::TempDir::new().unwrap();
    build(dir.path());
    let web = dir.path().to_path_buf();
    let app = TestApp::settings_with(|settings| {
        settings.server.web_dir = Some(web);
        settings.look.google_analytics = Some("UA-1234567-1".to_owned());
    })
    .await;
    assert!(
        !app.get("/")
            .await
            .text()
            .await
            .unwrap()
            .contains("statistics")
    );
}
