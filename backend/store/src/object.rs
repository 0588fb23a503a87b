//! Blobs in an object store. Bytes go straight to their final, random key, which shows nothing
//! before the upload is complete; nothing is ever renamed there.

use std::{fmt, ops::Range, path::PathBuf, sync::Arc, time::SystemTime};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, path::Path,
};
use tokio::{runtime::Handle, sync::OnceCell, task::JoinSet};

use crate::{
    AppendId, BlobKey, BlobReader, Digest, Error, Hasher, LocalFile, PartsId, Result, Stored,
    append::Appends,
    disk::{self, Flusher},
    local::within,
    parts::Parts,
    read::FileFrames,
    store::blocking,
    upload::Live,
};

/// Parts sent to the object store at the same time, for each upload.
const CONCURRENT: usize = 4;

/// Length of those parts, in bytes. S3 takes 10,000 parts, so uploads that may be large get larger
/// ones; the most bounds the memory of an upload.
const PART: Range<u64> = 8 << 20..64 << 20;
const PARTS: u64 = 9_000;

/// Uploads that are put together on the local disk: parts come in any order and any size, and what
/// grows at its end in any steps; an object store wants them in one.
struct Unfinished {
    parts: Arc<Parts>,
    appends: Arc<Appends>,
}

/// The object kind of a store.
pub(crate) struct Object {
    store: Arc<dyn ObjectStore>,
    scratch: PathBuf,
    unfinished: OnceCell<Unfinished>,
    pub(crate) live: Live,
}

impl Object {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, scratch: PathBuf) -> Self {
        Self {
            store,
            scratch,
            unfinished: OnceCell::new(),
            live: Live::new(),
        }
    }

    pub(crate) fn begin(&self, limit: u64) -> Box<ObjectWriter> {
        self.writer(BlobKey::random(), limit, false)
    }

    fn writer(&self, key: BlobKey, limit: u64, known: bool) -> Box<ObjectWriter> {
        Box::new(ObjectWriter {
            known,
            store: Arc::clone(&self.store),
            path: key.path().into(),
            key,
            part: usize::try_from((limit / PARTS).clamp(PART.start, PART.end))
                .unwrap_or(usize::MAX),
            buffer: Vec::new(),
            buffered: 0,
            upload: None,
            sending: JoinSet::new(),
            hasher: Hasher::new(),
            written: 0,
            closed: false,
            live: self.live.clone(),
        })
    }

    pub(crate) async fn read(
        &self,
        key: &BlobKey,
        range: Option<Range<u64>>,
    ) -> Result<BlobReader> {
        let path = Path::from(key.path());
        let range = match range {
            None => None,
            // An empty or impossible range is no range to an object store.
            Some(range) => {
                let len = self.store.head(&path).await?.size;
                let range = within(Some(range), len)?;
                if range.is_empty() {
                    return Ok(BlobReader::object(0, futures_util::stream::empty().boxed()));
                }
                Some(GetRange::Bounded(range))
            }
        };
        let result = self
            .store
            .get_opts(
                &path,
                GetOptions {
                    range,
                    ..Default::default()
                },
            )
            .await?;
        let len = result.range.end - result.range.start;
        let frames = result.into_stream().map_err(std::io::Error::from);
        Ok(BlobReader::object(len, frames.boxed()))
    }

    pub(crate) async fn size(&self, key: &BlobKey) -> Result<Option<u64>> {
        match self.store.head(&key.path().into()).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn open_file(&self, key: &BlobKey) -> Result<LocalFile> {
        let path = Path::from(key.path());
        let len = self.store.head(&path).await?.size;
        Ok(LocalFile::object(Arc::clone(&self.store), path, len))
    }

    pub(crate) async fn delete(&self, key: &BlobKey) -> Result<()> {
        match self.store.delete(&key.path().into()).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            deleted => Ok(deleted?),
        }
    }

    pub(crate) fn list(&self) -> BoxStream<'static, Result<(BlobKey, u64, SystemTime)>> {
        let objects = self.store.list(Some(&Path::from("blobs")));
        let blob = |meta: object_store::ObjectMeta| async move {
            let key = meta.location.filename()?.parse::<BlobKey>().ok()?;
            let ours = key.path() == meta.location.as_ref();
            ours.then(|| Ok((key, meta.size, meta.last_modified.into())))
        };
        objects
            .filter_map(move |found| async move {
                match found {
                    Ok(meta) => blob(meta).await,
                    Err(error) => Some(Err(error.into())),
                }
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
                let again = self.again(id.blob_key()).await?;
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
                let again = self.again(id.blob_key()).await?;
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

    /// The answer for an upload that was completed before, when the first answer got lost.
    async fn again(&self, key: BlobKey) -> Result<Option<Stored>> {
        let mut reader = match self.read(&key, None).await {
            Err(Error::NotFound) => return Ok(None),
            reader => reader?,
        };
        let (mut hasher, size) = (Hasher::new(), reader.len());
        while let Some(frame) = reader.try_next().await? {
            hasher.update(&frame);
        }
        Ok(Some(Stored {
            key,
            size,
            sha256: hasher.finish(),
        }))
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.store.fmt(f)
    }
}

/// Writes one object. What is small goes in one request, what is not in parts of equal length.
pub(crate) struct ObjectWriter {
    store: Arc<dyn ObjectStore>,
    key: BlobKey,
    path: Path,
    part: usize,
    buffer: Vec<Bytes>,
    buffered: usize,
    upload: Option<Box<dyn MultipartUpload>>,
    sending: JoinSet<object_store::Result<()>>,
    hasher: Hasher,
    written: u64,
    /// Nothing more is taken: finished, or given up.
    closed: bool,
    /// The caller knows the key beforehand and may try again, perhaps at this moment: what is
    /// complete under it must stay.
    known: bool,
    live: Live,
}

impl ObjectWriter {
    pub(crate) async fn write(&mut self, mut data: Bytes) -> Result<()> {
        if self.closed {
            return Err(Error::Stopped);
        }
        self.hasher.update(&data);
        self.written += data.len() as u64;
        while self.buffered + data.len() > self.part {
            let head = data.split_to(self.part - self.buffered);
            self.buffered += head.len();
            self.buffer.push(head);
            if let Err(error) = self.send_part().await {
                self.abort();
                return Err(error);
            }
        }
        self.buffered += data.len();
        self.buffer.push(data);
        Ok(())
    }

    /// Sends what is buffered as the next part.
    async fn send_part(&mut self) -> Result<()> {
        let upload = match &mut self.upload {
            Some(upload) => upload,
            none => none.insert(self.store.put_multipart(&self.path).await?),
        };
        let payload: PutPayload = std::mem::take(&mut self.buffer).into_iter().collect();
        self.buffered = 0;
        self.sending.spawn(upload.put_part(payload));
        self.wait_for(CONCURRENT - 1).await
    }

    /// Waits until no more than `most` parts are on their way.
    async fn wait_for(&mut self, most: usize) -> Result<()> {
        while self.sending.len() > most {
            match self.sending.join_next().await {
                Some(Ok(sent)) => sent?,
                Some(Err(_)) => return Err(Error::Stopped),
                None => break,
            }
        }
        Ok(())
    }

    pub(crate) async fn finish(mut self: Box<Self>, expected: Option<Digest>) -> Result<Stored> {
        if self.closed {
            return Err(Error::Stopped);
        }
        let actual = std::mem::take(&mut self.hasher).finish();
        actual.expect(expected)?;
        // A task of its own: a request that is given up halfway may or may not be carried out, and
        // only who sees its end can undo it.
        let guard = self.live.enter();
        let placed = tokio::spawn(async move {
            let placed = self.place(actual).await;
            drop(guard);
            placed
        });
        Ok(placed.await.map_err(|_| Error::Stopped)??.claim())
    }

    async fn place(mut self: Box<Self>, sha256: Digest) -> Result<Unclaimed> {
        if self.upload.is_some() {
            self.send_part().await?;
            self.wait_for(0).await?;
            if let Some(upload) = &mut self.upload {
                upload.complete().await?;
            }
        } else {
            let payload: PutPayload = std::mem::take(&mut self.buffer).into_iter().collect();
            self.store.put(&self.path, payload).await?;
        }
        self.closed = true;
        let (store, live) = (Arc::clone(&self.store), self.live.clone());
        let stored = Stored {
            key: self.key.clone(),
            size: self.written,
            sha256,
        };
        Ok(Unclaimed {
            store,
            live,
            stored,
            keep: self.known,
        })
    }

    /// Gives up and cleans up in the background.
    pub(crate) fn abort(&mut self) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        let mut sending = std::mem::take(&mut self.sending);
        let Some(mut upload) = self.upload.take() else {
            return;
        };
        background(&self.live, async move {
            sending.shutdown().await;
            if let Err(error) = upload.abort().await {
                tracing::debug!(%error, "an unfinished upload could not be aborted");
            }
        });
    }
}

/// An object in its place that nobody knows of yet.
struct Unclaimed {
    store: Arc<dyn ObjectStore>,
    live: Live,
    stored: Stored,
    keep: bool,
}

impl Unclaimed {
    fn claim(mut self) -> Stored {
        self.keep = true;
        self.stored.clone()
    }
}

impl Drop for Unclaimed {
    fn drop(&mut self) {
        if self.keep {
            return;
        }
        let (store, path) = (Arc::clone(&self.store), Path::from(self.stored.key.path()));
        background(&self.live, async move {
            if let Err(error) = store.delete(&path).await {
                tracing::warn!(%error, %path, "a blob that nobody waited for stays");
            }
        });
    }
}

/// Cleans up, as far as there is a runtime to do it. Outside of one the process is ending, and the
/// object store's own rule for unfinished uploads remains.
fn background(live: &Live, work: impl Future<Output = ()> + Send + 'static) {
    let guard = live.enter();
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn(async move {
            let _guard = guard;
            work.await;
        });
    }
}

impl Drop for ObjectWriter {
    fn drop(&mut self) {
        self.abort();
    }
}
