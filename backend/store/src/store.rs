//! The store as its callers see it: one of two kinds behind an enum, so that the local path has no
//! dynamic dispatch in it.

use std::{
    fmt,
    ops::Range,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures_util::Stream;
use object_store::{ObjectStore, path};

use crate::{
    Access, AppendId, AppendWriter, Blob, BlobKey, BlobReader, Digest, Error, LocalFile,
    PartStored, PartWriter, PartsId, Result,
    address::Address,
    append::Appends,
    local::Local,
    mark::Marker,
    object::Object,
    parts::Parts,
    remote::Remote,
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
    /// What the store said of it when its bytes were verified, to be kept with the key: see [`Blob`]. A folder says
    /// nothing.
    pub mark: Option<String>,
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
pub struct BlobStore(pub(crate) Kind);

#[derive(Clone)]
pub(crate) enum Kind {
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
        let remote = Remote {
            store,
            prefix: path::Path::default(),
            signer: None,
            multipart: None,
            marker: Marker::only(),
        };
        Self(Kind::Object(Arc::new(Object::new(remote, scratch))))
    }

    /// Opens the store that an administrator named: `file:///path` or a plain path for a folder, `s3://bucket/prefix`,
    /// `gs://bucket/prefix` or `az://container/prefix` for an object store.
    ///
    /// Checks that it can be written. `access` is for object stores only, and so is the folder `scratch`.
    pub async fn open_url(url: &str, access: &Access, scratch: PathBuf) -> Result<Self> {
        match Address::parse(url.trim())? {
            Address::Folder(folder) => Self::local(folder).await,
            Address::Bucket(url) => {
                let remote = Remote::open(&url, access)?;
                remote.check(&url, access).await?;
                Ok(Self(Kind::Object(Arc::new(Object::new(remote, scratch)))))
            }
        }
    }

    /// Begins a blob of at most `limit` bytes.
    pub async fn begin(&self, limit: u64) -> Result<BlobWriter> {
        let target = match &self.0 {
            Kind::Local(local) => Target::Local(local.begin(BlobKey::random()).await?),
            Kind::Object(object) => Target::Object(object.writer(BlobKey::random(), limit, false)),
        };
        Ok(BlobWriter::new(target, limit))
    }

    /// As [`begin`](Self::begin), for a blob that has its key in another store already.
    pub async fn begin_copy(&self, key: &BlobKey, limit: u64) -> Result<BlobWriter> {
        let target = match &self.0 {
            Kind::Local(local) => Target::Local(local.begin(key.clone()).await?),
            Kind::Object(object) => Target::Object(object.writer(key.clone(), limit, true)),
        };
        Ok(BlobWriter::new(target, limit))
    }

    /// Opens a blob, or the bytes `range` of it, for streaming.
    ///
    /// Fails with [`Error::Altered`] where an object store has other bytes under the key than were verified.
    pub async fn open(
        &self,
        blob: impl Into<Blob<'_>>,
        range: Option<Range<u64>>,
    ) -> Result<BlobReader> {
        let blob = blob.into();
        match &self.0 {
            Kind::Local(local) => local.read(blob.key, range).await,
            Kind::Object(object) => object.read(blob, range).await,
        }
    }

    /// The length of a blob in bytes, `None` when there is none of this key.
    pub async fn size(&self, key: &BlobKey) -> Result<Option<u64>> {
        match &self.0 {
            Kind::Local(local) => local.size(key).await,
            Kind::Object(object) => object.size(key).await,
        }
    }

    /// Whether a blob of this length is there; in an object store, whether it is still the one that its mark is of.
    pub async fn is_intact(&self, blob: impl Into<Blob<'_>>, size: u64) -> Result<bool> {
        let blob = blob.into();
        match &self.0 {
            Kind::Local(local) => Ok(local.size(blob.key).await? == Some(size)),
            Kind::Object(object) => object.is_intact(blob, size).await,
        }
    }

    /// Reads all of a blob: what it is now, with the mark for it; `None` when there is none of this key.
    pub async fn verify(&self, key: &BlobKey) -> Result<Option<Stored>> {
        match &self.0 {
            Kind::Local(local) => local.verify(key.clone()).await,
            Kind::Object(object) => object.verify(key.clone()).await,
        }
    }

    /// Whether this store gave the mark.
    pub fn marked(&self, mark: Option<&str>) -> bool {
        match &self.0 {
            Kind::Local(_) => true,
            Kind::Object(object) => object.remote.marker.tag(mark).is_some(),
        }
    }

    /// Opens a blob for reading and seeking on a blocking thread.
    ///
    /// Fails as [`open`](Self::open) does, and so do the reads.
    pub async fn open_file(&self, blob: impl Into<Blob<'_>>) -> Result<LocalFile> {
        let blob = blob.into();
        match &self.0 {
            Kind::Local(local) => local.open_file(blob.key).await,
            Kind::Object(object) => object.open_file(blob).await,
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
        keep: impl Fn(&str) -> bool + Send + Sync,
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
        let (tmp, mut swept) = match &self.0 {
            Kind::Local(local) => (Some(local.tmp()), Swept::default()),
            Kind::Object(object) => (None, object.sweep_incoming(before, keep).await?),
        };
        blocking(move || {
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
