//! Pushing as a form: first the question whether one may, then fields and file in one request.

use shared_types::names;

use super::{
    super::{
        Core, Error, Result,
        access::{self, Action},
        error::Resource,
    },
    accepts_pushes, check_movable, check_tag, ensure_collection, ensure_container, granted,
};
use crate::{domain::access::Viewer, repo};

/// Makes sure that an image of this name and tag can be pushed: the collection is made where it is not there and the caller may make
/// some. Gives its id.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `Invalid`, `NameTaken`, `Frozen`.
pub async fn prepare(
    core: &Core,
    viewer: &Viewer,
    collection: &str,
    container: &str,
    tag: &str,
) -> Result<i64> {
    let person = access::person(viewer)?;
    let container = container.to_ascii_lowercase();
    names::check_container(&container).map_err(|problem| Error::invalid("name", problem))?;
    check_tag(tag)?;
    let found = ensure_collection(core, viewer, &person.username, collection).await?;
    let granted = access::collection(core, viewer, &found.name, Action::Push).await?;
    check_movable(core, &granted, &container, tag).await?;
    Ok(found.id)
}

/// The name of a collection given by id: what its pushers sign. Nobody is to be told.
///
/// # Errors
/// The database failed.
pub async fn collection_name(core: &Core, id: i64) -> Result<Option<String>> {
    let rows = repo::collection::by_ids(core.db.read(), [id]).await?;
    Ok(rows.into_iter().next().map(|row| row.name))
}

/// The container that an image goes to, made where it is not there. Gives its id.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden`, `Invalid`, `Frozen`.
pub async fn destination(
    core: &Core,
    viewer: &Viewer,
    collection_id: i64,
    container: &str,
    tag: &str,
) -> Result<i64> {
    accepts_pushes(core)?;
    let missing = || Error::NotFound(Resource::Collection(format!("c{collection_id}")));
    let name = collection_name(core, collection_id).await?;
    let granted = granted(core, viewer, &name.ok_or_else(missing)?, missing).await?;
    let lower = container.to_ascii_lowercase();
    check_movable(core, &granted, &lower, tag).await?;
    let made = ensure_container(core, viewer, collection_id, &lower, "").await?;
    Ok(made.id)
}
