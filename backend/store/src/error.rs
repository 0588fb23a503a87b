//! What can go wrong with a blob, in words that are safe to show; what lies beneath is the source.

use std::io;

use crate::{AppendId, Digest, PartsId};

/// The result of every operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation on the store did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No blob has this key.
    #[error("the blob does not exist")]
    NotFound,
    /// More bytes came than the writer was opened for.
    #[error("the upload is larger than the {limit} bytes allowed")]
    TooLarge {
        /// The most that was allowed, in bytes.
        limit: u64,
    },
    /// The bytes are not those that were announced; nothing was kept.
    #[error("the upload does not match its checksum: expected {expected}, got {actual}")]
    DigestMismatch {
        /// What the caller announced.
        expected: Digest,
        /// What the bytes came to.
        actual: Digest,
    },
    /// A part is longer or shorter than its place in the file.
    #[error("the part has {actual} bytes where {expected} are due")]
    Length {
        /// The length the part must have, in bytes.
        expected: u64,
        /// The bytes that came; one more than `expected` when the rest was not read.
        actual: u64,
    },
    /// No upload in parts has this id: it never began, was aborted, or is complete.
    #[error("there is no upload {0}")]
    UnknownParts(PartsId),
    /// The upload has no part of this number.
    #[error("the upload has parts 1 to {last}, not {number}")]
    UnknownPart {
        /// The number asked for.
        number: u32,
        /// The last number there is.
        last: u32,
    },
    /// The upload cannot be completed yet.
    #[error("{count} of the parts are missing, the first is {first}")]
    MissingParts {
        /// The lowest number that is missing.
        first: u32,
        /// How many are missing.
        count: u32,
    },
    /// The same bytes were sent again while this attempt was still running; the later one counts.
    #[error("the sender has begun again, this attempt no longer counts")]
    Superseded,
    /// No upload that grows at its end has this id: it never began, was aborted, or is complete.
    #[error("there is no upload {0}")]
    UnknownAppend(AppendId),
    /// Bytes were to be added somewhere else than at the end of what is there.
    #[error("the upload goes on at byte {expected}, not at {actual}")]
    Offset {
        /// Where the next byte belongs: how many have arrived.
        expected: u64,
        /// Where the sender wanted to go on.
        actual: u64,
    },
    /// Another server process is writing to this upload.
    #[error("another server is writing to this upload")]
    InUse,
    /// A size or part size that makes no upload.
    #[error("an upload of {size} bytes in parts of {part_size} is not possible")]
    PartSize {
        /// The length of the whole, in bytes.
        size: u64,
        /// The length of each part but the last, in bytes.
        part_size: u64,
    },
    /// The range does not lie within the blob.
    #[error("the range does not lie within the {len} bytes of the blob")]
    OutOfRange {
        /// The length of the blob, in bytes.
        len: u64,
    },
    /// The disk or the quota of the server's user is full.
    #[error("there is no space left in the store")]
    NoSpace,
    /// The store was given an address it does not know.
    #[error("{0}")]
    Address(String),
    /// The object store that the settings name cannot be used.
    #[error("{sentence}")]
    Unusable {
        /// What is wrong, and what to do.
        sentence: String,
        /// What the store answered.
        source: object_store::Error,
    },
    /// The object store has not kept what it was given.
    #[error("the object store kept {actual} bytes of the {expected} it was given")]
    NotKept {
        /// The bytes it was given.
        expected: u64,
        /// The bytes it says it has.
        actual: u64,
    },
    /// The object store has something else under a blob's key than what was verified.
    #[error("the object store has other bytes at {path} than were verified")]
    Altered {
        /// Where, in the bucket.
        path: String,
        /// What the store answered.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The object store did not take the parts that a client says it sent there.
    #[error("the object store does not have the parts that were said to be sent")]
    PartsRefused(#[source] object_store::Error),
    /// The folders of the store lie on different filesystems, so that files cannot move between them.
    #[error("{0} must lie on one filesystem with the rest of the store")]
    SplitFilesystem(String),
    /// What was being written was given up: an earlier write failed, or the process is ending.
    #[error("the upload was given up")]
    Stopped,
    /// The operating system refused.
    #[error("the store could not read or write")]
    Io(#[source] io::Error),
    /// The object store refused.
    #[error("the object store could not read or write")]
    Object(#[source] object_store::Error),
}

impl Error {
    /// What went wrong while writing: what an object store does not find then is its failure, and no `NotFound`.
    pub(crate) fn writing(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Object(error),
            other => other.into(),
        }
    }

    /// Whether an object store failed, and not this machine or the caller.
    pub fn is_remote(&self) -> bool {
        match self {
            Self::Object(_)
            | Self::NotKept { .. }
            | Self::Altered { .. }
            | Self::Unusable { .. } => true,
            Self::Io(error) => {
                let inner = error.get_ref();
                inner.is_some_and(<dyn std::error::Error + Send + Sync>::is::<object_store::Error>)
            }
            _ => false,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace,
            _ => Self::Io(error),
        }
    }
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotFound,
            // The one condition that is ever asked for is that a blob is what it was.
            object_store::Error::Precondition { path, source } => Self::Altered { path, source },
            other if out_of_space(&other) => Self::NoSpace,
            other => Self::Object(other),
        }
    }
}

/// Looks for a full disk below an error of the object store (its local kind wraps the system's).
fn out_of_space(error: &object_store::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if matches!(
            kind,
            Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        ) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Whether an object store's answer holds one of these texts. The kinds of its errors do not tell all of them apart, but
/// their text has the status and the code.
pub(crate) fn says(error: &object_store::Error, texts: &[&str]) -> bool {
    let said = error.to_string();
    texts.iter().any(|text| said.contains(text))
}
