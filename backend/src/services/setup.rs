//! The first administrator: a link in the log of the server, which works once.

use chrono::TimeDelta;
use shared_types::{AuditAction, ErrorCode, NewUser, Role, Setup, SetupStatus};

use super::{
    Core, Error, Result,
    audit::{Actor, Entry},
    error::Resource,
    keys,
    login::{self, Opened, Origin},
    users,
};
use crate::repo;

/// What the links are for, in the database.
const PURPOSE: &str = "setup";
/// How long a link works, in hours.
const LIFE: i64 = 24;

/// A link that creates the first superuser, where there is none: a new one at each start, the one before stops working.
///
/// # Errors
/// The database failed.
pub async fn link(core: &Core) -> Result<Option<String>> {
    if has_superuser(core).await? {
        return Ok(None);
    }
    let secret = keys::random_text::<24>();
    let now = core.clock.now();
    let end = now + TimeDelta::hours(LIFE);
    let code_hash = keys::hash(&secret);
    core.db
        .write(async move |tx| {
            repo::link::delete_unused(tx, PURPOSE).await?;
            repo::link::insert(tx, code_hash, PURPOSE, now, end).await
        })
        .await?;
    let address = &core.settings.server.domain_name;
    Ok(Some(format!("{address}/setup?code={secret}")))
}

/// Whether someone can manage the registry.
pub(super) async fn has_superuser(core: &Core) -> Result<bool> {
    if core.people.has_superuser() {
        return Ok(true);
    }
    let found = repo::user::count_superusers(core.db.read()).await? > 0;
    if found {
        core.people.note_superuser();
    }
    Ok(found)
}

/// Whether a link can be used.
///
/// # Errors
/// The database failed.
pub async fn status(core: &Core, secret: &str) -> Result<SetupStatus> {
    let now = core.clock.now();
    let reason = if has_superuser(core).await? {
        Some(ErrorCode::Conflict)
    } else if repo::link::is_usable(core.db.read(), &keys::hash(secret), PURPOSE, now).await? {
        None
    } else {
        Some(ErrorCode::NotFound)
    };
    Ok(SetupStatus {
        usable: reason.is_none(),
        reason,
    })
}

/// Creates the first superuser and signs them in.
///
/// # Errors
/// `NotFound` for a link that does not work, `Conflict` where a superuser exists, `Invalid`, `NameTaken`.
pub async fn finish(core: &Core, setup: Setup, origin: &Origin) -> Result<Opened> {
    let now = core.clock.now();
    let code_hash = keys::hash(&setup.code);
    // Hashing a password is work that only who holds the code may cause.
    if !repo::link::is_usable(core.db.read(), &code_hash, PURPOSE, now).await? {
        return Err(Error::NotFound(Resource::Link));
    }
    let new = NewUser {
        username: setup.username,
        password: Some(setup.password),
        display_name: None,
        email: setup.email,
        role: Some(Role::Superuser),
    };
    let new = users::prepare(core, new).await?;
    let username = new.username.clone();
    let user = core
        .db
        .write(async move |tx| {
            if !repo::link::take(tx, &code_hash, PURPOSE, now).await? {
                return Err(Error::NotFound(Resource::Link));
            }
            if repo::user::count_superusers(tx).await? > 0 {
                return Err(Error::Conflict(
                    "this registry has an administrator already".to_owned(),
                ));
            }
            let user = repo::user::insert(tx, new, now).await?;
            Entry::user(AuditAction::UserCreate, &user)
                .with("role", &user.role)
                .with("by", "setup link")
                .record(tx, &Actor::nobody(now))
                .await?;
            Ok(user)
        })
        .await
        .map_err(|error| users::taken_or(error, &username))?;
    core.people.note_superuser();
    tracing::info!(user = user.username, "the first superuser has been made");
    login::open(core, user, origin, login::LOCAL).await
}
