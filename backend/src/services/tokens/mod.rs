//! Tokens: one credential for every client.
//!
//! Rule: the secret leaves once, when it is made, but for the token that a password is exchanged for (`older`). What is kept is its hash, to find it, and the secret sealed, because clients that
//! sign with it need the server to know it.

mod check;
mod older;

use std::net::IpAddr;

use chrono::TimeDelta;
use entity::{token, user};
use shared_types::{AuditAction, IssuedToken, NewToken, Scope, Token, TokenPage};

use super::{
    Core, Error, Result,
    access::person,
    audit::{Actor, Entry},
    error::Resource,
    keys,
    secret::Secret,
    users,
};
use crate::{
    domain::access::{Grant, Person, Viewer},
    repo,
};

use check::checked;
pub use check::{LONGEST_LIFE, LONGEST_NAME, MOST_COLLECTIONS};
pub use older::{by_password, current, import, signed};

/// Most tokens of one user.
const MOST_TOKENS: u64 = 250;
/// How exact `last_used_at` is, in seconds.
const USE_PRECISION: i64 = 60;

/// Who a token speaks for, that is presented from there.
///
/// # Errors
/// `Unauthenticated`, with a sentence that says what is wrong with the token; `RateLimited` where tokens are guessed.
pub async fn authenticate(core: &Core, presented: &str, address: Option<IpAddr>) -> Result<Viewer> {
    let hash = match older::hash(presented) {
        Some(hash) => hash,
        None => Secret::parse(presented)
            .map_err(Error::Unauthenticated)?
            .hash(),
    };
    let (attempts, now) = (&core.rates.attempts, core.clock.now());
    let held_up = attempts.before_token(&hash, address, now).await;
    if held_up.is_err() {
        // It may be a good one all the same: others at its address may guess.
        core.rates.spare(address, now).await?;
    }
    // Looked up each time: a token must die at once, whichever process or replica ends it.
    let Some((token, user)) = repo::token::with_user(core.db.read(), &hash).await? else {
        held_up?;
        attempts.wrong_token(&hash, address, now).await?;
        return Err(refused(
            "this token is not known here; it was revoked, replaced, or belongs to another registry",
        ));
    };
    attempts.good_token(&hash);
    admit(core, &token, &user)
}

/// Who a token at hand speaks for, if it and its user are in force. Notes that it was used.
pub(super) fn admit(core: &Core, token: &token::Model, user: &user::Model) -> Result<Viewer> {
    let now = core.clock.now();
    if user.disabled_at.is_some() {
        return Err(refused(
            "the account that this token belongs to is disabled",
        ));
    }
    if let Some(end) = token.expires_at.filter(|end| *end <= now) {
        let day = end.format("%Y-%m-%d");
        return Err(refused(&format!(
            "this token expired on {day}; make a new one"
        )));
    }
    let precision = TimeDelta::seconds(USE_PRECISION);
    if token
        .last_used_at
        .is_none_or(|last| now - last >= precision)
    {
        core.people.note_use(token.id, now);
    }
    let grant = Grant::Token {
        id: token.id,
        name: token.name.clone(),
        scope: scope_of(token)?,
        collections: collections_of(token),
    };
    Ok(Viewer::of(users::person_of(user)?, grant, core.openness()))
}

fn refused(sentence: &str) -> Error {
    Error::Unauthenticated(sentence.to_owned())
}

fn scope_of(token: &token::Model) -> Result<Scope> {
    token
        .scope
        .parse()
        .map_err(|error: String| Error::internal(error))
}

fn collections_of(token: &token::Model) -> Vec<String> {
    token
        .collections
        .split(',')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Writes down when tokens were last used: for the job that flushes counters, never while a client waits.
///
/// # Errors
/// The database failed.
pub async fn flush_uses(core: &Core) -> Result<()> {
    let uses = core.people.take_uses();
    if uses.is_empty() {
        return Ok(());
    }
    core.db
        .write(async move |tx| {
            for (id, at) in uses {
                repo::token::set_used(tx, id, at).await?;
            }
            Ok(())
        })
        .await
}

/// Who may handle tokens: a person with a browser, or a token that may do everything; else a token that leaked could
/// make itself a better one.
pub(super) fn keeper(viewer: &Viewer) -> Result<&Person> {
    let person = person(viewer)?;
    if viewer.has_scope(Scope::Admin) && viewer.limited_to().is_none() {
        return Ok(person);
    }
    Err(Error::Forbidden(
        "this token may not handle tokens; sign in, or use one with the scope “admin”".to_owned(),
    ))
}

/// The caller's own tokens, newest first.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`.
pub async fn list(core: &Core, viewer: &Viewer) -> Result<TokenPage> {
    list_of(core, keeper(viewer)?).await
}

/// As `list`, of a robot or of the caller.
pub(super) async fn list_of(core: &Core, owner: &Person) -> Result<TokenPage> {
    let rows = repo::token::of_user(core.db.read(), owner.id).await?;
    let items = rows.iter().map(dto).collect::<Result<Vec<_>>>()?;
    Ok(TokenPage {
        total: u64::try_from(items.len()).unwrap_or_default(),
        items,
        next: None,
    })
}

fn dto(row: &token::Model) -> Result<Token> {
    Ok(Token {
        id: row.public_id.clone(),
        name: row.name.clone(),
        scope: scope_of(row)?,
        collections: collections_of(row),
        created_at: row.created_at.into(),
        expires_at: row.expires_at.map(Into::into),
        last_used_at: row.last_used_at.map(Into::into),
    })
}

/// Makes a token for the caller.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `Invalid`, `Conflict` where there are too many.
pub async fn create(core: &Core, viewer: &Viewer, new: NewToken) -> Result<IssuedToken> {
    keeper(viewer)?;
    create_as(core, viewer, &new, Actor::of(core, viewer)).await
}

/// As `create`, in the name of a robot or of the caller.
pub(super) async fn create_as(
    core: &Core,
    viewer: &Viewer,
    new: &NewToken,
    by: Actor,
) -> Result<IssuedToken> {
    let owner = person(viewer)?;
    let collections = checked(core, viewer, new).await?;
    issue(core, owner, new, &collections, by).await
}

/// Makes a token for a user: for the command line and for set-ups, where nobody is signed in.
///
/// # Errors
/// `Invalid`, `NotFound`, `Conflict` where there are too many.
pub async fn create_for(core: &Core, username: &str, new: NewToken) -> Result<IssuedToken> {
    let owner = users::person_of(&users::row_of_any(core, username).await?)?;
    let by = Actor::of(core, &users::operator());
    let own = Viewer::of(owner, Grant::Local, core.openness());
    create_as(core, &own, &new, by).await
}

async fn issue(
    core: &Core,
    owner: &Person,
    new: &NewToken,
    collections: &[String],
    by: Actor,
) -> Result<IssuedToken> {
    let secret = Secret::fresh();
    let kept = kept(core, secret.id(), secret.text())?;
    let token = insert(core, owner, new, collections, (secret.id(), kept), by).await?;
    Ok(IssuedToken {
        token: dto(&token)?,
        secret: secret.into_text(),
    })
}

/// Keeps a token; `secret` is its public id and the secret as it is kept.
async fn insert(
    core: &Core,
    owner: &Person,
    new: &NewToken,
    collections: &[String],
    secret: (&str, repo::token::Kept),
    by: Actor,
) -> Result<token::Model> {
    let now = core.clock.now();
    let row = repo::token::New {
        public_id: secret.0.to_owned(),
        user_id: owner.id,
        name: new.name.trim().to_owned(),
        secret: secret.1,
        scope: new.scope.unwrap_or(Scope::Push),
        collections: collections.join(","),
        expires_at: new
            .expires_in_days
            .map(|days| now + TimeDelta::days(i64::from(days))),
    };
    let username = owner.username.clone();
    let token = core
        .db
        .write(async move |tx| {
            if repo::token::count_of_user(tx, row.user_id).await? >= MOST_TOKENS {
                return Err(Error::Conflict(format!(
                    "{MOST_TOKENS} tokens are enough; revoke some that are not used"
                )));
            }
            let token = repo::token::insert(tx, row, now).await?;
            let entry = Entry::token(AuditAction::TokenCreate, &token, &username);
            entry.with("scope", &token.scope).record(tx, &by).await?;
            Ok(token)
        })
        .await?;
    tracing::info!(user = owner.username, token = token.public_id, "token made");
    Ok(token)
}

fn kept(core: &Core, id: &str, text: &str) -> Result<repo::token::Kept> {
    let sealed = core.keys.seal(&seal_context(id), text.as_bytes());
    Ok(repo::token::Kept {
        hash: keys::hash(text),
        sealed: sealed.map_err(Error::internal)?,
    })
}

/// What a token's secret is sealed for: it opens for no other.
fn seal_context(id: &str) -> String {
    format!("token:{id}")
}

async fn own(core: &Core, owner: &Person, id: &str) -> Result<token::Model> {
    // PostgreSQL refuses some characters with an error of its own, so nothing odd is looked up.
    let found = if id.bytes().all(|c| c.is_ascii_alphanumeric()) {
        repo::token::find(core.db.read(), owner.id, id).await?
    } else {
        None
    };
    found.ok_or(Error::NotFound(Resource::Token))
}

/// Gives a token of the caller's a new secret; the old one stops working at once.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `Conflict` where it has expired.
pub async fn rotate(core: &Core, viewer: &Viewer, id: &str) -> Result<IssuedToken> {
    rotate_of(core, keeper(viewer)?, id, Actor::of(core, viewer)).await
}

/// As `rotate`, of a robot or of the caller.
pub(super) async fn rotate_of(
    core: &Core,
    owner: &Person,
    id: &str,
    by: Actor,
) -> Result<IssuedToken> {
    let row = own(core, owner, id).await?;
    let now = core.clock.now();
    if row.expires_at.is_some_and(|end| end <= now) {
        return Err(Error::Conflict(
            "this token has expired; make a new one".to_owned(),
        ));
    }
    let secret = Secret::with_id(&row.public_id);
    let kept = kept(core, secret.id(), secret.text())?;
    let token = row.id;
    let entry = Entry::token(AuditAction::TokenRotate, &row, &owner.username);
    core.db
        .write(async move |tx| {
            repo::token::replace_secret(tx, token, kept, now).await?;
            entry.record(tx, &by).await
        })
        .await?;
    tracing::info!(
        user = owner.username,
        token = row.public_id,
        "token rotated"
    );
    let token = own(core, owner, id).await?;
    Ok(IssuedToken {
        token: dto(&token)?,
        secret: secret.into_text(),
    })
}

/// Revokes a token of the caller's: it stops working at once.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn revoke(core: &Core, viewer: &Viewer, id: &str) -> Result<()> {
    revoke_of(core, keeper(viewer)?, id, Actor::of(core, viewer)).await
}

/// As `revoke`, of a robot or of the caller.
pub(super) async fn revoke_of(core: &Core, owner: &Person, id: &str, by: Actor) -> Result<()> {
    let row = own(core, owner, id).await?;
    let token = row.id;
    let entry = Entry::token(AuditAction::TokenRevoke, &row, &owner.username);
    core.db
        .write(async move |tx| {
            repo::token::delete(tx, token).await?;
            entry.record(tx, &by).await
        })
        .await?;
    tracing::info!(
        user = owner.username,
        token = row.public_id,
        "token revoked"
    );
    Ok(())
}
