//! The file behind an image: reads at an offset, never past the length it was opened with.

use std::io::{self, Read, Seek, SeekFrom};

use crate::Error;

/// Bytes that are read at once where many are read through.
const PART: u64 = 256 << 10;

/// A readable file of known length.
pub(crate) struct Source<R> {
    inner: R,
    len: u64,
}

impl<R: Read + Seek> Source<R> {
    pub(crate) fn new(mut inner: R) -> io::Result<Self> {
        let len = inner.seek(SeekFrom::End(0))?;
        Ok(Self { inner, len })
    }

    /// Bytes of the file.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Fails unless `offset..offset + size` lies within the file.
    pub(crate) fn check(&self, offset: u64, size: u64) -> Result<(), Error> {
        let expected = offset.saturating_add(size);
        if expected > self.len {
            return Err(Error::Truncated {
                expected,
                actual: self.len,
            });
        }
        Ok(())
    }

    /// Shows the bytes `offset..offset + size` to `take`, a part at a time, so that memory does not grow with them.
    pub(crate) fn read_through(
        &mut self,
        offset: u64,
        size: u64,
        mut take: impl FnMut(&[u8]),
    ) -> Result<(), Error> {
        self.check(offset, size)?;
        self.inner.seek(SeekFrom::Start(offset))?;
        let mut buffer = vec![0; usize::try_from(size.min(PART)).unwrap_or(0)];
        let mut left = size;
        while left > 0 {
            let part = usize::try_from(left.min(PART)).unwrap_or(0);
            let part = buffer.get_mut(..part).unwrap_or_default();
            self.inner.read_exact(part)?;
            left -= part.len() as u64;
            take(part);
        }
        Ok(())
    }

    /// The bytes `offset..offset + size`. The caller has bounded `size`.
    pub(crate) fn read_at(&mut self, offset: u64, size: usize) -> Result<Vec<u8>, Error> {
        self.check(offset, size as u64)?;
        self.inner.seek(SeekFrom::Start(offset))?;
        let mut bytes = vec![0; size];
        self.inner.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
