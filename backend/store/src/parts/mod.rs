//! Uploads in parts: each part is written at its place in one file of the final length, in any
//! order, more than once if need be. The hash keeps pace with the parts, so that completing an
//! upload takes no longer for a big one. The rule: a part counts when it is on disk and its line is
//! in the journal, and it stops counting before the first of its bytes is overwritten.

mod assembly;
mod journal;
mod state;

use std::{
    collections::HashMap,
    fs, io,
    os::unix::fs::FileExt,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::SystemTime,
};

use bytes::Bytes;
use tokio::sync::OwnedMutexGuard;

use self::{
    assembly::{Assembly, data_path, journal_path},
    state::{Hash, Running},
};
use crate::{
    Digest, Error, Hasher, PartsId, Result, Swept,
    disk::{self, Flusher, Pace, lock},
    store::blocking,
    upload::{Feed, Live, Sink},
};

/// A part that is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartStored {
    /// Its number, from 1.
    pub number: u32,
    /// Its length in bytes.
    pub size: u64,
    /// Names these bytes of this part, without quotes: the SHA-256 in hexadecimal where the sender
    /// announced one, else a text that changes each time the part is sent.
    pub etag: String,
}

/// Writes one part. Dropping it leaves the part missing.
pub struct PartWriter {
    feed: Feed<PartStored>,
    expected: Option<Digest>,
    due: u64,
    written: u64,
}

impl std::fmt::Debug for PartWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PartWriter({} of {} bytes)", self.written, self.due)
    }
}

impl PartWriter {
    /// The length the part must have, in bytes.
    pub fn due(&self) -> u64 {
        self.due
    }

    /// Takes the next bytes; waits while the disk is behind. More than are due is an error at once.
    pub async fn write(&mut self, data: Bytes) -> Result<()> {
        self.written += data.len() as u64;
        if self.written > self.due {
            self.feed.abort();
            return Err(Error::Length {
                expected: self.due,
                actual: self.written,
            });
        }
        self.feed.write(data).await
    }

    /// Returns when the part is safely on disk.
    pub async fn finish(self) -> Result<PartStored> {
        self.feed.finish(self.expected).await
    }
}

/// A complete upload, its file still among the parts.
pub(crate) struct Sealed {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    pub(crate) sha256: Digest,
    /// Held until the file is where it belongs.
    _turn: OwnedMutexGuard<()>,
}

/// All uploads in parts below one folder.
pub(crate) struct Parts {
    folder: PathBuf,
    flusher: Flusher,
    live: Live,
    open: Mutex<HashMap<PartsId, Arc<Assembly>>>,
}

impl Parts {
    pub(crate) fn new(folder: PathBuf, flusher: Flusher, live: Live) -> Self {
        Self {
            folder,
            flusher,
            live,
            open: Mutex::default(),
        }
    }

    pub(crate) async fn begin(self: &Arc<Self>, size: u64, part_size: u64) -> Result<PartsId> {
        let this = Arc::clone(self);
        blocking(move || {
            let assembly = Assembly::create(&this.folder, size, part_size, &this.live)?;
            let id = assembly.id.clone();
            lock(&this.open).insert(id.clone(), assembly);
            Ok(id)
        })
        .await
    }

    pub(crate) async fn write(
        self: &Arc<Self>,
        id: &PartsId,
        number: u32,
        expected: Option<Digest>,
    ) -> Result<PartWriter> {
        let assembly = self.assembly(id).await?;
        let index = assembly.index(number)?;
        let due = assembly.place(index).1;
        let flusher = self.flusher.clone();
        let feed = Feed::start(&self.live, move || {
            PartSink::begin(assembly, index, number, expected.is_some(), flusher)
        })
        .await?;
        Ok(PartWriter {
            feed,
            expected,
            due,
            written: 0,
        })
    }

    pub(crate) async fn list(self: &Arc<Self>, id: &PartsId) -> Result<Vec<PartStored>> {
        let parts = self.assembly(id).await?.complete();
        let stored = |(number, size, etag)| PartStored { number, size, etag };
        Ok(parts.into_iter().map(stored).collect())
    }

    /// Waits for the hash and refuses parts from then on. Can be repeated.
    pub(crate) async fn seal(self: &Arc<Self>, id: &PartsId) -> Result<Sealed> {
        let assembly = self.assembly(id).await?;
        let turn = Arc::clone(&assembly.turn).lock_owned().await;
        if !lock(&self.open)
            .get(id)
            .is_some_and(|held| Arc::ptr_eq(held, &assembly))
        {
            return Err(Error::UnknownParts(id.clone()));
        }
        assembly.catch_up()?;
        let mut progress = assembly.watch();
        loop {
            match assembly.hash() {
                Hash::Missing { first, count } => return Err(Error::MissingParts { first, count }),
                Hash::Failed(error) => return Err(error.into()),
                Hash::Running if assembly.is_closed() => {
                    return Err(Error::UnknownParts(id.clone()));
                }
                // The sender lives in `assembly`: the wait cannot fail.
                Hash::Running => drop(progress.changed().await),
                Hash::Whole => {
                    let (path, size) = (data_path(&self.folder, id), assembly.size());
                    let sealing = Arc::clone(&assembly);
                    if let Some(sha256) = blocking(move || sealing.seal()).await? {
                        return Ok(Sealed {
                            path,
                            size,
                            sha256,
                            _turn: turn,
                        });
                    }
                }
            }
        }
    }

    /// Removes an upload with all that belongs to it; what is gone already is as good. Blocks.
    pub(crate) fn remove(&self, id: &PartsId) -> Result<()> {
        if let Some(assembly) = lock(&self.open).remove(id) {
            assembly.close();
        }
        // The journal last: without the data it is swept, without it the data is.
        disk::remove(&data_path(&self.folder, id))?;
        disk::remove(&journal_path(&self.folder, id))?;
        Ok(())
    }

    /// The uploads whose files were last changed before `before`. Blocks.
    pub(crate) fn stale(&self, before: SystemTime) -> Result<Vec<PartsId>> {
        let mut changed: HashMap<PartsId, SystemTime> = HashMap::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let Ok(id) = name.strip_suffix(".journal").unwrap_or(&name).parse() else {
                continue;
            };
            let Some(modified) = modified(&entry)? else {
                continue;
            };
            let latest = changed.entry(id).or_insert(modified);
            *latest = modified.max(*latest);
        }
        let open = lock(&self.open);
        // A thread that works for the upload holds it as well.
        let busy = |id: &PartsId| open.get(id).is_some_and(|held| Arc::strong_count(held) > 1);
        let stale = changed
            .into_iter()
            .filter(|(id, at)| *at < before && !busy(id));
        Ok(stale.map(|(id, _)| id).collect())
    }

    /// Removes uploads and says what that freed. Blocks.
    pub(crate) fn sweep(&self, ids: &[PartsId], swept: &mut Swept) -> Result<()> {
        for id in ids {
            for path in [data_path(&self.folder, id), journal_path(&self.folder, id)] {
                if let Ok(metadata) = fs::metadata(&path) {
                    swept.count(metadata.len());
                }
            }
            self.remove(id)?;
        }
        Ok(())
    }

    async fn assembly(self: &Arc<Self>, id: &PartsId) -> Result<Arc<Assembly>> {
        if let Some(assembly) = lock(&self.open).get(id) {
            return Ok(Arc::clone(assembly));
        }
        let (this, id) = (Arc::clone(self), id.clone());
        blocking(move || {
            // Held while loading: two that come at once must get the same one.
            let mut open = lock(&this.open);
            if let Some(assembly) = open.get(&id) {
                return Ok(Arc::clone(assembly));
            }
            let loaded = Assembly::load(&this.folder, &id, &this.live)?;
            let assembly = loaded.ok_or_else(|| Error::UnknownParts(id.clone()))?;
            open.insert(id, Arc::clone(&assembly));
            Ok(assembly)
        })
        .await
    }
}

/// When a file was last written, `None` when it went away meanwhile.
pub(crate) fn modified(entry: &fs::DirEntry) -> io::Result<Option<SystemTime>> {
    match entry.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        metadata => Ok(Some(metadata?.modified()?)),
    }
}

/// The writing thread's end of one part.
struct PartSink {
    assembly: Arc<Assembly>,
    index: usize,
    number: u32,
    attempt: u64,
    written: u64,
    running: Option<Running>,
    own: Option<Hasher>,
    pace: Pace,
}

impl PartSink {
    fn begin(
        assembly: Arc<Assembly>,
        index: usize,
        number: u32,
        checked: bool,
        flusher: Flusher,
    ) -> Result<Self> {
        let turn = {
            let slot = assembly.slots.get(index).ok_or(Error::Stopped)?;
            assembly.begin(index, &mut lock(slot))?
        };
        Ok(Self {
            assembly,
            index,
            number,
            attempt: turn.attempt,
            written: 0,
            running: turn.running,
            own: checked.then(Hasher::new),
            pace: Pace::new(flusher),
        })
    }
}

impl Sink for PartSink {
    type Done = PartStored;

    fn write(&mut self, data: &Bytes) -> Result<()> {
        let (offset, due) = self.assembly.place(self.index);
        let total = self.written + data.len() as u64;
        if total > due {
            return Err(Error::Length {
                expected: due,
                actual: total,
            });
        }
        for hasher in self
            .running
            .as_mut()
            .map(|r| &mut r.hasher)
            .into_iter()
            .chain(&mut self.own)
        {
            hasher.update(data);
        }
        let slot = lock(self.assembly.slots.get(self.index).ok_or(Error::Stopped)?);
        if *slot != self.attempt {
            return Err(Error::Superseded);
        }
        if self.assembly.is_closed() {
            return Err(Error::UnknownParts(self.assembly.id.clone()));
        }
        self.assembly
            .file
            .file()
            .write_all_at(data, offset + self.written)?;
        drop(slot);
        self.written = total;
        self.pace.wrote(data.len(), &self.assembly.file);
        Ok(())
    }

    fn finish(self, expected: Option<Digest>) -> Result<PartStored> {
        let (_, due) = self.assembly.place(self.index);
        if self.written != due {
            return Err(Error::Length {
                expected: due,
                actual: self.written,
            });
        }
        let actual = self.own.map(Hasher::finish);
        if let (Some(expected), Some(actual)) = (expected, actual)
            && expected != actual
        {
            return Err(Error::DigestMismatch { expected, actual });
        }
        self.assembly.file.sync()?;
        let etag = match actual {
            Some(digest) => digest.to_hex(),
            None => format!("{}-{}-{}", self.assembly.id, self.number, ulid::Ulid::new()),
        };
        let slot = lock(self.assembly.slots.get(self.index).ok_or(Error::Stopped)?);
        if *slot != self.attempt {
            return Err(Error::Superseded);
        }
        self.assembly.stored(self.index, &etag, self.running)?;
        drop(slot);
        Ok(PartStored {
            number: self.number,
            size: due,
            etag,
        })
    }
}
