//! OpenID Connect: any provider, found by its address.
//!
//! Rule: nothing is believed that is not in an ID token with the right issuer, audience, time, nonce and signature, or in the answer that
//! the provider itself gives for the access token that came along.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::{
    ClaimsVerificationError, ClientId, IssuerUrl, Nonce, SignatureVerificationError,
    core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm as Alg},
};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

use super::{
    Departure, ExternalIdentity, Journey, RedirectProvider, Reply, Roles, Trouble,
    claims::{is_true, text},
    http::Http,
    oauth::{self, Client, Proof},
};

/// How long what a provider says of itself is believed.
const BELIEVED: Duration = Duration::from_hours(1);
/// How far clocks may be apart, in seconds.
const SKEW: i64 = 60;
/// Signatures that are taken: those that only the provider can make.
const ALGORITHMS: [Alg; 9] = [
    Alg::RsaSsaPkcs1V15Sha256,
    Alg::RsaSsaPkcs1V15Sha384,
    Alg::RsaSsaPkcs1V15Sha512,
    Alg::RsaSsaPssSha256,
    Alg::RsaSsaPssSha384,
    Alg::RsaSsaPssSha512,
    Alg::EcdsaP256Sha256,
    Alg::EcdsaP384Sha384,
    Alg::EdDsa,
];

/// An OpenID Connect provider.
pub struct Oidc {
    http: Http,
    issuer: String,
    client: Client,
    scope: String,
    username_claim: String,
    known: Mutex<Option<(Instant, Arc<Known>)>>,
}

/// What a provider says of itself.
struct Known {
    issuer: IssuerUrl,
    described: Described,
    keys: CoreJsonWebKeySet,
}

/// The part of the discovery document that is needed.
#[derive(Deserialize)]
struct Described {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: Option<String>,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

impl Oidc {
    /// The provider at an address.
    pub fn new(
        http: Http,
        issuer: &str,
        client: Client,
        scope: &[String],
        username_claim: &str,
    ) -> Self {
        let mut scope = scope.to_vec();
        if scope.iter().all(|word| word != "openid") {
            scope.insert(0, "openid".to_owned());
        }
        Self {
            http,
            issuer: issuer.trim_end_matches('/').to_owned(),
            client,
            scope: scope.join(" "),
            username_claim: username_claim.to_owned(),
            known: Mutex::new(None),
        }
    }

    /// What the provider says of itself: asked for once in a while, by one caller for all.
    async fn known(&self, fresh: bool) -> Result<Arc<Known>, Trouble> {
        let mut known = self.known.lock().await;
        let believed = known
            .as_ref()
            .filter(|(since, _)| !fresh && since.elapsed() < BELIEVED);
        if let Some((_, known)) = believed {
            return Ok(Arc::clone(known));
        }
        let found = Arc::new(self.discover().await?);
        *known = Some((Instant::now(), Arc::clone(&found)));
        Ok(found)
    }

    async fn discover(&self) -> Result<Known, Trouble> {
        let url = format!("{}/.well-known/openid-configuration", self.issuer);
        let document = self.http.json(self.http.get(&url)).await?;
        let described: Described = serde_json::from_value(document).map_err(Trouble::down)?;
        if described.issuer.trim_end_matches('/') != self.issuer {
            let says = format!("{} says that it is {}", self.issuer, described.issuer);
            return Err(Trouble::down(says));
        }
        // What began with TLS must not go on without it.
        let secure =
            |url: &str| !self.issuer.starts_with("https://") || url.starts_with("https://");
        if ![
            &described.authorization_endpoint,
            &described.token_endpoint,
            &described.jwks_uri,
        ]
        .into_iter()
        .chain(&described.userinfo_endpoint)
        .all(|url| secure(url))
        {
            return Err(Trouble::down("the provider names addresses without TLS"));
        }
        let keys = self.http.json(self.http.get(&described.jwks_uri)).await?;
        Ok(Known {
            issuer: IssuerUrl::new(described.issuer.clone()).map_err(Trouble::down)?,
            keys: serde_json::from_value(keys).map_err(Trouble::down)?,
            described,
        })
    }

    /// Checks an ID token and returns what it says.
    async fn verified(
        &self,
        token: &str,
        nonce: &str,
        now: DateTime<Utc>,
    ) -> Result<Value, Trouble> {
        let known = self.known(false).await?;
        let checked = match self.check(&known, token, nonce, now) {
            // The provider may have changed its keys.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                let known = self.known(true).await?;
                self.check(&known, token, nonce, now)
            }
            other => other,
        };
        checked.map_err(Trouble::not_genuine)?;
        let payload = token.split('.').nth(1).unwrap_or_default();
        let payload = BASE64_URL_SAFE_NO_PAD
            .decode(payload)
            .map_err(Trouble::not_genuine)?;
        serde_json::from_slice(&payload).map_err(Trouble::not_genuine)
    }

    fn check(
        &self,
        known: &Known,
        token: &str,
        nonce: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ClaimsVerificationError> {
        let token: CoreIdToken = token.parse().map_err(|error: serde_json::Error| {
            ClaimsVerificationError::Other(error.to_string())
        })?;
        let skew = TimeDelta::seconds(SKEW);
        let id = ClientId::new(self.client.id.clone());
        let verifier =
            CoreIdTokenVerifier::new_public_client(id, known.issuer.clone(), known.keys.clone())
                .set_allowed_algs(ALGORITHMS)
                .set_time_fn(move || now - skew)
                .set_issue_time_verifier_fn(move |issued| {
                    if issued > now + skew {
                        return Err("the token comes from the future".to_owned());
                    }
                    Ok(())
                });
        token.claims(&verifier, &Nonce::new(nonce.to_owned()))?;
        Ok(())
    }

    /// What the provider says of the person beyond the ID token.
    async fn userinfo(
        &self,
        url: &str,
        access_token: &str,
        subject: &str,
    ) -> Result<Value, Trouble> {
        let request = self.http.get(url).bearer_auth(access_token);
        let facts = self.http.json(request).await?;
        if text(&facts, "sub").as_deref() != Some(subject) {
            return Err(Trouble::not_genuine("the user info is about somebody else"));
        }
        Ok(facts)
    }
}

#[async_trait]
impl RedirectProvider for Oidc {
    async fn depart(&self, journey: &Journey) -> Result<Departure, Trouble> {
        let known = self.known(false).await?;
        let endpoint = &known.described.authorization_endpoint;
        let mut url = oauth::departure(endpoint, &self.client, &self.scope, journey)?;
        url.query_pairs_mut().append_pair("nonce", &journey.nonce);
        Ok(Departure {
            url: url.into(),
            kept: String::new(),
        })
    }

    async fn arrive(
        &self,
        journey: &Journey,
        reply: &Reply,
        now: DateTime<Utc>,
    ) -> Result<ExternalIdentity, Trouble> {
        let known = self.known(false).await?;
        // RFC 9207: the answer of another provider that pretends to be this one's.
        if reply
            .get("iss")
            .is_some_and(|iss| *iss != known.described.issuer)
        {
            return Err(Trouble::not_genuine("the answer names another issuer"));
        }
        let methods = &known.described.token_endpoint_auth_methods_supported;
        let only_form = methods.iter().any(|method| method == "client_secret_post")
            && methods.iter().all(|method| method != "client_secret_basic");
        let proof = if only_form { Proof::Form } else { Proof::Basic };
        let endpoint = &known.described.token_endpoint;
        let tokens =
            oauth::exchange(&self.http, endpoint, &self.client, proof, journey, reply).await?;
        let id_token = tokens
            .get("id_token")
            .and_then(Value::as_str)
            .ok_or_else(|| Trouble::not_genuine("there is no ID token"))?;
        let mut facts = self.verified(id_token, &journey.nonce, now).await?;
        let subject =
            text(&facts, "sub").ok_or_else(|| Trouble::not_genuine("the ID token names nobody"))?;
        let complete = ["email", "name", self.username_claim.as_str()]
            .iter()
            .all(|name| text(&facts, name).is_some());
        if let (false, Some(url)) = (complete, &known.described.userinfo_endpoint) {
            let token = oauth::access_token(&tokens)?;
            let more = self.userinfo(url, token, &subject).await?;
            merge(&mut facts, more);
        }
        Ok(self.identity(subject, &facts))
    }
}

impl Oidc {
    fn identity(&self, subject: String, facts: &Value) -> ExternalIdentity {
        let email = text(facts, "email");
        let login = text(facts, &self.username_claim)
            .or_else(|| text(facts, "preferred_username"))
            .or_else(|| email.clone())
            .or_else(|| text(facts, "name"))
            .unwrap_or_else(|| subject.clone());
        ExternalIdentity {
            login,
            display_name: text(facts, "name"),
            email_verified: email.is_some() && is_true(facts, "email_verified"),
            email,
            roles: Roles::default(),
            subject,
        }
    }
}

/// Adds what is new. An address and what is said of it stay together.
fn merge(facts: &mut Value, more: Value) {
    let (Some(facts), Value::Object(more)) = (facts.as_object_mut(), more) else {
        return;
    };
    let has_email = facts.contains_key("email");
    for (name, value) in more {
        if !(has_email && name == "email_verified") {
            facts.entry(name).or_insert(value);
        }
    }
}
