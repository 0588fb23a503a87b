//! Blobs in an object store. Bytes go straight to their final, random key, which shows nothing
//! before the upload is complete; nothing is ever renamed there.

mod writer;

use std::{fmt, ops::Range, path::PathBuf, sync::Arc, time::SystemTime};

use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt, path::Path};
use tokio::sync::{OnceCell, Semaphore};

pub(crate) use self::writer::ObjectWriter;
use crate::{
    AppendId, Blob, BlobKey, BlobReader, Digest, Error, Hasher, LocalFile, PartsId, Result, Stored,
    append::Appends,
    disk::{self, Flusher},
    local::within,
    parts::Parts,
    read::FileFrames,
    remote::Remote,
    store::blocking,
    upload::Live,
};

/// Uploads that are put together on the local disk: parts come in any order and any size, and what
/// grows at its end in any steps; an object store wants them in one.
struct Unfinished {
    parts: Arc<Parts>,
    appends: Arc<Appends>,
}

/// The object kind of a store.
pub(crate) struct Object {
    pub(crate) remote: Remote,
    scratch: PathBuf,
    unfinished: OnceCell<Unfinished>,
    /// In KiB.
    memory: Arc<Semaphore>,
    pub(crate) live: Live,
}

impl Object {
    pub(crate) fn new(remote: Remote, scratch: PathBuf) -> Self {
        Self {
            remote,
            scratch,
            unfinished: OnceCell::new(),
            memory: Arc::new(Semaphore::new(writer::MEMORY >> 10)),
            live: Live::new(),
        }
    }

    fn store(&self) -> &dyn ObjectStore {
        &*self.remote.store
    }

    /// Where a blob is in the bucket.
    pub(crate) fn path(&self, key: &BlobKey) -> Path {
        let prefix = self.remote.prefix.parts();
        prefix.chain(Path::from(key.path()).parts()).collect()
    }

    pub(crate) async fn read(
        &self,
        blob: Blob<'_>,
        range: Option<Range<u64>>,
    ) -> Result<BlobReader> {
        let path = self.path(blob.key);
        let options = GetOptions {
            range: range.clone().map(GetRange::Bounded),
            if_match: self.tag(blob).map(str::to_owned),
            ..Default::default()
        };
        // An empty range is no range to an object store; an impossible one is an error, or shortened.
        let found = match &range {
            Some(asked) if asked.is_empty() => None,
            _ => Some(self.store().get_opts(&path, options).await),
        };
        let result = match (found, range) {
            (Some(Ok(result)), None) => result,
            (Some(Ok(result)), Some(asked)) if result.range == asked => result,
            (
                Some(Err(
                    error @ (object_store::Error::NotFound { .. }
                    | object_store::Error::Precondition { .. }),
                )),
                _,
            )
            | (Some(Err(error)), None) => return Err(error.into()),
            (found, Some(asked)) => {
                let len = self.store().head(&path).await?.size;
                let none = within(Some(asked), len)?.is_empty();
                return match found {
                    Some(Err(error)) => Err(error.into()),
                    _ if none => Ok(BlobReader::object(0, futures_util::stream::empty().boxed())),
                    _ => Err(Error::OutOfRange { len }),
                };
            }
            (None, None) => return Err(Error::NotFound),
        };
        let len = result.range.end - result.range.start;
        let frames = result.into_stream().map_err(std::io::Error::from);
        Ok(BlobReader::object(len, frames.boxed()))
    }

    pub(crate) async fn size(&self, key: &BlobKey) -> Result<Option<u64>> {
        let found = self.head(&self.path(key)).await?;
        Ok(found.map(|meta| meta.size))
    }

    /// What the store says of an object.
    pub(crate) async fn head(&self, path: &Path) -> Result<Option<ObjectMeta>> {
        match self.store().head(path).await {
            Ok(meta) => Ok(Some(meta)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The entity tag that a blob must have.
    fn tag<'a>(&self, blob: Blob<'a>) -> Option<&'a str> {
        self.remote.marker.tag(blob.mark)
    }

    pub(crate) async fn is_intact(&self, blob: Blob<'_>, size: u64) -> Result<bool> {
        let found = self.head(&self.path(blob.key)).await?;
        let tag = self.tag(blob);
        Ok(found.is_some_and(|meta| {
            meta.size == size && (tag.is_none() || meta.e_tag.as_deref() == tag)
        }))
    }

    pub(crate) async fn open_file(&self, blob: Blob<'_>) -> Result<LocalFile> {
        let path = self.path(blob.key);
        let len = self.store().head(&path).await?.size;
        let (store, tag) = (Arc::clone(&self.remote.store), self.tag(blob));
        Ok(LocalFile::object(store, path, tag.map(str::to_owned), len))
    }

    /// Reads all of a blob. What it says of it is of the bytes that were read, also where others come meanwhile.
    pub(crate) async fn verify(&self, key: BlobKey) -> Result<Option<Stored>> {
        match self.head(&self.path(&key)).await? {
            Some(meta) => self.verify_as(key, &meta).await.map(Some),
            None => Ok(None),
        }
    }

    /// As `verify`, of the object that is known to be there.
    pub(crate) async fn verify_as(&self, key: BlobKey, meta: &ObjectMeta) -> Result<Stored> {
        let mark = self.remote.marker.mark(meta.e_tag.as_deref());
        let sha256 = self.digest(key.marked(mark.as_deref())).await?;
        Ok(Stored {
            key,
            size: meta.size,
            sha256,
            mark,
        })
    }

    async fn digest(&self, blob: Blob<'_>) -> Result<Digest> {
        let (mut reader, mut hasher) = (self.read(blob, None).await?, Hasher::new());
        while let Some(frame) = reader.try_next().await? {
            hasher.update(&frame);
        }
        Ok(hasher.finish())
    }

    pub(crate) async fn delete(&self, key: &BlobKey) -> Result<()> {
        match self.store().delete(&self.path(key)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            deleted => Ok(deleted?),
        }
    }

    pub(crate) fn list(&self) -> BoxStream<'static, Result<(BlobKey, u64, SystemTime)>> {
        let prefix = self.remote.prefix.clone();
        let objects = self.remote.store.list(Some(&prefix.clone().join("blobs")));
        objects
            .filter_map(move |found| {
                let found = match found {
                    Ok(meta) => blob(&prefix, &meta).map(Ok),
                    Err(error) => Some(Err(error.into())),
                };
                std::future::ready(found)
            })
            .boxed()
    }

    async fn unfinished(&self) -> Result<&Unfinished> {
        let made = self.unfinished.get_or_try_init(|| async {
            let folders = (self.scratch.join("parts"), self.scratch.join("append"));
            let (parts, append) = folders.clone();
            blocking(move || {
                disk::create_folder(&parts)?;
                Ok(disk::create_folder(&append)?)
            })
            .await?;
            let flusher = Flusher::start()?;
            Ok::<_, Error>(Unfinished {
                parts: Arc::new(Parts::new(folders.0, flusher.clone(), self.live.clone())),
                appends: Arc::new(Appends::new(folders.1, flusher, self.live.clone())),
            })
        });
        made.await
    }

    pub(crate) async fn parts(&self) -> Result<Arc<Parts>> {
        Ok(Arc::clone(&self.unfinished().await?.parts))
    }

    pub(crate) async fn appends(&self) -> Result<Arc<Appends>> {
        Ok(Arc::clone(&self.unfinished().await?.appends))
    }

    pub(crate) async fn complete(&self, id: &PartsId) -> Result<Stored> {
        let parts = self.parts().await?;
        let sealed = match parts.seal(id).await {
            Err(Error::UnknownParts(_)) => {
                // Completed before, and the first answer got lost.
                let again = self.verify(id.blob_key()).await?;
                return again.ok_or_else(|| Error::UnknownParts(id.clone()));
            }
            sealed => sealed?,
        };
        let (path, size) = (sealed.path.clone(), sealed.size);
        let stored = self
            .transfer(id.blob_key(), path, size, sealed.sha256)
            .await?;
        let id = id.clone();
        blocking(move || parts.remove(&id)).await?;
        Ok(stored)
    }

    pub(crate) async fn finish_append(
        &self,
        id: &AppendId,
        expected: Option<Digest>,
    ) -> Result<Stored> {
        let appends = self.appends().await?;
        let sealed = match appends.seal(id).await {
            Err(Error::UnknownAppend(_)) => {
                // Completed before, and the first answer got lost.
                let again = self.verify(id.blob_key()).await?;
                let stored = again.ok_or_else(|| Error::UnknownAppend(id.clone()))?;
                stored.sha256.expect(expected)?;
                return Ok(stored);
            }
            sealed => sealed?,
        };
        let checked = sealed.sha256.expect(expected);
        let stored = match checked {
            Ok(()) => {
                let (path, size) = (sealed.path.clone(), sealed.size);
                Ok(self
                    .transfer(id.blob_key(), path, size, sealed.sha256)
                    .await?)
            }
            Err(error) => Err(error),
        };
        let id = id.clone();
        blocking(move || appends.remove(&id)).await?;
        stored
    }

    /// Sends a complete file to the object store, and checks that what was read from the disk is
    /// what came over the wire.
    async fn transfer(
        &self,
        key: BlobKey,
        path: PathBuf,
        size: u64,
        sha256: Digest,
    ) -> Result<Stored> {
        let mut writer = self.writer(key, size, true);
        let mut frames = FileFrames::open(path, size).await?;
        while let Some(frame) = frames.next().await? {
            writer.write(frame).await?;
        }
        writer.finish(Some(sha256)).await
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} below “{}”", self.remote.store, self.remote.prefix)
    }
}

/// What an object below the prefix is as a blob; nothing for what lies there by accident.
fn blob(prefix: &Path, meta: &ObjectMeta) -> Option<(BlobKey, u64, SystemTime)> {
    let key: BlobKey = meta.location.filename()?.parse().ok()?;
    let below = meta.location.prefix_match(prefix)?;
    let ours = Path::from(key.path());
    below
        .eq(ours.parts())
        .then(|| (key, meta.size, meta.last_modified.into()))
}
