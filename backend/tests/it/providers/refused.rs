//! What people and providers must not get away with, whatever way they sign in: far too much text, other directories, secrets in the log.

use std::{collections::HashSet, net::TcpListener, process::Stdio};

use ldap3::LdapConnAsync;
use reqwest::header;
use serde_json::{Value, json};
use shared_types::{ErrorCode, names};
use tempfile::TempDir;
use tokio::{
    io::AsyncReadExt,
    process::{Child, ChildStderr, Command},
};

use super::{Provider, Traveller, directory::Directory, location, oidc};
use crate::{
    common::{TestApp, client, eventually, within},
    http_people::refused,
};

#[tokio::test]
async fn names_of_a_megabyte_are_cut_or_refused() {
    let provider = Provider::start();
    let app = TestApp::settings_with(provider.settings()).await;
    let say = |length: usize| {
        let long = "x".repeat(length);
        json!({ "preferred_username": long, "name": long, "email": format!("{long}@example.org") })
    };
    provider.tell(|says| says.claims = say(1_000_000));
    let browser = Traveller::new(&app);
    let led = browser.sign_in(&provider).await;
    assert_eq!(led, "/login?problem=unavailable", "no answer is so long");
    assert_eq!(browser.username().await, None);
    // What just fits into an answer is nobody's name either.
    provider.tell(|says| says.claims = say(50_000));
    let browser = Traveller::new(&app);
    assert_eq!(browser.sign_in(&provider).await, "/token");
    let account = browser.session().await.account.unwrap();
    assert_eq!(names::check_username(&account.username), Ok(()));
    assert!(account.display_name.chars().count() <= 100, "{account:?}");
    assert_eq!(account.email, None);
    // Nor does a long way back get anywhere.
    let browser = Traveller::new(&app);
    let back = browser.leave(&provider, "/token").await;
    let long = "x".repeat(50_000);
    let led = browser
        .go(&format!("/complete/oidc/?code={long}&state={}", back.state))
        .await;
    assert_eq!(location(&led), "/login?problem=not_genuine");
    // And a megabyte typed is refused before anybody is asked.
    let vast = json!({ "username": "x".repeat(1_000_000), "password": "x" });
    for way in ["local", "oidc"] {
        let answer = app.client().post(app.url(&format!("/api/v1/login/{way}")));
        let answer = answer.json(&vast).send().await.unwrap();
        assert!(
            matches!(answer.status().as_u16(), 401 | 404 | 413),
            "{way} {}",
            answer.status()
        );
        let problem: Value = answer.json().await.unwrap();
        assert!(problem["message"].as_str().unwrap().len() < 500);
    }
}

#[tokio::test]
async fn no_directory_sends_people_to_another() {
    let Some(directory) = Directory::start() else {
        return;
    };
    // What a referral names: whoever went there would be seen.
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let target = format!(
        "ldap://{}/ou=people,dc=example,dc=org",
        elsewhere.local_addr().unwrap()
    );
    let (connection, mut ldap) = LdapConnAsync::new(&directory.url()).await.unwrap();
    ldap3::drive!(connection);
    let bound = ldap.simple_bind("cn=admin,dc=example,dc=org", "avocados");
    bound.await.unwrap().success().unwrap();
    let entry = vec![
        (
            "objectClass",
            HashSet::from(["referral", "extensibleObject"]),
        ),
        ("ou", HashSet::from(["elsewhere"])),
        ("ref", HashSet::from([target.as_str()])),
    ];
    let added = ldap.add("ou=elsewhere,dc=example,dc=org", entry).await;
    added.unwrap().success().unwrap();
    // A search that begins at a referral finds nobody; one that comes across it goes on without it.
    let app = directory
        .app(|settings| {
            settings.ldap.user_search = Some("ou=elsewhere,dc=example,dc=org".to_owned());
        })
        .await;
    let answer = super::directory::attempt(&app, "amy", "amy's password").await;
    refused(answer, 503, ErrorCode::Unavailable).await;
    let app = directory
        .app(|settings| settings.ldap.user_search = Some("dc=example,dc=org".to_owned()))
        .await;
    let answer = super::directory::attempt(&app, "amy", "amy's password").await;
    assert_eq!(answer.status(), 200);
    assert!(elsewhere.accept().is_err(), "somebody went there");
}

/// Sees to it that neither what people type nor what providers send is in the log, at the level that people use to look for a fault.
#[tokio::test]
async fn secrets_are_not_in_the_log() {
    let provider = Provider::start();
    let dir = TempDir::new().unwrap();
    let mut server = serve(&dir, &provider);
    let mut pipe = server.stderr.take().unwrap();
    let mut log = Vec::new();
    let base = within("it listens", listening(&mut pipe, &mut log)).await;
    let reader = tokio::spawn(async move {
        pipe.read_to_end(&mut log).await.unwrap();
        log
    });
    eventually("it answers", async || {
        client(header::HeaderMap::new())
            .get(format!("{base}/version"))
            .send()
            .await
            .ok()
    })
    .await;
    let mut secrets: Vec<String> = [
        "the wrong passphrase",
        "sreg_not_a_token_at_all",
        "cookie-of-somebody",
        "stolen-code",
    ]
    .map(str::to_owned)
    .into();
    let anonymous = client(header::HeaderMap::new());
    let typed = json!({ "username": "amy", "password": secrets[0] });
    anonymous
        .post(format!("{base}/api/v1/login/local"))
        .json(&typed)
        .send()
        .await
        .unwrap();
    anonymous
        .get(format!("{base}/api/v1/tokens"))
        .bearer_auth(&secrets[1])
        .send()
        .await
        .unwrap();
    anonymous
        .get(format!("{base}/v2/token"))
        .basic_auth("amy", Some(&secrets[0]))
        .send()
        .await
        .unwrap();
    anonymous
        .get(format!("{base}/api/v1/session"))
        .header("cookie", format!("sregistry={}", secrets[2]))
        .send()
        .await
        .unwrap();
    // One journey with a code that is none, and one that ends well.
    let browser = Traveller::to(&base);
    let back = browser.leave(&provider, "/token").await;
    browser
        .go(&format!(
            "/complete/oidc/?code={}&state={}",
            secrets[3], back.state
        ))
        .await;
    let back = browser.leave(&provider, "/token").await;
    assert_eq!(location(&browser.go(&back.path()).await), "/token");
    let csrf = browser.session().await.csrf_token.unwrap();
    secrets.extend([oidc::CLIENT.1.to_owned(), back.code, back.state, csrf]);
    stop(&server);
    let ended = within("it stops", server.wait()).await.unwrap();
    assert!(ended.success(), "{ended}");
    let log = within("the log ends", reader).await.unwrap();
    let log = String::from_utf8(log).unwrap();
    assert!(
        log.contains("signed in") && log.contains("sign-in refused"),
        "{log}"
    );
    for secret in secrets {
        assert!(!log.contains(&secret), "“{secret}” in {log}");
    }
    // What looks like one of the tokens of OpenID Connect is not there either.
    assert!(!log.contains("eyJ"), "{log}");
}

/// The real server on a port of its own, with everything in its log and one provider to sign in with.
fn serve(dir: &TempDir, provider: &Provider) -> Child {
    Command::new(env!("CARGO_BIN_EXE_sregistry-server"))
        .arg("serve")
        .env_clear()
        .envs([
            ("SREGISTRY_DATA_DIR", dir.path().to_str().unwrap()),
            ("SREGISTRY_LISTEN", "127.0.0.1:0"),
            ("SREGISTRY_LOG", "debug"),
            ("SREGISTRY_ENABLE_OIDC_AUTH", "true"),
            ("SREGISTRY_SOCIAL_AUTH_OIDC_OIDC_ENDPOINT", &provider.issuer),
            ("SREGISTRY_SOCIAL_AUTH_OIDC_KEY", oidc::CLIENT.0),
            ("SREGISTRY_SOCIAL_AUTH_OIDC_SECRET", oidc::CLIENT.1),
        ])
        .current_dir(dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// Reads the log up to the line that says where the server listens.
async fn listening(pipe: &mut ChildStderr, log: &mut Vec<u8>) -> String {
    loop {
        pipe.read_buf(log).await.unwrap();
        let text = String::from_utf8_lossy(log);
        let mut lines = text.lines().filter(|line| line.contains("listening"));
        let found =
            lines.find_map(|line| line.split_whitespace().find(|w| w.starts_with("http://")));
        if let Some(address) = found.filter(|_| text.ends_with('\n')) {
            return address.to_owned();
        }
    }
}

/// Asks a process to end.
fn stop(server: &Child) {
    let id = server.id().unwrap().to_string();
    let stopped = std::process::Command::new("kill").arg(id).status();
    assert!(stopped.unwrap().success());
}
