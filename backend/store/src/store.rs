//! The store as its callers see it: one of two kinds behind an enum, so that the local path has no
//! dynamic dispatch in it.

use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures_util::Stream;
use object_store::ObjectStore;
use url::Url;

use crate::{
    AppendId, AppendWriter, BlobKey, BlobReader, Digest, Error, LocalFile, PartStored, PartWriter,
    PartsId, Result,
    append::Appends,
    local::Local,
    object::Object,
    parts::Parts,
    writer::{BlobWriter, Target},
};

/// A blob that is complete and durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name in the store.
    pub key: BlobKey,
    /// Its length in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes.
    pub sha256: Digest,
}

/// What a sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Files removed.
    pub files: u64,
    /// Their length in bytes.
    pub bytes: u64,
}

impl Swept {
    pub(crate) fn count(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
    }
}

/// Where the blobs are. Cheap to clone; all clones are one store.
#[derive(Clone)]
pub struct BlobStore(Kind);

#[derive(Clone)]
enum Kind {
    Local(Arc<Local>),
    Object(Arc<Object>),
}

impl BlobStore {
    /// Opens the store in the folder `root`, which is made when it is missing.
    ///
    /// Checks that files can move between its folders; that also shows that it can be written.
    pub async fn local(root: PathBuf) -> Result<Self> {
        Ok(Self(Kind::Local(Arc::new(Local::open(root, true).await?))))
    }

    /// As [`local`](Self::local), for a folder where other machines may truncate files (a shared
    /// network filesystem): blobs are read instead of mapped, which costs a copy and is safe there.
    pub async fn local_without_map(root: PathBuf) -> Result<Self> {
        Ok(Self(Kind::Local(Arc::new(Local::open(root, false).await?))))
    }

    /// Keeps blobs in an object store. Uploads that come in pieces are put together in the folder `scratch`,
    /// which is made on first use.
    pub fn object(store: Arc<dyn ObjectStore>, scratch: PathBuf) -> Self {
        Self(Kind::Object(Arc::new(Object::new(store, scratch))))
    }

    /// Opens the store that an administrator named: `file:///path`, a plain path, or nothing for
    /// the folder `blobs` in `data_dir`.
    pub async fn open_url(url: &str, data_dir: &Path) -> Result<Self> {
        Self::local(folder_of(url.trim(), data_dir)?).await
    }

    /// Begins a blob of at most `limit` bytes.
    pub async fn begin(&self, limit: u64) -> Result<BlobWriter> {
        let target = match &self.0 {
            Kind::Local(local) => Target::Local(local.begin().await?),
            Kind::Object(object) => Target::Object(object.begin(limit)),
        };
        Ok(BlobWriter::new(target, limit))
    }

    /// Opens a blob, or the bytes `range` of it, for streaming.
    pub async fn open(&self, key: &BlobKey, range: Option<Range<u64>>) -> Result<BlobReader> {
        match &self.0 {
            Kind::Local(local) => local.read(key, range).await,
            Kind::Object(object) => object.read(key, range).await,
        }
    }

    /// The length of a blob in bytes, `None` when there is none of this key.
    pub async fn size(&self, key: &BlobKey) -> Result<Option<u64>> {
        match &self.0 {
            Kind::Local(local) => local.size(key).await,
            Kind::Object(object) => object.size(key).await,
        }
    }

    /// Opens a blob for reading and seeking on a blocking thread.
    pub async fn open_file(&self, key: &BlobKey) -> Result<LocalFile> {
        match &self.0 {
            Kind::Local(local) => local.open_file(key).await,
            Kind::Object(object) => object.open_file(key).await,
        }
    }

    /// Removes a blob; one that is gone already is as good. Readers that have it open keep it.
    pub async fn delete(&self, key: &BlobKey) -> Result<()> {
        match &self.0 {
            Kind::Local(local) => local.delete(key).await,
            Kind::Object(object) => object.delete(key).await,
        }
    }

    /// All blobs in no order: key, length in bytes, time of writing. What else lies in their place
    /// is passed over.
    pub fn list(&self) -> impl Stream<Item = Result<(BlobKey, u64, SystemTime)>> + Send + use<> {
        match &self.0 {
            Kind::Local(local) => local.list(),
            Kind::Object(object) => object.list(),
        }
    }

    /// Begins an upload of `size` bytes in parts of `part_size` (the last may be shorter). Its
    /// space is taken at once: what does not fit is refused now.
    pub async fn begin_parts(&self, size: u64, part_size: u64) -> Result<PartsId> {
        self.parts().await?.begin(size, part_size).await
    }

    /// Begins to write part `number` (from 1). A part that is sent again replaces the earlier one;
    /// an attempt still running then fails with [`Error::Superseded`].
    pub async fn write_part(&self, id: &PartsId, number: u32) -> Result<PartWriter> {
        self.part(id, number, None).await
    }

    /// As [`write_part`](Self::write_part) for a sender that announced the part's checksum:
    /// `finish` fails with [`Error::DigestMismatch`] when the bytes are others.
    pub async fn write_part_expecting(
        &self,
        id: &PartsId,
        number: u32,
        sha256: Digest,
    ) -> Result<PartWriter> {
        self.part(id, number, Some(sha256)).await
    }

    async fn part(&self, id: &PartsId, number: u32, sha256: Option<Digest>) -> Result<PartWriter> {
        self.parts().await?.write(id, number, sha256).await
    }

    /// The parts that are on disk, in order: what a client need not send again.
    pub async fn list_parts(&self, id: &PartsId) -> Result<Vec<PartStored>> {
        self.parts().await?.list(id).await
    }

    /// Makes the parts a blob, with the key [`PartsId::blob_key`].
    ///
    /// On a folder this takes no longer for a big upload than for a small one. It may be repeated:
    /// for an upload that is complete already it hashes the blob again and says the same.
    pub async fn complete_parts(&self, id: &PartsId) -> Result<Stored> {
        match &self.0 {
            Kind::Local(local) => local.complete(id).await,
            Kind::Object(object) => object.complete(id).await,
        }
    }

    /// Removes an unfinished upload; one that is gone already is as good.
    pub async fn abort_parts(&self, id: &PartsId) -> Result<()> {
        let (parts, id) = (self.parts().await?, id.clone());
        blocking(move || parts.remove(&id)).await
    }

    /// Begins an upload that grows at its end and whose length need not be known.
    pub async fn begin_append(&self) -> Result<AppendId> {
        self.appends().await?.begin().await
    }

    /// Begins to add bytes to an upload: at `offset`, or wherever it ends. All of it may have `limit`
    /// bytes.
    ///
    /// Fails with [`Error::Offset`] where the upload ends elsewhere. What arrives stays, also where
    /// the writer is dropped halfway; then it is made durable in the background. A writer still
    /// running fails with [`Error::Superseded`], so a client whose connection was lost goes on at
    /// once. [`Error::InUse`] where another process on the same folder is writing.
    pub async fn append(
        &self,
        id: &AppendId,
        offset: Option<u64>,
        limit: u64,
    ) -> Result<AppendWriter> {
        self.appends().await?.write(id, offset, limit).await
    }

    /// Where such an upload goes on: how many bytes have arrived. Those of a writer that is at work
    /// are counted, and are durable when it ends.
    pub async fn appended(&self, id: &AppendId) -> Result<u64> {
        self.appends().await?.length(id).await
    }

    /// Makes what was added a blob, with the key [`AppendId::blob_key`]. A writer still running fails.
    ///
    /// With `expected` given and the bytes others, fails with [`Error::DigestMismatch`] and removes
    /// the upload. It may be repeated: for an upload that is complete already it hashes the blob
    /// again and says the same. Only bytes that this process has not seen arriving are read again.
    pub async fn finish_append(&self, id: &AppendId, expected: Option<Digest>) -> Result<Stored> {
        match &self.0 {
            Kind::Local(local) => local.finish_append(id, expected).await,
            Kind::Object(object) => object.finish_append(id, expected).await,
        }
    }

    /// Removes an unfinished upload; one that is gone already is as good.
    pub async fn abort_append(&self, id: &AppendId) -> Result<()> {
        let (appends, id) = (self.appends().await?, id.clone());
        blocking(move || appends.remove(&id)).await
    }

    async fn appends(&self) -> Result<Arc<Appends>> {
        match &self.0 {
            Kind::Local(local) => Ok(Arc::clone(&local.appends)),
            Kind::Object(object) => object.appends().await,
        }
    }

    async fn parts(&self) -> Result<Arc<Parts>> {
        match &self.0 {
            Kind::Local(local) => Ok(Arc::clone(&local.parts)),
            Kind::Object(object) => object.parts().await,
        }
    }

    /// Removes what unfinished uploads left and nobody wrote to for `older_than`, except uploads in
    /// parts or growing ones whose id `keep` wants.
    pub async fn sweep(
        &self,
        older_than: Duration,
        keep: impl Fn(&str) -> bool + Send,
    ) -> Result<Swept> {
        // A span longer than time itself finds nothing.
        let before = SystemTime::now()
            .checked_sub(older_than)
            .unwrap_or(SystemTime::UNIX_EPOCH);
        let (parts, appends) = (self.parts().await?, self.appends().await?);
        let stale = (Arc::clone(&parts), Arc::clone(&appends));
        let (mut in_parts, mut growing) =
            blocking(move || Ok((stale.0.stale(before)?, stale.1.stale(before)?))).await?;
        in_parts.retain(|id| !keep(id.as_str()));
        growing.retain(|id| !keep(id.as_str()));
        let tmp = match &self.0 {
            Kind::Local(local) => Some(local.tmp()),
            Kind::Object(_) => None,
        };
        blocking(move || {
            let mut swept = Swept::default();
            parts.sweep(&in_parts, &mut swept)?;
            appends.sweep(&growing, &mut swept)?;
            if let Some(tmp) = tmp {
                crate::local::sweep(&tmp, before, &mut swept)?;
            }
            Ok(swept)
        })
        .await
    }

    /// Bytes that can still be written, `None` where nobody can say.
    pub async fn free_space(&self) -> Result<Option<u64>> {
        match &self.0 {
            Kind::Local(local) => local.free_space().await.map(Some),
            Kind::Object(_) => Ok(None),
        }
    }

    /// Waits until no upload is being written, hashed or cleaned up: for the end of the process.
    pub async fn idle(&self) {
        match &self.0 {
            Kind::Local(local) => local.live.idle().await,
            Kind::Object(object) => object.live.idle().await,
        }
    }
}

impl fmt::Debug for BlobStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Local(local) => write!(f, "BlobStore({})", local.root().display()),
            Kind::Object(object) => write!(f, "BlobStore({object})"),
        }
    }
}

/// Runs what blocks for a moment on the runtime's pool.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    // An error here is a panic in `work` or the end of the runtime.
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Error::Stopped)?
}

/// The folder that an address means. Addresses can hold credentials: only their scheme is repeated.
fn folder_of(url: &str, data_dir: &Path) -> Result<PathBuf> {
    const KNOWN: &str = "file:///path/to/folder, a plain path, or nothing for the data directory";
    if url.is_empty() {
        return Ok(data_dir.join("blobs"));
    }
    let Some((scheme, _)) = url.split_once("://") else {
        return Ok(PathBuf::from(url));
    };
    if scheme != "file" {
        let text = format!("there is no storage of kind `{scheme}`: write {KNOWN}");
        return Err(Error::Address(text));
    }
    Url::parse(url)
        .ok()
        .and_then(|url| url.to_file_path().ok())
        .ok_or_else(|| {
            Error::Address(format!(
                "the storage address is no local path: write {KNOWN}"
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_means_a_folder() {
        let data = Path::new("/data");
        for (url, folder) in [
            ("", "/data/blobs"),
            ("  ", "/data/blobs"),
            ("file:///srv/blobs", "/srv/blobs"),
            ("file://localhost/srv/blobs", "/srv/blobs"),
            ("file:///srv/my%20blobs", "/srv/my blobs"),
            ("/srv/blobs", "/srv/blobs"),
            ("blobs/here", "blobs/here"),
        ] {
            let found = folder_of(url.trim(), data).unwrap();
            assert_eq!(found, Path::new(folder), "{url}");
        }
    }

    #[test]
    fn an_unknown_address_is_refused_without_its_secrets() {
        for url in [
            "s3://id:secret@host/bucket",
            "ftp://secret@x",
            "file://secret/srv",
        ] {
            let error = folder_of(url, Path::new("/data")).unwrap_err().to_string();
            assert!(error.contains("file:///"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
