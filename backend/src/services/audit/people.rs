//! What the log says of accounts and sign-ins.

use entity::user;
use sea_orm::ConnectionTrait;
use shared_types::{AuditAction, AuditThing, UserChange, names};

use super::{Actor, Entry};
use crate::{
    repo,
    services::{Core, Error, Result},
};

/// Stands for a name that no account has: it may be a password in the wrong field, so it is not kept.
const UNKNOWN: &str = "(unknown)";

/// Writes down that a sign-in was refused. That it cannot be written changes nothing for who tried.
pub async fn login_failed(core: &Core, provider: &str, username: &str, error: &Error) {
    // Attempts that have to wait tell nothing new, and there may be very many of them.
    if !matches!(
        error,
        Error::WrongCredentials | Error::Forbidden(_) | Error::SignIn(_)
    ) {
        return;
    }
    if let Err(error) = note(core, provider, username, error).await {
        tracing::warn!(%error, "a refused sign-in could not be written down");
    }
}

async fn note(core: &Core, provider: &str, username: &str, error: &Error) -> Result<()> {
    let name = username.trim().to_lowercase();
    let found = match names::check_username(&name) {
        Ok(()) => repo::user::by_name(core.db.read(), &name).await?,
        Err(_) => None,
    };
    let action = AuditAction::LoginFail;
    let entry = match &found {
        Some(user) => Entry::user(action, user),
        None => Entry::new(action, AuditThing::User, None, UNKNOWN),
    };
    let entry = entry.with("provider", provider).with("reason", error);
    let by = Actor::nobody(core.clock.now());
    core.db
        .write(async move |tx| entry.record(tx, &by).await)
        .await
}

/// Writes down what an administrator changed of a user.
///
/// # Errors
/// The database failed.
pub async fn user_changed(
    tx: &impl ConnectionTrait,
    by: &Actor,
    before: &user::Model,
    change: &UserChange,
) -> Result<()> {
    let fields = [
        ("display_name", change.display_name.is_some()),
        ("email", change.email.is_some()),
        ("password", change.password.is_some()),
        ("quota_bytes", change.quota_bytes.is_some()),
        ("role", change.role.is_some()),
    ];
    let changed: Vec<&str> = fields
        .into_iter()
        .filter_map(|(name, is)| is.then_some(name))
        .collect();
    if !changed.is_empty() {
        let entry = Entry::user(AuditAction::UserChange, before)
            .with("changed", changed.join(", "))
            .with_some("role", change.role)
            .with_some("quota_bytes", change.quota_bytes);
        entry.record(tx, by).await?;
    }
    let action = match change.disabled {
        Some(true) => AuditAction::UserDisable,
        Some(false) => AuditAction::UserEnable,
        None => return Ok(()),
    };
    Entry::user(action, before).record(tx, by).await
}
