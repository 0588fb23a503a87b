//! Twitter / X, by OAuth 1.0a: the keys of applications registered for the original are of that kind.

use std::collections::BTreeMap;

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;
use url::form_urlencoded;

use super::{
    Departure, ExternalIdentity, Journey, RedirectProvider, Reply, Roles, Trouble, claims::text,
    http::Http, oauth::Client,
};

/// Where Twitter's API is.
pub const API: &str = "https://api.twitter.com";

/// RFC 5849, 3.6: what stays as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Twitter / X.
pub struct Twitter {
    http: Http,
    api: String,
    client: Client,
}

/// What a request is signed with, and the fields of the protocol that it carries.
struct Signing<'a> {
    nonce: &'a str,
    timestamp: i64,
    token: &'a str,
    token_secret: &'a str,
    more: &'a [(&'a str, &'a str)],
}

impl Twitter {
    /// With the API at this address.
    pub fn new(http: Http, api: &str, client: Client) -> Self {
        Self {
            http,
            api: api.trim_end_matches('/').to_owned(),
            client,
        }
    }

    /// The header that signs a request. `query` are the fields of the address.
    fn authorization(
        &self,
        method: &str,
        url: &str,
        query: &[(&str, &str)],
        signing: &Signing<'_>,
    ) -> String {
        let timestamp = signing.timestamp.to_string();
        let mut fields: BTreeMap<&str, &str> = BTreeMap::from([
            ("oauth_consumer_key", self.client.id.as_str()),
            ("oauth_nonce", signing.nonce),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", &timestamp),
            ("oauth_version", "1.0"),
        ]);
        if !signing.token.is_empty() {
            fields.insert("oauth_token", signing.token);
        }
        fields.extend(signing.more.iter().copied());
        let signature = signature(
            method,
            url,
            fields
                .iter()
                .map(|(name, value)| (*name, *value))
                .chain(query.iter().copied()),
            self.client.secret.reveal(),
            signing.token_secret,
        );
        fields.insert("oauth_signature", &signature);
        let parts: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", encode(value)))
            .collect();
        format!("OAuth {}", parts.join(", "))
    }

    /// Asks with a signature for fields in the form of a query.
    async fn fields(
        &self,
        path: &str,
        signing: &Signing<'_>,
    ) -> Result<BTreeMap<String, String>, Trouble> {
        let url = format!("{}{path}", self.api);
        let header = self.authorization("POST", &url, &[], signing);
        let request = self.http.post(&url).header("authorization", header);
        let answer = self.http.send(request).await?;
        if !answer.status.is_success() {
            let says = format!("status {}: {}", answer.status, answer.shown());
            return Err(match answer.status.as_u16() {
                401 | 403 => Trouble::not_genuine(says),
                _ => Trouble::down(says),
            });
        }
        Ok(form_urlencoded::parse(&answer.body).into_owned().collect())
    }
}

/// RFC 5849, 3.4.
fn signature<'a>(
    method: &str,
    url: &str,
    fields: impl Iterator<Item = (&'a str, &'a str)>,
    secret: &str,
    token_secret: &str,
) -> String {
    let mut pairs: Vec<(String, String)> = fields
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<_> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let base = format!("{method}&{}&{}", encode(url), encode(&pairs.join("&")));
    let key = format!("{}&{}", encode(secret), encode(token_secret));
    // HMAC takes keys of any length.
    let Ok(mut mac) = <Hmac<Sha1> as Mac>::new_from_slice(key.as_bytes()) else {
        return String::new();
    };
    mac.update(base.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// The value of a field that must be there.
fn need<'a>(fields: &'a BTreeMap<String, String>, name: &str) -> Result<&'a str, Trouble> {
    fields
        .get(name)
        .map(String::as_str)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Trouble::down(format!("{name} is missing")))
}

#[async_trait]
impl RedirectProvider for Twitter {
    async fn depart(&self, journey: &Journey) -> Result<Departure, Trouble> {
        // The protocol has no state of its own: it travels in the address to come back to.
        let callback = format!("{}?state={}", journey.callback, journey.state);
        let signing = Signing {
            nonce: &journey.nonce,
            timestamp: journey.began.timestamp(),
            token: "",
            token_secret: "",
            more: &[("oauth_callback", &callback)],
        };
        let fields = self.fields("/oauth/request_token", &signing).await?;
        if fields.get("oauth_callback_confirmed").map(String::as_str) != Some("true") {
            return Err(Trouble::down("the call-back address is not confirmed"));
        }
        let (token, secret) = (
            need(&fields, "oauth_token")?,
            need(&fields, "oauth_token_secret")?,
        );
        Ok(Departure {
            url: format!(
                "{}/oauth/authenticate?oauth_token={}",
                self.api,
                encode(token)
            ),
            kept: format!("{token} {secret}"),
        })
    }

    async fn arrive(
        &self,
        journey: &Journey,
        reply: &Reply,
        now: DateTime<Utc>,
    ) -> Result<ExternalIdentity, Trouble> {
        if reply.contains_key("denied") {
            return Err(Trouble::Denied("the person gave up".into()));
        }
        let (token, token_secret) = journey.kept.split_once(' ').unwrap_or_default();
        let verifier = reply
            .get("oauth_verifier")
            .map(String::as_str)
            .unwrap_or_default();
        if reply.get("oauth_token").map(String::as_str) != Some(token) || verifier.is_empty() {
            return Err(Trouble::not_genuine(
                "this is the answer to another request",
            ));
        }
        let signing = Signing {
            nonce: &journey.verifier,
            timestamp: now.timestamp(),
            token,
            token_secret,
            more: &[("oauth_verifier", verifier)],
        };
        let fields = self.fields("/oauth/access_token", &signing).await?;
        let signing = Signing {
            nonce: &journey.state,
            timestamp: now.timestamp(),
            token: need(&fields, "oauth_token")?,
            token_secret: need(&fields, "oauth_token_secret")?,
            more: &[],
        };
        let url = format!("{}/1.1/account/verify_credentials.json", self.api);
        let query = [("include_email", "true"), ("skip_status", "true")];
        let header = self.authorization("GET", &url, &query, &signing);
        let request = self
            .http
            .get(&url)
            .query(&query)
            .header("authorization", header);
        let person = self.http.json(request).await?;
        let nameless = || Trouble::down("Twitter does not say who it is");
        let email = text(&person, "email");
        Ok(ExternalIdentity {
            subject: text(&person, "id_str").ok_or_else(nameless)?,
            login: text(&person, "screen_name").ok_or_else(nameless)?,
            display_name: text(&person, "name"),
            // Only addresses that were confirmed are told.
            email_verified: email.is_some(),
            email,
            roles: Roles::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_signed_as_in_the_example_of_the_standard() {
        // OAuth Core 1.0, appendix A.
        let fields = [
            ("size", "original"),
            ("file", "vacation.jpg"),
            ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
            ("oauth_nonce", "kllo9940pd9333jh"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "1191242096"),
            ("oauth_token", "nnch734d00sl2jdk"),
            ("oauth_version", "1.0"),
        ];
        let signed = signature(
            "GET",
            "http://photos.example.net/photos",
            fields.into_iter(),
            "kd94hf93k423kf44",
            "pfkkdhi9sl3r4s00",
        );
        assert_eq!(signed, "tR3+Ty81lMeYAr/Fid0kMTYa/WM=");
    }
}
