//! Writing one blob in one go, whatever the kind of store.

use std::fmt;

use bytes::Bytes;

use crate::{
    Digest, Error, Result, Stored, landing::Unclaimed, object::ObjectWriter, upload::Feed,
};

/// Writes one blob. Dropping it unfinished removes what was written.
pub struct BlobWriter {
    target: Target,
    limit: u64,
    written: u64,
}

pub(crate) enum Target {
    Local(Feed<Unclaimed>),
    Object(Box<ObjectWriter>),
}

impl fmt::Debug for BlobWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "BlobWriter({} of at most {} bytes)",
            self.written, self.limit
        )
    }
}

impl BlobWriter {
    pub(crate) fn new(target: Target, limit: u64) -> Self {
        Self {
            target,
            limit,
            written: 0,
        }
    }

    /// Takes the next bytes; waits while the store is behind. After an error nothing is kept and
    /// no more is taken.
    pub async fn write(&mut self, data: Bytes) -> Result<()> {
        self.written = self.written.saturating_add(data.len() as u64);
        if self.written > self.limit {
            match &mut self.target {
                Target::Local(feed) => feed.abort(),
                Target::Object(writer) => writer.abort(),
            }
            return Err(Error::TooLarge { limit: self.limit });
        }
        match &mut self.target {
            Target::Local(feed) => feed.write(data).await,
            Target::Object(writer) => writer.write(data).await,
        }
    }

    /// Bytes taken so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Returns when the blob is safely in its place. With `expected` given and the bytes others,
    /// fails with [`Error::DigestMismatch`] and keeps nothing. A call that is given up keeps
    /// nothing either: without its answer nobody knows the key.
    pub async fn finish(self, expected: Option<Digest>) -> Result<Stored> {
        match self.target {
            Target::Local(feed) => Ok(feed.finish(expected).await?.claim()),
            Target::Object(writer) => writer.finish(expected).await,
        }
    }
}
