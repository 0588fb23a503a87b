//! Samples: one realistic value for each type, used as example in the document and as fixture in tests.

use crate::Timestamp;

/// A type with one realistic value.
pub trait Sample {
    /// The value.
    fn sample() -> Self;
}

/// A fixed moment for samples.
pub(crate) fn moment() -> Timestamp {
    Timestamp::from_unix(1_785_578_645)
}

/// A digest for samples.
pub(crate) fn digest() -> String {
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned()
}
