//! Whether the server can do its work.

use sea_orm::ConnectionTrait;

use super::{Core, Error, Result};

/// Asks the database for something small.
///
/// # Errors
/// `Busy` where it does not answer.
pub async fn check(core: &Core) -> Result<()> {
    core.db
        .read()
        .execute_unprepared("SELECT 1")
        .await
        .map(drop)
        .map_err(|error| Error::Busy(error.into()))
}
