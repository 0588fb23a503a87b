//! Making a change to a user.

use chrono::{DateTime, Utc};
use entity::user;
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use shared_types::{Role, UserChange};

use super::super::{Error, Result};

/// Refuses a change after which nobody could manage the registry.
pub(super) fn keeps_a_superuser(row: &user::Model, change: &UserChange, active: u64) -> Result<()> {
    let counts = row.role == Role::Superuser.as_str() && row.disabled_at.is_none();
    let goes =
        change.disabled == Some(true) || change.role.is_some_and(|role| role != Role::Superuser);
    if counts && goes && active <= 1 {
        return Err(Error::Conflict(format!(
            "{} is the last superuser; make another one first",
            row.username
        )));
    }
    Ok(())
}

/// The row with the change made.
pub(super) fn apply(
    row: user::Model,
    change: &UserChange,
    password_hash: Option<String>,
    now: DateTime<Utc>,
) -> user::ActiveModel {
    let disabled_at = row.disabled_at;
    let mut row = row.into_active_model();
    if let Some(name) = &change.display_name {
        row.display_name = Set(name.trim().to_owned());
    }
    if let Some(email) = &change.email {
        row.email = Set(Some(email.trim().to_owned()).filter(|email| !email.is_empty()));
    }
    if let Some(role) = change.role {
        row.role = Set(role.as_str().to_owned());
    }
    match change.disabled {
        Some(true) => row.disabled_at = Set(disabled_at.or(Some(now))),
        Some(false) => row.disabled_at = Set(None),
        None => {}
    }
    if password_hash.is_some() {
        row.password_hash = Set(password_hash);
    }
    if let Some(quota) = change.quota_bytes {
        row.quota_bytes = Set(i64::try_from(quota).ok().filter(|quota| *quota > 0));
    }
    row
}
