//! The bytes of an image: opening an upload, taking the bytes, and making them the image's.
//!
//! Rule: what is announced is what must come. Bytes are measured and hashed while they arrive; nothing of an upload that fails or is
//! given up stays in the store, and an image has its bytes only after one transaction said so.

mod arrival;
mod complete;
pub(super) mod direct;
mod landed;
mod room;
pub mod sessions;
mod unannounced;
pub mod web;

use std::fmt::Display;

use bytes::Bytes;
use entity::{image, upload};
use futures_util::Stream;
use store::{PartsId, Stored};

use super::{
    Core, Error, Result, access,
    audit::Actor,
    error::Resource,
    keys,
    push::Target,
    tickets::{self, Place},
};
use crate::{domain::access::Viewer, repo};
use arrival::{lied, next_frame, store_single};
use room::check_room;

pub use arrival::{receive, receive_part};
pub(super) use complete::check_image;
pub use complete::{Completed, SentPart, abort, complete, complete_parts};
pub use unannounced::push as push_unannounced;

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

/// Opens an upload in one piece: the place to send the bytes to.
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
) -> Result<Place> {
    let pushed = Pushed::by_id(core, viewer, image_id).await?;
    if let Some(hex) = sha256
        && !hex.eq_ignore_ascii_case(&pushed.image.sha256)
    {
        return Err(Error::DigestMismatch(format!(
            "this image was announced as sha256:{}, not as sha256:{hex}",
            pushed.image.sha256
        )));
    }
    let bytes = pushed.check_size(core, size).await?;
    if let Some(begun) = direct::begin(core, size, false).await? {
        let how = direct::how(&begun, None);
        pushed.insert(core, viewer, bytes, how).await?;
        return Ok(Place::There(direct::address(core, &begun, 0).await?));
    }
    let row = pushed.insert(core, viewer, bytes, How::SINGLE).await?;
    Ok(Place::Here(tickets::upload(core, &row.public_id, None)))
}

/// Opens an upload in parts.
///
/// # Errors
/// As `open_single`.
pub async fn open_parts(core: &Core, viewer: &Viewer, image_id: i64, size: u64) -> Result<Parts> {
    let pushed = Pushed::by_id(core, viewer, image_id).await?;
    let bytes = pushed.check_size(core, size).await?;
    let begun = direct::begin(core, size, true).await?;
    let mut part_size = core.settings.storage.part_size.max(1);
    if begun.is_some() {
        part_size = direct::part_size(part_size, size);
    }
    let total = u32::try_from(size.div_ceil(part_size))
        .ok()
        .filter(|total| i32::try_from(*total).is_ok())
        .ok_or_else(|| Error::TooLarge("this image would have too many parts".to_owned()))?;
    let parts = Some((
        i64::try_from(part_size).unwrap_or(i64::MAX),
        i32::try_from(total).unwrap_or(i32::MAX),
    ));
    let (how, id) = if let Some(begun) = &begun {
        (direct::how(begun, parts), None)
    } else {
        let id = core.blobs.begin_parts(size, part_size).await?;
        let how = How {
            kind: repo::upload::PARTS,
            store_key: Some(id.as_str().to_owned()),
            remote_id: None,
            parts,
        };
        (how, Some(id))
    };
    match pushed.insert(core, viewer, bytes, how).await {
        Ok(row) => Ok(Parts {
            upload: row.public_id,
            part_size,
            total,
        }),
        Err(error) => {
            if let Some(id) = &id {
                forget(core.blobs.abort_parts(id).await);
            }
            if let Some(begun) = &begun {
                forget(core.blobs.abort_direct(begun).await);
            }
            Err(error)
        }
    }
}

/// The place to send a part to.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden`, `Invalid` where there is no such part.
pub async fn part_ticket(
    core: &Core,
    viewer: &Viewer,
    image_id: i64,
    upload: &str,
    part: u32,
) -> Result<Place> {
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
    if let Some(begun) = direct::of(&row) {
        return Ok(Place::There(direct::address(core, &begun, part).await?));
    }
    let ticket = tickets::upload(core, &row.public_id, Some(part));
    Ok(Place::Here(ticket))
}

/// Notes that the bytes of an upload are in the store. False where it has ended meanwhile.
async fn keep(core: &Core, row: &upload::Model, stored: &Stored) -> Result<bool> {
    let (row, stored) = (row.clone(), stored.clone());
    core.db
        .write(async move |tx| {
            let (key, mark) = (stored.key.as_str(), stored.mark.as_deref());
            repo::upload::set_stored(tx, &row, key, mark)
                .await
                .map_err(Error::from)
        })
        .await
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
    let row = pushed.insert(core, viewer, size, How::SINGLE).await?;
    store_single(core, &row, Some(length), body).await?;
    complete(core, viewer, image_id).await
}

/// How the bytes of an upload come.
struct How {
    kind: &'static str,
    store_key: Option<String>,
    remote_id: Option<String>,
    parts: Option<(i64, i32)>,
}

impl How {
    /// In one piece, through this server.
    const SINGLE: Self = Self {
        kind: repo::upload::SINGLE,
        store_key: None,
        remote_id: None,
        parts: None,
    };
}

/// An image that the caller may push.
struct Pushed {
    by: Actor,
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
            Ok(target) => Ok(Self {
                by: Actor::of(core, viewer),
                target,
                image,
            }),
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
        how: How,
    ) -> Result<upload::Model> {
        let now = core.clock.now();
        let expiry = chrono::Duration::from_std(core.settings.storage.upload_expiry);
        let new = repo::upload::New {
            public_id: keys::random_text::<16>(),
            image_id: self.image.id,
            user_id: access::person(viewer)?.id,
            size,
            sha256: self.image.sha256.clone(),
            kind: how.kind,
            store_key: how.store_key,
            remote_id: how.remote_id,
            parts: how.parts,
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
        store::Error::MissingParts { .. }
        | store::Error::Superseded
        | store::Error::PartsRefused(_) => Error::Conflict(error.to_string()),
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
