//! The commands about users, beside a running server.

use std::process::Output;

use serde_json::Value;
use shared_types::{Role, Session, User};
use tokio::{io::AsyncWriteExt, process::Command};

use super::good;
use crate::common::{Engine, TestApp, with_token};

async fn run(app: &TestApp, arguments: &[&str], input: &str) -> Output {
    let settings = &app.core().settings;
    let mut child = Command::new(env!("CARGO_BIN_EXE_sregistry-server"))
        .args(arguments)
        .env("SREGISTRY_DATA_DIR", app.data_dir())
        .env(
            "SREGISTRY_DATABASE_URL",
            settings.server.database_url.reveal(),
        )
        .env(
            "SREGISTRY_SECRET_KEY",
            settings.security.secret_key.reveal(),
        )
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that fails early does not read.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    child.wait_with_output().await.unwrap()
}

pub async fn ok(app: &TestApp, arguments: &[&str]) -> String {
    let output = run(app, arguments, "").await;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

pub async fn fails(app: &TestApp, arguments: &[&str], code: i32) -> String {
    let output = run(app, arguments, "").await;
    assert_eq!(output.status.code(), Some(code), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

pub async fn account(app: &TestApp, token: &str) -> shared_types::Account {
    let response = with_token(token)
        .get(app.url("/api/v1/session"))
        .send()
        .await
        .unwrap();
    good::<Session>(response, 200).await.account.unwrap()
}

async fn show(app: &TestApp, name: &str) -> User {
    serde_json::from_str(&ok(app, &["--json", "user", "show", name]).await).unwrap()
}

#[tokio::test]
async fn user_add_prints_a_token_that_works_at_once() {
    for engine in Engine::all() {
        let app = TestApp::start_on(engine).await;
        let printed = ok(
            &app,
            &["user", "add", "root", "--superuser", "--print-token"],
        )
        .await;
        let token = printed.lines().last().unwrap();
        assert!(
            token.starts_with("sreg_") && token.len() >= 200,
            "{printed}"
        );
        let account_of_token = account(&app, token).await;
        assert_eq!(
            (account_of_token.username.as_str(), account_of_token.role),
            ("root", Role::Superuser)
        );
        let again = ok(&app, &["user", "add", "root", "--print-token"]).await;
        let second = again.lines().last().unwrap();
        assert_ne!(token, second, "a user that exists gets another token");
        assert_eq!(account(&app, second).await.role, Role::Superuser);
        assert_eq!(account(&app, token).await.username, "root");
        let said = fails(&app, &["user", "add", "root"], 1).await;
        assert!(said.contains("in use"), "{said}");
    }
}

#[tokio::test]
async fn a_password_comes_from_standard_input_only() {
    let app = TestApp::start().await;
    let add = [
        "user",
        "add",
        "amy",
        "--email",
        "amy@example.org",
        "--display-name",
        "Amy",
        "--password-stdin",
    ];
    assert!(run(&app, &add, "a long password\n").await.status.success());
    let browser = super::Browser::open(&app);
    assert_eq!(
        browser.try_sign_in("amy", "a long password").await.status(),
        200
    );
    let user = show(&app, "amy").await;
    assert_eq!(
        (user.email.as_deref(), user.display_name.as_str()),
        (Some("amy@example.org"), "Amy")
    );
    assert!(
        run(
            &app,
            &["user", "password", "amy", "--stdin"],
            "another password"
        )
        .await
        .status
        .success()
    );
    assert_eq!(
        browser
            .try_sign_in("amy", "another password")
            .await
            .status(),
        200
    );
    let drawn = ok(&app, &["user", "password", "amy"]).await;
    assert_eq!(browser.try_sign_in("amy", drawn.trim()).await.status(), 200);
    let short = run(&app, &["user", "password", "amy", "--stdin"], "short\n").await;
    assert_eq!(short.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&short.stderr).contains("10 characters"));
}

#[tokio::test]
async fn accounts_are_listed_changed_and_disabled() {
    let app = TestApp::start().await;
    ok(&app, &["user", "add", "root", "--superuser"]).await;
    ok(&app, &["user", "add", "amy", "--admin"]).await;
    let listed: Vec<User> =
        serde_json::from_str(&ok(&app, &["user", "list", "--json"]).await).unwrap();
    let names: Vec<_> = listed
        .iter()
        .map(|user| (user.username.as_str(), user.role))
        .collect();
    assert_eq!(names, [("amy", Role::Admin), ("root", Role::Superuser)]);
    let text = ok(&app, &["user", "list", "--search", "AM"]).await;
    assert_eq!(text.lines().count(), 1);
    assert!(
        text.starts_with("amy ") && text.trim_end().ends_with("admin"),
        "{text}"
    );
    ok(&app, &["user", "set-role", "amy", "user"]).await;
    assert_eq!(show(&app, "amy").await.role, Role::User);
    ok(&app, &["user", "disable", "amy"]).await;
    assert!(show(&app, "amy").await.disabled);
    ok(&app, &["user", "enable", "amy"]).await;
    assert!(!show(&app, "amy").await.disabled);
    assert!(
        fails(&app, &["user", "disable", "root"], 1)
            .await
            .contains("last superuser")
    );
    assert!(
        fails(&app, &["user", "show", "nobody"], 1)
            .await
            .contains("not found")
    );
    fails(&app, &["user", "set-role", "amy", "king"], 2).await;
    fails(&app, &["user", "add", "x", "--admin", "--superuser"], 2).await;
}

#[tokio::test]
async fn a_token_is_made_with_scope_and_end() {
    let app = TestApp::start().await;
    ok(&app, &["user", "add", "amy"]).await;
    let token = ok(
        &app,
        &[
            "user", "token", "amy", "--scope", "pull", "--days", "7", "--label", "node",
        ],
    )
    .await;
    assert_eq!(account(&app, token.trim()).await.username, "amy");
    let json: Value =
        serde_json::from_str(&ok(&app, &["--json", "user", "token", "amy"]).await).unwrap();
    assert_eq!(json["username"], "amy");
    assert_eq!(
        account(&app, json["token"].as_str().unwrap())
            .await
            .username,
        "amy"
    );
    assert!(
        fails(&app, &["user", "token", "nobody"], 1)
            .await
            .contains("not found")
    );
    assert!(
        fails(&app, &["user", "token", "amy", "--collection", "none"], 1)
            .await
            .contains("not found")
    );
}

#[tokio::test]
async fn the_originals_verbs_still_work() {
    let app = TestApp::start().await;
    ok(&app, &["user", "add", "root", "--superuser"]).await;
    ok(&app, &["user", "add", "amy"]).await;
    for (verb, role) in [
        ("add_admin", Role::Admin),
        ("add_superuser", Role::Superuser),
        ("add_admin", Role::Superuser),
        ("remove_admin", Role::Superuser),
        ("remove_superuser", Role::User),
        ("add_admin", Role::Admin),
        ("remove_admin", Role::User),
    ] {
        ok(&app, &[verb, "--username", "amy"]).await;
        assert_eq!(show(&app, "amy").await.role, role, "{verb}");
    }
    assert!(
        fails(&app, &["remove_superuser", "--username", "root"], 1)
            .await
            .contains("last superuser")
    );
    fails(&app, &["add_superuser"], 2).await;
    let help = ok(&app, &["--help"]).await;
    assert!(
        !help.contains("add_superuser") && help.contains("user"),
        "{help}"
    );
}
