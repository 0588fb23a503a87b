//! A sign-in on its way to a provider and back.
//!
//! Rule: what must be known at the end travels sealed in a cookie of the browser that began it, for a short time, and counts once.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use shared_types::{SignInProblem, is_local_path};

use super::{accounts, connected, failed, redirect_provider};
use crate::{
    plugins::auth::{Journey, Reply},
    services::{
        Core, Error, Result,
        audit::{self, Actor},
        keys::{self, equal},
        login::{self, Identity, Opened, Origin},
    },
};

/// How long somebody may take at the provider.
pub const LIFETIME: Duration = Duration::from_mins(10);

/// What the sealed values are for.
const CONTEXT: &str = "journey";

/// What travels in the cookie.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Luggage {
    provider: String,
    state: String,
    nonce: String,
    verifier: String,
    kept: String,
    next: String,
    /// The user whose account the login is to be connected with.
    connects: Option<i64>,
    ends: i64,
}

/// A browser about to leave for a provider.
#[derive(Debug, Clone)]
pub struct Departing {
    /// Where it goes.
    pub url: String,
    /// The value of its cookie.
    pub cookie: String,
}

/// A browser back from a provider.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// The new session; absent where a login was connected with the account of the one at hand.
    pub opened: Option<Opened>,
    /// The path to go on at.
    pub next: String,
}

/// Begins a sign-in; with `connects`, the login will belong to that user.
///
/// # Errors
/// `SignIn` for an unknown provider, or one that does not answer.
pub async fn depart(
    core: &Core,
    provider: &str,
    next: Option<&str>,
    connects: Option<i64>,
) -> Result<Departing> {
    let found = redirect_provider(core, provider)?;
    let mut journey = Journey {
        callback: callback(core, provider),
        state: keys::random_text::<16>(),
        nonce: keys::random_text::<16>(),
        verifier: keys::random_text::<32>(),
        kept: String::new(),
        began: core.clock.now(),
    };
    let departure = found
        .depart(&journey)
        .await
        .map_err(|trouble| failed(provider, trouble))?;
    journey.kept = departure.kept;
    let lifetime = i64::try_from(LIFETIME.as_secs()).unwrap_or_default();
    let luggage = Luggage {
        provider: provider.to_owned(),
        state: journey.state,
        nonce: journey.nonce,
        verifier: journey.verifier,
        kept: journey.kept,
        next: next
            .filter(|path| is_local_path(path))
            .unwrap_or("/")
            .to_owned(),
        connects,
        ends: core.clock.now().timestamp() + lifetime,
    };
    let plain = serde_json::to_vec(&luggage).map_err(Error::internal)?;
    let sealed = core.keys.seal(CONTEXT, &plain).map_err(Error::internal)?;
    Ok(Departing {
        url: departure.url,
        cookie: BASE64_URL_SAFE_NO_PAD.encode(sealed),
    })
}

/// Where a provider sends the browser back to: the original's address, so that registered applications keep working.
fn callback(core: &Core, provider: &str) -> String {
    format!("{}/complete/{provider}/", core.settings.server.domain_name)
}

/// Ends a sign-in.
///
/// # Errors
/// `SignIn` for whatever does not prove who it is, or opens no account.
pub async fn arrive(
    core: &Core,
    provider: &str,
    cookie: Option<&str>,
    reply: &Reply,
    identity: &Identity,
    origin: &Origin,
) -> Result<Arrived> {
    let found = redirect_provider(core, provider)?;
    let expired = || Error::SignIn(SignInProblem::Expired);
    let luggage = cookie
        .and_then(|cookie| open(core, cookie))
        .ok_or_else(expired)?;
    let now = core.clock.now();
    let state = reply.get("state").map(String::as_str).unwrap_or_default();
    let own = luggage.provider == provider && equal(state, &luggage.state);
    if !own || luggage.ends < now.timestamp() || !core.people.take_journey(&luggage.state) {
        return Err(expired());
    }
    let journey = Journey {
        callback: callback(core, provider),
        state: luggage.state,
        nonce: luggage.nonce,
        verifier: luggage.verifier,
        kept: luggage.kept,
        began: now,
    };
    let proven = found
        .arrive(&journey, reply, now)
        .await
        .map_err(|trouble| failed(provider, trouble))?;
    let opened = if let Some(user) = luggage.connects {
        // Whoever began must still be the one who is signed in here.
        let here = identity.viewer.person().map(|person| person.id);
        if here != Some(user) || identity.session.is_none() {
            return Err(expired());
        }
        let by = Actor::of(core, &identity.viewer);
        connected::attach(core, user, accounts::facts(provider, &proven), by).await?;
        None
    } else {
        let name = proven.login.clone();
        let admitted = accounts::admit(core, provider, proven).await;
        if let Err(error) = &admitted {
            audit::login_failed(core, provider, &name, error).await;
        }
        Some(login::open(core, admitted?, origin, provider).await?)
    };
    Ok(Arrived {
        opened,
        next: luggage.next,
    })
}

fn open(core: &Core, cookie: &str) -> Option<Luggage> {
    let sealed = BASE64_URL_SAFE_NO_PAD.decode(cookie).ok()?;
    let plain = core.keys.open(CONTEXT, &sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}
