//! The first administrator: the link works once, for a day, and only while there is none.

use chrono::TimeDelta;
use serde_json::{Value, json};
use shared_types::{ErrorCode, Role, Session, SetupStatus};
use sregistry_server::services::login::setup_link;

use super::{Browser, good, refused};
use crate::{common::TestApp, db_test};

fn code(link: &str) -> String {
    let (page, code) = link.split_once("/setup?code=").unwrap();
    assert!(page.starts_with("http://127.0.0.1:"), "{page}");
    code.to_owned()
}

fn root(code: &str, username: &str) -> Value {
    json!({"code": code, "username": username, "password": "correct horse battery", "email": null})
}

async fn status(browser: &Browser, code: &str) -> SetupStatus {
    good(browser.get(&format!("/setup/{code}")).await, 200).await
}

db_test!(the_link_makes_one_superuser, async |app: TestApp| {
    let link = setup_link(app.core()).await.unwrap().unwrap();
    let code = code(&link);
    let mut browser = Browser::open(&app);
    assert!(browser.session().await.registry.setup_required);
    assert!(status(&browser, &code).await.usable);
    let bad = browser
        .post(
            "/setup",
            &json!({"code": code, "username": "Root!", "password": "short"}),
        )
        .await;
    let problem = refused(bad, 422, ErrorCode::Invalid).await;
    assert_eq!(
        problem.fields.keys().collect::<Vec<_>>(),
        ["password", "username"]
    );
    let response = browser.post("/setup", &root(&code, "root")).await;
    let session: Session = good(response, 200).await;
    browser.csrf = session.csrf_token;
    assert_eq!(session.account.unwrap().role, Role::Superuser);
    assert!(!session.registry.setup_required);
    assert_eq!(
        browser.username().await.as_deref(),
        Some("root"),
        "signed in at once"
    );
    let other = Browser::open(&app);
    let after = status(&other, &code).await;
    assert_eq!(
        (after.usable, after.reason),
        (false, Some(ErrorCode::Conflict))
    );
    refused(
        other.post("/setup", &root(&code, "eve")).await,
        404,
        ErrorCode::NotFound,
    )
    .await;
    assert_eq!(setup_link(app.core()).await.unwrap(), None);
});

db_test!(
    of_many_who_use_the_link_at_once_one_succeeds,
    async |app: TestApp| {
        let code = code(&setup_link(app.core()).await.unwrap().unwrap());
        let browser = Browser::open(&app);
        let tries = (0..4).map(|number| {
            let body = root(&code, &format!("root-{number}"));
            let browser = &browser;
            async move { browser.post("/setup", &body).await.status().as_u16() }
        });
        let mut statuses = futures_util::future::join_all(tries).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 404, 404, 404]);
    }
);

#[tokio::test]
async fn a_link_is_replaced_by_the_next_and_ends_after_a_day() {
    let app = TestApp::start().await;
    let first = code(&setup_link(app.core()).await.unwrap().unwrap());
    let second = code(&setup_link(app.core()).await.unwrap().unwrap());
    let browser = Browser::open(&app);
    let before = status(&browser, &first).await;
    assert_eq!(
        (before.usable, before.reason),
        (false, Some(ErrorCode::NotFound))
    );
    refused(
        browser.post("/setup", &root(&first, "root")).await,
        404,
        ErrorCode::NotFound,
    )
    .await;
    assert!(status(&browser, &second).await.usable);
    app.clock.advance(TimeDelta::hours(24));
    assert!(!status(&browser, &second).await.usable);
    refused(
        browser.post("/setup", &root(&second, "root")).await,
        404,
        ErrorCode::NotFound,
    )
    .await;
}

#[tokio::test]
async fn a_made_up_code_does_nothing() {
    let app = TestApp::start().await;
    setup_link(app.core()).await.unwrap().unwrap();
    let browser = Browser::open(&app);
    for code in ["", "x", "0000"] {
        refused(
            browser.post("/setup", &root(code, "root")).await,
            404,
            ErrorCode::NotFound,
        )
        .await;
    }
}
