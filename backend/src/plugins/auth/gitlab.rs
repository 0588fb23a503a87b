//! GitLab, at gitlab.com or at an address of its own.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    Departure, ExternalIdentity, Journey, RedirectProvider, Reply, Roles, Trouble,
    claims::text,
    http::Http,
    oauth::{self, Client, Proof},
};

/// What is asked for.
const SCOPE: &str = "read_user";

/// GitLab at an address.
pub struct GitLab {
    http: Http,
    site: String,
    client: Client,
    scope: String,
}

impl GitLab {
    /// The one at `site`; more may be asked for than is needed.
    pub fn new(http: Http, site: &str, client: Client, more: &[String]) -> Self {
        let mut scope = vec![SCOPE];
        scope.extend(
            more.iter()
                .map(String::as_str)
                .filter(|word| *word != SCOPE),
        );
        Self {
            http,
            site: site.trim_end_matches('/').to_owned(),
            client,
            scope: scope.join(" "),
        }
    }
}

#[async_trait]
impl RedirectProvider for GitLab {
    async fn depart(&self, journey: &Journey) -> Result<Departure, Trouble> {
        let endpoint = format!("{}/oauth/authorize", self.site);
        let url = oauth::departure(&endpoint, &self.client, &self.scope, journey)?;
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
        let endpoint = format!("{}/oauth/token", self.site);
        let tokens = oauth::exchange(
            &self.http,
            &endpoint,
            &self.client,
            Proof::Form,
            journey,
            reply,
        )
        .await?;
        let request = self.http.get(&format!("{}/api/v4/user", self.site));
        let person = self
            .http
            .json(request.bearer_auth(oauth::access_token(&tokens)?))
            .await?;
        let nameless = || Trouble::down("GitLab does not say who it is");
        if text(&person, "state").is_some_and(|state| state != "active") {
            return Err(Trouble::NotAdmitted(
                "the account is not active at GitLab".into(),
            ));
        }
        let email = text(&person, "email");
        Ok(ExternalIdentity {
            subject: text(&person, "id").ok_or_else(nameless)?,
            login: text(&person, "username").ok_or_else(nameless)?,
            display_name: text(&person, "name"),
            // An address counts there only once it is confirmed, but for servers that confirm nobody's.
            email_verified: email.is_some() && text(&person, "confirmed_at").is_some(),
            email,
            roles: Roles::default(),
        })
    }
}
