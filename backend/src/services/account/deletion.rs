//! Deleting an account, and saying beforehand what that removes.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use entity::user;
use sea_orm::ConnectionTrait;
use shared_types::{
    AccountDeletion, AccountDeletionConfirmation, AuditAction, AuditThing, Role, TeamRole,
};

use super::super::{
    Core, Error, Result,
    access::person,
    audit::{Actor, Entry},
    keys, passwords, users,
};
use crate::{
    domain::access::{Grant, Person, Viewer},
    repo::{self, account},
};

/// How recent a sign-in must be to delete an account without a password, in minutes.
const RECENT: i64 = 15;

/// What stands in the way of deleting a person, and what goes with them.
struct Findings {
    last_superuser: bool,
    sole_owner_of: Vec<String>,
    sole_owner_of_teams: Vec<String>,
    /// Teams with nobody else in them: id and name.
    teams: Vec<(i64, String)>,
}

impl Findings {
    async fn read(db: &impl ConnectionTrait, row: &user::Model, superusers: u64) -> Result<Self> {
        let counts = row.role == Role::Superuser.as_str() && row.disabled_at.is_none();
        let (mut alone, mut of_others) = (Vec::new(), Vec::new());
        for team in account::teams(db, row.id).await? {
            let (others, owners) = account::others_in_team(db, team.id, row.id).await?;
            if others == 0 {
                alone.push((team.id, team.name));
            } else if owners == 0 && team.role == TeamRole::Owner.as_str() {
                of_others.push(team.name);
            }
        }
        Ok(Self {
            last_superuser: counts && superusers <= 1,
            sole_owner_of: account::sole_owner_of(db, row.id).await?,
            sole_owner_of_teams: of_others,
            teams: alone,
        })
    }

    /// Refuses where something stands in the way; says all of it.
    fn allow(&self, username: &str) -> Result<()> {
        let mut sentences = Vec::new();
        if self.last_superuser {
            sentences.push(format!(
                "{username} is the last superuser; make another one first"
            ));
        }
        let lists = [
            ("collections", &self.sole_owner_of),
            ("teams", &self.sole_owner_of_teams),
        ];
        for (what, names) in lists {
            if !names.is_empty() {
                sentences.push(format!(
                    "nobody else owns the {what} {}; hand them over or delete them first",
                    names.join(", ")
                ));
            }
        }
        if sentences.is_empty() {
            return Ok(());
        }
        Err(Error::Conflict(sentences.join("; ")))
    }
}

/// What deleting the caller's account would remove.
///
/// # Errors
/// `Unauthenticated`, `Forbidden` without a browser session.
pub async fn preview_own(core: &Core, viewer: &Viewer) -> Result<AccountDeletion> {
    let (person, _) = in_browser(viewer)?;
    describe(core, &own(core, person).await?).await
}

/// What deleting a user would remove: for superusers.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn preview(core: &Core, viewer: &Viewer, username: &str) -> Result<AccountDeletion> {
    users::administrator(viewer)?;
    describe(core, &users::row(core, username).await?).await
}

async fn describe(core: &Core, row: &user::Model) -> Result<AccountDeletion> {
    let db = core.db.read();
    let superusers = repo::user::count_superusers(db).await?;
    let found = Findings::read(db, row, superusers).await?;
    let counts = account::counts(db, row.id, core.clock.now()).await?;
    let collections = account::collections(db, row.id).await?;
    Ok(AccountDeletion {
        username: row.username.clone(),
        password_required: needs_password(core, row),
        possible: found.allow(&row.username).is_ok(),
        last_superuser: found.last_superuser,
        sole_owner_of: found.sole_owner_of,
        sole_owner_of_teams: found.sole_owner_of_teams,
        teams: found.teams.into_iter().map(|(_, name)| name).collect(),
        sessions: counts.sessions,
        tokens: counts.tokens,
        logins: counts.logins,
        collections: u64::try_from(collections.len()).unwrap_or_default(),
        share_links: counts.share_links,
        images: counts.images,
        keys: counts.keys,
    })
}

fn in_browser(viewer: &Viewer) -> Result<(&Person, i64)> {
    let person = person(viewer)?;
    match viewer.grant() {
        Some(Grant::Session(id)) => Ok((person, *id)),
        _ => Err(Error::Forbidden(
            "accounts are deleted in the browser, not with a token".to_owned(),
        )),
    }
}

async fn own(core: &Core, person: &Person) -> Result<user::Model> {
    let row = repo::user::find(core.db.read(), person.id).await?;
    row.ok_or_else(Error::sign_in)
}

fn needs_password(core: &Core, row: &user::Model) -> bool {
    core.settings.security.local_accounts && row.password_hash.is_some()
}

/// Deletes the caller's account, once they have typed its name, and their password or signed in lately.
///
/// # Errors
/// `Unauthenticated`, `Forbidden` without a recent browser session, `Invalid`, `RateLimited`, `Conflict` where something stands in the way.
pub async fn delete_own(
    core: &Core,
    viewer: &Viewer,
    confirmation: AccountDeletionConfirmation,
    address: Option<IpAddr>,
) -> Result<()> {
    let (person, session) = in_browser(viewer)?;
    let row = own(core, person).await?;
    if confirmation.username.trim() != row.username {
        let sentence = "type the user name of the account as it is";
        return Err(Error::invalid("username", sentence));
    }
    if needs_password(core, &row) {
        prove(core, &row, confirmation.password, address).await?;
    } else {
        signed_in_lately(core, session).await?;
    }
    remove(core, row, Actor::of(core, viewer)).await
}

async fn prove(
    core: &Core,
    row: &user::Model,
    password: Option<String>,
    address: Option<IpAddr>,
) -> Result<()> {
    let now = core.clock.now();
    let attempts = &core.rates.attempts;
    attempts.begin(&row.username, address, now).await?;
    let password = password.unwrap_or_default();
    if !passwords::verify(core, password, row.password_hash.clone()).await? {
        return Err(Error::invalid("password", "this is not your password"));
    }
    attempts.succeeded(&row.username, address).await;
    Ok(())
}

async fn signed_in_lately(core: &Core, session: i64) -> Result<()> {
    let found = account::session(core.db.read(), session).await?;
    let since = core.clock.now() - TimeDelta::minutes(RECENT);
    if found.is_some_and(|session| session.created_at >= since) {
        return Ok(());
    }
    Err(Error::Forbidden(
        "sign out and in again: an account is deleted right after signing in".to_owned(),
    ))
}

/// Deletes a user: for superusers.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `Conflict` where something stands in the way.
pub async fn delete(core: &Core, viewer: &Viewer, username: &str) -> Result<()> {
    users::administrator(viewer)?;
    let row = users::row(core, username).await?;
    remove(core, row, Actor::of(core, viewer)).await
}

async fn remove(core: &Core, row: user::Model, by: Actor) -> Result<()> {
    let pseudonym = format!("deleted-{}", keys::random_text::<6>());
    let (id, now) = (row.id, by.at());
    core.db
        .write(async move |tx| erase(tx, row, &pseudonym, by, now).await)
        .await?;
    // The name is gone from everywhere, so it is not logged either.
    tracing::info!(user = id, "an account was deleted");
    Ok(())
}

/// The transaction that deletes a person.
async fn erase(
    tx: &impl ConnectionTrait,
    row: user::Model,
    pseudonym: &str,
    by: Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    let superusers = repo::user::lock_superusers(tx).await?;
    let row = repo::user::lock(tx, row.id)
        .await?
        .ok_or_else(|| users::missing(&row.username))?;
    // Who manages the same collections waits, so that two do not leave one to each other.
    for place in account::collections(tx, row.id).await? {
        repo::collection::touch(tx, place.id, now).await?;
    }
    let found = Findings::read(tx, &row, superusers).await?;
    found.allow(&row.username)?;
    for (team, _) in &found.teams {
        account::delete_team(tx, *team).await?;
    }
    account::delete(tx, row.id).await?;
    repo::audit::rename_person(tx, row.id, &row.username, pseudonym).await?;
    account::rename_in_messages(tx, &row.username, pseudonym).await?;
    let by = by.renamed(row.id, pseudonym);
    Entry::new(AuditAction::UserDelete, AuditThing::User, row.id, pseudonym)
        .record(tx, &by)
        .await
}
