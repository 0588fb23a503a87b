//! Copying what is stored to another store, before the registry moves there.
//!
//! Rule: the database says what there is and what its digest must be. A copy keeps its key, and is there only when it was
//! verified; so the command can be repeated at any time, and takes up where it was cut off. From a store to itself it finds
//! what was altered there, and takes note of what was put there anew and is the same.

use entity::blob;
use futures_util::{StreamExt, TryStreamExt, stream};
use store::{BlobKey, BlobStore, Digest, Stored};

use super::{Error, Result};
use crate::{db::Db, repo};

/// Blobs read from the database at a time.
const PAGE: u64 = 500;

/// Blobs on their way at a time: small ones would wait for one another's acknowledgement otherwise.
const CONCURRENT: usize = 4;

/// What has been done so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    /// Blobs there are in all.
    pub total: u64,
    /// Blobs copied.
    pub copied: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Blobs that were there already.
    pub present: u64,
    /// Digests of those that are not in the old store, or damaged there.
    pub lost: Vec<String>,
}

/// What became of one blob.
enum Outcome {
    Copied(u64),
    Present,
    Lost(String),
}

/// Copies all blobs from one store to another; `tell` hears of each that is done.
///
/// # Errors
/// The database or one of the stores failed. What was copied stays.
pub async fn copy(
    db: &Db,
    from: &BlobStore,
    to: &BlobStore,
    mut tell: impl FnMut(&Progress),
) -> Result<Progress> {
    let mut progress = Progress {
        total: repo::blob::count_live(db.read()).await?,
        ..Progress::default()
    };
    let mut last = 0;
    loop {
        let page = repo::blob::live_after(db.read(), last, PAGE).await?;
        let Some(end) = page.last() else {
            return Ok(progress);
        };
        last = end.id;
        let mut copies = stream::iter(page)
            .map(|row| one(db, row, from, to))
            .buffer_unordered(CONCURRENT);
        while let Some(outcome) = copies.next().await {
            match outcome? {
                Outcome::Copied(bytes) => {
                    progress.copied += 1;
                    progress.bytes += bytes;
                }
                Outcome::Present => progress.present += 1,
                Outcome::Lost(digest) => progress.lost.push(digest),
            }
            tell(&progress);
        }
    }
}

async fn one(db: &Db, row: blob::Model, from: &BlobStore, to: &BlobStore) -> Result<Outcome> {
    let key: BlobKey = row.key.parse().map_err(Error::internal)?;
    let size = u64::try_from(row.size).map_err(Error::internal)?;
    let sha256 = Digest::from_hex(&row.sha256).map_err(Error::internal)?;
    let here = key.marked(row.store_mark.as_deref());
    if to.marked(here.mark) && to.is_intact(here, size).await? {
        return Ok(Outcome::Present);
    }
    // What the new store never said anything of, or says something else of now, is read.
    if to.size(&key).await? == Some(size)
        && let Some(there) = to.verify(&key).await?
        && there.sha256 == sha256
    {
        note(db, &row, there).await?;
        return Ok(Outcome::Present);
    }
    let mut reader = match from.open(here, None).await {
        Err(store::Error::NotFound | store::Error::Altered { .. }) => {
            return Ok(Outcome::Lost(sha256.to_string()));
        }
        reader => reader?,
    };
    let mut writer = to.begin_copy(&key, size).await?;
    while let Some(frame) = reader.try_next().await.map_err(store::Error::from)? {
        match writer.write(frame).await {
            Err(store::Error::TooLarge { .. }) => return Ok(Outcome::Lost(sha256.to_string())),
            written => written?,
        }
    }
    match writer.finish(Some(sha256)).await {
        Err(store::Error::DigestMismatch { .. }) => Ok(Outcome::Lost(sha256.to_string())),
        finished => {
            let copied = finished?;
            let bytes = copied.size;
            note(db, &row, copied).await?;
            Ok(Outcome::Copied(bytes))
        }
    }
}

/// Keeps what the new store said of a copy. Until the registry moves, the old store's bytes are served without a mark.
async fn note(db: &Db, row: &blob::Model, copy: Stored) -> Result<()> {
    if copy.mark.is_none() {
        return Ok(());
    }
    let id = row.id;
    db.write(async move |tx| {
        let (key, mark) = (copy.key.as_str(), copy.mark.as_deref());
        repo::blob::set_mark(tx, id, key, mark)
            .await
            .map_err(Error::from)
    })
    .await
}
