//! Signing in with accounts of the machine: the system's own PAM, with a service of the test.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::json;
use shared_types::{ErrorCode, Session};
use tempfile::TempDir;

use crate::{
    common::TestApp,
    http_people::{good, refused},
};

/// Answers for PAM: `amy` and `shut` have passwords, `slow` never ends, `broken` cannot be asked.
const SCRIPT: &str = r#"#!/bin/sh
[ "$PAM_USER" != slow ] || exec sleep 15
case "$PAM_TYPE" in
  auth) read -r password; [ "$PAM_USER's password" = "$password" ] ;;
  account) [ "$PAM_USER" != shut ] ;;
esac
"#;

async fn start(dir: &Path) -> TestApp {
    let script = dir.join("check");
    fs::write(&script, SCRIPT).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let rules = dir.join("pam.d");
    fs::create_dir(&rules).unwrap();
    let step = |kind: &str, options: &str| {
        format!(
            "{kind} [success=1 default=ignore] pam_exec.so quiet {options} {}\n{kind} requisite pam_deny.so\n{kind} required pam_permit.so\n",
            script.display()
        )
    };
    let rules_of = step("auth", "expose_authtok") + &step("account", "");
    fs::write(rules.join("registry-test"), rules_of).unwrap();
    TestApp::settings_with(|settings| {
        settings.logins.plugins_enabled = vec!["pam_auth".to_owned()];
        "registry-test".clone_into(&mut settings.pam.service);
        settings.pam.service_dir = Some(rules);
        settings.pam.timeout = Duration::from_secs(3);
    })
    .await
}

async fn attempt(app: &TestApp, username: &str, password: &str) -> reqwest::Response {
    let body = json!({ "username": username, "password": password });
    app.client()
        .post(app.url("/api/v1/login/pam"))
        .json(&body)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn people_of_the_machine_sign_in_where_their_account_is_open() {
    let dir = TempDir::new().unwrap();
    let app = start(dir.path()).await;
    let session: Session = good(attempt(&app, "amy", "amy's password").await, 200).await;
    assert_eq!(session.account.unwrap().username, "amy");
    for (name, password) in [("amy", "wrong"), ("amy", ""), ("nobody", "x")] {
        refused(
            attempt(&app, name, password).await,
            401,
            ErrorCode::WrongCredentials,
        )
        .await;
    }
    refused(
        attempt(&app, "amy", "amy's password\0").await,
        400,
        ErrorCode::BadRequest,
    )
    .await;
    refused(
        attempt(&app, "shut", "wrong").await,
        401,
        ErrorCode::WrongCredentials,
    )
    .await;
    let problem = refused(
        attempt(&app, "shut", "shut's password").await,
        403,
        ErrorCode::Forbidden,
    )
    .await;
    assert!(
        problem.message.contains("may not use the registry"),
        "{problem:?}"
    );
}

#[tokio::test]
async fn a_machine_that_never_answers_keeps_nobody_waiting() {
    let dir = TempDir::new().unwrap();
    let app = start(dir.path()).await;
    let begin = Instant::now();
    refused(
        attempt(&app, "slow", "x").await,
        503,
        ErrorCode::Unavailable,
    )
    .await;
    assert!(begin.elapsed() < Duration::from_secs(12));
    // Others come in meanwhile.
    let _: Session = good(attempt(&app, "amy", "amy's password").await, 200).await;
}
