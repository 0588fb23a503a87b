//! Stars: what people like, and find again.

use std::collections::HashSet;

use super::{
    Core, Error, Result,
    access::{self, Action},
};
use crate::{domain::access::Viewer, repo};

/// Gives a collection the caller's star, or takes it back. Doing it again changes nothing.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden` for robots and for tokens that may not manage.
pub async fn set(core: &Core, viewer: &Viewer, name: &str, starred: bool) -> Result<()> {
    let granted = access::collection(core, viewer, name, Action::See).await?;
    let person = access::person(viewer)?;
    if !viewer.can_take_part() {
        return Err(Error::Forbidden(
            "people give stars; sign in, or use a token that may manage all that is yours"
                .to_owned(),
        ));
    }
    let (user, collection, now) = (person.id, granted.collection.id, core.clock.now());
    core.db
        .write(async move |tx| {
            if starred {
                repo::star::put(tx, user, collection, now).await
            } else {
                repo::star::remove(tx, user, collection).await
            }
        })
        .await
        .map_err(|error: sea_orm::DbErr| error.into())
}

/// Which of these collections the caller gave a star.
pub(super) async fn among(
    core: &Core,
    viewer: &Viewer,
    collections: impl IntoIterator<Item = i64>,
) -> Result<HashSet<i64>> {
    match viewer.person() {
        None => Ok(HashSet::new()),
        Some(person) => Ok(repo::star::among(core.db.read(), person.id, collections).await?),
    }
}
