//! What an object store says of a blob at the moment when its bytes were verified, so that other bytes under the same
//! key are noticed.
//!
//! The rule: a mark is the store's own entity tag with the place that gave it. Another place, to which the blobs were
//! moved, gives tags of its own; there the mark says nothing, and nothing is refused for it.

use url::Url;

use crate::{Access, BlobKey, Digest};

/// Which blob is meant: its key and, where the store gave one, its mark. With the mark, other bytes than those that were
/// verified are an error and are not given out.
#[derive(Debug, Clone, Copy)]
pub struct Blob<'a> {
    /// Its name in the store.
    pub key: &'a BlobKey,
    /// [`Stored::mark`](crate::Stored::mark), as it was kept.
    pub mark: Option<&'a str>,
}

impl<'a> From<&'a BlobKey> for Blob<'a> {
    fn from(key: &'a BlobKey) -> Self {
        Self { key, mark: None }
    }
}

impl BlobKey {
    /// The blob of this name as its mark says it is.
    pub fn marked<'a>(&'a self, mark: Option<&'a str>) -> Blob<'a> {
        Blob { key: self, mark }
    }
}

/// Who gives marks: an object store under one address.
#[derive(Debug, Clone)]
pub(crate) struct Marker(String);

impl Marker {
    /// Of a bucket, or of what lies below a prefix in one.
    pub(crate) fn of(url: &Url, access: &Access) -> Self {
        let endpoint = access.endpoint.as_deref().unwrap_or_default();
        let place = format!(
            "{} {}",
            url.as_str().trim_end_matches('/'),
            endpoint.trim_end_matches('/')
        );
        let mut place = Digest::of(place.as_bytes()).to_hex();
        place.truncate(16);
        Self(place)
    }

    /// Of the only store that there is.
    pub(crate) fn only() -> Self {
        Self("here".to_owned())
    }

    pub(crate) fn mark(&self, tag: Option<&str>) -> Option<String> {
        Some(format!("{} {}", self.0, tag?))
    }

    /// The entity tag that a mark holds, where it is of this place.
    pub(crate) fn tag<'a>(&self, mark: Option<&'a str>) -> Option<&'a str> {
        mark?.strip_prefix(&self.0)?.strip_prefix(' ')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_something_only_where_it_was_given() {
        let at = |url: &str, endpoint: &str| {
            let access = Access {
                endpoint: Some(endpoint.to_owned()),
                ..Access::default()
            };
            Marker::of(&url.parse().unwrap(), &access)
        };
        let (tag, here) = ("\"a-2\"", at("s3://bucket/p", "http://x:1"));
        let mark = here.mark(Some(tag));
        assert_eq!(here.tag(mark.as_deref()), Some(tag));
        assert_eq!(
            at("s3://bucket/p/", "http://x:1/").tag(mark.as_deref()),
            Some(tag)
        );
        for other in [
            at("s3://bucket/q", "http://x:1"),
            at("s3://bucket/p", "http://x:2"),
            Marker::only(),
        ] {
            assert_eq!(other.tag(mark.as_deref()), None, "{other:?}");
        }
        assert_eq!(here.mark(None), None);
        assert_eq!(here.tag(None), None);
    }
}
