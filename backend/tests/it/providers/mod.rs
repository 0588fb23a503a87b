//! Signing in with other providers: the journey there and back, which account it opens, and all that must not work.

mod accounts;
mod at_once;
mod directory;
mod forges;
mod google_globus;
mod journeys;
#[cfg(feature = "pam")]
mod machine;
mod oidc;
mod refused;
#[cfg(feature = "saml")]
mod saml;

use reqwest::{Client, Response, header};
use shared_types::Session;

use crate::common::{TestApp, client_builder};
pub use oidc::Provider;

/// A browser that goes where it is sent, one step at a time.
pub struct Traveller {
    pub client: Client,
    base: String,
}

/// A journey about to end: where the browser would come back to.
#[derive(Clone)]
pub struct Back {
    pub code: String,
    pub state: String,
}

impl Back {
    pub fn path(&self) -> String {
        format!("/complete/oidc/?code={}&state={}", self.code, self.state)
    }
}

impl Traveller {
    pub fn new(app: &TestApp) -> Self {
        Self::to(&app.url(""))
    }

    /// One that goes to the registry at this address.
    pub fn to(base: &str) -> Self {
        let client = client_builder().cookie_store(true).build().unwrap();
        Self {
            client,
            base: base.to_owned(),
        }
    }

    pub async fn go(&self, path: &str) -> Response {
        let url = format!("{}{path}", self.base);
        self.client.get(url).send().await.unwrap()
    }

    /// Goes to the provider and signs in there.
    pub async fn leave(&self, provider: &Provider, next: &str) -> Back {
        let response = self.go(&format!("/login/oidc/?next={next}")).await;
        Self::left(provider, &location(&response))
    }

    pub fn left(provider: &Provider, url: &str) -> Back {
        let code = provider.approve(url);
        let url: url::Url = url.parse().unwrap();
        let state = url
            .query_pairs()
            .find(|(key, _)| key == "state")
            .unwrap()
            .1
            .into_owned();
        Back { code, state }
    }

    /// The whole way; where it led.
    pub async fn sign_in(&self, provider: &Provider) -> String {
        let back = self.leave(provider, "/token").await;
        location(&self.go(&back.path()).await)
    }

    pub async fn session(&self) -> Session {
        self.go("/api/v1/session").await.json().await.unwrap()
    }

    pub async fn username(&self) -> Option<String> {
        self.session().await.account.map(|account| account.username)
    }
}

/// Where an answer leads.
pub fn location(response: &Response) -> String {
    assert_eq!(response.status(), 303);
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    response.headers()[header::LOCATION]
        .to_str()
        .unwrap()
        .to_owned()
}
