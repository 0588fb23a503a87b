//! A blob as something to read and seek in, for code that blocks (the SIF reader).

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    sync::Arc,
};

use bytes::{Buf, Bytes};
use object_store::{GetOptions, GetRange, ObjectStore, path::Path};
use tokio::runtime::Handle;

/// Bytes fetched from an object store at a time: one request for all that an image's head holds.
const FETCH: u64 = 256 << 10;

/// A blob opened for reading and seeking. Use it on a blocking thread, never on the reactor: an
/// object store's blob waits for the network inside `read`.
#[derive(Debug)]
pub struct LocalFile {
    len: u64,
    source: Source,
}

#[derive(Debug)]
enum Source {
    File(File),
    Object(Ranged),
}

impl LocalFile {
    pub(crate) fn file(file: File, len: u64) -> Self {
        Self {
            len,
            source: Source::File(file),
        }
    }

    /// Must be called inside the runtime that the store's requests are to run on. Bytes with another entity tag than
    /// `tag`, where there is one, are not read.
    pub(crate) fn object(
        store: Arc<dyn ObjectStore>,
        path: Path,
        tag: Option<String>,
        len: u64,
    ) -> Self {
        let runtime = Handle::current();
        let source = Ranged {
            runtime,
            store,
            path,
            tag,
            len,
            position: 0,
            buffer: Bytes::new(),
        };
        Self {
            len,
            source: Source::Object(source),
        }
    }

    /// The length of the blob, in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether the blob has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl Read for LocalFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.source {
            Source::File(file) => file.read(buffer),
            Source::Object(ranged) => ranged.read(buffer),
        }
    }
}

impl Seek for LocalFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.source {
            Source::File(file) => file.seek(to),
            Source::Object(ranged) => ranged.seek(to),
        }
    }
}

/// An object by ranged requests, with one buffer ahead of the position.
#[derive(Debug)]
struct Ranged {
    runtime: Handle,
    store: Arc<dyn ObjectStore>,
    path: Path,
    tag: Option<String>,
    len: u64,
    position: u64,
    buffer: Bytes,
}

impl Ranged {
    fn fetch(&self, range: Range<u64>) -> object_store::Result<Bytes> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            if_match: self.tag.clone(),
            ..GetOptions::default()
        };
        self.runtime.block_on(async {
            let found = self.store.get_opts(&self.path, options).await?;
            found.bytes().await
        })
    }
}

impl Read for Ranged {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        if self.buffer.is_empty() && self.position < self.len && !target.is_empty() {
            let want = FETCH.max(target.len() as u64).min(self.len - self.position);
            let range = self.position..self.position + want;
            self.buffer = self.fetch(range)?;
            if self.buffer.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let count = self.buffer.len().min(target.len());
        if let Some(target) = target.get_mut(..count) {
            self.buffer.copy_to_slice(target);
        }
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Ranged {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        let target = target.ok_or(io::ErrorKind::InvalidInput)?;
        let ahead = target
            .checked_sub(self.position)
            .and_then(|by| usize::try_from(by).ok());
        match ahead {
            Some(by) if by <= self.buffer.len() => self.buffer.advance(by),
            _ => self.buffer.clear(),
        }
        self.position = target;
        Ok(target)
    }
}
