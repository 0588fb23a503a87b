//! GitHub, and GitHub Enterprise servers.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    Departure, ExternalIdentity, Journey, RedirectProvider, Reply, Roles, Trouble,
    claims::{is_true, text},
    http::Http,
    oauth::{self, Client, Proof},
};

/// What is asked for: who it is, and which addresses are confirmed.
const SCOPE: &str = "read:user user:email";

/// GitHub at an address.
pub struct GitHub {
    http: Http,
    site: String,
    api: String,
    client: Client,
}

impl GitHub {
    /// The one whose pages are at `site` and whose API is at `api`.
    pub fn new(http: Http, site: &str, api: &str, client: Client) -> Self {
        let tidy = |url: &str| url.trim_end_matches('/').to_owned();
        Self {
            http,
            site: tidy(site),
            api: tidy(api),
            client,
        }
    }

    async fn ask(&self, path: &str, token: &str) -> Result<Value, Trouble> {
        let request = self.http.get(&format!("{}{path}", self.api));
        self.http.json(request.bearer_auth(token)).await
    }
}

#[async_trait]
impl RedirectProvider for GitHub {
    async fn depart(&self, journey: &Journey) -> Result<Departure, Trouble> {
        let endpoint = format!("{}/login/oauth/authorize", self.site);
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
        let endpoint = format!("{}/login/oauth/access_token", self.site);
        let tokens = oauth::exchange(
            &self.http,
            &endpoint,
            &self.client,
            Proof::Form,
            journey,
            reply,
        )
        .await?;
        let token = oauth::access_token(&tokens)?;
        let person = self.ask("/user", token).await?;
        let emails = self.ask("/user/emails", token).await?;
        let nameless = || Trouble::down("GitHub does not say who it is");
        let email = confirmed(&emails);
        Ok(ExternalIdentity {
            subject: text(&person, "id").ok_or_else(nameless)?,
            login: text(&person, "login").ok_or_else(nameless)?,
            display_name: text(&person, "name"),
            email_verified: email.is_some(),
            email,
            roles: Roles::default(),
        })
    }
}

/// The main address, where it is confirmed.
fn confirmed(emails: &Value) -> Option<String> {
    let main = emails
        .as_array()?
        .iter()
        .find(|email| is_true(email, "primary") && is_true(email, "verified"))?;
    text(main, "email")
}
