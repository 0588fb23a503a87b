//! Copying what is stored to another store, before the registry moves there.
//!
//! Rule: the database says what there is and what its digest must be. A copy keeps its key, and is there only when it was
//! verified; so the command can be repeated at any time, and takes up where it was cut off.

use entity::blob;
use futures_util::{StreamExt, TryStreamExt, stream};
use store::{BlobKey, BlobStore, Digest};

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
            .map(|row| one(row, from, to))
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

async fn one(row: blob::Model, from: &BlobStore, to: &BlobStore) -> Result<Outcome> {
    let key: BlobKey = row.key.parse().map_err(Error::internal)?;
    let size = u64::try_from(row.size).map_err(Error::internal)?;
    let sha256 = Digest::from_hex(&row.sha256).map_err(Error::internal)?;
    if to.size(&key).await? == Some(size) {
        return Ok(Outcome::Present);
    }
    let mut reader = match from.open(&key, None).await {
        Err(store::Error::NotFound) => return Ok(Outcome::Lost(sha256.to_string())),
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
        finished => Ok(finished.map(|stored| Outcome::Copied(stored.size))?),
    }
}
