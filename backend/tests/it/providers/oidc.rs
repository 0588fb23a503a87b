//! A small OpenID Connect provider inside the test, which lies where it is told to. The certified one is in the end-to-end tests.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use openidconnect::{
    JsonWebKeyId, PrivateSigningKey,
    core::{CoreEdDsaPrivateSigningKey, CoreJsonWebKey, CoreJwsSigningAlgorithm},
};
use poem::{EndpointExt, Route, Server, handler, listener::TcpAcceptor, web::Data};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sregistry_server::config::{Secret, Settings};
use tokio::task::JoinHandle;

/// The client id and secret of the registry.
pub const CLIENT: (&str, &str) = ("registry", "client secret");

/// What the provider says, and how it lies.
pub struct Says {
    /// Claims that replace or add to the honest ones of the ID token; null takes one away.
    pub claims: Value,
    /// What user info answers.
    pub userinfo: Value,
    /// Signs with this key instead of the published one; named as that one.
    pub forger: Option<[u8; 32]>,
    /// The header's algorithm, where it lies about that.
    pub algorithm: Option<&'static str>,
    /// The key in use, and its name.
    key: ([u8; 32], &'static str),
    codes: HashMap<String, Approved>,
    /// How often the keys were asked for.
    pub key_requests: u32,
}

/// Somebody who has signed in there, on the way back with a code.
struct Approved {
    /// Of the journey that the code is for.
    nonce: String,
    challenge: String,
    /// What the ID token will say, beside what is always so.
    claims: Value,
}

/// A running provider.
pub struct Provider {
    pub issuer: String,
    pub says: Arc<Mutex<Says>>,
    server: JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

type Shared = (String, Arc<Mutex<Says>>);

fn pem(seed: [u8; 32]) -> String {
    let mut der = hex::decode("302e020100300506032b657004220420").unwrap();
    der.extend(seed);
    let body = BASE64_STANDARD.encode(der);
    format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
}

fn signer(seed: [u8; 32], name: &str) -> CoreEdDsaPrivateSigningKey {
    let id = JsonWebKeyId::new(name.to_owned());
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem(seed), Some(id)).unwrap()
}

#[handler]
fn discovery(Data((issuer, _)): Data<&Shared>) -> poem::web::Json<Value> {
    poem::web::Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/me"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
    }))
}

#[handler]
fn keys(Data((_, says)): Data<&Shared>) -> poem::web::Json<Value> {
    let mut says = says.lock().unwrap();
    says.key_requests += 1;
    let key: CoreJsonWebKey = signer(says.key.0, says.key.1).as_verification_key();
    // A key of a kind that nobody knows must not be in the way.
    poem::web::Json(json!({ "keys": [{ "kty": "new" }, key] }))
}

#[handler]
fn userinfo(Data((_, says)): Data<&Shared>, request: &poem::Request) -> poem::web::Json<Value> {
    assert_eq!(request.header("authorization"), Some("Bearer access"));
    poem::web::Json(says.lock().unwrap().userinfo.clone())
}

#[handler]
fn token(
    Data((issuer, says)): Data<&Shared>,
    request: &poem::Request,
    form: poem::web::Form<HashMap<String, String>>,
) -> (StatusCode, poem::web::Json<Value>) {
    let mut says = says.lock().unwrap();
    let basic = format!("Basic {}", BASE64_STANDARD.encode("registry:client+secret"));
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    let known = says.codes.get(&form["code"]);
    let good = request.header("authorization") == Some(&basic)
        && form["redirect_uri"].ends_with("/complete/oidc/")
        && known.is_some_and(|approved| approved.challenge == challenge);
    let (Some(approved), true) = (says.codes.remove(&form["code"]), good) else {
        let error = json!({ "error": "invalid_grant" });
        return (StatusCode::BAD_REQUEST, poem::web::Json(error));
    };
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp();
    let mut claims = json!({
        "iss": issuer, "aud": CLIENT.0, "sub": "s-1", "nonce": approved.nonce, "iat": now, "exp": now + 300,
        "email": "amy@example.org", "email_verified": true, "name": "Amy A.", "preferred_username": "Amy",
    });
    for (name, value) in approved.claims.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    let answer =
        json!({ "access_token": "access", "token_type": "Bearer", "id_token": says.sign(&claims) });
    (StatusCode::OK, poem::web::Json(answer))
}

impl Says {
    fn sign(&self, claims: &Value) -> String {
        let algorithm = self.algorithm.unwrap_or("EdDSA");
        let header = json!({ "alg": algorithm, "kid": self.key.1 });
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(claims));
        let signature = match algorithm {
            "none" => Vec::new(),
            // With the client's secret, which more than the provider know.
            "HS256" => {
                use hmac::Mac;
                let mut mac = hmac::Hmac::<Sha256>::new_from_slice(CLIENT.1.as_bytes()).unwrap();
                mac.update(message.as_bytes());
                mac.finalize().into_bytes().to_vec()
            }
            _ => signer(self.forger.unwrap_or(self.key.0), self.key.1)
                .sign(&CoreJwsSigningAlgorithm::EdDsa, message.as_bytes())
                .unwrap(),
        };
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

impl Provider {
    /// Starts one that tells the truth.
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let says = Arc::new(Mutex::new(Says {
            claims: json!({}),
            userinfo: json!({ "sub": "s-1" }),
            forger: None,
            algorithm: None,
            key: ([7; 32], "k1"),
            codes: HashMap::new(),
            key_requests: 0,
        }));
        let shared: Shared = (issuer.clone(), Arc::clone(&says));
        let app = Route::new()
            .at("/.well-known/openid-configuration", poem::get(discovery))
            .at("/keys", poem::get(keys))
            .at("/token", poem::post(token))
            .at("/me", poem::get(userinfo))
            .data(shared);
        let server = tokio::spawn(async move {
            let acceptor = TcpAcceptor::from_std(listener).unwrap();
            Server::new_with_acceptor(acceptor).run(app).await.unwrap();
        });
        Self {
            issuer,
            says,
            server,
        }
    }

    /// The settings of a registry that uses it.
    pub fn settings(&self) -> impl FnOnce(&mut Settings) + use<> {
        let issuer = self.issuer.clone();
        move |settings| {
            let logins = &mut settings.logins;
            logins.enable_oidc = true;
            logins.oidc_endpoint = Some(issuer);
            logins.oidc_key = Some(CLIENT.0.to_owned());
            logins.oidc_secret = Secret::new(CLIENT.1.to_owned());
            "The institute".clone_into(&mut logins.oidc_label);
        }
    }

    /// Changes what it says.
    pub fn tell(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.says.lock().unwrap());
    }

    /// Takes another key into use.
    pub fn rotate(&self) {
        self.tell(|says| says.key = ([9; 32], "k2"));
    }

    /// A person signs in on its page: the code for the journey that begins at this address.
    pub fn approve(&self, url: &str) -> String {
        let url: url::Url = url.parse().unwrap();
        let get = |name: &str| {
            url.query_pairs()
                .find(|(key, _)| key == name)
                .unwrap()
                .1
                .into_owned()
        };
        assert!(url.as_str().starts_with(&format!("{}/auth?", self.issuer)));
        assert_eq!(
            (get("client_id").as_str(), get("response_type").as_str()),
            (CLIENT.0, "code")
        );
        assert_eq!(
            (get("scope").as_str(), get("code_challenge_method").as_str()),
            ("openid profile email", "S256")
        );
        let mut says = self.says.lock().unwrap();
        let approved = Approved {
            nonce: get("nonce"),
            challenge: get("code_challenge"),
            claims: says.claims.clone(),
        };
        let code = format!("code-{}", approved.nonce);
        says.codes.insert(code.clone(), approved);
        code
    }
}
