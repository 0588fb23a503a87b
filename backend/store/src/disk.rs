//! The few things about files that durability depends on. Everything here blocks.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
};

use rustix::{fs::FallocateFlags, io::Errno};

use crate::{Error, Result};

/// Readable by the server's group (backups), by nobody else.
const FILE_MODE: u32 = 0o640;
const FOLDER_MODE: u32 = 0o750;

/// Bytes after which a writer asks for write-back to start, so that the last sync is short.
pub(crate) const WRITE_BACK: u64 = 32 << 20;

/// Files that may wait for early write-back; more are simply written back later.
const WRITE_BACK_QUEUE: usize = 64;

/// Takes a lock whether or not a thread died with it: what it guards here stays consistent.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(path)
}

pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(FOLDER_MODE)
        .create(path)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Removes a file; one that is gone already is as good.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Bytes that the server's user can still write to the filesystem of `path`.
pub(crate) fn free_space(path: &Path) -> io::Result<u64> {
    let stat = rustix::fs::statvfs(path)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Gives the new, empty `file` its length with the blocks to hold it, so that a disk too small is
/// refused now and not when most of the bytes have been sent.
pub(crate) fn reserve(file: &File, folder: &Path, size: u64) -> Result<()> {
    if size == 0 {
        return Ok(());
    }
    // Asked first: some filesystems take all there is before they notice that it is not enough,
    // and everybody else on the disk would meet a full one meanwhile.
    if free_space(folder)? < size {
        return Err(Error::NoSpace);
    }
    match rustix::fs::fallocate(file, FallocateFlags::empty(), 0, size) {
        Ok(()) => Ok(()),
        // Some network filesystems and ZFS cannot; the space they report is the best answer there.
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(file.set_len(size)?),
        Err(error) => Err(io::Error::from(error).into()),
    }
}

/// A file whose syncs can come from two threads.
///
/// The kernel reports a failed write-back once for each open file: the sync that hears of it must
/// remember it for all others, or the last one would say that all is well.
pub(crate) struct Durable {
    file: File,
    failure: Mutex<Option<i32>>,
}

impl Durable {
    pub(crate) fn new(file: File) -> Self {
        Self {
            file,
            failure: Mutex::new(None),
        }
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// `fdatasync`; fails for good once a write-back has failed.
    pub(crate) fn sync(&self) -> io::Result<()> {
        let mut failure = lock(&self.failure);
        if let Some(code) = *failure {
            return Err(io::Error::from_raw_os_error(code));
        }
        self.file.sync_data().inspect_err(|error| {
            *failure = Some(error.raw_os_error().unwrap_or(Errno::IO.raw_os_error()));
        })
    }
}

/// One thread that starts write-back early for all uploads of a store. It ends with the store.
#[derive(Clone)]
pub(crate) struct Flusher(mpsc::SyncSender<Arc<Durable>>);

impl Flusher {
    pub(crate) fn start() -> io::Result<Self> {
        let (sender, receiver) = mpsc::sync_channel::<Arc<Durable>>(WRITE_BACK_QUEUE);
        thread::Builder::new()
            .name("blob-flush".into())
            .spawn(move || {
                for file in receiver {
                    // The file remembers a failure for the sync that counts.
                    drop(file.sync());
                }
            })?;
        Ok(Self(sender))
    }

    /// Asks for write-back. With a full queue the disk is busy anyway and nothing is lost.
    pub(crate) fn nudge(&self, file: &Arc<Durable>) {
        drop(self.0.try_send(Arc::clone(file)));
    }
}

/// Counts bytes and nudges the flusher each time enough have come together.
pub(crate) struct Pace {
    flusher: Flusher,
    pending: u64,
}

impl Pace {
    pub(crate) fn new(flusher: Flusher) -> Self {
        Self {
            flusher,
            pending: 0,
        }
    }

    pub(crate) fn wrote(&mut self, bytes: usize, file: &Arc<Durable>) {
        self.pending += bytes as u64;
        if self.pending >= WRITE_BACK {
            self.pending = 0;
            self.flusher.nudge(file);
        }
    }
}

/// A file that goes away with its guard, unless it was moved to its place.
pub(crate) struct Temporary(Option<PathBuf>);

impl Temporary {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(Some(path))
    }

    /// Leaves the file where it is.
    pub(crate) fn keep(mut self) {
        self.0 = None;
    }

    /// Moves the file. The guard is disarmed first: once the name may have changed hands, it must
    /// not be able to remove anything.
    pub(crate) fn move_to(mut self, target: &Path) -> io::Result<()> {
        let Some(path) = self.0.take() else {
            return Ok(());
        };
        fs::rename(&path, target).inspect_err(|_| drop(remove(&path)))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.0.take().map(|path| remove(&path)) {
            tracing::warn!(%error, "an unfinished upload could not be removed; the sweep will");
        }
    }
}
