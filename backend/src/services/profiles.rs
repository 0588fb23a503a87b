//! People's public pages.
//!
//! Rule: a page tells nothing that its reader could not find out elsewhere, not even that there is such a person. Who is met nowhere does not
//! exist.

use shared_types::Profile;

use super::{Core, Result, users};
use crate::{domain::access::Viewer, repo};

/// A person whom the viewer meets among the people of a collection or in a team; oneself, and everybody for administrators.
///
/// # Errors
/// `NotFound`, also for robots and disabled accounts.
pub async fn get(core: &Core, viewer: &Viewer, username: &str) -> Result<Profile> {
    let row = users::row(core, username).await?;
    let own = viewer.person().is_some_and(|person| person.id == row.id);
    let known = own || viewer.is_admin();
    if row.disabled_at.is_some()
        || !(known || repo::user::is_met(core.db.read(), viewer, row.id).await?)
    {
        return Err(users::missing(username));
    }
    Ok(Profile {
        username: row.username,
        display_name: row.display_name,
        created_at: row.created_at.into(),
    })
}
