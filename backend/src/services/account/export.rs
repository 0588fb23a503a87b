//! Everything that is kept about a person, in one document.

use entity::user;
use shared_types::{
    AccountCollection, AccountExport, AccountImage, AccountKey, AccountProfile, AccountSession,
    AccountTeam, AccountTeamRequest, AuditAction, Scope,
};

use super::super::{
    Core, Error, Result,
    access::person,
    audit::{self, Actor, Entry},
    paging::unsigned,
    providers, shares, tokens, users,
};
use crate::{
    domain::access::Viewer,
    repo::{self, account},
};

/// Most entries of one list: a document that people can still open.
const MOST: u64 = 10_000;

/// A list that is cut where it is too long, and then named.
fn bounded<T>(mut rows: Vec<T>, what: &str, truncated: &mut Vec<String>) -> Vec<T> {
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    if rows.len() > most {
        rows.truncate(most);
        truncated.push(what.to_owned());
    }
    rows
}

/// All that is kept about the caller, but for secrets.
///
/// # Errors
/// `Unauthenticated`, `Forbidden` for tokens of a lesser scope and for robots.
pub async fn export(core: &Core, viewer: &Viewer) -> Result<AccountExport> {
    let caller = person(viewer)?;
    if !viewer.has_scope(Scope::Admin) || viewer.limited_to().is_some() || viewer.is_robot() {
        return Err(Error::Forbidden(
            "this token may not read what is kept about you; sign in, or use one with the scope “admin”"
                .to_owned(),
        ));
    }
    let (db, id, now) = (core.db.read(), caller.id, core.clock.now());
    let row = repo::user::find(db, id).await?;
    let row = row.ok_or_else(Error::sign_in)?;
    let mut truncated = Vec::new();
    let links = account::share_links(db, id, MOST + 1).await?;
    let links = bounded(links, "share_links", &mut truncated);
    let keys = account::keys(db, id, MOST + 1).await?;
    let keys = bounded(keys, "keys", &mut truncated);
    let images = account::images(db, id, MOST + 1).await?;
    let images = bounded(images, "images", &mut truncated);
    let log = repo::audit::of_actor(db, id, MOST + 1).await?;
    let log = bounded(log, "audit", &mut truncated);
    let export = AccountExport {
        exported_at: now.into(),
        registry: core.settings.server.domain_name.clone(),
        profile: profile(&row)?,
        logins: providers::list(core, viewer).await?.connected,
        sessions: sessions(core, id).await?,
        tokens: tokens::list_of(core, caller).await?.items,
        collections: collections(core, id).await?,
        teams: teams(core, id).await?,
        team_requests: requests(core, id).await?,
        stars: account::stars(db, id).await?,
        keys: keys
            .into_iter()
            .map(|(fingerprint, added_at)| AccountKey {
                fingerprint,
                added_at: added_at.into(),
            })
            .collect(),
        share_links: shares::shown(core, links).await?,
        images: images.into_iter().map(image).collect(),
        audit: log
            .into_iter()
            .map(|row| audit::shown(row, true))
            .collect::<Result<_>>()?,
        truncated,
    };
    let by = Actor::of(core, viewer);
    let entry = Entry::user(AuditAction::UserExport, &row);
    core.db
        .write(async move |tx| entry.record(tx, &by).await)
        .await?;
    Ok(export)
}

fn profile(row: &user::Model) -> Result<AccountProfile> {
    Ok(AccountProfile {
        username: row.username.clone(),
        display_name: row.display_name.clone(),
        email: row.email.clone(),
        role: users::role_of(row)?,
        password: row.password_hash.is_some(),
        terms_version: row.terms_version.clone(),
        terms_accepted_at: row.terms_accepted_at.map(Into::into),
        quota_bytes: row.quota_bytes.map(unsigned),
        created_at: row.created_at.into(),
        last_login_at: row.last_login_at.map(Into::into),
    })
}

async fn sessions(core: &Core, id: i64) -> Result<Vec<AccountSession>> {
    let rows = account::sessions(core.db.read(), id, core.clock.now()).await?;
    let show = |row: entity::session::Model| AccountSession {
        user_agent: row.user_agent,
        created_at: row.created_at.into(),
        last_seen_at: row.last_seen_at.into(),
        expires_at: row.expires_at.into(),
    };
    Ok(rows.into_iter().map(show).collect())
}

async fn collections(core: &Core, id: i64) -> Result<Vec<AccountCollection>> {
    let rows = account::collections(core.db.read(), id).await?;
    let show = |row: account::Place| {
        Some(AccountCollection {
            name: row.name,
            role: row.role.parse().ok()?,
            since: row.since.into(),
        })
    };
    Ok(rows.into_iter().filter_map(show).collect())
}

async fn teams(core: &Core, id: i64) -> Result<Vec<AccountTeam>> {
    let rows = account::teams(core.db.read(), id).await?;
    let show = |row: account::Place| {
        Some(AccountTeam {
            name: row.name,
            role: row.role.parse().ok()?,
            since: row.since.into(),
        })
    };
    Ok(rows.into_iter().filter_map(show).collect())
}

async fn requests(core: &Core, id: i64) -> Result<Vec<AccountTeamRequest>> {
    let rows = account::requests(core.db.read(), id).await?;
    let show = |row: account::Request| AccountTeamRequest {
        team: row.team,
        message: row.message,
        created_at: row.created_at.into(),
    };
    Ok(rows.into_iter().map(show).collect())
}

fn image(row: account::Pushed) -> AccountImage {
    AccountImage {
        container: format!("{}/{}", row.collection, row.container),
        digest: format!("sha256:{}", row.sha256),
        size: unsigned(row.size),
        created_at: row.created_at.into(),
    }
}
