//! An image whose digest and length are known only when all its bytes have come: how a form sends one.

use bytes::Bytes;
use futures_util::Stream;
use store::Stored;

use super::{
    How, Pushed, Target, complete, delete_object, keep, next_frame,
    room::{Limit, check_disk},
};
use crate::{
    domain::access::Viewer,
    services::{Core, Error, Result, access, pull, push},
};

/// Most bytes of a form that are not the file's.
const AROUND: u64 = 64 << 10;

/// Takes the bytes of an image for a container given by id. `most` is how many can come at most, where the sender says it.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden`, `NotAnImage`, `TooLarge`, `Quota`, `NoSpace`, `BadRequest` where the sender stopped.
pub async fn push(
    core: &Core,
    viewer: &Viewer,
    container_id: i64,
    most: Option<u64>,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send,
) -> Result<pull::Image> {
    access::person(viewer)?;
    let target = Target::by_id(core, viewer, container_id).await?;
    let limit = Limit::of(core, &target.granted.collection, None).await?;
    // What is around the file in its form is counted too, so only what is hopeless is refused here.
    if most.is_some_and(|most| most.saturating_sub(AROUND) > limit.bytes) {
        return Err(limit.exceeded());
    }
    check_disk(core, most.unwrap_or(0).min(limit.bytes)).await?;
    let stored = store(core, &limit, body).await?;
    match adopt(core, viewer, container_id, &stored).await {
        Ok(image) => Ok(image),
        Err(Unfinished { error, taken }) => {
            if !taken {
                delete_object(core, stored.key.as_str()).await;
            }
            Err(error)
        }
    }
}

/// Puts the bytes into the store, measured and hashed on the way.
async fn store(
    core: &Core,
    limit: &Limit,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send,
) -> Result<Stored> {
    let mut writer = core.blobs.begin(limit.bytes).await?;
    let mut body = std::pin::pin!(body);
    while let Some(frame) = next_frame(&mut body).await? {
        match writer.write(frame).await {
            Err(store::Error::TooLarge { .. }) => return Err(limit.exceeded()),
            written => written?,
        }
    }
    if writer.written() == 0 {
        return Err(Error::NotAnImage("an empty file is no image".to_owned()));
    }
    Ok(writer.finish(None).await?)
}

/// What went wrong, and whether a row knows of the bytes by then.
struct Unfinished {
    error: Error,
    taken: bool,
}

/// Makes an image of stored bytes, on the road that all uploads take at their end.
async fn adopt(
    core: &Core,
    viewer: &Viewer,
    container_id: i64,
    stored: &Stored,
) -> Result<pull::Image, Unfinished> {
    let not_taken = |error| Unfinished {
        error,
        taken: false,
    };
    let taken = |error| Unfinished { error, taken: true };
    let hash = format!("sha256.{}", stored.sha256.to_hex());
    let image = push::register_image(core, viewer, container_id, &hash, "")
        .await
        .map_err(not_taken)?;
    let pushed = Pushed::by_id(core, viewer, image.id)
        .await
        .map_err(not_taken)?;
    if pushed.image.blob_id.is_some() {
        delete_object(core, stored.key.as_str()).await;
        return Ok(image);
    }
    let size = i64::try_from(stored.size).map_err(|error| not_taken(Error::internal(error)))?;
    let row = pushed
        .insert(core, viewer, size, How::SINGLE)
        .await
        .map_err(not_taken)?;
    if !keep(core, &row, stored).await.map_err(not_taken)? {
        return Err(not_taken(super::gone()));
    }
    complete(core, viewer, image.id).await.map_err(taken)?;
    pull::image_by_id(core, viewer, image.id)
        .await
        .map_err(taken)
}
