//! The end of an upload: its bytes become the image's, or nothing of them stays.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use entity::{blob, collection, container, upload};
use sea_orm::ConnectionTrait;
use shared_types::{AuditAction, AuditThing};
use store::BlobKey;

use super::{
    super::{
        Core, Error, Result,
        audit::{self, Actor},
        error::Resource,
        push::Target,
        queue::Job,
        quota::{General, Quota},
    },
    Pushed, delete_object, direct, forget, gone, keep,
    landed::Landed,
    parts_id, refused,
};
use crate::{domain::access::Viewer, repo};

/// How often a completion looks again when others complete the same image at once.
const COMPLETIONS: usize = 20;

/// How long it waits before that.
const TURN: Duration = Duration::from_millis(50);

/// A push whose bytes have become the image's.
#[derive(Debug, Clone)]
pub struct Completed {
    /// The collection's name.
    pub collection: String,
    /// The container's name.
    pub container: String,
    /// What the collection and its maker may use, and have used.
    pub quota: Quota,
}

/// A part that a client says it sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentPart {
    /// From 1.
    pub number: u32,
    /// The `ETag` of the answer to it.
    pub token: String,
}

/// Makes the bytes that were sent in one piece the image's.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden`, `Conflict` where no bytes have arrived, `NotAnImage`, `Quota`.
pub async fn complete(core: &Core, viewer: &Viewer, image_id: i64) -> Result<Completed> {
    for _ in 0..COMPLETIONS {
        let pushed = Pushed::by_id(core, viewer, image_id).await?;
        let stored = repo::upload::stored(core.db.read(), image_id).await?;
        match (pushed.image.blob_id, stored.first()) {
            (Some(_), _) => {
                // Sent by several at once, or again: one copy is enough.
                for row in &stored {
                    pushed.discard(core, row).await;
                }
                return pushed.completed(core).await;
            }
            (None, None) => {
                let direct = repo::upload::newest_direct(core.db.read(), image_id).await?;
                let Some(row) = direct else {
                    // Another request may have completed it between the two looks.
                    if has_bytes(core, image_id).await? {
                        continue;
                    }
                    return Err(Error::Conflict(
                        "the bytes of this image have not arrived; send them first".to_owned(),
                    ));
                };
                // What it comes to is seen the next time round.
                direct::settle(core, &pushed, &row, Vec::new()).await?;
            }
            (None, Some(row)) => match pushed.adopt(core, row).await {
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
    parts: &[SentPart],
) -> Result<Completed> {
    for _ in 1..COMPLETIONS {
        match assemble(core, viewer, image_id, upload, parts).await {
            // The parts are gone and the upload is not: another request is about to complete it.
            Err(Error::NotFound(Resource::Upload))
                if repo::upload::find(core.db.read(), upload).await?.is_some() =>
            {
                tokio::time::sleep(TURN).await;
            }
            other => return other,
        }
    }
    assemble(core, viewer, image_id, upload, parts).await
}

async fn assemble(
    core: &Core,
    viewer: &Viewer,
    image_id: i64,
    upload: &str,
    parts: &[SentPart],
) -> Result<Completed> {
    let pushed = Pushed::by_id(core, viewer, image_id).await?;
    let mut row = pushed.upload(core, upload).await?;
    if row.state == repo::upload::DONE || pushed.image.blob_id.is_some() {
        pushed.discard(core, &row).await;
        return pushed.completed(core).await;
    }
    let total = u32::try_from(row.total_parts.unwrap_or(0)).unwrap_or(0);
    let said: BTreeMap<u32, &str> = parts
        .iter()
        .map(|part| (part.number, part.token.as_str()))
        .collect();
    if let Some(missing) = (1..=total).find(|number| !said.contains_key(number)) {
        let sentence = format!("part {missing} of {total} is missing");
        return Err(Error::Conflict(sentence));
    }
    if row.state == repo::upload::OPEN && row.kind == repo::upload::DIRECT_PARTS {
        let tokens = said.range(1..=total).map(|(_, token)| (*token).to_owned());
        if !direct::settle(core, &pushed, &row, tokens.collect()).await? {
            return Err(gone());
        }
        repo::upload::STORED.clone_into(&mut row.state);
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
        if !keep(core, &row, &stored).await? {
            return Err(gone());
        }
        repo::upload::STORED.clone_into(&mut row.state);
        row.store_key = Some(stored.key.as_str().to_owned());
        row.store_mark = stored.mark;
    }
    match pushed.adopt(core, &row).await {
        // Another request may have completed the same upload since it was read.
        Err(Error::NotFound(resource)) => {
            if !has_bytes(core, image_id).await? {
                return Err(Error::NotFound(resource));
            }
        }
        other => other?,
    }
    pushed.completed(core).await
}

async fn has_bytes(core: &Core, image_id: i64) -> Result<bool> {
    let image = repo::push::image_by_id(core.db.read(), image_id).await?;
    Ok(image.is_some_and(|image| image.blob_id.is_some()))
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

impl Pushed {
    /// Makes the bytes of a stored upload the image's: the last check, then one transaction.
    async fn adopt(&self, core: &Core, row: &upload::Model) -> Result<()> {
        let key = row.store_key.clone().ok_or_else(gone)?;
        let mark = row.store_mark.clone();
        let arch = match check_image(core, &key, mark.as_deref()).await {
            Ok(arch) => arch,
            Err(error) => {
                if matches!(error, Error::NotAnImage(_)) {
                    self.refuse(core, row).await;
                }
                return Err(error);
            }
        };
        let new = repo::blob::New {
            sha256: row.sha256.clone(),
            key,
            mark,
            size: row.size,
        };
        let landed = Landed::find(core, new).await?;
        let claimed = match self.record(core, row, &landed, arch).await {
            Ok(claimed) => claimed,
            Err(error) => {
                if matches!(error, Error::Quota(_)) {
                    self.refuse(core, row).await;
                }
                return Err(error);
            }
        };
        landed.settle(core, &claimed).await;
        announce(core, &self.target, self.image.id, &claimed.blob).await;
        Ok(())
    }

    /// The transaction that gives the image its bytes.
    async fn record(
        &self,
        core: &Core,
        row: &upload::Model,
        landed: &Landed,
        arch: Option<&'static str>,
    ) -> Result<repo::blob::Claimed> {
        let now = core.clock.now();
        let (image, upload) = (self.image.id, row.id);
        let (landed, home) = (landed.clone(), Home::of(core, &self.target, &self.by));
        core.db
            .write(async move |tx| {
                if !repo::upload::set_done(tx, upload, &landed.new.key).await? {
                    return Err(gone());
                }
                let claimed = landed.claim(tx, now).await?;
                home.give(tx, image, &claimed.blob, arch, now).await?;
                Ok(claimed)
            })
            .await
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
    pub(super) async fn discard(&self, core: &Core, row: &upload::Model) {
        let upload = row.id;
        let removed = core
            .db
            .write(async move |tx| repo::upload::delete(tx, upload).await.map_err(Error::from))
            .await;
        if !matches!(removed, Ok(true)) {
            return forget(removed);
        }
        if row.kind == repo::upload::PARTS
            && let Ok(id) = parts_id(row)
        {
            forget(core.blobs.abort_parts(&id).await);
        }
        if let Some(begun) = direct::of(row) {
            return forget(core.blobs.abort_direct(&begun).await);
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

/// Where an image is, for the transaction that gives it its bytes.
#[derive(Debug, Clone)]
pub(super) struct Home {
    by: Actor,
    container: container::Model,
    collection: collection::Model,
    general: General,
}

impl Home {
    pub(super) fn of(core: &Core, target: &Target, by: &Actor) -> Self {
        Self {
            by: by.clone(),
            container: target.container.clone(),
            collection: target.granted.collection.clone(),
            general: General::of(core),
        }
    }

    /// Gives an image its bytes and counts them, unless another push of the same image was faster.
    pub(super) async fn give(
        &self,
        tx: &impl ConnectionTrait,
        image_id: i64,
        blob: &blob::Model,
        arch: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let size = blob.size;
        if repo::push::attach_blob(tx, image_id, blob.id, size, arch, now).await? {
            Quota::read(tx, &self.collection, self.general)
                .await?
                .fits(size)?;
            repo::push::add_bytes(tx, &self.container, size, now).await?;
            let what = (AuditAction::ImagePush, AuditThing::Image);
            let image = (image_id, &*blob.sha256, size);
            audit::content(tx, &self.by, what, self.container.id, image).await?;
        }
        Ok(())
    }
}

/// What follows when an image has got its bytes.
pub(super) async fn announce(core: &Core, target: &Target, image_id: i64, blob: &blob::Model) {
    core.queue.send(Job::InspectImage { image_id }).await;
    tracing::info!(
        container.ref = %format_args!("{}/{}", target.granted.collection.name, target.container.name),
        blob.sha256,
        size_bytes = blob.size,
        "an image was pushed"
    );
}

/// Checks that stored bytes are a whole SIF; gives the architecture that it names.
pub(in crate::services) async fn check_image(
    core: &Core,
    key: &str,
    mark: Option<&str>,
) -> Result<Option<&'static str>> {
    let key: BlobKey = key.parse().map_err(Error::internal)?;
    let mut file = core.blobs.open_file(key.marked(mark)).await?;
    let read = move || {
        let len = file.len();
        sif::read_header(&mut file, len)
    };
    let header = tokio::task::spawn_blocking(read)
        .await
        .map_err(Error::internal)?;
    match header {
        Ok(header) => Ok(header.arch.map(sif::Arch::name)),
        Err(sif::Error::Io(error)) => Err(store::Error::from(error).into()),
        Err(problem) => Err(Error::NotAnImage(problem.to_string())),
    }
}
