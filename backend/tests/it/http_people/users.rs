//! Users: made, listed, changed, disabled; the last superuser stays.

use reqwest::Method;
use serde_json::{Value, json};
use shared_types::{ErrorCode, Role, User, UserPage};

use super::{Browser, browser::PASSWORD, good, refused};
use crate::{
    common::{TestApp, TestUser},
    db_test,
};

async fn call(
    app: &TestApp,
    by: &TestUser,
    method: Method,
    path: &str,
    body: &Value,
) -> reqwest::Response {
    let request = by
        .client
        .request(method, app.url(&format!("/api/v1{path}")));
    request.json(body).send().await.unwrap()
}

async fn change(app: &TestApp, by: &TestUser, name: &str, body: &Value) -> reqwest::Response {
    call(app, by, Method::PATCH, &format!("/users/{name}"), body).await
}

db_test!(
    a_superuser_makes_a_user_who_can_sign_in,
    async |app: TestApp| {
        let root = app.superuser().await;
        let body = json!({"username": "ben", "password": PASSWORD, "display_name": " Ben B. ", "email": "ben@example.org"});
        let made: User = good(call(&app, &root, Method::POST, "/users", &body).await, 201).await;
        assert_eq!(
            (made.display_name.as_str(), made.role, made.disabled),
            ("Ben B.", Role::User, false)
        );
        assert_eq!(made.last_login_at, None);
        let mut browser = Browser::open(&app);
        browser.sign_in("ben", PASSWORD).await;
        let seen: User = good(
            call(&app, &root, Method::GET, "/users/ben", &Value::Null).await,
            200,
        )
        .await;
        assert!(seen.last_login_at.is_some());
        let again = call(&app, &root, Method::POST, "/users", &body).await;
        refused(again, 409, ErrorCode::NameTaken).await;
    }
);

db_test!(
    users_are_listed_by_name_page_by_page,
    async |app: TestApp| {
        let root = app.superuser().await;
        for name in ["dora", "amy", "cara", "ben"] {
            app.user(name).await;
        }
        let mut names = Vec::new();
        let mut path = "/users?limit=2".to_owned();
        loop {
            let page: UserPage = good(
                call(&app, &root, Method::GET, &path, &Value::Null).await,
                200,
            )
            .await;
            assert_eq!(page.total, 5);
            assert!(page.items.len() <= 2);
            names.extend(page.items.into_iter().map(|user| user.username));
            let Some(next) = page.next else { break };
            path = format!("/users?limit=2&cursor={next}");
        }
        assert_eq!(names, ["amy", "ben", "cara", "dora", "root"]);
        let found: UserPage = good(
            call(&app, &root, Method::GET, "/users?q=AR", &Value::Null).await,
            200,
        )
        .await;
        assert_eq!((found.total, found.items[0].username.as_str()), (1, "cara"));
        let none: UserPage = good(
            call(&app, &root, Method::GET, "/users?q=%25", &Value::Null).await,
            200,
        )
        .await;
        assert_eq!(none.total, 0, "a wildcard of the database is a letter");
    }
);

db_test!(
    disabling_ends_sessions_and_tokens_at_once,
    async |app: TestApp| {
        let root = app.superuser().await;
        let amy = app.user_with_password("amy").await;
        let browser = Browser::signed_in(&app, &amy.username).await;
        let tokens = || amy.client.get(app.url("/api/v1/tokens")).send();
        assert_eq!(tokens().await.unwrap().status(), 200);
        let user: User = good(
            change(&app, &root, "amy", &json!({"disabled": true})).await,
            200,
        )
        .await;
        assert!(user.disabled);
        assert_eq!(browser.username().await, None);
        let problem = refused(tokens().await.unwrap(), 401, ErrorCode::Unauthenticated).await;
        assert!(problem.message.contains("disabled"), "{}", problem.message);
        let denied = Browser::open(&app).try_sign_in("amy", PASSWORD).await;
        let problem = refused(denied, 403, ErrorCode::Forbidden).await;
        assert!(problem.message.contains("disabled"));
        refused(
            Browser::open(&app).try_sign_in("amy", "wrong").await,
            401,
            ErrorCode::WrongCredentials,
        )
        .await;
        good::<User>(
            change(&app, &root, "amy", &json!({"disabled": false})).await,
            200,
        )
        .await;
        assert_eq!(tokens().await.unwrap().status(), 200);
        assert_eq!(
            browser.username().await,
            None,
            "a session that ended stays so"
        );
    }
);

db_test!(the_last_superuser_stays, async |app: TestApp| {
    let root = app.superuser().await;
    for body in [
        json!({"role": "admin"}),
        json!({"role": "user"}),
        json!({"disabled": true}),
    ] {
        let problem = refused(
            change(&app, &root, "root", &body).await,
            409,
            ErrorCode::Conflict,
        )
        .await;
        assert!(
            problem.message.contains("last superuser"),
            "{}",
            problem.message
        );
    }
    app.user("amy").await;
    good::<User>(
        change(
            &app,
            &root,
            "amy",
            &json!({"role": "superuser", "disabled": true}),
        )
        .await,
        200,
    )
    .await;
    refused(
        change(&app, &root, "root", &json!({"role": "user"})).await,
        409,
        ErrorCode::Conflict,
    )
    .await;
    good::<User>(
        change(&app, &root, "amy", &json!({"disabled": false})).await,
        200,
    )
    .await;
    good::<User>(
        change(&app, &root, "root", &json!({"role": "user"})).await,
        200,
    )
    .await;
    refused(
        change(&app, &root, "amy", &json!({"role": "user"})).await,
        403,
        ErrorCode::Forbidden,
    )
    .await;
});

db_test!(
    two_superusers_who_demote_each_other_at_once_leave_one,
    async |app: TestApp| {
        let root = app.superuser().await;
        let amy = app.user("amy").await;
        good::<User>(
            change(&app, &root, "amy", &json!({"role": "superuser"})).await,
            200,
        )
        .await;
        let body = json!({"role": "user"});
        let (one, two) = tokio::join!(
            change(&app, &root, "amy", &body),
            change(&app, &amy, "root", &body)
        );
        let mut statuses = [one.status().as_u16(), two.status().as_u16()];
        statuses.sort_unstable();
        // The later one is told that it is the last, or is no superuser any more, whichever is found first.
        assert!(
            statuses == [200, 409] || statuses == [200, 403],
            "{statuses:?}"
        );
    }
);

db_test!(a_change_is_whole_or_nothing, async |app: TestApp| {
    let root = app.superuser().await;
    app.user_with_password("amy").await;
    let all = json!({"display_name": "Amy A.", "email": "amy@example.org", "role": "admin", "quota_bytes": 1000});
    let user: User = good(change(&app, &root, "amy", &all).await, 200).await;
    assert_eq!(
        (user.display_name.as_str(), user.role, user.quota_bytes),
        ("Amy A.", Role::Admin, Some(1000))
    );
    let cleared: User = good(
        change(&app, &root, "amy", &json!({"email": "", "quota_bytes": 0})).await,
        200,
    )
    .await;
    assert_eq!((cleared.email, cleared.quota_bytes), (None, None));
    let bad = json!({"display_name": "", "email": "nowhere", "password": "short", "role": "user", "quota_bytes": u64::MAX});
    let problem = refused(
        change(&app, &root, "amy", &bad).await,
        422,
        ErrorCode::Invalid,
    )
    .await;
    let fields: Vec<_> = problem.fields.keys().map(String::as_str).collect();
    assert_eq!(fields, ["display_name", "email", "password", "quota_bytes"]);
    let user: User = good(
        call(&app, &root, Method::GET, "/users/amy", &Value::Null).await,
        200,
    )
    .await;
    assert_eq!(user.role, Role::Admin);
});

#[tokio::test]
async fn a_new_password_ends_the_users_sessions() {
    let app = TestApp::start().await;
    let root = app.superuser().await;
    app.user_with_password("amy").await;
    let browser = Browser::signed_in(&app, "amy").await;
    good::<User>(
        change(&app, &root, "amy", &json!({"password": "another password"})).await,
        200,
    )
    .await;
    assert_eq!(browser.username().await, None);
    assert_eq!(
        browser
            .try_sign_in("amy", "another password")
            .await
            .status(),
        200
    );
}

#[tokio::test]
async fn a_new_role_counts_for_tokens_at_once() {
    let app = TestApp::start().await;
    let (root, amy) = (app.superuser().await, app.user("amy").await);
    let users = || amy.client.get(app.url("/api/v1/users")).send();
    refused(users().await.unwrap(), 403, ErrorCode::Forbidden).await;
    good::<User>(
        change(&app, &root, "amy", &json!({"role": "superuser"})).await,
        200,
    )
    .await;
    assert_eq!(users().await.unwrap().status(), 200);
    good::<User>(
        change(&app, &root, "amy", &json!({"role": "user"})).await,
        200,
    )
    .await;
    refused(users().await.unwrap(), 403, ErrorCode::Forbidden).await;
}

#[tokio::test]
async fn names_and_addresses_are_checked() {
    let app = TestApp::start().await;
    let root = app.superuser().await;
    for (field, body) in [
        ("username", json!({"username": ""})),
        ("username", json!({"username": "Amy"})),
        ("username", json!({"username": "a b"})),
        ("username", json!({"username": "a/b"})),
        ("username", json!({"username": "x".repeat(65)})),
        ("username", json!({"username": "x".repeat(500_000)})),
        ("password", json!({"username": "x", "password": "short"})),
        (
            "password",
            json!({"username": "x", "password": "x".repeat(2000)}),
        ),
        (
            "display_name",
            json!({"username": "x", "display_name": "x".repeat(101)}),
        ),
        ("email", json!({"username": "x", "email": "x"})),
        (
            "email",
            json!({"username": "x", "email": "a b@example.org"}),
        ),
        (
            "email",
            json!({"username": "x", "email": format!("x@{}", "y".repeat(300))}),
        ),
    ] {
        let response = call(&app, &root, Method::POST, "/users", &body).await;
        let problem = refused(response, 422, ErrorCode::Invalid).await;
        assert_eq!(problem.fields.keys().collect::<Vec<_>>(), [field]);
        assert!(
            problem.message.len() < 300,
            "a sentence does not repeat what was sent"
        );
    }
    let page: UserPage = good(
        call(&app, &root, Method::GET, "/users", &Value::Null).await,
        200,
    )
    .await;
    assert_eq!(page.total, 1);
}
