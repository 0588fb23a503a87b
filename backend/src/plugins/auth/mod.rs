//! Ways to sign in with an account of another provider.
//!
//! Rule: a provider proves who somebody is, and nothing else. Which account that opens is decided in `services::providers`.

pub mod bitbucket;
pub mod claims;
pub mod github;
pub mod gitlab;
pub mod http;
pub mod ldap;
pub mod oauth;
pub mod oidc;
#[cfg(feature = "pam")]
pub mod pam;
pub mod registry;
#[cfg(feature = "saml")]
pub mod saml;
pub mod twitter;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared_types::ProviderKind;

use crate::config::Secret;

pub use registry::{Providers, Sites};

/// What lies behind a failure: logged, never shown.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Who somebody is, as a provider says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExternalIdentity {
    /// What the provider never gives to anybody else.
    pub subject: String,
    /// What the person is called there; a new user is called after it.
    pub login: String,
    /// The name for people.
    pub display_name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The provider vouches for the address.
    pub email_verified: bool,
    /// What the provider's groups say about roles.
    pub roles: Roles,
}

/// What a provider says about roles; nothing where it does not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Roles {
    /// Whether the person is an administrator.
    pub admin: Option<bool>,
    /// Whether the person is a superuser.
    pub superuser: Option<bool>,
}

/// Why a provider did not prove anything.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It did not answer, or not as it should.
    #[error("the provider does not answer as it should")]
    Down(#[source] Cause),
    /// It, or the person there, said no.
    #[error("the provider refused")]
    Denied(#[source] Cause),
    /// What came back proves nothing.
    #[error("what the provider sent proves nothing")]
    NotGenuine(#[source] Cause),
    /// User name or password is wrong.
    #[error("user name or password is wrong")]
    WrongCredentials,
    /// It is proven who it is, but such people are not let in.
    #[error("the person is not let in")]
    NotAdmitted(#[source] Cause),
}

impl Trouble {
    /// It did not answer, or not as it should.
    pub fn down(cause: impl Into<Cause>) -> Self {
        Self::Down(cause.into())
    }

    /// What came back proves nothing.
    pub fn not_genuine(cause: impl Into<Cause>) -> Self {
        Self::NotGenuine(cause.into())
    }
}

/// A sign-in on its way to a provider and back. All values are new for each, and nobody can guess them.
#[derive(Debug, Clone)]
pub struct Journey {
    /// Where the provider sends the browser.
    pub callback: String,
    /// What the provider hands back as it is.
    pub state: String,
    /// What an ID token must hold.
    pub nonce: String,
    /// The secret of PKCE.
    pub verifier: String,
    /// What the provider wanted kept at the beginning.
    pub kept: String,
    /// When it began.
    pub began: DateTime<Utc>,
}

/// The beginning of a journey.
#[derive(Debug, Clone)]
pub struct Departure {
    /// Where the browser goes.
    pub url: String,
    /// What the provider wants back at the end.
    pub kept: String,
}

/// What a provider sends the browser back with.
pub type Reply = BTreeMap<String, String>;

/// What a provider had a browser post: proven, but not yet known to belong to that browser's journey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// Who it is.
    pub identity: ExternalIdentity,
    /// What it answers: what was kept of the journey.
    pub answers: String,
    /// A name that no other proof has. It counts once.
    pub id: String,
}

/// A provider with a page of its own.
#[async_trait]
pub trait RedirectProvider: Send + Sync {
    /// Where the browser goes.
    async fn depart(&self, journey: &Journey) -> Result<Departure, Trouble>;

    /// Who came back. `state` has been compared already.
    async fn arrive(
        &self,
        journey: &Journey,
        reply: &Reply,
        now: DateTime<Utc>,
    ) -> Result<ExternalIdentity, Trouble>;

    /// Who it is, where the provider has browsers post its answer; nothing where the answer is another provider's. The post comes from
    /// another site, so it does not bring the journey: whether it belongs to it is found out afterwards.
    async fn receive(&self, _form: &Reply, _now: DateTime<Utc>) -> Result<Option<Posted>, Trouble> {
        Ok(None)
    }
}

/// A provider that is asked whether a password is right.
#[async_trait]
pub trait PasswordProvider: Send + Sync {
    /// Who it is. An empty password never comes here.
    async fn verify(
        &self,
        username: &str,
        password: &Secret<String>,
    ) -> Result<ExternalIdentity, Trouble>;
}

/// How one signs in with a provider.
#[derive(Clone)]
pub enum Way {
    /// On its own page.
    Redirect(Arc<dyn RedirectProvider>),
    /// With user name and password.
    Password(Arc<dyn PasswordProvider>),
}

/// A way to sign in.
#[derive(Clone)]
pub struct Provider {
    /// The word in URLs.
    pub id: String,
    /// The word in the address that browsers come back to. Several may share one; alone, the first of them is meant.
    pub door: String,
    /// What the button says.
    pub label: String,
    /// How one signs in.
    pub way: Way,
}

impl Provider {
    /// Form or page.
    pub fn kind(&self) -> ProviderKind {
        match self.way {
            Way::Redirect(_) => ProviderKind::Redirect,
            Way::Password(_) => ProviderKind::Password,
        }
    }
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Provider({})", self.id)
    }
}
