//! Tags: names that point at images, and what happened to them.
//!
//! Rule: a frozen tag neither moves nor goes, by whatever door, until it is unfrozen.

use chrono::{DateTime, Utc};
use entity::image;
use sea_orm::ConnectionTrait;
use shared_types::{TagAction, names};

use super::{Error, Result};
use crate::repo;

/// The refusal to change a frozen tag.
pub(crate) fn frozen(name: &str) -> Error {
    Error::Frozen(format!(
        "tag “{name}” is frozen; nothing moves or removes it until an owner unfreezes it"
    ))
}

/// Points a tag at an image of the container: creates the tag or moves it, and writes the history. Part of a transaction.
///
/// # Errors
/// `Invalid` for a bad name, `Frozen` where a frozen tag points elsewhere.
pub(crate) async fn set(
    tx: &impl ConnectionTrait,
    container_id: i64,
    name: &str,
    arch: &str,
    image: &image::Model,
    user_id: Option<i64>,
    now: DateTime<Utc>,
) -> Result<()> {
    names::check_tag(name).map_err(|problem| Error::invalid("tag", problem))?;
    // Locks the container: whoever changes its tags at the same time waits, so what is read below stays true.
    repo::container::touch(tx, container_id, now).await?;
    let found = repo::tag::find(tx, container_id, name, Some(arch)).await?;
    let Some(tag) = found.into_iter().next() else {
        repo::tag::insert(tx, image, name, arch, user_id, now).await?;
        let event = repo::tag::Event {
            container_id,
            name,
            arch,
            action: TagAction::Created,
            from: None,
            to: Some(&image.sha256),
            user_id,
        };
        return Ok(repo::tag::record(tx, event, now).await?);
    };
    if tag.image_id == image.id {
        return Ok(());
    }
    if tag.frozen {
        return Err(frozen(name));
    }
    let before = repo::image::by_id(tx, tag.image_id).await?;
    repo::tag::repoint(tx, tag.id, image.id, user_id, now).await?;
    let event = repo::tag::Event {
        container_id,
        name,
        arch,
        action: TagAction::Moved,
        from: before.as_ref().map(|before| before.sha256.as_str()),
        to: Some(&image.sha256),
        user_id,
    };
    Ok(repo::tag::record(tx, event, now).await?)
}
