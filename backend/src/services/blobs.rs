//! Bytes that a row is about, in the store.
//!
//! Rule: whoever reads them says what they were when they were verified, so that other bytes are an error.

use entity::blob;
use store::{BlobKey, BlobReader, LocalFile};

use super::{Core, Error, Result};

/// Opens them for streaming.
///
/// # Errors
/// `Storage`, also where the store has other bytes.
pub(super) async fn open(core: &Core, blob: &blob::Model) -> Result<BlobReader> {
    let key = key(blob)?;
    let marked = key.marked(blob.store_mark.as_deref());
    Ok(core.blobs.open(marked, None).await?)
}

/// Opens them for reading and seeking.
///
/// # Errors
/// As `open`; the reads fail so, too.
pub(super) async fn open_file(core: &Core, blob: &blob::Model) -> Result<LocalFile> {
    let key = key(blob)?;
    let marked = key.marked(blob.store_mark.as_deref());
    Ok(core.blobs.open_file(marked).await?)
}

/// Whether they are there, as they were.
///
/// # Errors
/// `Storage`.
pub(super) async fn is_intact(core: &Core, blob: &blob::Model) -> Result<bool> {
    let key = key(blob)?;
    let size = u64::try_from(blob.size).map_err(Error::internal)?;
    let marked = key.marked(blob.store_mark.as_deref());
    Ok(core.blobs.is_intact(marked, size).await?)
}

fn key(blob: &blob::Model) -> Result<BlobKey> {
    blob.key.parse().map_err(Error::internal)
}
