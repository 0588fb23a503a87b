//! Blobs in a folder: `tmp/` while they are written, `parts/` while they come in parts, `append/` while
//! they grow, `blobs/` when they are complete, all on one filesystem so that the step between is a rename.

use std::{
    fs::{self, File},
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use futures_util::{Stream, stream, stream::BoxStream};
use tokio::sync::mpsc;

use crate::{
    AppendId, BlobKey, BlobReader, Digest, Error, Hasher, LocalFile, PartsId, Result, Stored,
    Swept,
    append::Appends,
    disk::{self, Flusher, Temporary},
    landing::{Landing, Unclaimed, place},
    parts::{self, Parts},
    store::blocking,
    upload::{Feed, Live},
};

/// Entries read ahead of whoever lists the blobs.
const LIST_AHEAD: usize = 256;

/// The folder kind of a store.
pub(crate) struct Local {
    root: Arc<Path>,
    map: bool,
    flusher: Flusher,
    pub(crate) live: Live,
    pub(crate) parts: Arc<Parts>,
    pub(crate) appends: Arc<Appends>,
}

impl Local {
    pub(crate) async fn open(root: PathBuf, map: bool) -> Result<Self> {
        let root: Arc<Path> = root.into();
        let folder = Arc::clone(&root);
        blocking(move || prepare(&folder)).await?;
        let (flusher, live) = (Flusher::start()?, Live::new());
        let parts = Arc::new(Parts::new(
            root.join("parts"),
            flusher.clone(),
            live.clone(),
        ));
        let appends = Arc::new(Appends::new(
            root.join("append"),
            flusher.clone(),
            live.clone(),
        ));
        Ok(Self {
            root,
            map,
            flusher,
            live,
            parts,
            appends,
        })
    }

    pub(crate) async fn begin(&self, key: BlobKey) -> Result<Feed<Unclaimed>> {
        let (root, flusher) = (Arc::clone(&self.root), self.flusher.clone());
        Feed::start(&self.live, move || Landing::begin(root, key, flusher)).await
    }

    pub(crate) async fn read(
        &self,
        key: &BlobKey,
        range: Option<Range<u64>>,
    ) -> Result<BlobReader> {
        let (file, len) = self.file(key).await?;
        let range = within(range, len)?;
        Ok(BlobReader::local(file, range, self.map))
    }

    pub(crate) async fn open_file(&self, key: &BlobKey) -> Result<LocalFile> {
        let (file, len) = self.file(key).await?;
        Ok(LocalFile::file(file, len))
    }

    async fn file(&self, key: &BlobKey) -> Result<(File, u64)> {
        let path = self.root.join(key.path());
        blocking(move || {
            let file = File::open(path).map_err(absent)?;
            let len = file.metadata()?.len();
            Ok((file, len))
        })
        .await
    }

    pub(crate) async fn size(&self, key: &BlobKey) -> Result<Option<u64>> {
        let path = self.root.join(key.path());
        blocking(move || match fs::metadata(path).map_err(absent) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    pub(crate) async fn delete(&self, key: &BlobKey) -> Result<()> {
        let path = self.root.join(key.path());
        // Not synced: a blob that comes back after a crash is an orphan, which is found and removed.
        blocking(move || Ok(disk::remove(&path)?)).await
    }

    pub(crate) fn list(&self) -> BoxStream<'static, Result<(BlobKey, u64, SystemTime)>> {
        let folder = self.root.join("blobs");
        let (sender, receiver) = mpsc::channel(LIST_AHEAD);
        tokio::task::spawn_blocking(move || {
            let send = |item| sender.blocking_send(item).is_ok();
            if let Err(error) = walk(&folder, 2, &mut |entry| send(Ok(entry))) {
                send(Err(error.into()));
            }
        });
        Box::pin(received(receiver))
    }

    pub(crate) async fn complete(&self, id: &PartsId) -> Result<Stored> {
        let sealed = match self.parts.seal(id).await {
            Err(Error::UnknownParts(_)) => {
                let again = self.verify(id.blob_key()).await?;
                return again.ok_or_else(|| Error::UnknownParts(id.clone()));
            }
            sealed => sealed?,
        };
        let (root, parts, id) = (Arc::clone(&self.root), Arc::clone(&self.parts), id.clone());
        blocking(move || {
            let key = id.blob_key();
            place(&root, &key, |target| {
                match fs::rename(&sealed.path, target) {
                    // The same request came twice and the other one was quicker.
                    Err(error) if error.kind() == io::ErrorKind::NotFound && target.exists() => {
                        Ok(())
                    }
                    moved => moved,
                }
            })?;
            parts.remove(&id)?;
            Ok(Stored {
                key,
                size: sealed.size,
                sha256: sealed.sha256,
                mark: None,
            })
        })
        .await
    }

    pub(crate) async fn finish_append(
        &self,
        id: &AppendId,
        expected: Option<Digest>,
    ) -> Result<Stored> {
        let sealed = match self.appends.seal(id).await {
            Err(Error::UnknownAppend(_)) => {
                let again = self.verify(id.blob_key()).await?;
                let stored = again.ok_or_else(|| Error::UnknownAppend(id.clone()))?;
                stored.sha256.expect(expected)?;
                return Ok(stored);
            }
            sealed => sealed?,
        };
        let (root, appends) = (Arc::clone(&self.root), Arc::clone(&self.appends));
        let id = id.clone();
        blocking(move || {
            if let Err(error) = sealed.sha256.expect(expected) {
                appends.remove(&id)?;
                return Err(error);
            }
            let key = id.blob_key();
            place(&root, &key, |target| fs::rename(&sealed.path, target))?;
            appends.remove(&id)?;
            Ok(Stored {
                key,
                size: sealed.size,
                sha256: sealed.sha256,
                mark: None,
            })
        })
        .await
    }

    /// What a blob is; also the answer for an upload that was completed before, when the first answer got lost.
    pub(crate) async fn verify(&self, key: BlobKey) -> Result<Option<Stored>> {
        let (mut file, size) = match self.file(&key).await {
            Err(Error::NotFound) => return Ok(None),
            file => file?,
        };
        blocking(move || {
            let mut hasher = Hasher::new();
            io::copy(&mut file, &mut hasher)?;
            Ok(Some(Stored {
                key,
                size,
                sha256: hasher.finish(),
                mark: None,
            }))
        })
        .await
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn tmp(&self) -> PathBuf {
        self.root.join("tmp")
    }

    pub(crate) async fn free_space(&self) -> Result<u64> {
        let root = Arc::clone(&self.root);
        blocking(move || Ok(disk::free_space(&root)?)).await
    }
}

/// The range asked for, or the whole; an error when it leaves the blob.
pub(crate) fn within(range: Option<Range<u64>>, len: u64) -> Result<Range<u64>> {
    let range = range.unwrap_or(0..len);
    if range.start <= range.end && range.end <= len {
        Ok(range)
    } else {
        Err(Error::OutOfRange { len })
    }
}

fn absent(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound => Error::NotFound,
        _ => error.into(),
    }
}

/// Makes the folders and moves a file through them: the one sure sign that moving works. Equal
/// device numbers are not: two mounts of one filesystem have them and refuse the rename.
fn prepare(root: &Path) -> Result<()> {
    for folder in ["tmp", "parts", "append", "blobs"] {
        disk::create_folder(&root.join(folder))?;
    }
    disk::sync_folder(root)?;
    for folder in ["tmp", "parts", "append"] {
        let name = format!("{}.probe", BlobKey::random());
        let (from, to) = (
            root.join(folder).join(&name),
            root.join("blobs").join(&name),
        );
        let probe = Temporary::new(from.clone());
        disk::create(&from)?;
        match probe.move_to(&to) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                return Err(Error::SplitFilesystem(
                    root.join(folder).display().to_string(),
                ));
            }
            moved => moved?,
        }
        disk::remove(&to)?;
    }
    Ok(())
}

/// Visits the blobs `depth` folders below; `visit` says whether to go on.
fn walk(
    folder: &Path,
    depth: u32,
    visit: &mut dyn FnMut((BlobKey, u64, SystemTime)) -> bool,
) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_folder = entry.file_type()?.is_dir();
        let go_on = match (
            depth,
            entry.file_name().to_string_lossy().parse::<BlobKey>(),
        ) {
            (1.., _) if is_folder => walk(&entry.path(), depth - 1, visit)?,
            (0, Ok(key)) if !is_folder => match entry.metadata() {
                Ok(metadata) => visit((key, metadata.len(), metadata.modified()?)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => true,
                Err(error) => return Err(error),
            },
            _ => true,
        };
        if !go_on {
            return Ok(false);
        }
    }
    Ok(true)
}

fn received<T: Send + 'static>(receiver: mpsc::Receiver<T>) -> impl Stream<Item = T> + Send {
    stream::unfold(receiver, |mut receiver| async move {
        Some((receiver.recv().await?, receiver))
    })
}

/// Removes the files in `folder` that nobody wrote to since `before`. Blocks.
pub(crate) fn sweep(folder: &Path, before: SystemTime, swept: &mut Swept) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Some(modified) = parts::modified(&entry)? else {
            continue;
        };
        if modified < before {
            let len = entry.metadata().map_or(0, |metadata| metadata.len());
            disk::remove(&entry.path())?;
            swept.count(len);
        }
    }
    Ok(())
}
