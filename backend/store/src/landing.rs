//! How a blob in a folder comes to its place: written beside it, hashed, synced, and moved there
//! with its name made durable.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use bytes::Bytes;

use crate::{
    BlobKey, Digest, Result, Stored,
    aside::Aside,
    disk::{self, Durable, Flusher, Pace, Temporary},
    upload::Sink,
};

/// Puts a file that is on disk in the place of `key` and makes its name durable.
///
/// The folders above are synced each time, not only when they are made here: another upload may
/// have made them a moment ago and not have come to its sync. A clean folder costs next to nothing.
pub(crate) fn place(
    root: &Path,
    key: &BlobKey,
    rename: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<()> {
    let blobs = root.join("blobs");
    let (outer, inner) = key.fan_out();
    let outer = blobs.join(outer);
    let inner = outer.join(inner);
    disk::create_folder(&inner)?;
    let target = inner.join(key.as_str());
    rename(&target)?;
    for folder in [&inner, &outer, &blobs] {
        disk::sync_folder(folder).inspect_err(|_| drop(disk::remove(&target)))?;
    }
    Ok(())
}

/// The writing thread's end of a blob.
pub(crate) struct Landing {
    root: Arc<Path>,
    key: BlobKey,
    temporary: Temporary,
    file: Arc<Durable>,
    hash: Aside,
    written: u64,
    pace: Pace,
}

impl Landing {
    pub(crate) fn begin(root: Arc<Path>, key: BlobKey, flusher: Flusher) -> Result<Self> {
        let path = root.join("tmp").join(key.as_str());
        let temporary = Temporary::new(path.clone());
        let file = disk::create(&path)?;
        Self::writing(root, key, temporary, file, flusher)
    }

    fn writing(
        root: Arc<Path>,
        key: BlobKey,
        temporary: Temporary,
        file: File,
        flusher: Flusher,
    ) -> Result<Self> {
        let file = Arc::new(Durable::new(file));
        let (hash, pace) = (Aside::start()?, Pace::new(flusher));
        Ok(Self {
            root,
            key,
            temporary,
            file,
            hash,
            written: 0,
            pace,
        })
    }
}

impl Sink for Landing {
    type Done = Unclaimed;

    fn write(&mut self, data: &Bytes) -> Result<()> {
        self.hash.update(data.clone())?;
        self.file.file().write_all(data)?;
        self.written += data.len() as u64;
        self.pace.wrote(data.len(), &self.file);
        Ok(())
    }

    fn finish(self, expected: Option<Digest>) -> Result<Unclaimed> {
        let actual = self.hash.finish()?;
        actual.expect(expected)?;
        self.file.sync()?;
        place(&self.root, &self.key, |target| {
            self.temporary.move_to(target)
        })?;
        let stored = Stored {
            key: self.key,
            size: self.written,
            sha256: actual,
            mark: None,
        };
        Ok(Unclaimed {
            root: self.root,
            stored,
            claimed: false,
        })
    }
}

/// A blob in its place that nobody knows of yet. Its key is new: dropping it can only remove what
/// this upload wrote.
pub(crate) struct Unclaimed {
    root: Arc<Path>,
    stored: Stored,
    claimed: bool,
}

impl Unclaimed {
    pub(crate) fn claim(mut self) -> Stored {
        self.claimed = true;
        self.stored.clone()
    }
}

impl Drop for Unclaimed {
    fn drop(&mut self) {
        if !self.claimed
            && let Err(error) = disk::remove(&self.root.join(self.stored.key.path()))
        {
            tracing::warn!(%error, key = %self.stored.key, "a blob that nobody waited for stays");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use super::*;
    use crate::Error;

    /// The kernel's own full disk: every write to this device fails as on one.
    #[test]
    fn a_full_disk_is_no_space() {
        let device = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (key, path) = (BlobKey::random(), folder.path().join("tmp"));
        let mut landing = Landing::writing(
            folder.path().into(),
            key,
            Temporary::new(path),
            device,
            Flusher::start().unwrap(),
        )
        .unwrap();
        let bytes = Bytes::from_static(b"bytes");
        assert!(matches!(landing.write(&bytes), Err(Error::NoSpace)));
    }
}
