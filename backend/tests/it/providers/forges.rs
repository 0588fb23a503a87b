//! Providers with a way of their own, against stand-ins that answer in their shapes: GitHub, GitLab, Bitbucket, Twitter.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, Utc};
use poem::{
    EndpointExt, Request, Response, Route, Server, handler, listener::TcpAcceptor, web::Data,
};
use serde_json::{Value, json};
use sregistry_server::{
    config::Secret,
    plugins::auth::{
        ExternalIdentity, Journey, RedirectProvider, Reply, Trouble,
        bitbucket::{Addresses, Bitbucket},
        github::GitHub,
        gitlab::GitLab,
        http::Http,
        oauth::Client,
        twitter::Twitter,
    },
};
use tokio::task::JoinHandle;

use super::{Traveller, location};
use crate::common::TestApp;

/// What was asked: method, path, the header with credentials, the form.
type Asked = (String, String, String, HashMap<String, String>);

/// Answers each path with what it was told, and notes what was asked.
struct StandIn {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    server: JoinHandle<()>,
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

type Shared = (BTreeMap<String, (u16, String)>, Arc<Mutex<Vec<Asked>>>);

#[handler]
async fn respond(
    Data((answers, asked)): Data<&Shared>,
    request: &Request,
    body: poem::Body,
) -> Response {
    let form = body.into_string().await.unwrap();
    let form = url::form_urlencoded::parse(form.as_bytes())
        .into_owned()
        .collect();
    let path = request.uri().path().to_owned();
    let authorization = request
        .header("authorization")
        .unwrap_or_default()
        .to_owned();
    let (status, text) = answers
        .get(&path)
        .cloned()
        .unwrap_or((404, "{}".to_owned()));
    asked
        .lock()
        .unwrap()
        .push((request.method().to_string(), path, authorization, form));
    Response::builder()
        .status(reqwest::StatusCode::from_u16(status).unwrap())
        .body(text)
}

impl StandIn {
    fn start(answers: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        let text = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let answers = answers
            .into_iter()
            .map(|(path, value)| (path.to_owned(), (200, text(value))))
            .collect();
        let asked = Arc::default();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared: Shared = (answers, Arc::clone(&asked));
        let app = Route::new().at("/*path", respond).data(shared);
        let server = tokio::spawn(async move {
            let acceptor = TcpAcceptor::from_std(listener).unwrap();
            Server::new_with_acceptor(acceptor).run(app).await.unwrap();
        });
        Self { url, asked, server }
    }

    fn asked(&self, path: &str) -> Asked {
        let asked = self.asked.lock().unwrap();
        asked
            .iter()
            .find(|(_, found, ..)| found == path)
            .unwrap_or_else(|| panic!("{path} in {asked:?}"))
            .clone()
    }
}

fn http() -> Http {
    Http::new(Duration::from_secs(5)).unwrap()
}

fn client() -> Client {
    Client {
        id: "id".to_owned(),
        secret: Secret::new("secret".to_owned()),
    }
}

fn journey() -> Journey {
    Journey {
        callback: "http://registry.example/complete/x/".to_owned(),
        state: "state".to_owned(),
        nonce: "nonce".to_owned(),
        verifier: "verifier".to_owned(),
        kept: String::new(),
        began: now(),
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

fn reply<const N: usize>(pairs: [(&str, &str); N]) -> Reply {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The whole way with a code.
async fn arrive(provider: &impl RedirectProvider) -> Result<ExternalIdentity, Trouble> {
    provider.depart(&journey()).await.unwrap();
    provider
        .arrive(&journey(), &reply([("code", "code")]), now())
        .await
}

fn github_answers(verified: bool) -> Vec<(&'static str, Value)> {
    vec![
        (
            "/login/oauth/access_token",
            json!({ "access_token": "token", "scope": "read:user,user:email", "token_type": "bearer" }),
        ),
        (
            "/api/v3/user",
            json!({ "id": 583_231, "login": "Octocat", "name": "The Octocat", "email": "public@example.org" }),
        ),
        (
            "/api/v3/user/emails",
            json!([
                { "email": "other@example.org", "primary": false, "verified": true },
                { "email": "octocat@example.org", "primary": true, "verified": verified },
            ]),
        ),
    ]
}

#[tokio::test]
async fn github_tells_the_main_address_where_it_is_confirmed() {
    for verified in [true, false] {
        let stand_in = StandIn::start(github_answers(verified));
        let api = format!("{}/api/v3/", stand_in.url);
        let github = GitHub::new(http(), &format!("{}/", stand_in.url), &api, client());
        let departure = github.depart(&journey()).await.unwrap();
        assert!(
            departure
                .url
                .starts_with(&format!("{}/login/oauth/authorize?", stand_in.url)),
            "{}",
            departure.url
        );
        assert!(
            departure.url.contains("scope=read%3Auser+user%3Aemail"),
            "{}",
            departure.url
        );
        let person = arrive(&github).await.unwrap();
        assert_eq!(
            (person.subject.as_str(), person.login.as_str()),
            ("583231", "Octocat")
        );
        assert_eq!(
            (person.email.as_deref(), person.email_verified),
            (verified.then_some("octocat@example.org"), verified)
        );
        let (.., form) = stand_in.asked("/login/oauth/access_token");
        assert_eq!(
            (
                form["client_secret"].as_str(),
                form["code_verifier"].as_str()
            ),
            ("secret", "verifier")
        );
        assert_eq!(stand_in.asked("/api/v3/user").2, "Bearer token");
    }
}

#[tokio::test]
async fn github_says_no_with_a_status_of_success() {
    let error = json!({ "error": "bad_verification_code", "error_description": "The code passed is incorrect or expired." });
    let stand_in = StandIn::start([("/login/oauth/access_token", error)]);
    let github = GitHub::new(http(), &stand_in.url, &stand_in.url, client());
    assert!(matches!(arrive(&github).await, Err(Trouble::NotGenuine(_))));
    let error = json!({ "error": "incorrect_client_credentials" });
    let stand_in = StandIn::start([("/login/oauth/access_token", error)]);
    let github = GitHub::new(http(), &stand_in.url, &stand_in.url, client());
    assert!(matches!(arrive(&github).await, Err(Trouble::Down(_))));
}

/// The whole way through the registry: there, back, and signed in.
async fn signed_in(app: &TestApp, id: &str, site: &str) -> String {
    let browser = Traveller::new(app);
    let url: url::Url = location(&browser.go(&format!("/login/{id}/?next=/token")).await)
        .parse()
        .unwrap();
    assert!(url.as_str().starts_with(site), "{url}");
    let get = |name: &str| {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .unwrap()
            .1
            .into_owned()
    };
    assert_eq!(get("redirect_uri"), app.url(&format!("/complete/{id}/")));
    let back = format!("/complete/{id}/?code=c&state={}", get("state"));
    assert_eq!(location(&browser.go(&back).await), "/token");
    browser.username().await.unwrap()
}

#[tokio::test]
async fn a_github_enterprise_server_opens_accounts() {
    let stand_in = StandIn::start(github_answers(true));
    let app = TestApp::settings_with(|settings| {
        let logins = &mut settings.logins;
        logins.enable_github_enterprise = true;
        logins.github_enterprise_url = Some(stand_in.url.clone());
        logins.github_enterprise_key = Some("id".to_owned());
        logins.github_enterprise_secret = Secret::new("secret".to_owned());
    })
    .await;
    assert_eq!(
        signed_in(&app, "github-enterprise", &stand_in.url).await,
        "octocat"
    );
}

#[tokio::test]
async fn a_gitlab_server_of_ones_own_opens_accounts() {
    let user = json!({ "id": 7, "username": "Amy.A", "name": "Amy", "state": "active", "email": "amy@example.org", "confirmed_at": "2024-01-01" });
    let stand_in = StandIn::start([
        ("/oauth/token", json!({ "access_token": "token" })),
        ("/api/v4/user", user),
    ]);
    let app = TestApp::settings_with(|settings| {
        let logins = &mut settings.logins;
        logins.enable_gitlab = true;
        logins.gitlab_url = stand_in.url.clone();
        logins.gitlab_key = Some("id".to_owned());
        logins.gitlab_secret = Secret::new("secret".to_owned());
        logins.gitlab_scope = vec!["openid".to_owned()];
    })
    .await;
    assert_eq!(signed_in(&app, "gitlab", &stand_in.url).await, "amy.a");
    assert_eq!(stand_in.asked("/api/v4/user").2, "Bearer token");
}

#[tokio::test]
async fn gitlab_is_believed_as_far_as_it_goes() {
    for (state, confirmed, expected) in [
        ("active", json!("2024-01-01T00:00:00Z"), Some(true)),
        ("active", Value::Null, Some(false)),
        ("blocked", json!("2024-01-01T00:00:00Z"), None),
    ] {
        let user = json!({ "id": 7, "username": "amy", "state": state, "email": "amy@example.org", "confirmed_at": confirmed });
        let stand_in = StandIn::start([
            ("/oauth/token", json!({ "access_token": "t" })),
            ("/api/v4/user", user),
        ]);
        let gitlab = GitLab::new(http(), &stand_in.url, client(), &[]);
        match (arrive(&gitlab).await, expected) {
            (Ok(person), Some(verified)) => assert_eq!(person.email_verified, verified),
            (Err(Trouble::NotAdmitted(_)), None) => {}
            (other, _) => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn bitbucket_lets_in_whose_address_is_confirmed() {
    for (confirmed, strict, comes_in) in [
        (true, true, true),
        (false, false, true),
        (false, true, false),
    ] {
        let emails = json!({ "values": [
            { "email": "old@example.org", "is_primary": false, "is_confirmed": true },
            { "email": "amy@example.org", "is_primary": true, "is_confirmed": confirmed },
        ] });
        let stand_in = StandIn::start([
            (
                "/site/oauth2/access_token",
                json!({ "access_token": "token" }),
            ),
            (
                "/2.0/user",
                json!({ "uuid": "{4d8}", "nickname": "amy", "display_name": "Amy A." }),
            ),
            ("/2.0/user/emails", emails),
        ]);
        let at = Addresses {
            site: stand_in.url.clone(),
            api: stand_in.url.clone(),
        };
        let bitbucket = Bitbucket::new(http(), at, client(), strict);
        match (arrive(&bitbucket).await, comes_in) {
            (Ok(person), true) => {
                assert_eq!(
                    (person.subject.as_str(), person.login.as_str()),
                    ("{4d8}", "amy")
                );
                assert_eq!(
                    (person.email.as_deref(), person.email_verified),
                    (Some("amy@example.org"), confirmed)
                );
            }
            (Err(Trouble::NotAdmitted(_)), false) => {}
            (other, _) => panic!("{other:?}"),
        }
        assert!(
            stand_in
                .asked("/site/oauth2/access_token")
                .2
                .starts_with("Basic ")
        );
    }
}

#[tokio::test]
async fn twitter_is_asked_with_signatures() {
    let stand_in = StandIn::start([
        (
            "/oauth/request_token",
            json!("oauth_token=req&oauth_token_secret=req%2Bsecret&oauth_callback_confirmed=true"),
        ),
        (
            "/oauth/access_token",
            json!("oauth_token=acc&oauth_token_secret=accsecret&user_id=38&screen_name=amy"),
        ),
        (
            "/1.1/account/verify_credentials.json",
            json!({ "id_str": "38", "screen_name": "Amy", "name": "Amy A.", "email": "amy@example.org" }),
        ),
    ]);
    let twitter = Twitter::new(http(), &stand_in.url, client());
    let mut journey = journey();
    let departure = twitter.depart(&journey).await.unwrap();
    assert_eq!(
        departure.url,
        format!("{}/oauth/authenticate?oauth_token=req", stand_in.url)
    );
    let (method, _, header, _) = stand_in.asked("/oauth/request_token");
    assert_eq!(method, "POST");
    for part in [
        "OAuth oauth_callback=\"http%3A%2F%2Fregistry.example%2Fcomplete%2Fx%2F%3Fstate%3Dstate\"",
        "oauth_consumer_key=\"id\"",
        "oauth_signature_method=\"HMAC-SHA1\"",
        "oauth_timestamp=\"1700000000\"",
        "oauth_signature=\"",
    ] {
        assert!(header.contains(part), "{part} in {header}");
    }
    journey.kept = departure.kept;
    // The answer to another request, or none.
    for foreign in [
        reply([("oauth_token", "other"), ("oauth_verifier", "v")]),
        reply([("oauth_token", "req")]),
        reply([]),
    ] {
        assert!(matches!(
            twitter.arrive(&journey, &foreign, now()).await,
            Err(Trouble::NotGenuine(_))
        ));
    }
    assert!(matches!(
        twitter
            .arrive(&journey, &reply([("denied", "req")]), now())
            .await,
        Err(Trouble::Denied(_))
    ));
    let person = twitter
        .arrive(
            &journey,
            &reply([("oauth_token", "req"), ("oauth_verifier", "v")]),
            now(),
        )
        .await
        .unwrap();
    assert_eq!(
        (
            person.subject.as_str(),
            person.login.as_str(),
            person.email_verified
        ),
        ("38", "Amy", true)
    );
    assert!(
        stand_in
            .asked("/oauth/access_token")
            .2
            .contains("oauth_verifier=\"v\"")
    );
    assert!(
        stand_in
            .asked("/1.1/account/verify_credentials.json")
            .2
            .contains("oauth_token=\"acc\"")
    );
}

#[tokio::test]
async fn what_makes_no_sense_is_the_providers_trouble() {
    for answer in [
        json!("<html>"),
        json!({}),
        json!({ "access_token": "" }),
        json!("x".repeat(2 << 20)),
    ] {
        let stand_in = StandIn::start([("/oauth/token", answer)]);
        let gitlab = GitLab::new(http(), &stand_in.url, client(), &[]);
        assert!(matches!(arrive(&gitlab).await, Err(Trouble::Down(_))));
    }
    let gitlab = GitLab::new(http(), "https://gitlab.example", client(), &[]);
    let denied = reply([("error", "access_denied")]);
    assert!(matches!(
        gitlab.arrive(&journey(), &denied, now()).await,
        Err(Trouble::Denied(_))
    ));
    assert!(matches!(
        gitlab.arrive(&journey(), &reply([]), now()).await,
        Err(Trouble::NotGenuine(_))
    ));
}
