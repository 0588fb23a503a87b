//! Google and Globus: OpenID Connect in the shapes of these two, against stand-ins that describe themselves and answer as they do.

use std::{
    collections::HashMap,
    process::Command,
    sync::{Arc, Mutex, OnceLock},
};

use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use openidconnect::{
    JsonWebKeyId, PrivateSigningKey,
    core::{CoreJwsSigningAlgorithm as Alg, CoreRsaPrivateSigningKey},
};
use poem::{
    EndpointExt, Request, Route, Server, handler,
    http::StatusCode,
    listener::TcpAcceptor,
    web::{Data, Form, Json},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared_types::AccountLogins;
use sregistry_server::{
    config::Settings,
    plugins::auth::{Providers, Sites},
};
use tokio::task::JoinHandle;

use super::{Traveller, location};
use crate::common::{Engine as Database, TestApp};

/// The client id and secret of the registry at both.
const CLIENT: (&str, &str) = ("registry.apps.example", "client secret");
/// What Google numbers its people with, and Globus names them by.
const AMY_AT_GOOGLE: &str = "110169484474386276334";
const AMY_AT_GLOBUS: &str = "ae341a98-d274-11e5-b888-dbae3a8ba545";

/// Which of the two a stand-in is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Google,
    Globus,
}

impl Which {
    fn id(self) -> &'static str {
        match self {
            Self::Google => "google-oauth2",
            Self::Globus => "globus",
        }
    }

    /// Paths of the page to sign in on, of tokens, of keys and of what is said of a person.
    fn paths(self) -> [&'static str; 4] {
        match self {
            Self::Google => [
                "/o/oauth2/v2/auth",
                "/token",
                "/oauth2/v3/certs",
                "/v1/userinfo",
            ],
            Self::Globus => [
                "/v2/oauth2/authorize",
                "/v2/oauth2/token",
                "/jwk.json",
                "/v2/oauth2/userinfo",
            ],
        }
    }

    /// What it says of itself.
    fn described(self, at: &str) -> Value {
        let [page, tokens, certificates, person] = self.paths().map(|path| format!("{at}{path}"));
        let mut document = json!({
            "issuer": at, "authorization_endpoint": page, "token_endpoint": tokens, "jwks_uri": certificates,
            "userinfo_endpoint": person, "subject_types_supported": ["public"],
            "scopes_supported": ["openid", "email", "profile"],
        });
        let more = match self {
            Self::Google => json!({
                "device_authorization_endpoint": format!("{at}/device/code"),
                "revocation_endpoint": format!("{at}/revoke"),
                "response_types_supported": ["code", "token", "id_token", "code token", "none"],
                "response_modes_supported": ["query", "fragment", "form_post"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
                "code_challenge_methods_supported": ["plain", "S256"],
            }),
            Self::Globus => json!({
                "revocation_endpoint": format!("{at}/v2/oauth2/token/revoke"),
                "response_types_supported": ["code", "token", "token id_token", "id_token"],
                "id_token_signing_alg_values_supported": ["RS512"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "claims_supported": ["at_hash", "aud", "email", "exp", "name", "nonce",
                    "preferred_username", "iat", "iss", "sub"],
            }),
        };
        merge(&mut document, &more);
        document
    }

    /// What its ID tokens say of Amy.
    fn claims(self) -> Value {
        match self {
            Self::Google => json!({
                "azp": CLIENT.0, "sub": AMY_AT_GOOGLE, "hd": "example.org",
                "email": "amy.a@example.org", "email_verified": true, "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
                "name": "Amy A.", "given_name": "Amy", "family_name": "A.",
                "picture": "https://lh3.example/a/photo.jpg",
            }),
            Self::Globus => json!({
                "sub": AMY_AT_GLOBUS, "organization": "Example University", "name": "Amy A.",
                "preferred_username": "amy@globusid.org", "email": "amy.a@example.org",
                "identity_provider": "41143743-f3c8-4d60-bbdb-eeecaba85bd9",
                "identity_provider_display_name": "Globus ID", "last_authentication": 1_700_000_000,
                "at_hash": "vsrTb_bIqTFxaBaxU_yZeA",
                "identity_set": [
                    { "sub": AMY_AT_GLOBUS, "username": "amy@globusid.org", "email": "amy.a@example.org",
                      "identity_provider_display_name": "Globus ID", "last_authentication": 1_700_000_000 },
                    { "sub": "c699d42e-d274-11e5-bf75-1fc5bf53bb24", "username": "root@example.org",
                      "email": "root@example.org", "last_authentication": null },
                ],
            }),
        }
    }

    /// What comes along with its tokens.
    fn answer(self) -> Value {
        match self {
            Self::Google => json!({
                "access_token": "access", "expires_in": 3599, "token_type": "Bearer",
                "scope": "openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile",
            }),
            Self::Globus => json!({
                "access_token": "access", "expires_in": 172_800, "token_type": "Bearer",
                "scope": "email profile openid", "resource_server": "auth.globus.org",
                "state": "_default", "other_tokens": [],
            }),
        }
    }

    /// What it sends the browser back with, beside code and state.
    fn back(self, at: &str) -> String {
        match self {
            Self::Google => {
                let at = at.replace(':', "%3A").replace('/', "%2F");
                format!(
                    "&iss={at}&scope=email+profile+openid&authuser=0&hd=example.org&prompt=consent"
                )
            }
            Self::Globus => String::new(),
        }
    }

    fn algorithm(self) -> (Alg, &'static str) {
        match self {
            Self::Google => (Alg::RsaSsaPkcs1V15Sha256, "RS256"),
            Self::Globus => (Alg::RsaSsaPkcs1V15Sha512, "RS512"),
        }
    }
}

fn merge(into: &mut Value, more: &Value) {
    for (name, value) in more.as_object().unwrap() {
        into[name] = value.clone();
    }
}

/// A key of the kind that both sign with. Made once: it takes a moment.
fn key() -> CoreRsaPrivateSigningKey {
    static PEM: OnceLock<String> = OnceLock::new();
    let pem = PEM.get_or_init(|| {
        let mut openssl = Command::new("openssl");
        let made = openssl.args(["genrsa", "-traditional", "2048"]).output();
        String::from_utf8(made.unwrap().stdout).unwrap()
    });
    CoreRsaPrivateSigningKey::from_pem(pem, Some(JsonWebKeyId::new("k1".to_owned()))).unwrap()
}

/// What a stand-in keeps of the journey at hand, and says.
#[derive(Default)]
struct Desk {
    claims: Value,
    nonce: String,
    challenge: String,
}

type Shared = (Which, String, Arc<Mutex<Desk>>);

/// One of the two, running.
struct StandIn {
    which: Which,
    url: String,
    desk: Arc<Mutex<Desk>>,
    server: JoinHandle<()>,
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[handler]
fn discovery(Data((which, at, _)): Data<&Shared>) -> Json<Value> {
    Json(which.described(at))
}

#[handler]
fn keys() -> Json<Value> {
    let key = serde_json::to_value(key().as_verification_key()).unwrap();
    Json(json!({ "keys": [key] }))
}

#[handler]
fn token(
    Data((which, at, desk)): Data<&Shared>,
    request: &Request,
    form: Form<HashMap<String, String>>,
) -> Result<Json<Value>, StatusCode> {
    let desk = desk.lock().unwrap();
    let secret = BASE64_STANDARD.encode(format!("{}:client+secret", CLIENT.0));
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    let good = request.header("authorization") == Some(&format!("Basic {secret}"))
        && form["grant_type"] == "authorization_code"
        && form["code"] == "4/0AX4XfWh"
        && form["redirect_uri"].ends_with(&format!("/complete/{}/", which.id()))
        && challenge == desk.challenge;
    if !good {
        return Err(StatusCode::BAD_REQUEST);
    }
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp();
    let mut claims =
        json!({ "iss": at, "aud": CLIENT.0, "nonce": desk.nonce, "iat": now, "exp": now + 300 });
    merge(&mut claims, &desk.claims);
    let (algorithm, word) = which.algorithm();
    let header = json!({ "alg": word, "kid": "k1", "typ": "JWT" });
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&header), part(&claims));
    let signature = key().sign(&algorithm, message.as_bytes()).unwrap();
    let signature = BASE64_URL_SAFE_NO_PAD.encode(signature);
    let mut answer = which.answer();
    answer["id_token"] = json!(format!("{message}.{signature}"));
    Ok(Json(answer))
}

impl StandIn {
    fn start(which: Which) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let desk = Arc::new(Mutex::new(Desk {
            claims: which.claims(),
            ..Desk::default()
        }));
        let [_, tokens, certificates, _] = which.paths();
        let shared: Shared = (which, url.clone(), Arc::clone(&desk));
        let app = Route::new()
            .at("/.well-known/openid-configuration", poem::get(discovery))
            .at(tokens, poem::post(token))
            .at(certificates, poem::get(keys))
            .data(shared);
        let server = tokio::spawn(async move {
            let acceptor = TcpAcceptor::from_std(listener).unwrap();
            Server::new_with_acceptor(acceptor).run(app).await.unwrap();
        });
        Self {
            which,
            url,
            desk,
            server,
        }
    }

    /// A registry that uses it, switched on by the original's settings.
    async fn registry(&self, change: impl FnOnce(&mut Settings)) -> TestApp {
        let mut sites = Sites::default();
        let site = match self.which {
            Which::Google => &mut sites.google,
            Which::Globus => &mut sites.globus,
        };
        site.clone_from(&self.url);
        TestApp::start_at(sites, Database::Sqlite, |settings| {
            settings.logins = original(self.which, &[]).logins;
            change(settings);
        })
        .await
    }

    /// What its ID tokens say from now on: null takes something away.
    fn says(&self, claims: &Value) {
        let claims_now = &mut self.desk.lock().unwrap().claims;
        merge(claims_now, claims);
        let said = claims_now.as_object_mut().unwrap();
        said.retain(|_, value| !value.is_null());
    }

    /// The whole way through the registry.
    async fn signed_in(&self, app: &TestApp) -> Traveller {
        let browser = Traveller::new(app);
        let id = self.which.id();
        let there = browser.go(&format!("/login/{id}/?next=/token")).await;
        let url: url::Url = location(&there).parse().unwrap();
        let said: HashMap<String, String> = url.query_pairs().into_owned().collect();
        let page = format!("{}{}?", self.url, self.which.paths()[0]);
        assert!(url.as_str().starts_with(&page), "{url}");
        assert_eq!(said["redirect_uri"], app.url(&format!("/complete/{id}/")));
        assert_eq!(said["client_id"], CLIENT.0);
        assert_eq!(said["scope"], "openid profile email");
        {
            let mut desk = self.desk.lock().unwrap();
            desk.nonce.clone_from(&said["nonce"]);
            desk.challenge.clone_from(&said["code_challenge"]);
        }
        let (state, more) = (&said["state"], self.which.back(&self.url));
        let back = format!("/complete/{id}/?code=4%2F0AX4XfWh&state={state}{more}");
        assert_eq!(location(&browser.go(&back).await), "/token");
        browser
    }
}

/// Settings by the names that the original gave them.
fn original(which: Which, more: &[(&str, &str)]) -> Settings {
    let (on, name) = match which {
        Which::Google => (("ENABLE_GOOGLE_AUTH", "true"), "GOOGLE_OAUTH2"),
        Which::Globus => (("PLUGINS_ENABLED", "globus"), "GLOBUS"),
    };
    let mut variables = vec![
        (format!("SREGISTRY_{}", on.0), on.1.to_owned()),
        (
            format!("SREGISTRY_SOCIAL_AUTH_{name}_KEY"),
            CLIENT.0.to_owned(),
        ),
        (
            format!("SREGISTRY_SOCIAL_AUTH_{name}_SECRET"),
            CLIENT.1.to_owned(),
        ),
    ];
    for (name, value) in more {
        variables.push((format!("SREGISTRY_{name}"), (*value).to_owned()));
    }
    Settings::load_from(None, variables).unwrap().settings
}

#[test]
fn the_settings_of_the_original_switch_them_on() {
    let shown = |settings: &Settings| -> Vec<(String, String, String)> {
        let providers = Providers::build(settings, &Sites::default()).unwrap();
        let words = |p: &sregistry_server::plugins::auth::Provider| {
            (p.id.clone(), p.door.clone(), p.label.clone())
        };
        providers.iter().map(words).collect()
    };
    let is = |id: &str, label: &str| vec![(id.to_owned(), id.to_owned(), label.to_owned())];
    assert_eq!(
        shown(&original(Which::Google, &[])),
        is("google-oauth2", "Google")
    );
    assert_eq!(shown(&original(Which::Globus, &[])), is("globus", "Globus"));
    // Key and secret alone switch nothing on.
    for (which, off) in [
        (Which::Google, ("ENABLE_GOOGLE_AUTH", "false")),
        (Which::Globus, ("PLUGINS_ENABLED", "pgp")),
    ] {
        assert_eq!(shown(&original(which, &[off])), []);
    }
    let usual = Sites::default();
    assert_eq!(usual.google, "https://accounts.google.com");
    assert_eq!(usual.globus, "https://auth.globus.org");
}

#[tokio::test]
async fn google_opens_the_account_of_its_number() {
    let google = StandIn::start(Which::Google);
    let app = google.registry(|_| {}).await;
    let browser = google.signed_in(&app).await;
    let account = browser.session().await.account.unwrap();
    assert_eq!(
        (account.username.as_str(), account.display_name.as_str()),
        ("amy.a", "Amy A.")
    );
    assert_eq!(account.email.as_deref(), Some("amy.a@example.org"));
    app.accept_terms("amy.a").await;
    let logins: AccountLogins = browser
        .go("/api/v1/account/logins")
        .await
        .json()
        .await
        .unwrap();
    let login = &logins.connected[0];
    assert_eq!(
        (
            login.provider.as_str(),
            login.label.as_str(),
            login.login.as_str()
        ),
        ("google-oauth2", "Google", "amy.a@example.org")
    );
    assert!(login.email_verified && login.usable);
    // Addresses change and are given to others; the number stays.
    google.says(&json!({ "email": "amy.b@example.org", "name": "Amy B." }));
    let again = google.signed_in(&app).await;
    assert_eq!(again.username().await.as_deref(), Some("amy.a"));
    google.says(&json!({ "sub": "110169484474386276335", "email": "amy.a@example.org" }));
    let other = google.signed_in(&app).await;
    assert_eq!(other.username().await.as_deref(), Some("amy.a-2"));
}

#[tokio::test]
async fn an_address_counts_where_google_has_verified_it() {
    for (verified, expected) in [
        (json!(true), "amy.local"),
        (json!(false), "amy.a"),
        (Value::Null, "amy.a"),
    ] {
        let google = StandIn::start(Which::Google);
        let app = google.registry(|settings| settings.logins.link_by_email = true);
        let app = app.await;
        super::accounts::account(
            &app,
            "amy.local",
            shared_types::Role::User,
            "amy.a@example.org",
        )
        .await;
        google.says(&json!({ "email_verified": verified }));
        let browser = google.signed_in(&app).await;
        let account = browser.session().await.account.unwrap();
        assert_eq!(account.username, expected);
        let kept = account.email.as_deref();
        assert_eq!(
            kept.is_some(),
            verified == json!(true),
            "an address that nobody vouches for is not kept"
        );
    }
}

#[tokio::test]
async fn globus_opens_accounts_by_its_identities_and_vouches_for_no_address() {
    let globus = StandIn::start(Which::Globus);
    let app = globus.registry(|settings| settings.logins.link_by_email = true);
    let app = app.await;
    // Linked identities of the set are no way into other people's accounts.
    for (name, email) in [("root", "root@example.org"), ("amy.a", "amy.a@example.org")] {
        super::accounts::account(&app, name, shared_types::Role::User, email).await;
    }
    let browser = globus.signed_in(&app).await;
    let account = browser.session().await.account.unwrap();
    assert_eq!(
        (account.username.as_str(), account.display_name.as_str()),
        ("amy", "Amy A.")
    );
    assert_eq!(account.email, None);
    app.accept_terms("amy").await;
    let logins: AccountLogins = browser
        .go("/api/v1/account/logins")
        .await
        .json()
        .await
        .unwrap();
    let login = &logins.connected[0];
    assert_eq!(
        (
            login.provider.as_str(),
            login.label.as_str(),
            login.login.as_str()
        ),
        ("globus", "Globus", "amy@globusid.org")
    );
    // The same person, and an Amy of another institution.
    let again = globus.signed_in(&app).await;
    assert_eq!(again.username().await.as_deref(), Some("amy"));
    globus.says(&json!({
        "sub": "6c5a1a3e-d274-11e5-8e2c-5fea1b29a1d7", "preferred_username": "amy@uchicago.example",
    }));
    let other = globus.signed_in(&app).await;
    assert_eq!(other.username().await.as_deref(), Some("amy-2"));
}

#[tokio::test]
async fn what_is_switched_off_cannot_be_reached() {
    let google = StandIn::start(Which::Google);
    let app = google.registry(|settings| settings.logins.enable_google = false);
    let app = app.await;
    for path in ["/login/google-oauth2/", "/complete/google-oauth2/?code=x"] {
        let led = location(&app.get(path).await);
        assert_eq!(led, "/login?problem=unknown_provider", "{path}");
    }
}
