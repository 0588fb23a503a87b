//! What all OAuth 2 providers have in common: the way there with state and PKCE, and the code that becomes a token.

use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::{Url, form_urlencoded::byte_serialize};

use super::{Journey, Reply, Trouble, claims::text, http::Http};
use crate::config::Secret;

/// This registry, as a provider knows it.
#[derive(Debug, Clone)]
pub struct Client {
    /// The client id.
    pub id: String,
    /// The client secret; empty for a client without one.
    pub secret: Secret<String>,
}

/// How a client proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// As fields of the form.
    Form,
    /// In the header.
    Basic,
}

/// Where the browser goes.
///
/// # Errors
/// `Down` where the provider's address is none.
pub fn departure(
    endpoint: &str,
    client: &Client,
    scope: &str,
    journey: &Journey,
) -> Result<Url, Trouble> {
    let mut url = Url::parse(endpoint).map_err(Trouble::down)?;
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(journey.verifier.as_bytes()));
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &client.id)
        .append_pair("redirect_uri", &journey.callback)
        .append_pair("state", &journey.state)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    if !scope.is_empty() {
        url.query_pairs_mut().append_pair("scope", scope);
    }
    Ok(url)
}

/// The tokens for the code that the browser brought back.
///
/// # Errors
/// `Denied` where the provider said no, `NotGenuine` for a code that is none, `Down`.
pub async fn exchange(
    http: &Http,
    endpoint: &str,
    client: &Client,
    proof: Proof,
    journey: &Journey,
    reply: &Reply,
) -> Result<Value, Trouble> {
    if let Some(error) = reply.get("error") {
        let about = reply.get("error_description").map_or("", String::as_str);
        return Err(Trouble::Denied(
            format!("{error:.100}: {about:.200}").into(),
        ));
    }
    let code = reply
        .get("code")
        .filter(|code| !code.is_empty())
        .ok_or_else(|| Trouble::not_genuine("there is no code"))?;
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &journey.callback),
        ("code_verifier", &journey.verifier),
    ];
    let mut request = http.post(endpoint);
    let secret = client.secret.reveal();
    if proof == Proof::Basic && !secret.is_empty() {
        request = request.header("authorization", basic(&client.id, secret));
    } else {
        form.push(("client_id", &client.id));
        if !secret.is_empty() {
            form.push(("client_secret", secret));
        }
    }
    let answer = http.send(request.form(&form)).await?;
    let tokens: Value = serde_json::from_slice(&answer.body)
        .map_err(|_| Trouble::down(format!("status {}: {}", answer.status, answer.shown())))?;
    match text(&tokens, "error") {
        // The code is unknown, was used, or belongs to another sign-in.
        Some(error) if matches!(error.as_str(), "invalid_grant" | "bad_verification_code") => {
            Err(Trouble::not_genuine(answer.shown()))
        }
        None if answer.status.is_success() => Ok(tokens),
        _ => Err(Trouble::down(format!(
            "status {}: {}",
            answer.status,
            answer.shown()
        ))),
    }
}

/// The access token among the tokens.
///
/// # Errors
/// `Down` where there is none.
pub fn access_token(tokens: &Value) -> Result<&str, Trouble> {
    tokens
        .get("access_token")
        .and_then(Value::as_str)
        .filter(|token| !token.is_empty())
        .ok_or_else(|| Trouble::down("there is no access token"))
}

/// RFC 6749, 2.3.1: both parts are encoded as in forms first.
fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(id), encode(secret));
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_the_standard() {
        // RFC 7636, appendix B.
        let journey = Journey {
            callback: "https://r.example/complete/x/".to_owned(),
            state: "s&t".to_owned(),
            nonce: "n".to_owned(),
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned(),
            kept: String::new(),
            began: chrono::DateTime::default(),
        };
        let client = Client {
            id: "c".to_owned(),
            secret: Secret::new(String::new()),
        };
        let url = departure("https://p.example/a?x=1", &client, "a b", &journey).unwrap();
        let pairs: Vec<_> = url.query_pairs().into_owned().collect();
        let get = |name: &str| &pairs.iter().find(|(key, _)| key == name).unwrap().1;
        assert_eq!(
            get("code_challenge"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert_eq!(
            (
                get("state").as_str(),
                get("scope").as_str(),
                get("x").as_str()
            ),
            ("s&t", "a b", "1")
        );
    }

    #[test]
    fn parts_of_the_header_are_encoded_first() {
        assert_eq!(
            basic("a:b", "c d"),
            format!("Basic {}", BASE64_STANDARD.encode("a%3Ab:c+d"))
        );
    }
}
