//! One's own account as a whole: what is kept about a person, and deleting it.

use entity::user;
use reqwest::{Method, Response};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};
use shared_types::{
    AccountDeletion, AccountExport, AuditAction, AuditPage, CollectionPage, ErrorCode, Image,
    TagEventPage,
};
use sregistry_server::domain::access::Membership;

use super::{Browser, browser::PASSWORD, good, refused};
use crate::{
    common::{TestApp, with_token},
    db_test, seed,
    seed::{answered, read},
};

/// Amy, with something of everything: alone in one collection, with Bob in another.
async fn furnished(app: &TestApp) -> (String, Browser) {
    let amy = app.user_with_password("amy").await;
    app.user("bob").await;
    seed::collection(app, "amy", "alone", true).await;
    seed::collection(app, "amy", "shared", false).await;
    seed::member(app, "shared", "bob", Membership::Owner).await;
    seed::team(app, "amy", "pair", &["bob"]).await;
    seed::team(app, "amy", "single", &[]).await;
    seed::push(app, "amy", "shared/tacos", "v1", 1).await;
    let share = app.url("/api/v1/collections/shared/containers/tacos/images/v1/share_links");
    let new = json!({ "expires_in_hours": 5, "note": "for Cara" });
    let _: Value = read(amy.client.post(share).json(&new), 201).await;
    (amy.token, Browser::signed_in(app, "amy").await)
}

async fn confirm(browser: &Browser, username: &str, password: &str) -> Response {
    let body = json!({ "username": username, "password": password });
    browser.post("/account/deletion", &body).await
}

#[tokio::test]
async fn a_person_gets_all_that_is_kept_about_them_and_no_secrets() {
    let app = TestApp::start().await;
    let (token, browser) = furnished(&app).await;
    let response = browser.get("/account/export").await;
    assert_eq!(response.status(), 200);
    let text = response.text().await.unwrap();
    for secret in [token.as_str(), PASSWORD, "argon2"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let export: AccountExport = serde_json::from_str(&text).unwrap();
    assert_eq!(export.profile.username, "amy");
    assert!(export.profile.password && export.profile.terms_accepted_at.is_some());
    assert_eq!(export.sessions.len(), 1);
    assert_eq!(export.tokens.len(), 1);
    let names: Vec<_> = export
        .collections
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["alone", "shared"]);
    let teams: Vec<_> = export.teams.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(teams, ["pair", "single"]);
    assert_eq!(export.share_links[0].note, "for Cara");
    assert_eq!(export.images[0].container, "shared/tacos");
    let done: Vec<_> = export.audit.iter().map(|entry| entry.action).collect();
    assert!(done.contains(&AuditAction::LoginSucceed) && done.contains(&AuditAction::TagCreate));
    assert!(
        export
            .audit
            .iter()
            .all(|entry| entry.actor.as_deref() == Some("amy"))
    );
    assert!(export.truncated.is_empty());

    let again: AccountExport = good(browser.get("/account/export").await, 200).await;
    assert_eq!(again.audit[0].action, AuditAction::UserExport);
}

db_test!(
    an_account_is_deleted_once_nothing_stands_in_the_way,
    async |app: TestApp| {
        let (token, browser) = furnished(&app).await;
        let root = app.superuser().await.client;
        let preview: AccountDeletion = good(browser.get("/account/deletion").await, 200).await;
        assert!(!preview.possible && preview.password_required);
        assert_eq!(preview.sole_owner_of, ["alone"]);
        assert_eq!(preview.sole_owner_of_teams, ["pair"]);
        assert_eq!(preview.teams, ["single"]);
        assert_eq!(
            (preview.tokens, preview.sessions, preview.collections),
            (1, 1, 2)
        );
        assert_eq!((preview.share_links, preview.images), (1, 1));
        let refusal = refused(
            confirm(&browser, "amy", PASSWORD).await,
            409,
            ErrorCode::Conflict,
        )
        .await;
        for name in ["alone", "pair"] {
            assert!(refusal.message.contains(name), "{}", refusal.message);
        }

        let alone = browser.send(Method::DELETE, "/collections/alone").await;
        assert_eq!(alone.status(), 204);
        let pair = browser.send(Method::DELETE, "/teams/pair").await;
        assert_eq!(pair.status(), 204);
        assert_eq!(confirm(&browser, "amy", PASSWORD).await.status(), 204);

        assert_eq!(browser.username().await, None, "signed out");
        answered(with_token(&token).get(app.url("/api/v1/tokens")), 401).await;
        assert_eq!(browser.try_sign_in("amy", PASSWORD).await.status(), 401);
        // What others use stays, without the name.
        let page: CollectionPage = read(root.get(app.url("/api/v1/collections")), 200).await;
        assert_eq!(page.items.len(), 1);
        assert_eq!(page.items[0].owners, ["bob"]);
        let history = app.url("/api/v1/collections/shared/containers/tacos/history");
        let history: TagEventPage = read(root.get(history), 200).await;
        assert_eq!(history.items.len(), 1);
        assert_eq!(history.items[0].by, None);
        answered(root.get(app.url("/api/v1/teams/single")), 404).await;
        // What they did stays in the log, under a name that says nothing.
        let log = answered(root.get(app.url("/api/v1/audit?limit=250")), 200).await;
        assert!(!log.contains("\"amy\""), "{log}");
        let log: AuditPage = serde_json::from_str(&log).unwrap();
        let deleted = log
            .items
            .iter()
            .find(|entry| entry.action == AuditAction::UserDelete)
            .unwrap();
        let pseudonym = deleted.thing.as_str();
        assert!(pseudonym.starts_with("deleted-"));
        assert_eq!(deleted.actor.as_deref(), Some(pseudonym));
        let own: Vec<_> = log
            .items
            .iter()
            .filter(|entry| entry.actor.as_deref() == Some(pseudonym))
            .collect();
        assert!(own.len() > 5);
        assert!(
            own.iter()
                .all(|entry| entry.address.is_none() && entry.token.is_none())
        );
    }
);

#[tokio::test]
async fn a_deletion_is_confirmed_with_the_name_and_the_password_in_the_browser() {
    let app = TestApp::start().await;
    let amy = app.user_with_password("amy").await;
    let browser = Browser::signed_in(&app, "amy").await;
    let problem = refused(
        confirm(&browser, "bob", PASSWORD).await,
        422,
        ErrorCode::Invalid,
    )
    .await;
    assert!(problem.fields.contains_key("username"));
    let problem = refused(
        confirm(&browser, "amy", "wrong").await,
        422,
        ErrorCode::Invalid,
    )
    .await;
    assert!(problem.fields.contains_key("password"));
    let body = json!({ "username": "amy", "password": PASSWORD });
    let by_token = amy
        .client
        .post(app.url("/api/v1/account/deletion"))
        .json(&body);
    answered(by_token, 403).await;
    assert_eq!(browser.username().await.as_deref(), Some("amy"));
}

#[tokio::test]
async fn without_a_password_the_sign_in_must_be_a_recent_one() {
    let app = TestApp::start().await;
    app.user_with_password("amy").await;
    let browser = Browser::signed_in(&app, "amy").await;
    // As somebody has it who signs in elsewhere.
    let forget = async |tx: &sea_orm::DatabaseTransaction| {
        user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(None::<String>))
            .filter(user::Column::Username.eq("amy"))
            .exec(tx)
            .await?;
        Ok::<_, DbErr>(())
    };
    app.core().db.write(forget).await.unwrap();
    app.clock.advance(chrono::TimeDelta::minutes(20));
    let body = json!({ "username": "amy" });
    let late = browser.post("/account/deletion", &body).await;
    refused(late, 403, ErrorCode::Forbidden).await;
    let preview: AccountDeletion = good(browser.get("/account/deletion").await, 200).await;
    assert!(preview.possible && !preview.password_required);
}

#[tokio::test]
async fn superusers_delete_others_and_the_last_one_stays() {
    let app = TestApp::start().await;
    let root = app.superuser().await.client;
    app.user("amy").await;
    seed::collection(&app, "amy", "alone", true).await;
    let of = |path: &str| app.url(&format!("/api/v1/users/{path}"));
    let preview: AccountDeletion = read(root.get(of("amy/deletion")), 200).await;
    assert_eq!(preview.sole_owner_of, ["alone"]);
    answered(root.delete(of("amy")), 409).await;
    let transfer = app.url("/api/v1/collections/alone/transfer");
    let _: Value = read(
        root.post(transfer).json(&json!({ "username": "root" })),
        200,
    )
    .await;
    answered(root.delete(of("amy")), 204).await;
    answered(root.delete(of("amy")), 404).await;
    let last: AccountDeletion = read(root.get(of("root/deletion")), 200).await;
    assert!(last.last_superuser && !last.possible);
    answered(root.delete(of("root")), 409).await;
    answered(root.get(of("root")), 200).await;
}

#[tokio::test]
async fn an_image_stays_when_who_pushed_it_goes() {
    let app = TestApp::start().await;
    let root = app.superuser().await.client;
    app.user("amy").await;
    app.user("bob").await;
    seed::collection(&app, "bob", "shared", false).await;
    seed::member(&app, "shared", "amy", Membership::Owner).await;
    let pushed = seed::push(&app, "amy", "shared/tacos", "v1", 1).await;
    answered(root.delete(app.url("/api/v1/users/amy")), 204).await;
    let path = "/api/v1/collections/shared/containers/tacos/images/v1";
    let detail: Value = read(app.client().get(app.url(path)), 200).await;
    let image: Image = serde_json::from_value(detail["image"].clone())
        .or_else(|_| serde_json::from_value(detail.clone()))
        .unwrap();
    assert_eq!(image.digest, pushed.digest);
}
