//! The bytes of an image: opening an upload, taking the bytes, and making them the image's.
//!
//! Rule: what is announced is what must come. Bytes are measured and hashed while they arrive; nothing of an upload that fails or is
//! given up stays in the store, and an image has its bytes only after one transaction said so.

mod complete;
mod landed;
mod room;
pub mod sessions;
mod unannounced;
pub mod web;

use std::{fmt::Display, time::Duration};

use bytes::Bytes;
use entity::{image, upload};
use futures_util::{Stream, StreamExt};
use store::{Digest, PartsId};

use super::{Core, Error, Result, access, error::Resource, keys, push::Target, tickets};
use crate::{domain::access::Viewer, repo};
use room::check_room;

pub(super) use complete::check_image;
pub use complete::{Completed, abort, complete, complete_parts};
pub use unannounced::push as push_unannounced;

/// How long a sender may send nothing.
const STALL: Duration = Duration::from_mins(1);

/// An upload in parts, as its client is told.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The upload's id.
    pub upload: String,
    /// Bytes of each part but the last.
    pub part_size: u64,
    /// How many there are.
    pub total: u32,
}

/// Opens an upload in one piece: the path and query to send the bytes to.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden`, `DigestMismatch` where the digest is not the one the image was announced with,
/// `TooLarge`, `Quota`, `NoSpace`.
pub async fn open_single(
    core: &Core,
    viewer: &Viewer,
    image_id: i64,
    size: u64,
    sha256: Option<&str>,
) -> Result<String> {
    let pushed = Pushed::by_id(core, viewer, image_id).await?;
    if let Some(hex) = sha256
        && !hex.eq_ignore_ascii_case(&pushed.image.sha256)
    {
        return Err(Error::DigestMismatch(format!(
            "this image was announced as sha256:{}, not as sha256:{hex}",
            pushed.image.sha256
        )));
    }
    let size = pushed.check_size(core, size).await?;
    let row = pushed.insert(core, viewer, size, None).await?;
    Ok(tickets::upload(core, &row.public_id, None))
}

/// Opens an upload in parts.
///
/// # Errors
/// As `open_single`.
pub async fn open_parts(core: &Core, viewer: &Viewer, image_id: i64, size: u64) -> Result<Parts> {
    let pushed = Pushed::by_id(core, viewer, image_id).await?;
    let bytes = pushed.check_size(core, size).await?;
    let part_size = core.settings.storage.part_size.max(1);
    let total = u32::try_from(size.div_ceil(part_size))
        .ok()
        .filter(|total| i32::try_from(*total).is_ok())
        .ok_or_else(|| Error::TooLarge("this image would have too many parts".to_owned()))?;
    let id = core.blobs.begin_parts(size, part_size).await?;
    let parts = (
        id.as_str().to_owned(),
        i64::try_from(part_size).unwrap_or(i64::MAX),
        i32::try_from(total).unwrap_or(i32::MAX),
    );
    match pushed.insert(core, viewer, bytes, Some(parts)).await {
        Ok(row) => Ok(Parts {
            upload: row.public_id,
            part_size,
            total,
        }),
        Err(error) => {
            forget(core.blobs.abort_parts(&id).await);
            Err(error)
        }
    }
}

/// The path and query to send a part to.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden`, `Invalid` where there is no such part.
pub async fn part_ticket(
    core: &Core,
    viewer: &Viewer,
    image_id: i64,
    upload: &str,
    part: u32,
) -> Result<String> {
    let pushed = Pushed::by_id(core, viewer, image_id).await?;
    let row = pushed.upload(core, upload).await?;
    let total = row.total_parts.unwrap_or(0);
    if row.state != repo::upload::OPEN || total == 0 {
        return Err(gone());
    }
    if part == 0 || i64::from(part) > i64::from(total) {
        let sentence = format!("this upload has parts 1 to {total}");
        return Err(Error::invalid("partNumber", sentence));
    }
    Ok(tickets::upload(core, &row.public_id, Some(part)))
}

/// Takes the bytes of an upload in one piece. Who may call this has shown a ticket.
///
/// # Errors
/// `NotFound` where the upload has ended, `DigestMismatch` where the bytes are not those announced, `NoSpace`,
/// `BadRequest` where the sender stopped.
pub async fn receive(
    core: &Core,
    upload: &str,
    length: Option<u64>,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send,
) -> Result<()> {
    let row = awaited(core, upload, repo::upload::SINGLE).await?;
    store_single(core, &row, length, body).await
}

async fn store_single(
    core: &Core,
    row: &upload::Model,
    length: Option<u64>,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send,
) -> Result<()> {
    let size = u64::try_from(row.size).unwrap_or(0);
    check_length(length, size)?;
    let expected = Digest::from_hex(&row.sha256).map_err(Error::internal)?;
    let mut writer = core.blobs.begin(size).await?;
    let mut body = std::pin::pin!(body);
    while let Some(frame) = next_frame(&mut body).await? {
        writer.write(frame).await.map_err(|error| match error {
            store::Error::TooLarge { limit } => lied(limit, "more"),
            other => other.into(),
        })?;
    }
    if writer.written() != size {
        return Err(lied(size, writer.written()));
    }
    let stored = writer.finish(Some(expected)).await?;
    let key = stored.key.as_str();
    match keep(core, row, key).await {
        Ok(true) => {
            // The bytes were sent before; one copy is enough.
            if let Some(earlier) = &row.store_key {
                delete_object(core, earlier).await;
            }
            Ok(())
        }
        Ok(false) => {
            delete_object(core, key).await;
            Err(gone())
        }
        Err(error) => {
            delete_object(core, key).await;
            Err(error)
        }
    }
}

/// Notes that the bytes of an upload are in the store. False where it has ended meanwhile.
async fn keep(core: &Core, row: &upload::Model, key: &str) -> Result<bool> {
    let (row, key) = (row.clone(), key.to_owned());
    core.db
        .write(async move |tx| {
            repo::upload::set_stored(tx, &row, &key)
                .await
                .map_err(Error::from)
        })
        .await
}

/// Takes the bytes of one part; gives the text that names them, without quotes. Who may call this has shown a ticket.
///
/// # Errors
/// As `receive`.
pub async fn receive_part(
    core: &Core,
    upload: &str,
    part: u32,
    length: Option<u64>,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send,
) -> Result<String> {
    let row = awaited(core, upload, repo::upload::PARTS).await?;
    let id = parts_id(&row)?;
    let mut writer = core.blobs.write_part(&id, part).await.map_err(refused)?;
    check_length(length, writer.due())?;
    let mut body = std::pin::pin!(body);
    while let Some(frame) = next_frame(&mut body).await? {
        writer.write(frame).await.map_err(refused)?;
    }
    Ok(writer.finish().await.map_err(refused)?.etag)
}

/// Takes the bytes of an image with the request that announces them: how clients before 3.3 push.
///
/// # Errors
/// As `open_single`, `receive` and `complete`.
pub async fn push_whole(
    core: &Core,
    viewer: &Viewer,
    image_id: i64,
    length: Option<u64>,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send,
) -> Result<Completed> {
    let pushed = Pushed::by_id(core, viewer, image_id).await?;
    let length = length.ok_or_else(|| {
        Error::BadRequest("say how many bytes come, with Content-Length".to_owned())
    })?;
    let size = pushed.check_size(core, length).await?;
    let row = pushed.insert(core, viewer, size, None).await?;
    store_single(core, &row, Some(length), body).await?;
    complete(core, viewer, image_id).await
}

/// An image that the caller may push.
struct Pushed {
    target: Target,
    image: image::Model,
}

impl Pushed {
    async fn by_id(core: &Core, viewer: &Viewer, image_id: i64) -> Result<Self> {
        access::person(viewer)?;
        let missing = || Error::NotFound(Resource::Image(format!("i{image_id}")));
        let image = repo::push::image_by_id(core.db.read(), image_id).await?;
        let image = image.ok_or_else(missing)?;
        match Target::by_id(core, viewer, image.container_id).await {
            Ok(target) => Ok(Self { target, image }),
            Err(Error::NotFound(_)) => Err(missing()),
            Err(error) => Err(error),
        }
    }

    /// Refuses sizes that cannot come to a good end, before bytes flow.
    async fn check_size(&self, core: &Core, size: u64) -> Result<i64> {
        if size == 0 {
            return Err(Error::NotAnImage("an empty file is no image".to_owned()));
        }
        let counts = self.image.blob_id.is_none();
        check_room(core, &self.target.granted.collection, size, counts).await
    }

    async fn insert(
        &self,
        core: &Core,
        viewer: &Viewer,
        size: i64,
        parts: Option<(String, i64, i32)>,
    ) -> Result<upload::Model> {
        let now = core.clock.now();
        let expiry = chrono::Duration::from_std(core.settings.storage.upload_expiry);
        let new = repo::upload::New {
            public_id: keys::random_text::<16>(),
            image_id: self.image.id,
            user_id: access::person(viewer)?.id,
            size,
            sha256: self.image.sha256.clone(),
            parts,
            created_at: now,
            expires_at: now + expiry.map_err(Error::internal)?,
        };
        core.db
            .write(async move |tx| {
                repo::upload::insert(tx, new.clone())
                    .await
                    .map_err(Error::from)
            })
            .await
    }

    /// One of this image's uploads.
    async fn upload(&self, core: &Core, public_id: &str) -> Result<upload::Model> {
        let found = repo::upload::find(core.db.read(), public_id).await?;
        found
            .filter(|row| row.image_id == self.image.id)
            .ok_or_else(gone)
    }
}

/// An upload that still takes bytes.
async fn awaited(core: &Core, public_id: &str, kind: &str) -> Result<upload::Model> {
    let found = repo::upload::find(core.db.read(), public_id).await?;
    let now = core.clock.now();
    // One that has its bytes takes them again: the client may not have heard that they arrived.
    let state = |state: &str| {
        state == repo::upload::OPEN
            || (state == repo::upload::STORED && kind == repo::upload::SINGLE)
    };
    found
        .filter(|row| row.kind == kind && state(&row.state) && row.expires_at > now)
        .ok_or_else(gone)
}

/// The next bytes of a body; none at its end.
async fn next_frame(
    body: &mut (impl Stream<Item = std::io::Result<Bytes>> + Unpin),
) -> Result<Option<Bytes>> {
    match tokio::time::timeout(STALL, body.next()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(frame))) => Ok(Some(frame)),
        Ok(Some(Err(error))) => {
            tracing::debug!(%error, "an upload was cut off");
            Err(Error::BadRequest(
                "the connection ended before all bytes had arrived".to_owned(),
            ))
        }
        Err(_) => Err(Error::BadRequest(format!(
            "no bytes have arrived for {} s; start again",
            STALL.as_secs()
        ))),
    }
}

fn check_length(length: Option<u64>, due: u64) -> Result<()> {
    match length {
        Some(length) if length != due => Err(lied(due, length)),
        _ => Ok(()),
    }
}

fn lied(announced: u64, came: impl Display) -> Error {
    Error::DigestMismatch(format!(
        "{announced} bytes were announced, but {came} have come"
    ))
}

fn gone() -> Error {
    Error::NotFound(Resource::Upload)
}

/// What the store says of unfinished uploads, in the words of our errors.
fn refused(error: store::Error) -> Error {
    match error {
        store::Error::UnknownParts(_) | store::Error::UnknownAppend(_) => gone(),
        store::Error::Offset { expected, .. } => Error::Offset { expected },
        store::Error::InUse => Error::Busy(error.into()),
        store::Error::UnknownPart { .. } => Error::invalid("partNumber", error.to_string()),
        store::Error::MissingParts { .. } | store::Error::Superseded => {
            Error::Conflict(error.to_string())
        }
        other => other.into(),
    }
}

fn parts_id(row: &upload::Model) -> Result<PartsId> {
    let id = row.store_key.as_deref().unwrap_or_default();
    id.parse().map_err(|_| gone())
}

async fn delete_object(core: &Core, key: &str) {
    match key.parse() {
        Ok(key) => forget(core.blobs.delete(&key).await),
        Err(error) => tracing::error!(%error, "a key in the database is not one"),
    }
}

/// Cleaning up may fail without harm: the sweep comes by again.
fn forget<T, E: Display>(result: Result<T, E>) {
    if let Err(error) = result {
        tracing::warn!(%error, "something of an upload could not be removed; the sweep will");
    }
}
