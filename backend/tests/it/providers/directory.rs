//! Signing in with accounts of a real directory: OpenLDAP, started by this test where it is installed.

use std::{path::Path, process::Command, time::Instant};

use serde_json::json;
use shared_types::{ErrorCode, Role, Session};
use sregistry_server::{
    config::{Secret, Settings},
    services::users,
};
use tempfile::TempDir;

use crate::{
    common::TestApp,
    http_people::{Browser, good, refused},
};

/// Where people are.
const PEOPLE: &str = "ou=people,dc=example,dc=org";
const GROUPS: &str = "ou=groups,dc=example,dc=org";

/// A directory that runs for one test.
pub struct Directory {
    dir: TempDir,
    plain: u16,
    tls: u16,
}

impl Directory {
    /// Starts one. `make test` installs it; without it the test says so.
    pub fn start() -> Option<Self> {
        if !Path::new("/usr/sbin/slapd").exists() {
            eprintln!("NOT RUN: there is no slapd; `make test` installs it");
            return None;
        }
        let dir = TempDir::new().unwrap();
        let at = dir.path().join("slapd");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/lab/slapd");
        let status = Command::new(script).arg("start").arg(&at).output().unwrap();
        assert!(
            status.status.success(),
            "{}",
            String::from_utf8_lossy(&status.stderr)
        );
        let ports = std::fs::read_to_string(at.join("ports")).unwrap();
        let (plain, tls) = ports.trim().split_once(' ').unwrap();
        Some(Self {
            plain: plain.parse().unwrap(),
            tls: tls.parse().unwrap(),
            dir,
        })
    }

    /// Its address without TLS.
    pub fn url(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.plain)
    }

    pub fn settings(&self, settings: &mut Settings) {
        settings.logins.plugins_enabled = vec!["ldap_auth".to_owned()];
        let ldap = &mut settings.ldap;
        ldap.server_uri = self.url();
        "cn=registry,dc=example,dc=org".clone_into(&mut ldap.bind_dn);
        ldap.bind_password = Secret::new("service password".to_owned());
        ldap.user_search = Some(PEOPLE.to_owned());
    }

    fn authority(&self) -> std::path::PathBuf {
        self.dir.path().join("slapd/tls/ca.crt")
    }

    pub async fn app(&self, change: impl FnOnce(&mut Settings)) -> TestApp {
        TestApp::settings_with(|settings| {
            self.settings(settings);
            change(settings);
        })
        .await
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let pid = std::fs::read_to_string(self.dir.path().join("slapd/slapd.pid"));
        if let Ok(pid) = pid {
            let _ = Command::new("kill").arg(pid.trim()).status();
        }
    }
}

pub async fn attempt(app: &TestApp, username: &str, password: &str) -> reqwest::Response {
    let body = json!({ "username": username, "password": password });
    app.client()
        .post(app.url("/api/v1/login/ldap"))
        .json(&body)
        .send()
        .await
        .unwrap()
}

/// Signs in, which must work.
async fn sign_in(app: &TestApp, name: &str) -> Session {
    good(
        attempt(app, name, &format!("{}'s password", name.to_lowercase())).await,
        200,
    )
    .await
}

async fn role(app: &TestApp, name: &str) -> Role {
    sign_in(app, name).await.account.unwrap().role
}

fn group(name: &str) -> Vec<String> {
    vec![format!("CN={name}, {GROUPS}")]
}

#[tokio::test]
async fn people_of_the_directory_sign_in() {
    let Some(directory) = Directory::start() else {
        return;
    };
    let app = directory.app(|_| {}).await;
    let session = sign_in(&app, "Amy").await;
    let shown: Vec<_> = session
        .registry
        .providers
        .iter()
        .map(|provider| provider.id.as_str())
        .collect();
    assert_eq!(shown, ["ldap", "local"]);
    let account = session.account.unwrap();
    assert_eq!(
        (account.username.as_str(), account.display_name.as_str()),
        ("amy", "Amy Adams")
    );
    assert_eq!(
        (account.email.as_deref(), account.role),
        (Some("amy@example.org"), Role::User)
    );
    // In any case, it is the same person.
    assert_eq!(sign_in(&app, "amy").await.account.unwrap().username, "amy");
    for (name, password) in [("amy", "wrong"), ("nobody", "x"), ("", "x")] {
        refused(
            attempt(&app, name, password).await,
            401,
            ErrorCode::WrongCredentials,
        )
        .await;
    }
    // A login that is known takes no name from anybody, and a local account keeps its own.
    app.user("ben").await;
    assert_eq!(
        sign_in(&app, "ben").await.account.unwrap().username,
        "ben-2"
    );
}

#[tokio::test]
async fn an_empty_password_is_no_password() {
    let Some(directory) = Directory::start() else {
        return;
    };
    for template in [None, Some(format!("uid=%(user)s,{PEOPLE}"))] {
        let app = directory
            .app(|settings| settings.ldap.user_dn_template = template)
            .await;
        refused(
            attempt(&app, "amy", "").await,
            401,
            ErrorCode::WrongCredentials,
        )
        .await;
        refused(attempt(&app, "amy", "\0").await, 400, ErrorCode::BadRequest).await;
    }
}

#[tokio::test]
async fn signs_of_filters_and_names_are_letters() {
    let Some(directory) = Directory::start() else {
        return;
    };
    for template in [None, Some(format!("uid=%(user)s,{PEOPLE}"))] {
        let app = directory
            .app(|settings| settings.ldap.user_dn_template = template)
            .await;
        for name in [
            "*",
            "a*",
            "amy)(uid=*",
            "amy)(|(uid=*",
            "amy\\2a",
            "*)(objectClass=*",
            "amy,ou=people",
            "amy+cn=Amy Adams",
            "(",
            "\\",
        ] {
            refused(
                attempt(&app, name, "amy's password").await,
                401,
                ErrorCode::WrongCredentials,
            )
            .await;
        }
        let long = "a".repeat(1_000_000 / 2);
        refused(
            attempt(&app, &long, "x").await,
            401,
            ErrorCode::WrongCredentials,
        )
        .await;
    }
}

#[tokio::test]
async fn a_direct_bind_needs_no_account_that_searches() {
    let Some(directory) = Directory::start() else {
        return;
    };
    let app = directory
        .app(|settings| {
            settings.ldap.user_dn_template = Some(format!("uid=%(user)s,{PEOPLE}"));
            settings.ldap.user_search = None;
            settings.ldap.bind_dn = String::new();
            settings.ldap.group_search = Some(GROUPS.to_owned());
            settings.ldap.staff_groups = group("posix-admins");
        })
        .await;
    assert_eq!(
        sign_in(&app, "amy").await.account.unwrap().display_name,
        "Amy Adams"
    );
    assert_eq!(role(&app, "amy").await, Role::Admin);
    refused(
        attempt(&app, "amy", "wrong").await,
        401,
        ErrorCode::WrongCredentials,
    )
    .await;
}

#[tokio::test]
async fn tls_from_the_start_or_later_but_only_with_the_right_authority() {
    let Some(directory) = Directory::start() else {
        return;
    };
    for start_tls in [true, false] {
        for trusted in [true, false] {
            let app = directory
                .app(|settings| {
                    if start_tls {
                        settings.ldap.start_tls = true;
                    } else {
                        settings.ldap.server_uri = format!("ldaps://127.0.0.1:{}", directory.tls);
                    }
                    settings.ldap.ca_file = trusted.then(|| directory.authority());
                })
                .await;
            let response = attempt(&app, "amy", "amy's password").await;
            if trusted {
                let _: Session = good(response, 200).await;
            } else {
                let problem = refused(response, 503, ErrorCode::Unavailable).await;
                assert!(problem.message.contains("try again later"), "{problem:?}");
            }
        }
    }
}

#[tokio::test]
async fn groups_of_every_kind_make_roles() {
    let Some(directory) = Directory::start() else {
        return;
    };
    let app = directory
        .app(|settings| {
            settings.ldap.group_search = Some(GROUPS.to_owned());
            settings.ldap.staff_groups = [group("posix-admins"), group("outer")].concat();
            settings.ldap.superuser_groups = group("superusers");
        })
        .await;
    assert_eq!(role(&app, "amy").await, Role::Admin, "posixGroup");
    assert_eq!(role(&app, "ben").await, Role::Superuser, "groupOfNames");
    assert_eq!(
        role(&app, "cat").await,
        Role::Admin,
        "in a group of a group, which holds itself"
    );
    assert_eq!(role(&app, "eve").await, Role::User);
    // Whoever left the group is what the directory says; only the last superuser stays.
    let promoted = shared_types::UserChange {
        role: Some(Role::Superuser),
        ..Default::default()
    };
    users::change(app.core(), &users::operator(), "eve", promoted)
        .await
        .unwrap();
    assert_eq!(role(&app, "eve").await, Role::User);
    let app = app
        .restart_with(|settings| {
            settings.ldap.nested_groups = false;
            settings.ldap.superuser_groups = group("nobody");
        })
        .await;
    assert_eq!(role(&app, "cat").await, Role::User, "not nested");
    assert_eq!(role(&app, "ben").await, Role::Superuser, "the last one");
}

#[tokio::test]
async fn what_people_carry_themselves_counts_without_a_search() {
    let Some(directory) = Directory::start() else {
        return;
    };
    let app = directory
        .app(|settings| settings.ldap.require_groups = group("carried"))
        .await;
    sign_in(&app, "eve").await;
    refused(
        attempt(&app, "cat", "cat's password").await,
        403,
        ErrorCode::Forbidden,
    )
    .await;
}

#[tokio::test]
async fn groups_keep_people_in_and_out() {
    let Some(directory) = Directory::start() else {
        return;
    };
    let app = directory
        .app(|settings| {
            settings.ldap.group_search = Some(GROUPS.to_owned());
            settings.ldap.deny_groups = group("denied");
        })
        .await;
    let problem = refused(
        attempt(&app, "dan", "dan's password").await,
        403,
        ErrorCode::Forbidden,
    )
    .await;
    assert!(
        problem.message.contains("may not use the registry"),
        "{problem:?}"
    );
    // Who may not come in still learns nothing without the password.
    refused(
        attempt(&app, "dan", "wrong").await,
        401,
        ErrorCode::WrongCredentials,
    )
    .await;
    sign_in(&app, "eve").await;
    let app = app
        .restart_with(|settings| settings.ldap.require_groups = group("inner"))
        .await;
    sign_in(&app, "cat").await;
    refused(
        attempt(&app, "eve", "eve's password").await,
        403,
        ErrorCode::Forbidden,
    )
    .await;
}

#[tokio::test]
async fn whoever_guesses_has_to_wait() {
    let Some(directory) = Directory::start() else {
        return;
    };
    let app = directory.app(|_| {}).await;
    for _ in 0..5 {
        refused(
            attempt(&app, "amy", "wrong").await,
            401,
            ErrorCode::WrongCredentials,
        )
        .await;
    }
    refused(
        attempt(&app, "amy", "amy's password").await,
        429,
        ErrorCode::RateLimited,
    )
    .await;
}

#[tokio::test]
async fn a_directory_that_is_down_or_hangs_gets_a_sentence() {
    // It takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for (address, tls) in [
        (silent.local_addr().unwrap(), false),
        (silent.local_addr().unwrap(), true),
        (closed, false),
    ] {
        let app = TestApp::settings_with(|settings| {
            settings.logins.plugins_enabled = vec!["ldap_auth".to_owned()];
            settings.logins.timeout = std::time::Duration::from_secs(1);
            settings.ldap.server_uri = format!("ldap://{address}");
            settings.ldap.start_tls = tls;
            settings.ldap.user_search = Some(PEOPLE.to_owned());
        })
        .await;
        let begin = Instant::now();
        for _ in 0..7 {
            // However often: what the directory does is not held against anybody.
            let problem = refused(
                attempt(&app, "amy", "amy's password").await,
                503,
                ErrorCode::Unavailable,
            )
            .await;
            assert!(problem.message.contains("does not answer"), "{problem:?}");
            if begin.elapsed().as_secs() > 3 {
                break;
            }
        }
        assert!(begin.elapsed().as_secs() < 20);
    }
}

#[tokio::test]
async fn a_wrong_password_of_the_registry_itself_is_not_the_persons_fault() {
    let Some(directory) = Directory::start() else {
        return;
    };
    let app = directory
        .app(|settings| settings.ldap.bind_password = Secret::new("old password".to_owned()))
        .await;
    refused(
        attempt(&app, "amy", "amy's password").await,
        503,
        ErrorCode::Unavailable,
    )
    .await;
}

#[tokio::test]
async fn a_login_of_the_directory_is_connected_with_its_password() {
    let Some(directory) = Directory::start() else {
        return;
    };
    let app = directory.app(|_| {}).await;
    app.user_with_password("zoe").await;
    let browser = Browser::signed_in(&app, "zoe").await;
    let connect = async |username: Option<&str>, password: &str| {
        let body = json!({ "provider": "ldap", "username": username, "password": password });
        browser.post("/account/logins", &body).await
    };
    refused(connect(None, "x").await, 422, ErrorCode::Invalid).await;
    refused(
        connect(Some("amy"), "wrong").await,
        401,
        ErrorCode::WrongCredentials,
    )
    .await;
    let _: shared_types::LoginConnectionStarted =
        good(connect(Some("amy"), "amy's password").await, 200).await;
    assert_eq!(sign_in(&app, "amy").await.account.unwrap().username, "zoe");
}
