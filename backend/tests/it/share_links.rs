//! Share links: one image for people without an account.

use chrono::TimeDelta;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use shared_types::{IssuedShareLink, Scope, ShareLinkPage, ShareState, UserChange};
use sregistry_server::services::{sweep, users};

use crate::{
    common::{TestApp, TestUser, eventually, with_token},
    db_test, seed,
    seed::{Pushed, answered, read},
};

const IMAGE: &str = "/api/v1/collections/climate/containers/model/images/1.0";

async fn library(app: &TestApp) -> (TestUser, Pushed) {
    let amy = app.user("amy").await;
    seed::collection(app, "amy", "climate", true).await;
    let pushed = seed::push(app, "amy", "climate/model", "1.0", 1).await;
    (amy, pushed)
}

async fn share(app: &TestApp, user: &TestUser, new: Value) -> IssuedShareLink {
    let request = user.client.post(app.url(&format!("{IMAGE}/share_links")));
    read(request.json(&new), 201).await
}

/// A link for a day, with so many uses.
async fn limited(app: &TestApp, user: &TestUser, times: u64) -> IssuedShareLink {
    share(
        app,
        user,
        json!({ "expires_in_hours": 24, "max_uses": times }),
    )
    .await
}

async fn links(app: &TestApp, client: &Client) -> ShareLinkPage {
    read(client.get(app.url("/api/v1/share_links")), 200).await
}

async fn get(app: &TestApp, url: &str, range: Option<String>) -> Response {
    let mut request = app.client().get(url);
    if let Some(range) = range {
        request = request.header("range", range);
    }
    request.send().await.unwrap()
}

async fn whole(app: &TestApp, url: &str, pushed: &Pushed) {
    let response = get(app, url, None).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.bytes().await.unwrap(), pushed.bytes);
}

async fn gone(app: &TestApp, url: &str, because: &str) {
    let sentence = answered(app.client().get(url), 410).await;
    assert!(sentence.contains(because), "{sentence}");
}

db_test!(
    a_link_gives_a_private_image_to_anybody_and_is_shown_once,
    async |app: TestApp| {
        let (amy, pushed) = library(&app).await;
        let new = json!({ "expires_in_hours": 24, "note": " for the reviewers " });
        let issued = share(&app, &amy, new).await;
        assert!(
            issued.url.starts_with(&app.url("/share/")),
            "{}",
            issued.url
        );
        assert!(issued.url.ends_with("/model_1.0.sif"), "{}", issued.url);
        let secret = issued.url.split('/').nth(4).unwrap();
        assert_eq!(secret.len(), 64, "256 bits");
        let head = app.client().head(&issued.url).send().await.unwrap();
        assert_eq!(head.status(), 200);
        let disposition = head.headers()["content-disposition"].to_str().unwrap();
        assert_eq!(disposition, "attachment; filename=\"model_1.0.sif\"");
        assert_eq!(head.headers()["x-robots-tag"], "noindex");
        assert_eq!(links(&app, &amy.client).await.items[0].uses, 0);
        whole(&app, &issued.url, &pushed).await;
        // The name at the end is for the one who saves the file.
        whole(&app, &app.url(&format!("/share/{secret}")), &pushed).await;
        let sum = answered(app.client().get(format!("{}.sha256", issued.url)), 200).await;
        let hex = pushed.digest.strip_prefix("sha256:").unwrap();
        assert_eq!(sum, format!("{hex}  model_1.0.sif\n"));

        let page = links(&app, &amy.client).await;
        let link = &page.items[0];
        assert_eq!((link.uses, link.state), (2, ShareState::Active));
        assert_eq!(link.note, "for the reviewers");
        assert_eq!(link.digest.as_deref(), Some(pushed.digest.as_str()));
        assert_eq!(link.created_by.as_deref(), Some("amy"));
        assert!(link.last_used_at.is_some());
        let text = serde_json::to_string(&page).unwrap();
        assert!(!text.contains(secret), "{text}");
        assert!(no_trace(&app, secret).await, "the secret is kept nowhere");
    }
);

/// Whether the database has no such text among its share links.
async fn no_trace(app: &TestApp, secret: &str) -> bool {
    use sea_orm::EntityTrait;
    let db = app.core().db.read();
    let rows = entity::share_link::Entity::find().all(db).await.unwrap();
    assert!(!rows.is_empty());
    rows.iter().all(|row| !format!("{row:?}").contains(secret))
}

db_test!(
    a_link_gives_as_many_downloads_as_it_was_made_for,
    async |app: TestApp| {
        let (amy, pushed) = library(&app).await;
        let issued = limited(&app, &amy, 2).await;
        whole(&app, &issued.url, &pushed).await;
        whole(&app, &issued.url, &pushed).await;
        gone(&app, &issued.url, "all the downloads").await;
        let head = app.client().head(&issued.url).send().await.unwrap();
        assert_eq!(head.status(), 200, "looking costs nothing");
        let link = &links(&app, &amy.client).await.items[0];
        assert_eq!((link.uses, link.state), (2, ShareState::UsedUp));
    }
);

db_test!(
    a_download_in_pieces_is_one_use_and_its_end_may_be_fetched_again,
    async |app: TestApp| {
        let (amy, pushed) = library(&app).await;
        let issued = limited(&app, &amy, 1).await;
        let (half, last) = (pushed.size / 2, pushed.size - 1);
        let mut file = Vec::new();
        for range in [
            format!("bytes=0-{}", half - 1),
            format!("bytes={half}-{}", last - 1),
            format!("bytes={last}-"),
        ] {
            let part = get(&app, &issued.url, Some(range)).await;
            assert_eq!(part.status(), 206);
            file.extend_from_slice(&part.bytes().await.unwrap());
        }
        assert_eq!(file, pushed.bytes);
        let tail = get(&app, &issued.url, Some(format!("bytes={half}-"))).await;
        assert_eq!(tail.status(), 206, "what was sent may not have arrived");
        tail.bytes().await.unwrap();
        gone(&app, &issued.url, "all the downloads").await;
        // Not without end either: twice the bytes of the file, and no more.
        let again = get(&app, &issued.url, Some("bytes=1-".to_owned())).await;
        assert_eq!(again.status(), 410);
        assert_eq!(links(&app, &amy.client).await.items[0].uses, 1);
    }
);

#[tokio::test]
async fn many_at_once_get_no_more_than_the_link_gives() {
    let app = TestApp::start().await;
    let (amy, pushed) = library(&app).await;
    let issued = limited(&app, &amy, 3).await;
    let tries = (0..24).map(|_| async {
        let response = get(&app, &issued.url, None).await;
        let status = response.status().as_u16();
        let bytes = response.bytes().await.unwrap();
        if status == 200 {
            assert_eq!(bytes, pushed.bytes);
        }
        status
    });
    let answers = futures_util::future::join_all(tries).await;
    let given = answers.iter().filter(|status| **status == 200).count();
    assert!((3..=6).contains(&given), "{answers:?}");
    assert!(answers.iter().all(|status| matches!(status, 200 | 410)));
    assert_eq!(links(&app, &amy.client).await.items[0].uses, 3);
}

#[tokio::test]
async fn downloads_by_link_count_like_all_others() {
    let app = TestApp::start().await;
    let (amy, pushed) = library(&app).await;
    let issued = limited(&app, &amy, 5).await;
    whole(&app, &issued.url, &pushed).await;
    let count = app.url("/api/v1/collections/climate/containers/model/download_limit");
    eventually("the download is counted", async || {
        let limit: Value = read(amy.client.get(&count), 200).await;
        (limit["used"] == 1).then_some(())
    })
    .await;
}

db_test!(
    a_link_ends_with_its_time_its_image_or_its_maker,
    async |app: TestApp| {
        let (amy, pushed) = library(&app).await;
        let day = limited(&app, &amy, 9).await;
        let month = share(&app, &amy, json!({ "expires_in_hours": 720 })).await;
        app.clock.advance(TimeDelta::hours(25));
        gone(&app, &day.url, "ended on").await;
        whole(&app, &month.url, &pushed).await;
        // The link stays with the image, wherever the tag points.
        seed::push(&app, "amy", "climate/model", "1.0", 2).await;
        whole(&app, &month.url, &pushed).await;

        let disabled = |disabled| UserChange {
            disabled: Some(disabled),
            ..Default::default()
        };
        let operator = users::operator();
        users::change(app.core(), &operator, "amy", disabled(true))
            .await
            .unwrap();
        gone(&app, &month.url, "disabled").await;
        users::change(app.core(), &operator, "amy", disabled(false))
            .await
            .unwrap();
        whole(&app, &month.url, &pushed).await;

        let image = app.url(&format!(
            "/api/v1/collections/climate/containers/model/images/{}",
            pushed.digest
        ));
        answered(amy.client.delete(image), 204).await;
        gone(&app, &month.url, "deleted").await;
        let link = &links(&app, &amy.client).await.items[0];
        assert_eq!((link.state, &link.digest), (ShareState::Gone, &None));

        app.clock.advance(TimeDelta::days(62));
        sweep::sessions(app.core()).await.unwrap();
        answered(app.client().get(&month.url), 404).await;
        assert_eq!(links(&app, &amy.client).await.total, 0);
    }
);

#[tokio::test]
async fn a_frozen_image_is_shared_like_any_other() {
    let app = TestApp::start().await;
    let (amy, pushed) = library(&app).await;
    seed::freeze(&app, "amy", "climate/model", "1.0", true).await;
    let issued = limited(&app, &amy, 1).await;
    whole(&app, &issued.url, &pushed).await;
}

#[tokio::test]
async fn its_maker_and_whoever_manages_the_collection_may_revoke_it() {
    let app = TestApp::start().await;
    let (amy, pushed) = library(&app).await;
    let admin = app.admin().await;
    let eve = app.user("eve").await;
    seed::contributor(&app, "climate", "eve").await;
    let by_amy = limited(&app, &amy, 9).await;
    let by_admin = limited(&app, &admin, 9).await;
    let url =
        |issued: &IssuedShareLink| app.url(&format!("/api/v1/share_links/{}", issued.link.id));
    let pull_only = with_token(&app.token("amy", Scope::Pull, None).await);
    answered(eve.client.delete(url(&by_amy)), 404).await;
    answered(app.client().delete(url(&by_amy)), 401).await;
    answered(pull_only.delete(url(&by_amy)), 403).await;
    whole(&app, &by_amy.url, &pushed).await;
    answered(amy.client.delete(url(&by_admin)), 204).await;
    answered(admin.client.delete(url(&by_amy)), 204).await;
    answered(amy.client.delete(url(&by_amy)), 204).await;
    for issued in [&by_amy, &by_admin] {
        gone(&app, &issued.url, "revoked").await;
    }
    let request = amy.client.get(app.url(&format!("{IMAGE}/share_links")));
    let all: ShareLinkPage = read(request, 200).await;
    assert_eq!(all.total, 2, "those that others made too");
    assert!(
        all.items
            .iter()
            .all(|link| link.state == ShareState::Revoked)
    );
    assert_eq!(links(&app, &admin.client).await.total, 1);
    answered(
        eve.client.get(app.url(&format!("{IMAGE}/share_links"))),
        403,
    )
    .await;
}

#[tokio::test]
async fn what_no_link_can_be_is_refused_field_by_field() {
    let app = TestApp::start().await;
    let (amy, _) = library(&app).await;
    let url = app.url(&format!("{IMAGE}/share_links"));
    for (new, field) in [
        (json!({ "expires_in_hours": 0 }), "expires_in_hours"),
        (json!({ "expires_in_hours": 91 * 24 }), "expires_in_hours"),
        (json!({ "expires_in_hours": 1, "max_uses": 0 }), "max_uses"),
        (json!({ "expires_in_hours": 1, "note": "a\nb" }), "note"),
        (
            json!({ "expires_in_hours": 1, "note": "x".repeat(201) }),
            "note",
        ),
    ] {
        let problem: Value = read(amy.client.post(&url).json(&new), 422).await;
        assert!(problem["fields"][field].is_string(), "{problem}");
    }
    answered(amy.client.post(&url).json(&json!({})), 400).await;
    let hex = "0".repeat(64);
    for unknown in [&hex, "x", "..%2f", &format!("{hex}0"), "%00"] {
        answered(app.client().get(app.url(&format!("/share/{unknown}"))), 404).await;
    }
}
