//! Uploads that grow at their end: bytes are added to one file in as many goes as it takes, and
//! nobody needs to know the length beforehand.
//!
//! The rule: what arrived stays. A go that is cut off keeps its bytes, and the length of the file is
//! where the next one begins. There is one writer at a time: a later go takes over between two
//! writes of the earlier one, which then fails. The hash runs along in the memory of this process;
//! after a restart, or where another process on the same folder took some of the goes, a thread
//! reads what is missing in it from the file while the next bytes arrive. Bytes that a crash of the
//! machine spoiled before they were synced are found by the digest.

mod growing;

use std::{
    collections::HashMap,
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
    time::SystemTime,
};

use bytes::Bytes;
use tokio::sync::{OwnedMutexGuard, oneshot};

use self::growing::{Go, Growing};
use crate::{
    AppendId, Digest, Error, Result, Swept,
    disk::{self, Flusher, lock},
    parts::modified,
    store::blocking,
    upload::{Feed, Live},
};

/// Adds bytes to an upload. Dropping it unfinished keeps what was handed over.
pub struct AppendWriter {
    feed: Feed<u64>,
    limit: u64,
    /// Where the next byte belongs.
    end: u64,
    /// Bytes that exceeded the limit were refused.
    full: bool,
}

impl std::fmt::Debug for AppendWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "AppendWriter({} of at most {} bytes)",
            self.end, self.limit
        )
    }
}

impl AppendWriter {
    /// How many bytes the upload has with those handed over so far.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Takes the next bytes; waits while the disk is behind. Those that exceed the limit are not
    /// taken, and no more after them; what came before stays, and `finish` says how much that is.
    pub async fn write(&mut self, data: Bytes) -> Result<()> {
        let end = self.end.saturating_add(data.len() as u64);
        if self.full || end > self.limit {
            self.full = true;
            return Err(Error::TooLarge { limit: self.limit });
        }
        self.feed.write(data).await?;
        self.end = end;
        Ok(())
    }

    /// Returns when the bytes are safely on disk: how many the upload has now.
    pub async fn finish(self) -> Result<u64> {
        self.feed.finish(None).await
    }
}

/// A complete upload, its file still among the unfinished ones.
pub(crate) struct Sealed {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    pub(crate) sha256: Digest,
    /// Held until the file is where it belongs.
    _turn: OwnedMutexGuard<()>,
}

/// All uploads that grow below one folder.
pub(crate) struct Appends {
    folder: PathBuf,
    flusher: Flusher,
    live: Live,
    open: Mutex<HashMap<AppendId, Arc<Growing>>>,
}

impl Appends {
    pub(crate) fn new(folder: PathBuf, flusher: Flusher, live: Live) -> Self {
        Self {
            folder,
            flusher,
            live,
            open: Mutex::default(),
        }
    }

    pub(crate) async fn begin(&self) -> Result<AppendId> {
        let folder = self.folder.clone();
        blocking(move || {
            let id = AppendId::random();
            let path = folder.join(id.as_str());
            let guard = disk::Temporary::new(path.clone());
            disk::create(&path)?;
            disk::sync_folder(&folder)?;
            guard.keep();
            Ok(id)
        })
        .await
    }

    /// Begins a go, at `offset` or wherever the upload ends.
    pub(crate) async fn write(
        self: &Arc<Self>,
        id: &AppendId,
        offset: Option<u64>,
        limit: u64,
    ) -> Result<AppendWriter> {
        let growing = self.growing(id).await?;
        let (flusher, live) = (self.flusher.clone(), self.live.clone());
        let (told, start) = oneshot::channel();
        let feed = Feed::start(&self.live, move || {
            let go = Go::begin(&growing, offset, flusher, &live)?;
            // Nobody listens any more when the caller gave up.
            told.send(go.start()).ok();
            Ok(go)
        })
        .await?;
        let end = start.await.map_err(|_| Error::Stopped)?;
        Ok(AppendWriter {
            feed,
            limit,
            end,
            full: false,
        })
    }

    pub(crate) async fn length(self: &Arc<Self>, id: &AppendId) -> Result<u64> {
        let growing = self.growing(id).await?;
        blocking(move || growing.length()).await
    }

    /// Refuses bytes from now on and says what the whole is. Can be repeated.
    pub(crate) async fn seal(self: &Arc<Self>, id: &AppendId) -> Result<Sealed> {
        let growing = self.growing(id).await?;
        let turn = growing.turn().await;
        if !self.holds(id, &growing) {
            return Err(Error::UnknownAppend(id.clone()));
        }
        let path = self.path(id);
        let (reply, sealed) = oneshot::channel();
        let guard = self.live.enter();
        // A thread of its own: after a restart the whole file may have to be read.
        thread::Builder::new()
            .name("blob-hash".into())
            .spawn(move || {
                let _guard = guard;
                drop(reply.send(growing.seal()));
            })?;
        let (size, sha256) = sealed.await.map_err(|_| Error::Stopped)??;
        Ok(Sealed {
            path,
            size,
            sha256,
            _turn: turn,
        })
    }

    /// Removes an upload; one that is gone already is as good. Blocks.
    pub(crate) fn remove(&self, id: &AppendId) -> Result<()> {
        // The file first: what is not there is not remembered again.
        disk::remove(&self.path(id))?;
        if let Some(growing) = lock(&self.open).remove(id) {
            growing.close();
        }
        Ok(())
    }

    /// The uploads that nobody added to since `before`. Blocks.
    pub(crate) fn stale(&self, before: SystemTime) -> Result<Vec<AppendId>> {
        let mut stale = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let Ok(id) = entry.file_name().to_string_lossy().parse() else {
                continue;
            };
            if modified(&entry)?.is_some_and(|at| at < before) {
                stale.push(id);
            }
        }
        let open = lock(&self.open);
        // A thread that works for the upload holds it as well.
        stale.retain(|id| open.get(id).is_none_or(|held| Arc::strong_count(held) == 1));
        Ok(stale)
    }

    /// Removes uploads and says what that freed. Blocks.
    pub(crate) fn sweep(&self, ids: &[AppendId], swept: &mut Swept) -> Result<()> {
        for id in ids {
            if let Ok(metadata) = fs::metadata(self.path(id)) {
                swept.count(metadata.len());
            }
            self.remove(id)?;
        }
        Ok(())
    }

    fn path(&self, id: &AppendId) -> PathBuf {
        self.folder.join(id.as_str())
    }

    fn holds(&self, id: &AppendId, growing: &Arc<Growing>) -> bool {
        lock(&self.open)
            .get(id)
            .is_some_and(|held| Arc::ptr_eq(held, growing))
    }

    async fn growing(self: &Arc<Self>, id: &AppendId) -> Result<Arc<Growing>> {
        if let Some(growing) = lock(&self.open).get(id) {
            return Ok(Arc::clone(growing));
        }
        let (this, id) = (Arc::clone(self), id.clone());
        blocking(move || {
            // Held while looking: what is removed meanwhile must not be remembered.
            let mut open = lock(&this.open);
            let path = this.path(&id);
            match fs::metadata(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Err(Error::UnknownAppend(id));
                }
                found => found?,
            };
            let growing = open
                .entry(id.clone())
                .or_insert_with(|| Arc::new(Growing::new(id, path)));
            Ok(Arc::clone(growing))
        })
        .await
    }
}
