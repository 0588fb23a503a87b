//! Names of blobs and of unfinished uploads: random, never derived from what a client sent.

use std::{fmt, str::FromStr};

use ulid::Ulid;

/// A text that is not a key of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is 26 characters as a ULID has them, in capitals")]
pub struct InvalidKey;

/// The name of a blob: a ULID in its one canonical spelling, so that it can be part of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobKey(String);

/// The name of an upload in parts. The blob it becomes gets the key of the same letters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartsId(String);

/// The name of an upload that grows at its end. The blob it becomes gets the key of the same
/// letters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AppendId(String);

impl BlobKey {
    /// A key that nothing has yet.
    pub(crate) fn random() -> Self {
        Self(Ulid::new().to_string())
    }

    /// The key as text, as the database keeps it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the blob lies below the root of the store: `blobs/ab/cd/<key>`.
    ///
    /// The folders are named after the last characters, which are random; the first are the time
    /// and would put all of a day's blobs into one folder.
    pub fn path(&self) -> String {
        let (outer, inner) = self.fan_out();
        format!("blobs/{outer}/{inner}/{}", self.0)
    }

    pub(crate) fn fan_out(&self) -> (&str, &str) {
        let at = |range| self.0.get(range).unwrap_or_default();
        (at(22..24), at(24..26))
    }
}

impl PartsId {
    pub(crate) fn random() -> Self {
        Self(Ulid::new().to_string())
    }

    /// The id as text, as the database keeps it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of the blob that this upload becomes.
    pub fn blob_key(&self) -> BlobKey {
        BlobKey(self.0.clone())
    }
}

impl AppendId {
    pub(crate) fn random() -> Self {
        Self(Ulid::new().to_string())
    }

    /// The id as text, as the database keeps it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of the blob that this upload becomes.
    pub fn blob_key(&self) -> BlobKey {
        BlobKey(self.0.clone())
    }
}

/// Accepts only the canonical spelling: two spellings of one key would be two files.
fn canonical(text: &str) -> Result<String, InvalidKey> {
    let ulid = Ulid::from_string(text).map_err(|_| InvalidKey)?;
    if ulid.to_string() == text {
        Ok(text.to_owned())
    } else {
        Err(InvalidKey)
    }
}

impl FromStr for BlobKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        canonical(text).map(Self)
    }
}

impl FromStr for PartsId {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        canonical(text).map(Self)
    }
}

impl FromStr for AppendId {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        canonical(text).map(Self)
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PartsId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for AppendId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_fans_out_by_the_random_end() {
        let key: BlobKey = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
        assert_eq!(key.path(), "blobs/5F/AV/01ARZ3NDEKTSV4RRFFQ69G5FAV");
    }

    #[test]
    fn only_the_canonical_spelling_is_a_key() {
        for text in [
            "",
            "01arz3ndektsv4rrffq69g5fav",
            "01ARZ3NDEKTSV4RRFFQ69G5FA",
            "01ARZ3NDEKTSV4RRFFQ69G5FAVV",
            "../../../../../../etc/pass",
            "O1ARZ3NDEKTSV4RRFFQ69G5FAV",
        ] {
            assert_eq!(text.parse::<BlobKey>(), Err(InvalidKey), "{text}");
            assert_eq!(text.parse::<PartsId>(), Err(InvalidKey), "{text}");
            assert_eq!(text.parse::<AppendId>(), Err(InvalidKey), "{text}");
        }
    }
}
