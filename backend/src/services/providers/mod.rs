//! Signing in with accounts of other providers.
//!
//! Rule: a provider proves who somebody is; which account that opens is decided here (`accounts`), in one transaction. A sign-in on its way
//! to a provider and back is bound to the browser that began it (`journey`).

mod accounts;
mod connected;
mod journey;

use std::{error::Error as _, net::IpAddr};

use entity::user;
use shared_types::{ConnectedLogin, Login, LoginProvider, SignInProblem};

use super::{Core, Error, Result, audit, error::Resource};
use crate::{
    config::Secret,
    plugins::auth::{ExternalIdentity, PasswordProvider, Provider, Trouble, Way},
};

pub use connected::{connect, disconnect, list};
pub use journey::{Arrived, Departing, LIFETIME, arrive, depart, receive};

/// Longest user name that a provider is asked about, in bytes.
const LONGEST_USERNAME: usize = 256;
/// Longest password that a provider is asked about, in bytes.
const LONGEST_PASSWORD: usize = 1024;

/// The ways to sign in with other providers, as the sign-in page shows them.
pub(super) fn shown(core: &Core) -> impl Iterator<Item = LoginProvider> {
    core.providers.iter().map(|provider| LoginProvider {
        id: provider.id.clone(),
        label: provider.label.clone(),
        kind: provider.kind(),
    })
}

/// The user of a name and password at another provider. Whoever tries too often has to wait.
///
/// # Errors
/// `NotFound` for an unknown provider, `WrongCredentials`, `RateLimited`, `SignIn`.
pub(super) async fn by_password(
    core: &Core,
    provider: &str,
    login: Login,
    address: Option<IpAddr>,
) -> Result<user::Model> {
    let name = login.username.clone();
    let admitted = match prove(core, provider, login, address).await {
        Ok(identity) => accounts::admit(core, provider, identity).await,
        Err(error) => Err(error),
    };
    if let Err(error) = &admitted {
        audit::login_failed(core, provider, &name, error).await;
    }
    admitted
}

/// Who somebody is at a provider, by name and password.
async fn prove(
    core: &Core,
    provider: &str,
    login: Login,
    address: Option<IpAddr>,
) -> Result<ExternalIdentity> {
    let asked = password_provider(core, provider)?;
    let username = login.username.trim();
    // The same name at two providers is two accounts to guess at.
    let account = format!("{provider} {}", username.to_lowercase());
    let attempts = &core.rates.attempts;
    attempts.begin(&account, address, core.clock.now()).await?;
    // Many directories take a name without a password for somebody who does not want to sign in, and say yes.
    let possible = !username.is_empty()
        && username.len() <= LONGEST_USERNAME
        && !login.password.is_empty()
        && login.password.len() <= LONGEST_PASSWORD
        && !username.contains(char::is_control)
        && !login.password.contains('\0');
    if !possible {
        return Err(Error::WrongCredentials);
    }
    let verified = asked.verify(username, &Secret::new(login.password)).await;
    match &verified {
        Ok(_) => attempts.succeeded(&account, address).await,
        Err(Trouble::Down(_)) => attempts.undecided(&account, address).await,
        Err(_) => {}
    }
    verified.map_err(|trouble| failed(provider, trouble))
}

fn provider<'a>(core: &'a Core, id: &str) -> Option<&'a Provider> {
    core.providers.get(id)
}

fn password_provider<'a>(core: &'a Core, id: &str) -> Result<&'a dyn PasswordProvider> {
    match provider(core, id).map(|provider| &provider.way) {
        Some(Way::Password(found)) => Ok(found.as_ref()),
        _ => Err(Error::NotFound(Resource::Path)),
    }
}

/// What SAML identity providers need to know about this registry.
///
/// # Errors
/// `NotFound` where SAML is not in use.
pub fn saml_metadata(core: &Core) -> Result<&str> {
    core.providers
        .saml_metadata()
        .ok_or(Error::NotFound(Resource::Path))
}

/// The error for a provider's trouble. What lies behind it is logged here, once.
fn failed(provider: &str, trouble: Trouble) -> Error {
    let cause = trouble.source().map(chain).unwrap_or_default();
    if let Trouble::Down(_) = trouble {
        tracing::warn!(provider, cause, "{trouble}");
    } else {
        tracing::info!(provider, cause, "sign-in refused: {trouble}");
    }
    match trouble {
        Trouble::Down(_) => Error::SignIn(SignInProblem::Unavailable),
        Trouble::Denied(_) => Error::SignIn(SignInProblem::Denied),
        Trouble::NotGenuine(_) => Error::SignIn(SignInProblem::NotGenuine),
        Trouble::NotAdmitted(_) => Error::SignIn(SignInProblem::NotAdmitted),
        Trouble::WrongCredentials => Error::WrongCredentials,
    }
}

/// An error with all that lies behind it.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text.push_str(": ");
        text.push_str(&error.to_string());
        next = error.source();
    }
    text
}

/// A connected login, as its owner sees it.
fn described(core: &Core, row: entity::identity::Model) -> ConnectedLogin {
    let known = provider(core, &row.provider);
    ConnectedLogin {
        id: row.id.to_string(),
        label: known.map_or_else(|| row.provider.clone(), |known| known.label.clone()),
        usable: known.is_some(),
        provider: row.provider,
        login: row.login,
        email: row.email,
        email_verified: row.email_verified,
        connected_at: row.created_at.into(),
        last_used_at: row.last_used_at.into(),
    }
}
