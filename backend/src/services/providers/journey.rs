//! A sign-in on its way to a provider and back.
//!
//! Rule: what must be known at the end travels sealed in a cookie of the browser that began it, for a short time, and counts once.
//!
//! Where a provider has the browser post its answer, the post comes from another site and does not bring that cookie, nor the session's:
//! both are `SameSite=Lax`, and stay so, because that is what keeps other sites from posting in somebody's name. So the post ends
//! nothing. What it proves is checked and sealed (`receive`), and the browser is sent on with it to the address where all journeys end;
//! that is a request of our own site, with the cookies. There it counts only in the browser whose request it answers (`arrive`). So nobody
//! can be signed in as somebody else by a page that posts an answer, nothing is kept on the server in between, and any replica can go on.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use shared_types::{SignInProblem, is_local_path};

use super::{accounts, connected, failed};
use crate::{
    plugins::auth::{ExternalIdentity, Journey, Posted, RedirectProvider, Reply, Trouble, Way},
    repo,
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
/// What sealed proofs are for.
const PROOF: &str = "posted proof";
/// The field that carries one.
const POSTED: &str = "posted";
/// How long a browser may take from the post to the end, in seconds.
const STEP: i64 = 120;

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

/// What a provider had the browser post, on its way to the end.
#[derive(Debug, Serialize, Deserialize)]
struct Proof {
    provider: String,
    posted: Posted,
    ends: i64,
}

/// Those that browsers come back from at this address.
fn behind<'a>(
    core: &'a Core,
    door: &str,
) -> impl Iterator<Item = (&'a str, &'a dyn RedirectProvider)> {
    core.providers
        .behind(door)
        .filter_map(|provider| match &provider.way {
            Way::Redirect(way) => Some((provider.id.as_str(), way.as_ref())),
            Way::Password(_) => None,
        })
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
    let unknown = || Error::SignIn(SignInProblem::UnknownProvider);
    let known = core.providers.get(provider).ok_or_else(unknown)?;
    let Way::Redirect(found) = &known.way else {
        return Err(unknown());
    };
    let provider = known.id.as_str();
    let mut journey = Journey {
        callback: callback(core, &known.door),
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
fn callback(core: &Core, door: &str) -> String {
    format!("{}/complete/{door}/", core.settings.server.domain_name)
}

/// Checks what a provider had a browser post. The path to send the browser on to.
///
/// # Errors
/// `SignIn` for whatever does not prove who it is.
pub async fn receive(core: &Core, door: &str, form: &Reply) -> Result<String> {
    let now = core.clock.now();
    let mut nobody = SignInProblem::UnknownProvider;
    for (provider, found) in behind(core, door) {
        nobody = SignInProblem::NotGenuine;
        let received = found.receive(form, now).await;
        let Some(posted) = received.map_err(|trouble| failed(provider, trouble))? else {
            continue;
        };
        let proof = Proof {
            provider: provider.to_owned(),
            posted,
            ends: now.timestamp() + STEP,
        };
        let plain = serde_json::to_vec(&proof).map_err(Error::internal)?;
        let sealed = core.keys.seal(PROOF, &plain).map_err(Error::internal)?;
        let state = form.get("RelayState").map(String::as_str);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("state", state.unwrap_or_default())
            .append_pair(POSTED, &BASE64_URL_SAFE_NO_PAD.encode(sealed))
            .finish();
        return Ok(format!("/complete/{door}/?{query}"));
    }
    Err(Error::SignIn(nobody))
}

/// Who it is by what was posted before, where that belongs to the journey.
async fn proven(
    core: &Core,
    provider: &str,
    journey: &Journey,
    sealed: &str,
    now: DateTime<Utc>,
) -> Result<ExternalIdentity> {
    let expired = || Error::SignIn(SignInProblem::Expired);
    let proof: Proof = open(core, PROOF, sealed).ok_or_else(expired)?;
    let posted = proof.posted;
    if proof.ends < now.timestamp() {
        return Err(expired());
    }
    if proof.provider != provider || !equal(&posted.answers, &journey.kept) {
        let trouble = Trouble::not_genuine("this is the answer to another request");
        return Err(failed(provider, trouble));
    }
    // Once for all replicas and across restarts. It ends with its journey, so it need not be remembered for longer.
    let (id, ends) = (
        keys::hash(&format!("{PROOF} {}", posted.id)),
        now + LIFETIME,
    );
    let counted = core
        .db
        .write(async move |tx| {
            repo::link::spend(tx, id, PROOF, now, ends).await?;
            Ok::<(), Error>(())
        })
        .await;
    match counted {
        Err(error) if error.is_duplicate() => {
            Err(failed(provider, Trouble::not_genuine("it was used before")))
        }
        Err(error) => Err(error),
        Ok(()) => Ok(posted.identity),
    }
}

/// Ends a sign-in.
///
/// # Errors
/// `SignIn` for whatever does not prove who it is, or opens no account.
pub async fn arrive(
    core: &Core,
    door: &str,
    cookie: Option<&str>,
    reply: &Reply,
    identity: &Identity,
    origin: &Origin,
) -> Result<Arrived> {
    if behind(core, door).next().is_none() {
        return Err(Error::SignIn(SignInProblem::UnknownProvider));
    }
    let expired = || Error::SignIn(SignInProblem::Expired);
    let luggage: Luggage = cookie
        .and_then(|cookie| open(core, CONTEXT, cookie))
        .ok_or_else(expired)?;
    let (provider, found) = behind(core, door)
        .find(|(id, _)| *id == luggage.provider)
        .ok_or_else(expired)?;
    let now = core.clock.now();
    let state = reply.get("state").map(String::as_str).unwrap_or_default();
    let own = equal(state, &luggage.state);
    if !own || luggage.ends < now.timestamp() || !core.people.take_journey(&luggage.state) {
        return Err(expired());
    }
    let journey = Journey {
        callback: callback(core, door),
        state: luggage.state,
        nonce: luggage.nonce,
        verifier: luggage.verifier,
        kept: luggage.kept,
        began: now,
    };
    let proven = match reply.get(POSTED) {
        Some(sealed) => proven(core, provider, &journey, sealed, now).await?,
        None => found
            .arrive(&journey, reply, now)
            .await
            .map_err(|trouble| failed(provider, trouble))?,
    };
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

fn open<T: DeserializeOwned>(core: &Core, context: &str, sealed: &str) -> Option<T> {
    let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let plain = core.keys.open(context, &sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}
