//! Removing what was given up, has ended, or is no longer used.
//!
//! Rule: a row is marked first, in a transaction that no client can race; then the object goes, then the row. A sweep that is
//! cut off at any point is finished by the next one.

use std::{collections::HashSet, time::Duration};

use entity::upload;

use super::{Core, Error, Result, audit, uploads::direct, webhooks};
use crate::repo::{self, upkeep};

/// Removes uploads whose time is over, with what arrived of them; and images whose bytes never came.
///
/// # Errors
/// The database failed. What the store could not remove is logged and tried again next time.
pub async fn uploads(core: &Core) -> Result<()> {
    let now = core.clock.now();
    let expired = core
        .db
        .write(async |tx| upkeep::claim_expired_uploads(tx, now).await)
        .await?;
    let mut removed = 0_usize;
    for upload in expired {
        if let Err(error) = remove_bytes(core, &upload).await {
            tracing::warn!(upload = upload.id, %error, "what arrived of an upload could not be removed");
            continue;
        }
        core.db
            .write(async |tx| upkeep::delete_upload(tx, upload.id).await)
            .await?;
        removed += 1;
    }
    removed += sessions_of_uploads(core).await?;
    let before = now - span(core.settings.storage.upload_expiry);
    let images = core
        .db
        .write(async |tx| upkeep::delete_never_uploaded(tx, before).await)
        .await?;
    // Files that no row knows of: those of a server that was killed while it wrote.
    let known: HashSet<String> = upkeep::upload_keys(core.db.read())
        .await?
        .into_iter()
        .collect();
    let age = core.settings.storage.upload_expiry;
    let left = core.blobs.sweep(age, |id| known.contains(id)).await?;
    if removed > 0 || images > 0 || left.files > 0 {
        tracing::info!(
            uploads = removed,
            images,
            files = left.files,
            size_bytes = left.bytes,
            "removed what was given up"
        );
    }
    Ok(())
}

/// Removes upload sessions whose time is over, or whose container is gone, with what arrived. Returns how many.
async fn sessions_of_uploads(core: &Core) -> Result<usize> {
    let now = core.clock.now();
    let ended = core
        .db
        .write(async |tx| upkeep::claim_ended_upload_sessions(tx, now).await)
        .await?;
    let mut removed = 0;
    for session in ended {
        if let Err(error) = remove_session(core, &session.store_key).await {
            tracing::warn!(upload = session.id, %error, "what arrived of an upload could not be removed");
            continue;
        }
        core.db
            .write(async |tx| upkeep::delete_upload_session(tx, session.id).await)
            .await?;
        removed += 1;
    }
    Ok(removed)
}

/// Removes from the store what an upload session put there, or inherited: what has arrived, or bytes that became nobody's.
pub(super) async fn remove_session(core: &Core, key: &str) -> Result<()> {
    if let (Ok(id), Ok(parts)) = (key.parse(), key.parse()) {
        core.blobs.abort_append(&id).await?;
        core.blobs.abort_parts(&parts).await?;
    }
    if upkeep::has_blob(core.db.read(), key).await? {
        return Ok(());
    }
    delete_object(core, key).await
}

/// Removes from the store what an upload put there: its parts, or bytes that were stored but never became an image.
async fn remove_bytes(core: &Core, upload: &upload::Model) -> Result<()> {
    let Some(key) = &upload.store_key else {
        return Ok(());
    };
    if upload.kind == "parts"
        && let Ok(id) = key.parse()
    {
        match core.blobs.abort_parts(&id).await {
            Ok(()) | Err(store::Error::UnknownParts(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if upkeep::has_blob(core.db.read(), key).await? {
        return Ok(());
    }
    if let Some(begun) = direct::of(upload) {
        return Ok(core.blobs.abort_direct(&begun).await?);
    }
    delete_object(core, key).await
}

/// Removes bytes that no image has used for the grace period.
///
/// # Errors
/// The database failed. What the store could not remove is logged and tried again next time.
pub async fn blobs(core: &Core) -> Result<()> {
    let now = core.clock.now();
    let before = now - span(core.settings.storage.blob_grace);
    for container in repo::held::with_unnamed(core.db.read(), before).await? {
        core.db
            .write(async |tx| repo::held::release(tx, container, before).await)
            .await?;
    }
    let condemned = core
        .db
        .write(async |tx| {
            upkeep::mark_unused(tx, now).await?;
            upkeep::condemn_blobs(tx, before).await
        })
        .await?;
    for blob in condemned {
        if let Err(error) = delete_object(core, &blob.key).await {
            tracing::warn!(blob.sha256 = blob.sha256, %error, "bytes no image uses could not be removed");
            continue;
        }
        core.db
            .write(async |tx| upkeep::delete_blob(tx, blob.id).await)
            .await?;
        tracing::info!(
            blob.sha256 = blob.sha256,
            size_bytes = blob.size,
            "removed bytes that no image uses"
        );
    }
    Ok(())
}

/// Removes sessions, one-time links, share links and invitations that have ended, old entries of the audit log, and old
/// messages to webhooks.
///
/// # Errors
/// The database failed.
pub async fn sessions(core: &Core) -> Result<()> {
    let now = core.clock.now();
    let ended = core
        .db
        .write(async |tx| {
            repo::share::delete_ended(tx, now).await?;
            repo::team_entry::delete_ended(tx, now).await?;
            upkeep::delete_ended_sessions(tx, now).await
        })
        .await?;
    audit::sweep(core).await?;
    webhooks::sweep(core).await?;
    tracing::debug!(ended, "removed sessions and links that have ended");
    Ok(())
}

/// Deletes an object; one that is gone already is as good.
async fn delete_object(core: &Core, key: &str) -> Result<()> {
    let key = key.parse().map_err(Error::internal)?;
    match core.blobs.delete(&key).await {
        Ok(()) | Err(store::Error::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn span(duration: Duration) -> chrono::Duration {
    chrono::Duration::from_std(duration).unwrap_or(chrono::Duration::MAX)
}
