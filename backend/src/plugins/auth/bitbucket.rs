//! Bitbucket.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    Departure, ExternalIdentity, Journey, RedirectProvider, Reply, Roles, Trouble,
    claims::{is_true, text},
    http::Http,
    oauth::{self, Client, Proof},
};

/// What is asked for.
const SCOPE: &str = "account email";

/// Where Bitbucket is.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Its pages.
    pub site: String,
    /// Its API.
    pub api: String,
}

impl Default for Addresses {
    fn default() -> Self {
        Self {
            site: "https://bitbucket.org".to_owned(),
            api: "https://api.bitbucket.org".to_owned(),
        }
    }
}

/// Bitbucket.
pub struct Bitbucket {
    http: Http,
    addresses: Addresses,
    client: Client,
    verified_only: bool,
}

impl Bitbucket {
    /// With `verified_only`, nobody comes in whose address is not confirmed.
    pub fn new(http: Http, addresses: Addresses, client: Client, verified_only: bool) -> Self {
        Self {
            http,
            addresses,
            client,
            verified_only,
        }
    }

    async fn ask(&self, path: &str, token: &str) -> Result<Value, Trouble> {
        let request = self.http.get(&format!("{}{path}", self.addresses.api));
        self.http.json(request.bearer_auth(token)).await
    }
}

#[async_trait]
impl RedirectProvider for Bitbucket {
    async fn depart(&self, journey: &Journey) -> Result<Departure, Trouble> {
        let endpoint = format!("{}/site/oauth2/authorize", self.addresses.site);
        let url = oauth::departure(&endpoint, &self.client, SCOPE, journey)?;
        Ok(Departure {
            url: url.into(),
            kept: String::new(),
        })
    }

    async fn arrive(
        &self,
        journey: &Journey,
        reply: &Reply,
        _now: DateTime<Utc>,
    ) -> Result<ExternalIdentity, Trouble> {
        let endpoint = format!("{}/site/oauth2/access_token", self.addresses.site);
        let tokens = oauth::exchange(
            &self.http,
            &endpoint,
            &self.client,
            Proof::Basic,
            journey,
            reply,
        )
        .await?;
        let token = oauth::access_token(&tokens)?;
        let person = self.ask("/2.0/user", token).await?;
        let emails = self.ask("/2.0/user/emails", token).await?;
        let email = main_address(&emails);
        if self.verified_only && !email.as_ref().is_some_and(|(_, confirmed)| *confirmed) {
            return Err(Trouble::NotAdmitted(
                "the address is not confirmed at Bitbucket".into(),
            ));
        }
        let subject = text(&person, "uuid")
            .ok_or_else(|| Trouble::down("Bitbucket does not say who it is"))?;
        Ok(ExternalIdentity {
            login: text(&person, "username")
                .or_else(|| text(&person, "nickname"))
                .unwrap_or_else(|| subject.clone()),
            subject,
            display_name: text(&person, "display_name"),
            email_verified: email.as_ref().is_some_and(|(_, confirmed)| *confirmed),
            email: email.map(|(address, _)| address),
            roles: Roles::default(),
        })
    }
}

/// The main address, and whether it is confirmed.
fn main_address(emails: &Value) -> Option<(String, bool)> {
    let all = emails.get("values")?.as_array()?;
    let main = all.iter().find(|email| is_true(email, "is_primary"))?;
    Some((text(main, "email")?, is_true(main, "is_confirmed")))
}
