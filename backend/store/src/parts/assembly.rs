//! One upload in parts: a file of its final length, which parts of it are there, and the hash of
//! the contiguous ones from the start.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};

use tokio::sync::watch;

use super::{
    journal::{Journal, Record},
    state::{Hash, Running, State},
};
use crate::{
    Digest, Error, Hasher, PartsId, Result,
    disk::{self, Durable, lock},
    upload::Live,
};

/// More parts than any client makes; bounds the memory and the journal of one upload.
const MAX_PARTS: u64 = 100_000;

/// Bytes read at a time when complete parts are hashed afterwards.
const READ: usize = 1 << 20;

/// Where the files of an upload are.
pub(super) fn data_path(folder: &Path, id: &PartsId) -> PathBuf {
    folder.join(id.as_str())
}

pub(super) fn journal_path(folder: &Path, id: &PartsId) -> PathBuf {
    folder.join(format!("{id}.journal"))
}

/// The state of one upload in this process.
pub(super) struct Assembly {
    pub(super) id: PartsId,
    pub(super) file: Arc<Durable>,
    size: u64,
    part_size: u64,
    journal: Mutex<Journal>,
    /// For each part the number of the attempt that may write. Held while it writes: a later
    /// attempt takes over between two writes, never in the middle of one.
    pub(super) slots: Vec<Mutex<u64>>,
    state: Mutex<State>,
    /// Whose turn it is to complete: the same request may come twice at once.
    pub(super) turn: Arc<tokio::sync::Mutex<()>>,
    /// Changes whenever the hash moved on or stopped.
    progress: watch::Sender<()>,
    live: Live,
}

/// What a part's writer starts with.
pub(super) struct Turn {
    pub(super) attempt: u64,
    /// The running hash, when all before this part is hashed already.
    pub(super) running: Option<Running>,
}

impl Assembly {
    pub(super) fn create(
        folder: &Path,
        size: u64,
        part_size: u64,
        live: &Live,
    ) -> Result<Arc<Self>> {
        let count = part_count(size, part_size)?;
        let id = PartsId::random();
        let (data, journal) = (data_path(folder, &id), journal_path(folder, &id));
        let guards = (
            disk::Temporary::new(data.clone()),
            disk::Temporary::new(journal.clone()),
        );
        let file = disk::create(&data)?;
        disk::reserve(&file, folder, size)?;
        file.sync_all()?;
        let journal = Journal::create(&journal, size, part_size)?;
        disk::sync_folder(folder)?;
        guards.0.keep();
        guards.1.keep();
        let record = Record {
            size,
            part_size,
            complete: std::collections::BTreeMap::new(),
        };
        Ok(Arc::new(Self::new(id, file, journal, record, count, live)))
    }

    /// Takes up what an earlier process left. `None` when there is no such upload.
    pub(super) fn load(folder: &Path, id: &PartsId, live: &Live) -> Result<Option<Arc<Self>>> {
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .open(data_path(folder, id));
        let file = match opened {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let Some((journal, record)) = Journal::load(&journal_path(folder, id))? else {
            return Ok(None);
        };
        let count = part_count(record.size, record.part_size)?;
        if file.metadata()?.len() != record.size {
            let text = "the file of an upload does not have the length its journal says";
            return Err(io::Error::new(io::ErrorKind::InvalidData, text).into());
        }
        let assembly = Arc::new(Self::new(id.clone(), file, journal, record, count, live));
        assembly.catch_up()?;
        Ok(Some(assembly))
    }

    fn new(
        id: PartsId,
        file: File,
        journal: Journal,
        record: Record,
        count: usize,
        live: &Live,
    ) -> Self {
        let mut parts = vec![None; count];
        for (number, etag) in record.complete {
            if let Some(part) = (number as usize)
                .checked_sub(1)
                .and_then(|i| parts.get_mut(i))
            {
                *part = Some(etag);
            }
        }
        Self {
            id,
            file: Arc::new(Durable::new(file)),
            size: record.size,
            part_size: record.part_size,
            journal: Mutex::new(journal),
            slots: (0..count).map(|_| Mutex::new(0)).collect(),
            state: Mutex::new(State::new(parts)),
            turn: Arc::default(),
            progress: watch::Sender::new(()),
            live: live.clone(),
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The place of part `index` (from 0): offset and length, in bytes.
    pub(super) fn place(&self, index: usize) -> (u64, u64) {
        let offset = (index as u64).saturating_mul(self.part_size).min(self.size);
        (offset, self.part_size.min(self.size - offset))
    }

    /// The index of part `number` (from 1).
    pub(super) fn index(&self, number: u32) -> Result<usize> {
        let index = (number as usize)
            .checked_sub(1)
            .filter(|index| *index < self.slots.len());
        let last = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        index.ok_or(Error::UnknownPart { number, last })
    }

    /// The complete parts: number, length and ETag.
    pub(super) fn complete(&self) -> Vec<(u32, u64, String)> {
        let state = lock(&self.state);
        let numbered = (1..).zip(&state.parts).enumerate();
        numbered
            .filter_map(|(index, (number, part))| {
                Some((number, self.place(index).1, part.clone()?))
            })
            .collect()
    }

    /// Begins an attempt at a part; earlier attempts at it no longer count. The caller holds the
    /// part's slot and passes the number in it.
    pub(super) fn begin(&self, index: usize, slot: &mut u64) -> Result<Turn> {
        let stored = {
            let state = lock(&self.state);
            self.open(&state)?;
            state.is_stored(index)
        };
        if stored {
            // Known to the disk before the first byte of the old part is lost.
            lock(&self.journal).overwriting(number(index))?;
        }
        *slot += 1;
        let mut state = lock(&self.state);
        self.open(&state)?;
        Ok(Turn {
            attempt: *slot,
            running: state.begin(index),
        })
    }

    /// Notes a part whose bytes are on disk. The caller holds the part's slot.
    pub(super) fn stored(
        self: &Arc<Self>,
        index: usize,
        etag: &str,
        running: Option<Running>,
    ) -> Result<()> {
        lock(&self.journal).stored(number(index), etag)?;
        {
            let mut state = lock(&self.state);
            self.open(&state)?;
            state.store(index, etag, running);
        }
        self.progress.send_replace(());
        self.catch_up()
    }

    pub(super) fn hash(&self) -> Hash {
        lock(&self.state).hash()
    }

    pub(super) fn watch(&self) -> watch::Receiver<()> {
        self.progress.subscribe()
    }

    /// Refuses parts from now on, if the hash is still that of the whole.
    pub(super) fn seal(&self) -> Result<Option<Digest>> {
        let digest = {
            let mut state = lock(&self.state);
            let Some(digest) = state.whole() else {
                return Ok(None);
            };
            state.closed = true;
            digest
        };
        self.file.sync()?;
        Ok(Some(digest))
    }

    /// Refuses parts from now on, whatever is there.
    pub(super) fn close(&self) {
        lock(&self.state).closed = true;
        self.progress.send_replace(());
    }

    pub(super) fn is_closed(&self) -> bool {
        lock(&self.state).closed
    }

    fn open(&self, state: &State) -> Result<()> {
        if state.closed {
            Err(Error::UnknownParts(self.id.clone()))
        } else {
            Ok(())
        }
    }

    /// Starts hashing parts that have become contiguous, unless a thread does it already.
    pub(super) fn catch_up(self: &Arc<Self>) -> Result<()> {
        {
            let mut state = lock(&self.state);
            if state.hashing || state.next().is_none() {
                return Ok(());
            }
            state.hashing = true;
            state.failed = None;
        }
        let (this, guard) = (Arc::clone(self), self.live.enter());
        let started = thread::Builder::new()
            .name("blob-hash".into())
            .spawn(move || {
                let _guard = guard;
                this.hash_contiguous();
                this.progress.send_replace(());
            });
        if let Err(error) = started {
            lock(&self.state).hashing = false;
            return Err(error.into());
        }
        Ok(())
    }

    fn hash_contiguous(&self) {
        let mut buffer = vec![0; READ];
        loop {
            let (index, mut running) = {
                let mut state = lock(&self.state);
                let Some(next) = state.next() else {
                    state.hashing = false;
                    return;
                };
                next
            };
            let read = self.hash_part(index, &mut running.hasher, &mut buffer);
            let mut state = lock(&self.state);
            if let Err(error) = read {
                state.failed = Some((error.kind(), error.to_string()));
                state.hashing = false;
                return;
            }
            state.advance(index, running);
            drop(state);
            self.progress.send_replace(());
        }
    }

    fn hash_part(&self, index: usize, hasher: &mut Hasher, buffer: &mut [u8]) -> io::Result<()> {
        let (mut offset, mut left) = self.place(index);
        while left > 0 {
            let count = usize::try_from(left).unwrap_or(READ).min(buffer.len());
            let Some(chunk) = buffer.get_mut(..count) else {
                break;
            };
            self.file.file().read_exact_at(chunk, offset)?;
            hasher.update(chunk);
            offset += count as u64;
            left -= count as u64;
        }
        Ok(())
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

/// How many parts an upload has; an empty one has a single empty part.
fn part_count(size: u64, part_size: u64) -> Result<usize> {
    let count = if part_size == 0 {
        u64::MAX
    } else {
        size.div_ceil(part_size).max(1)
    };
    match usize::try_from(count) {
        Ok(small) if count <= MAX_PARTS => Ok(small),
        _ => Err(Error::PartSize { size, part_size }),
    }
}
