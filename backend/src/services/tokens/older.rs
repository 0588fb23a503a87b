//! What clients and scripts of the original registry bring: signatures, keys of forty digits, a password for a token.

use std::net::IpAddr;

use shared_types::{Login, NewToken, Scope};

use super::{
    super::{Core, Error, Result, audit::Actor, keys, login, secret::Secret, terms, users},
    admit, checked, insert, kept, seal_context,
};
use crate::{
    domain::{
        access::{Grant, Viewer},
        hmac::{Credential, Names, Op},
    },
    repo,
};

/// Digits of a key of the original registry.
const DIGITS: usize = 40;

/// What a token is called that a password was exchanged for.
const BY_PASSWORD: &str = "api-token-auth";

/// What the database finds an imported key by; nothing where the text is no such key.
pub(super) fn hash(presented: &str) -> Option<String> {
    is_key(presented).then(|| keys::hash(presented))
}

fn is_key(text: &str) -> bool {
    text.len() == DIGITS
        && text
            .bytes()
            .all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit))
}

/// Keeps a key of the original registry as a token of a user, so that what is configured with it works on.
///
/// # Errors
/// `Invalid`, `NotFound`, `Conflict` where there are too many tokens or the key is known already.
pub async fn import(core: &Core, username: &str, new: &NewToken, key: &str) -> Result<()> {
    if !is_key(key) {
        let sentence = format!("a key of the original registry has {DIGITS} hexadecimal digits");
        return Err(Error::invalid("key", sentence));
    }
    let owner = users::person_of(&users::row(core, username).await?)?;
    let viewer = Viewer::of(owner.clone(), Grant::Local, core.openness());
    let collections = checked(core, &viewer, new).await?;
    let secret = Secret::fresh();
    let kept = kept(core, secret.id(), key)?;
    let by = Actor::of(core, &users::operator());
    match insert(core, &owner, new, &collections, (secret.id(), kept), by).await {
        Err(error) if error.is_duplicate() => Err(Error::Conflict(
            "this key is a token of this registry already".to_owned(),
        )),
        other => other.map(drop),
    }
}

/// Who signed a request: the user named in it, by one of their tokens, which says how far that goes.
///
/// # Errors
/// `Unauthenticated`: in the same words for an unknown user and a wrong signature.
pub async fn signed(core: &Core, header: &str, op: Op, names: &Names) -> Result<Viewer> {
    let refused = || {
        Error::Unauthenticated(
            "the signature is not valid: check the user name, the token, and the name of the image"
                .to_owned(),
        )
    };
    let credential = current(core, header, op)?;
    let user = repo::user::by_name(core.db.read(), &credential.username.to_lowercase()).await?;
    let user = user.ok_or_else(refused)?;
    for token in repo::token::of_user(core.db.read(), user.id).await? {
        let context = seal_context(&token.public_id);
        let Ok(key) = core.keys.open(&context, &token.sealed_secret) else {
            continue;
        };
        if credential.proves(&key, op, names) {
            return admit(core, &token, &user);
        }
    }
    Err(refused())
}

/// What a header says, where it is well formed, for this operation, and signed lately: before anything is looked up.
///
/// # Errors
/// `Unauthenticated`.
pub fn current(core: &Core, header: &str, op: Op) -> Result<Credential> {
    let refused = |sentence: &str| Error::Unauthenticated(sentence.to_owned());
    let credential = Credential::parse(header)
        .filter(|credential| credential.username.chars().all(|c| !c.is_control()))
        .ok_or_else(|| refused("the signature cannot be read"))?;
    if credential.op != op.as_str() {
        return Err(refused("the signature is for something else"));
    }
    if !credential.is_current(core.clock.now()) {
        return Err(refused(
            "the signature is too old; send the request again, and check this machine's clock",
        ));
    }
    Ok(credential)
}

/// A token for a user name and password: the same one each time, as scripts expect that keep the answer.
///
/// # Errors
/// `NotFound` where there are no local accounts, `WrongCredentials`, `RateLimited`, `Forbidden`, `TermsRequired`, `Conflict`
/// where there are too many tokens.
pub async fn by_password(core: &Core, login: Login, address: Option<IpAddr>) -> Result<String> {
    let user = login::prove(core, login, address).await?;
    if !terms::is_current(core, user.terms_version.as_deref()).await? {
        return Err(Error::TermsRequired);
    }
    let now = core.clock.now();
    let tokens = repo::token::of_user(core.db.read(), user.id).await?;
    let known = tokens
        .iter()
        .find(|token| token.name == BY_PASSWORD && token.expires_at.is_none_or(|end| end > now));
    if let Some(token) = known {
        let opened = core
            .keys
            .open(&seal_context(&token.public_id), &token.sealed_secret);
        // Sealed with another secret key, it is of no use to anybody: a new one takes its place.
        if let Ok(text) = opened {
            return String::from_utf8(text).map_err(Error::internal);
        }
    }
    let new = NewToken {
        name: BY_PASSWORD.to_owned(),
        scope: Some(Scope::Push),
        collections: None,
        expires_in_days: None,
    };
    let owner = users::person_of(&user)?;
    let by = Actor::person(&owner, now);
    Ok(super::issue(core, &owner, &new, &[], by).await?.secret)
}
