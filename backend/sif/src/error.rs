//! What can be wrong with an image; every sentence is safe to show to whoever sent it.

/// Why an image could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The magic bytes are not there.
    #[error("This file is not a Singularity image (SIF).")]
    NotSif,
    /// The file ends before something that its own tables promise.
    #[error("The image is cut short: it needs at least {expected} bytes and has {actual}.")]
    Truncated {
        /// Bytes that the file must have at least.
        expected: u64,
        /// Bytes that it has.
        actual: u64,
    },
    /// The format is a SIF, of a kind that this reader does not know.
    #[error("This server cannot read {what}.")]
    Unsupported {
        /// What it is, as a noun with its article or number.
        what: String,
    },
    /// The image is past one of the [`Limits`](crate::Limits).
    #[error("The image has {found} {what}; this server reads at most {limit}.")]
    TooLarge {
        /// What is counted, in the plural.
        what: &'static str,
        /// How many there are.
        found: u64,
        /// How many are allowed.
        limit: u64,
    },
    /// The tables contradict themselves.
    #[error("The image is damaged: {0}.")]
    Corrupt(String),
    /// The file could not be read; nothing is known about the image.
    #[error("The image could not be read from the disk.")]
    Io(#[from] std::io::Error),
}

impl Error {
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt(what.into())
    }
}
