//! Writing one object, in one request or in parts, with bounded memory.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::{
    GetOptions, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt, PutPayload, path::Path,
};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};

use super::Object;
use crate::{BlobKey, Digest, Error, Hasher, Result, Stored, mark::Marker, upload::Live};

/// Parts sent to the object store at the same time, for each upload.
const CONCURRENT: usize = 4;

/// Length of those parts, in bytes. S3 takes 10,000 parts, so uploads that may be large get larger
/// ones; the most bounds the memory of an upload.
const PART: std::ops::Range<u64> = 8 << 20..64 << 20;
const PARTS: u64 = 9_000;

/// Memory that all uploads together may take for parts that are being filled or sent. Whoever finds none left waits, and
/// its sender with it.
pub(super) const MEMORY: usize = 256 << 20;

/// Writes one object. What is small goes in one request, what is not in parts of equal length.
pub(crate) struct ObjectWriter {
    store: Arc<dyn ObjectStore>,
    marker: Marker,
    key: BlobKey,
    path: Path,
    part: usize,
    buffer: Vec<Bytes>,
    buffered: usize,
    memory: Arc<Semaphore>,
    /// The memory of the part that is being filled.
    room: Option<OwnedSemaphorePermit>,
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

impl Object {
    pub(crate) fn writer(&self, key: BlobKey, limit: u64, known: bool) -> Box<ObjectWriter> {
        Box::new(ObjectWriter {
            known,
            store: Arc::clone(&self.remote.store),
            marker: self.remote.marker.clone(),
            path: self.path(&key),
            key,
            part: usize::try_from((limit / PARTS).clamp(PART.start, PART.end))
                .unwrap_or(usize::MAX),
            buffer: Vec::new(),
            buffered: 0,
            memory: Arc::clone(&self.memory),
            room: None,
            upload: None,
            sending: JoinSet::new(),
            hasher: Hasher::new(),
            written: 0,
            closed: false,
            live: self.live.clone(),
        })
    }
}

impl ObjectWriter {
    pub(crate) async fn write(&mut self, mut data: Bytes) -> Result<()> {
        if self.closed {
            return Err(Error::Stopped);
        }
        self.hasher.update(&data);
        self.written += data.len() as u64;
        while self.buffered + data.len() > self.part {
            self.take_room().await?;
            let head = data.split_to(self.part - self.buffered);
            self.buffered += head.len();
            self.buffer.push(head);
            if let Err(error) = self.send_part().await {
                self.abort();
                return Err(error);
            }
        }
        if !data.is_empty() {
            self.take_room().await?;
            self.buffered += data.len();
            self.buffer.push(data);
        }
        Ok(())
    }

    /// Waits until there is memory for another part.
    async fn take_room(&mut self) -> Result<()> {
        if self.room.is_none() {
            let part = u32::try_from(self.part >> 10).unwrap_or(u32::MAX);
            let room = Arc::clone(&self.memory).acquire_many_owned(part).await;
            self.room = Some(room.map_err(|_| Error::Stopped)?);
        }
        Ok(())
    }

    /// Sends what is buffered as the next part.
    async fn send_part(&mut self) -> Result<()> {
        let upload = match &mut self.upload {
            Some(upload) => upload,
            none => {
                let begun = self.store.put_multipart(&self.path).await;
                none.insert(begun.map_err(Error::writing)?)
            }
        };
        let payload: PutPayload = std::mem::take(&mut self.buffer).into_iter().collect();
        self.buffered = 0;
        let (room, part) = (self.room.take(), upload.put_part(payload));
        self.sending.spawn(async move {
            let sent = part.await;
            drop(room);
            sent
        });
        self.wait_for(CONCURRENT - 1).await
    }

    /// Waits until no more than `most` parts are on their way.
    async fn wait_for(&mut self, most: usize) -> Result<()> {
        while self.sending.len() > most {
            match self.sending.join_next().await {
                Some(Ok(sent)) => sent.map_err(Error::writing)?,
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
        }
        let put = if let Some(upload) = &mut self.upload {
            upload.complete().await
        } else {
            let payload: PutPayload = std::mem::take(&mut self.buffer).into_iter().collect();
            self.store.put(&self.path, payload).await
        };
        let tag = put.map_err(Error::writing)?.e_tag;
        self.closed = true;
        self.room = None;
        let (store, live) = (Arc::clone(&self.store), self.live.clone());
        let stored = Stored {
            key: self.key.clone(),
            size: self.written,
            sha256,
            mark: None,
        };
        let mut unclaimed = Unclaimed {
            store,
            path: self.path.clone(),
            live,
            stored,
            keep: self.known,
        };
        let found = unclaimed.check().await?;
        if found.e_tag != tag {
            unclaimed.read(&found).await?;
        }
        unclaimed.stored.mark = self.marker.mark(found.e_tag.as_deref());
        Ok(unclaimed)
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
    path: Path,
    live: Live,
    stored: Stored,
    keep: bool,
}

impl Unclaimed {
    /// A service that says yes may have kept nothing, or a part.
    async fn check(&self) -> Result<ObjectMeta> {
        let (expected, actual) = match self.store.head(&self.path).await {
            Ok(meta) if meta.size == self.stored.size => return Ok(meta),
            Ok(meta) => (self.stored.size, meta.size),
            Err(object_store::Error::NotFound { .. }) => (self.stored.size, 0),
            Err(error) => return Err(error.into()),
        };
        Err(Error::NotKept { expected, actual })
    }

    /// Where the service names what it has otherwise than what it took, only the bytes tell what that name is of.
    async fn read(&self, found: &ObjectMeta) -> Result<()> {
        let options = GetOptions::new().with_if_match(found.e_tag.clone());
        let mut frames = self
            .store
            .get_opts(&self.path, options)
            .await?
            .into_stream();
        let mut hasher = Hasher::new();
        while let Some(frame) = frames.try_next().await? {
            hasher.update(&frame);
        }
        if hasher.finish() == self.stored.sha256 {
            return Ok(());
        }
        let (expected, actual) = (self.stored.size, found.size);
        Err(Error::NotKept { expected, actual })
    }

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
        let (store, path) = (Arc::clone(&self.store), self.path.clone());
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
