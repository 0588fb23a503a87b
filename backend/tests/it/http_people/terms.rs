//! Terms of use: browsers see nothing else until they are accepted; tokens work without.

use reqwest::Method;
use serde_json::json;
use shared_types::{ErrorCode, Session, Terms};

use super::{Browser, browser::PASSWORD, good, refused};
use crate::{common::TestApp, db_test};

db_test!(
    a_browser_does_nothing_before_the_terms_are_accepted,
    async |app: TestApp| {
        let amy = app.user_with_password("amy").await;
        let mut browser = Browser::open(&app);
        browser.sign_in("amy", PASSWORD).await;
        for path in ["/tokens", "/users"] {
            refused(browser.get(path).await, 403, ErrorCode::TermsRequired).await;
        }
        refused(
            browser.post("/tokens", &json!({"name": "x"})).await,
            403,
            ErrorCode::TermsRequired,
        )
        .await;
        assert_eq!(
            amy.client
                .get(app.url("/api/v1/tokens"))
                .send()
                .await
                .unwrap()
                .status(),
            200
        );
        let terms: Terms = good(browser.get("/terms").await, 200).await;
        assert!(terms.html.contains("<li>") && !terms.version.is_empty());
        let old = browser.post("/terms", &json!({"version": "older"})).await;
        refused(old, 409, ErrorCode::Conflict).await;
        let session: Session = good(
            browser
                .post("/terms", &json!({"version": terms.version}))
                .await,
            200,
        )
        .await;
        assert!(session.account.unwrap().terms_accepted);
        assert_eq!(browser.get("/tokens").await.status(), 200);
    }
);

#[tokio::test]
async fn one_may_leave_without_accepting() {
    let app = TestApp::start().await;
    app.user_with_password("amy").await;
    let mut browser = Browser::open(&app);
    browser.sign_in("amy", PASSWORD).await;
    assert_eq!(browser.send(Method::DELETE, "/session").await.status(), 204);
    assert_eq!(browser.username().await, None);
}

#[tokio::test]
async fn changed_terms_are_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("terms.md");
    std::fs::write(&file, "# Be kind\n<script>alert(1)</script>").unwrap();
    let path = file.clone();
    let app =
        TestApp::settings_with(move |settings| settings.registry.terms_file = Some(path)).await;
    app.user_with_password("amy").await;
    let browser = Browser::signed_in(&app, "amy").await;
    let terms: Terms = good(browser.get("/terms").await, 200).await;
    assert!(
        terms.html.contains("Be kind") && !terms.html.contains("script"),
        "{}",
        terms.html
    );
    std::fs::write(&file, "# Be kinder").unwrap();
    let app = app.restart().await;
    let mut browser = Browser::open(&app);
    browser.sign_in("amy", PASSWORD).await;
    assert!(!browser.session().await.account.unwrap().terms_accepted);
    refused(browser.get("/tokens").await, 403, ErrorCode::TermsRequired).await;
}

#[tokio::test]
async fn nobody_accepts_terms_for_nobody() {
    let app = TestApp::start().await;
    let browser = Browser::open(&app);
    let terms: Terms = good(browser.get("/terms").await, 200).await;
    let response = browser
        .post("/terms", &json!({"version": terms.version}))
        .await;
    refused(response, 401, ErrorCode::Unauthenticated).await;
}
