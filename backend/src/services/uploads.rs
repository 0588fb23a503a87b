//! The bytes of an image: opening an upload, taking the bytes, and making them the image's.
//!
//! Rule: what is announced is what must come. Bytes are measured and hashed while they arrive; nothing of an upload that fails or is
//! given up stays in the store, and an image has its bytes only after one transaction said so.

use std::{fmt::Display, time::Duration};

use bytes::Bytes;
use entity::{image, upload};
use futures_util::{Stream, StreamExt};
use store::{BlobKey, Digest, PartsId};

use super::{
    Core, Error, Result, access,
    error::Resource,
    keys,
    push::{Quota, Target},
    queue::Job,
    tickets,
};
use crate::{domain::access::Viewer, repo};

/// How often a completion looks again when others complete the same image at once.
const COMPLETIONS: usize = 20;

/// How long a sender may send nothing.
const STALL: Duration = Duration::from_secs(60);

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

/// A push whose bytes have become the image's.
#[derive(Debug, Clone)]
pub struct Completed {
    /// The collection's name.
    pub collection: String,
    /// The container's name.
    pub container: String,
    /// What the collection's maker may use, and has used.
    pub quota: Quota,
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

/// Makes the bytes that were sent in one piece the image's.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden`, `Conflict` where no bytes have arrived, `NotAnImage`, `Quota`.
pub async fn complete(core: &Core, viewer: &Viewer, image_id: i64) -> Result<Completed> {
    for _ in 0..COMPLETIONS {
        let pushed = Pushed::by_id(core, viewer, image_id).await?;
        let stored = repo::upload::newest_stored(core.db.read(), image_id).await?;
        match (pushed.image.blob_id, stored) {
            (Some(_), None) => return pushed.completed(core).await,
            // Sent by two at once, or twice: one copy is enough.
            (Some(_), Some(row)) => pushed.discard(core, &row).await,
            (None, None) => {
                return Err(Error::Conflict(
                    "the bytes of this image have not arrived; send them first".to_owned(),
                ));
            }
            (None, Some(row)) => match pushed.adopt(core, &row).await {
                // Another request has completed the same upload since it was read.
                Err(Error::NotFound(_)) => {}
                other => other?,
            },
        }
    }
    Err(Error::Busy("an upload is completed by many at once".into()))
}

/// Makes the parts of an upload the image's bytes. `parts` is what the client says it sent.
///
/// # Errors
/// As `complete`; `Conflict` where parts are missing, `DigestMismatch` where they are not the image announced.
pub async fn complete_parts(
    core: &Core,
    viewer: &Viewer,
    image_id: i64,
    upload: &str,
    parts: &[u32],
) -> Result<Completed> {
    let pushed = Pushed::by_id(core, viewer, image_id).await?;
    let mut row = pushed.upload(core, upload).await?;
    if row.state == repo::upload::DONE || pushed.image.blob_id.is_some() {
        pushed.discard(core, &row).await;
        return pushed.completed(core).await;
    }
    let total = u32::try_from(row.total_parts.unwrap_or(0)).unwrap_or(0);
    let said: std::collections::BTreeSet<u32> = parts.iter().copied().collect();
    if let Some(missing) = (1..=total).find(|number| !said.contains(number)) {
        let sentence = format!("part {missing} of {total} is missing");
        return Err(Error::Conflict(sentence));
    }
    if row.state == repo::upload::OPEN {
        let id = parts_id(&row)?;
        let stored = core.blobs.complete_parts(&id).await.map_err(refused)?;
        if stored.sha256.to_hex() != row.sha256 {
            pushed.discard(core, &row).await;
            return Err(Error::DigestMismatch(format!(
                "the upload does not match its checksum: sha256:{} was announced, {} has arrived",
                row.sha256, stored.sha256
            )));
        }
        let key = stored.key.as_str().to_owned();
        if !keep(core, &row, &key).await? {
            return Err(gone());
        }
        row.state = repo::upload::STORED.to_owned();
        row.store_key = Some(key);
    }
    match pushed.adopt(core, &row).await {
        // Another request may have completed the same upload since it was read.
        Err(Error::NotFound(resource)) => {
            let image = repo::push::image_by_id(core.db.read(), image_id).await?;
            if image.is_none_or(|image| image.blob_id.is_none()) {
                return Err(Error::NotFound(resource));
            }
        }
        other => other?,
    }
    pushed.completed(core).await
}

/// Gives up an upload. One that is gone already is as good.
///
/// # Errors
/// `NotFound` where the image is not there, `Unauthenticated`, `Forbidden`.
pub async fn abort(core: &Core, viewer: &Viewer, image_id: i64, upload: &str) -> Result<()> {
    let pushed = Pushed::by_id(core, viewer, image_id).await?;
    match pushed.upload(core, upload).await {
        Ok(row) => {
            pushed.discard(core, &row).await;
            Ok(())
        }
        Err(Error::NotFound(_)) => Ok(()),
        Err(error) => Err(error),
    }
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
        let max = core.settings.storage.max_image_size;
        if size == 0 {
            return Err(Error::NotAnImage("an empty file is no image".to_owned()));
        }
        if size > max {
            return Err(Error::TooLarge(format!(
                "this image has {}; this registry takes {} at most",
                shown_size(size),
                shown_size(max)
            )));
        }
        let bytes = i64::try_from(size).map_err(Error::internal)?;
        if self.image.blob_id.is_none() {
            let quota = Quota::of(core, &self.target.granted.collection).await?;
            quota.fits(bytes)?;
        }
        if let Some(free) = core.blobs.free_space().await?
            && free < size
        {
            let need = format!("{size} bytes are needed and {free} are free");
            return Err(Error::NoSpace(need.into()));
        }
        Ok(bytes)
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

    /// Makes the bytes of a stored upload the image's: the last check, then one transaction.
    async fn adopt(&self, core: &Core, row: &upload::Model) -> Result<()> {
        let key = row.store_key.clone().ok_or_else(gone)?;
        let arch = match check_image(core, &key).await {
            Ok(arch) => arch,
            Err(error) => {
                if matches!(error, Error::NotAnImage(_)) {
                    self.refuse(core, row).await;
                }
                return Err(error);
            }
        };
        let lost = self.lost_object(core).await?;
        let claimed = match self.record(core, row, &key, arch, lost).await {
            Ok(claimed) => claimed,
            Err(error) => {
                if matches!(error, Error::Quota(_)) {
                    self.refuse(core, row).await;
                }
                return Err(error);
            }
        };
        if claimed.blob.key != key {
            delete_object(core, &key).await;
        }
        if let Some(replaced) = &claimed.replaced {
            delete_object(core, replaced).await;
        }
        let job = Job::InspectImage {
            image_id: self.image.id,
        };
        core.queue.send(job).await;
        tracing::info!(
            container.ref = %format_args!("{}/{}", self.target.granted.collection.name, self.target.container.name),
            blob.sha256 = row.sha256,
            size_bytes = row.size,
            "an image was pushed"
        );
        Ok(())
    }

    /// The transaction that gives the image its bytes.
    async fn record(
        &self,
        core: &Core,
        row: &upload::Model,
        key: &str,
        arch: Option<&'static str>,
        lost: Option<String>,
    ) -> Result<repo::blob::Claimed> {
        let now = core.clock.now();
        let creator = self.target.granted.collection.created_by;
        let (general, container) = (Quota::general(core), self.target.container.clone());
        let (image, upload, size) = (self.image.id, row.id, row.size);
        let (sha256, key) = (row.sha256.clone(), key.to_owned());
        core.db
            .write(async move |tx| {
                if !repo::upload::set_done(tx, upload, &key).await? {
                    return Err(gone());
                }
                let lost = lost.as_deref();
                let claimed = repo::blob::claim(tx, &sha256, &key, size, lost, now).await?;
                let blob = claimed.blob.id;
                let given = repo::push::attach_blob(tx, image, blob, size, arch, now).await?;
                // Another push of the same image may have been faster; then its bytes are counted already.
                if given {
                    Quota::read(tx, creator, general).await?.fits(size)?;
                    repo::push::add_bytes(tx, &container, size, now).await?;
                }
                Ok(claimed)
            })
            .await
    }

    /// The key under which the database expects these bytes although the store has none: a push heals that.
    async fn lost_object(&self, core: &Core) -> Result<Option<String>> {
        let live = repo::blob::find_live(core.db.read(), &self.image.sha256).await?;
        let Some(live) = live else { return Ok(None) };
        let key: BlobKey = live.key.parse().map_err(Error::internal)?;
        let there = core.blobs.size(&key).await? == u64::try_from(live.size).ok();
        Ok(Some(live.key).filter(|_| !there))
    }

    /// Leaves nothing of an upload whose bytes cannot be the image's, nor of the image announced for them.
    async fn refuse(&self, core: &Core, row: &upload::Model) {
        self.discard(core, row).await;
        let image = self.image.id;
        let removed = core
            .db
            .write(async move |tx| {
                repo::push::remove_empty_image(tx, image)
                    .await
                    .map_err(Error::from)
            })
            .await;
        forget(removed);
    }

    /// Leaves nothing of an upload. What cannot be removed now is removed by the sweep.
    async fn discard(&self, core: &Core, row: &upload::Model) {
        let upload = row.id;
        let removed = core
            .db
            .write(async move |tx| {
                repo::upload::delete(tx, upload)
                    .await
                    .map_err(Error::from)
            })
            .await;
        if !matches!(removed, Ok(true)) {
            return forget(removed);
        }
        if row.kind == repo::upload::PARTS
            && let Ok(id) = parts_id(row)
        {
            forget(core.blobs.abort_parts(&id).await);
        }
        if let Some(key) = &row.store_key {
            delete_object(core, key).await;
        }
    }

    async fn completed(&self, core: &Core) -> Result<Completed> {
        let collection = &self.target.granted.collection;
        Ok(Completed {
            quota: Quota::of(core, collection).await?,
            collection: collection.name.clone(),
            container: self.target.container.name.clone(),
        })
    }
}

/// Checks that stored bytes are a whole SIF; gives the architecture that it names.
async fn check_image(core: &Core, key: &str) -> Result<Option<&'static str>> {
    let key: BlobKey = key.parse().map_err(Error::internal)?;
    let mut file = core.blobs.open_file(&key).await?;
    let read = move || {
        let len = file.len();
        sif::read_header(&mut file, len)
    };
    let header = tokio::task::spawn_blocking(read)
        .await
        .map_err(Error::internal)?;
    match header {
        Ok(header) => Ok(header.arch.map(sif::Arch::name)),
        Err(sif::Error::Io(error)) => Err(Error::internal(error)),
        Err(problem) => Err(Error::NotAnImage(problem.to_string())),
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

/// What the store says of parts, in the words of our errors.
fn refused(error: store::Error) -> Error {
    match error {
        store::Error::UnknownParts(_) => gone(),
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

/// A size as people write it.
pub(super) fn shown_size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    if unit == 0 {
        format!("{bytes} {name}")
    } else {
        format!("{value:.1} {name}")
    }
}

#[cfg(test)]
mod tests {
    use super::shown_size;

    #[test]
    fn sizes_read_as_people_write_them() {
        assert_eq!(shown_size(512), "512 bytes");
        assert_eq!(shown_size(1536), "1.5 KiB");
        assert_eq!(shown_size(10 << 30), "10.0 GiB");
    }
}
