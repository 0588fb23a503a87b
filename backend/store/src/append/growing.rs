//! One upload that grows: its file, how far it is hashed, and whose turn it is to write.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::PathBuf,
    sync::{Arc, Mutex, TryLockError},
    thread,
};

use bytes::Bytes;
use rustix::{fs::FlockOperation, io::Errno};
use tokio::sync::OwnedMutexGuard;

use crate::{
    AppendId, Digest, Error, Hasher, Result,
    aside::Aside,
    disk::{Durable, Flusher, Pace, lock},
    upload::{Live, Sink},
};

/// Bytes read at a time when what is there is hashed afterwards.
const READ: usize = 1 << 20;

/// What this process knows of one upload.
pub(super) struct Growing {
    id: AppendId,
    path: PathBuf,
    state: Mutex<State>,
    /// Held by the one thread that hashes what is there.
    hashing: Mutex<()>,
    /// Whose turn it is to complete: the same request may come twice at once.
    turn: Arc<tokio::sync::Mutex<()>>,
}

struct State {
    /// The hash of the first `hashed` bytes.
    hasher: Hasher,
    hashed: u64,
    /// Counts how often the hash was begun anew.
    epoch: u64,
    /// The length of the file.
    written: u64,
    /// How much of it is known to be on disk.
    durable: u64,
    /// The number of the go that may write.
    go: u64,
    /// Open, and locked against other processes, while somebody works with it.
    file: Option<Arc<Durable>>,
    /// How many do.
    users: usize,
    /// Complete or aborted: nothing may be added any more.
    closed: bool,
}

impl State {
    /// Takes the file as it is found: another process may have added to it.
    fn found(&mut self, len: u64) {
        self.written = len;
        self.durable = len;
        if self.hashed > len {
            self.forget_hash();
        }
    }

    fn forget_hash(&mut self) {
        self.hasher = Hasher::new();
        self.hashed = 0;
        self.epoch += 1;
    }

    /// Cuts off what did not come to the disk.
    fn cut(&mut self, file: &Durable) {
        let cut = file.file().set_len(self.durable);
        self.written = self.durable;
        // What the hash has seen may not be what the disk has: the file is read again.
        self.forget_hash();
        if let Err(error) = cut {
            tracing::warn!(%error, "the spoiled end of an upload could not be cut off");
            self.closed = true;
        }
    }
}

impl Growing {
    pub(super) fn new(id: AppendId, path: PathBuf) -> Self {
        let state = State {
            hasher: Hasher::new(),
            hashed: 0,
            epoch: 0,
            written: 0,
            durable: 0,
            go: 0,
            file: None,
            users: 0,
            closed: false,
        };
        Self {
            id,
            path,
            state: Mutex::new(state),
            hashing: Mutex::new(()),
            turn: Arc::default(),
        }
    }

    pub(super) async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.turn).lock_owned().await
    }

    /// Refuses bytes from now on.
    pub(super) fn close(&self) {
        lock(&self.state).closed = true;
    }

    /// Where the next byte belongs.
    pub(super) fn length(&self) -> Result<u64> {
        let state = lock(&self.state);
        if state.closed {
            return Err(self.unknown());
        }
        if state.file.is_some() {
            return Ok(state.written);
        }
        match std::fs::metadata(&self.path) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) => Err(self.absent(error)),
        }
    }

    /// Ends the go that runs, if one does; says how long the whole is and what it hashes to.
    pub(super) fn seal(self: &Arc<Self>) -> Result<(u64, Digest)> {
        let held = self.hold()?;
        {
            let mut state = lock(&self.state);
            state.go += 1;
            if let Err(error) = held.file.sync() {
                state.cut(&held.file);
                return Err(error.into());
            }
            state.durable = state.written;
            state.closed = true;
        }
        let _hashing = lock(&self.hashing);
        self.hash(&held.file, |_| false)?;
        let state = lock(&self.state);
        Ok((state.written, state.hasher.clone().finish()))
    }

    /// The open file, as it was found where nobody had it open. Not to be called, and the answer not
    /// to be dropped, by who holds `state`.
    fn hold(self: &Arc<Self>) -> Result<Held> {
        let mut state = lock(&self.state);
        let file = if let Some(file) = &state.file {
            Arc::clone(file)
        } else {
            let opened = OpenOptions::new().read(true).write(true).open(&self.path);
            let file = opened.map_err(|error| self.absent(error))?;
            exclusive(&file)?;
            state.found(file.metadata()?.len());
            let file = Arc::new(Durable::new(file));
            Arc::clone(state.file.insert(file))
        };
        state.users += 1;
        drop(state);
        Ok(Held {
            growing: Arc::clone(self),
            file,
        })
    }

    /// Hashes what is there until nothing is left or `stop` says so. The caller holds `hashing`.
    fn hash(&self, file: &Durable, stop: impl Fn(&State) -> bool) -> Result<()> {
        let mut buffer = vec![0; READ];
        loop {
            let (mut hasher, from, count, epoch) = {
                let state = lock(&self.state);
                let left = state.written - state.hashed;
                if left == 0 || stop(&state) {
                    return Ok(());
                }
                let count = usize::try_from(left).unwrap_or(READ).min(READ);
                (state.hasher.clone(), state.hashed, count, state.epoch)
            };
            let chunk = buffer.get_mut(..count).ok_or(Error::Stopped)?;
            file.file().read_exact_at(chunk, from)?;
            hasher.update(chunk);
            let mut state = lock(&self.state);
            if state.epoch == epoch {
                state.hasher = hasher;
                state.hashed = from + count as u64;
            }
        }
    }

    fn absent(&self, error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::NotFound => self.unknown(),
            _ => error.into(),
        }
    }

    fn unknown(&self) -> Error {
        Error::UnknownAppend(self.id.clone())
    }
}

/// Keeps other processes away for as long as the file is open.
fn exclusive(file: &File) -> Result<()> {
    match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
        // Where the filesystem knows no locks there is one server, or the administrator's own risk.
        Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::NOLCK) => Ok(()),
        Err(Errno::WOULDBLOCK) => Err(Error::InUse),
        Err(error) => Err(io::Error::from(error).into()),
    }
}

/// The open file of an upload. The last one to let go of it lets other processes at it.
struct Held {
    growing: Arc<Growing>,
    file: Arc<Durable>,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut state = lock(&self.growing.state);
        state.users -= 1;
        if state.users == 0 {
            state.file = None;
            // Not left to the closing: early write-back may have the file open a moment longer.
            rustix::fs::flock(self.file.file(), FlockOperation::NonBlockingUnlock).ok();
        }
    }
}

/// One go at an upload: the writing thread's end.
pub(super) struct Go {
    held: Held,
    number: u64,
    start: u64,
    pace: Pace,
    hash: Option<Ahead>,
    finished: bool,
}

/// The hash of what one go adds, beside its writing: where all that was there is hashed, so that nothing has to be caught up with.
struct Ahead {
    aside: Aside,
    /// The hash that it goes on from.
    epoch: u64,
}

impl Go {
    /// Takes the turn, from whoever has it, to add bytes at `offset`.
    pub(super) fn begin(
        growing: &Arc<Growing>,
        offset: Option<u64>,
        flusher: Flusher,
        live: &Live,
    ) -> Result<Self> {
        let held = growing.hold()?;
        let mut state = lock(&growing.state);
        if state.closed {
            return Err(growing.unknown());
        }
        let expected = state.written;
        if let Some(actual) = offset
            && actual != expected
        {
            return Err(Error::Offset { expected, actual });
        }
        state.go += 1;
        let (number, epoch) = (state.go, state.epoch);
        let known = (state.hashed == expected).then(|| state.hasher.clone());
        drop(state);
        let hash = if let Some(hasher) = known {
            let aside = Aside::go_on(hasher)?;
            Some(Ahead { aside, epoch })
        } else {
            catch_up(growing, &held.file, live)?;
            None
        };
        Ok(Self {
            held,
            number,
            start: expected,
            pace: Pace::new(flusher),
            hash,
            finished: false,
        })
    }

    /// Where this go began.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// Makes what arrived durable, or cuts off what cannot be.
    fn settle(&mut self) -> Result<u64> {
        self.finished = true;
        let Held { growing, file } = &self.held;
        let written = lock(&growing.state).written;
        let synced = file.sync();
        let ahead = self.hash.take();
        let ahead = ahead.map(|ahead| (ahead.epoch, ahead.aside.end()));
        let mut state = lock(&growing.state);
        if state.closed {
            return Err(growing.unknown());
        }
        if state.go != self.number {
            // Whoever took over answers for these bytes as well.
            return Err(Error::Superseded);
        }
        if let Some((epoch, Ok(hasher))) = ahead
            && state.epoch == epoch
            && state.hashed == self.start
        {
            state.hasher = hasher;
            state.hashed = written;
        }
        match synced {
            Ok(()) => {
                state.durable = written;
                Ok(written)
            }
            Err(error) => {
                state.cut(file);
                Err(error.into())
            }
        }
    }
}

impl Sink for Go {
    type Done = u64;

    fn write(&mut self, data: &Bytes) -> Result<()> {
        if let Some(ahead) = &self.hash {
            ahead.aside.update(data.clone())?;
        }
        let Held { growing, file } = &self.held;
        let mut state = lock(&growing.state);
        if state.closed {
            return Err(growing.unknown());
        }
        if state.go != self.number {
            return Err(Error::Superseded);
        }
        if let Err(error) = file.file().write_all_at(data, state.written) {
            // Half a frame on a full disk is not counted, so it must not lie there either.
            drop(file.file().set_len(state.written));
            self.hash = None;
            return Err(error.into());
        }
        if self.hash.is_none() && state.hashed == state.written {
            state.hasher.update(data);
            state.hashed += data.len() as u64;
        }
        state.written += data.len() as u64;
        drop(state);
        self.pace.wrote(data.len(), file);
        Ok(())
    }

    fn finish(mut self, _: Option<Digest>) -> Result<u64> {
        self.settle()
    }
}

impl Drop for Go {
    fn drop(&mut self) {
        if !self.finished
            && let Err(error) = self.settle()
        {
            tracing::debug!(%error, "a go at an upload ended early");
        }
    }
}

/// Hashes what other processes wrote while the next bytes arrive; it ends when it has caught up,
/// and the writer goes on from there. It only reads, and keeps nobody out.
fn catch_up(growing: &Arc<Growing>, file: &Arc<Durable>, live: &Live) -> Result<()> {
    let (growing, file, guard) = (Arc::clone(growing), Arc::clone(file), live.enter());
    thread::Builder::new()
        .name("blob-hash".into())
        .spawn(move || {
            let _guard = guard;
            let _hashing = match growing.hashing.try_lock() {
                Ok(turn) => turn,
                Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
                Err(TryLockError::WouldBlock) => return,
            };
            // Complete or aborted: whoever did that hashes the rest, or nobody needs it. An error is
            // met again, and told, by whoever completes.
            if let Err(error) = growing.hash(&file, |state| state.closed) {
                tracing::debug!(%error, "an upload could not be read again");
            }
        })?;
    Ok(())
}
