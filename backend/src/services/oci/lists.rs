//! Lists: tags of a repository, what refers to a manifest, and the repositories.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;

use super::{
    super::{Core, Error, Result, access::Action},
    Repository, digest, find,
};
use crate::{domain::access::Viewer, repo};

/// The most names in one answer.
const MOST: u64 = 10_000;

/// The most descriptors of what refers to a manifest in one answer.
const MOST_REFERRERS: u64 = 1_000;

/// The most bytes of such an answer, but for one whose first descriptor alone has more: clients take 4 MiB of metadata, and
/// something is around the descriptors.
const LARGEST_ANSWER: usize = (4 << 20) - (4 << 10);

/// Bytes of a descriptor beside its annotations, and more than most have.
const AROUND: usize = 512;

/// Part of a list of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The names, in order of their bytes.
    pub names: Vec<String>,
    /// Whether more come after them.
    pub more: bool,
}

impl Listed {
    fn cut(mut names: Vec<String>, limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        // Of nothing there is no last name to go on from.
        let more = names.len() > limit && limit > 0;
        names.truncate(limit);
        Self { names, more }
    }
}

/// The tags of a repository after `last`, `n` of them.
///
/// # Errors
/// As every question about a repository.
pub async fn tags(
    core: &Core,
    viewer: &Viewer,
    repository: &Repository,
    n: Option<u64>,
    last: &str,
) -> Result<Listed> {
    let (_, container) = find(core, viewer, repository, Action::See).await?;
    let limit = n.unwrap_or(MOST).min(MOST);
    let names = repo::manifest::tag_names(core.db.read(), container.id, last, limit + 1).await?;
    Ok(Listed::cut(names, limit))
}

/// The repositories that the caller may see and that have something in them.
///
/// # Errors
/// The database failed.
pub async fn repositories(
    core: &Core,
    viewer: &Viewer,
    n: Option<u64>,
    last: &str,
) -> Result<Listed> {
    let limit = n.unwrap_or(MOST).min(MOST);
    let who = repo::manifest::Reach {
        user: viewer.person().map(|person| person.id),
        sees_all: viewer.is_admin(),
        openness: viewer.openness(),
        limited_to: viewer.limited_to().unwrap_or_default(),
    };
    let names = repo::manifest::repositories(core.db.read(), &who, last, limit + 1).await?;
    Ok(Listed::cut(names, limit))
}

/// A manifest that refers to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referrer {
    /// What it is.
    pub media_type: String,
    /// Its digest, 64 hexadecimal digits.
    pub sha256: String,
    /// How many bytes it has.
    pub size: i64,
    /// What kind of artefact it is.
    pub artifact_type: Option<String>,
    /// What is said of it.
    pub annotations: BTreeMap<String, String>,
}

/// Which part of what refers to a manifest is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Artefacts of this type only.
    pub artifact_type: Option<String>,
    /// How many at most.
    pub n: Option<u64>,
    /// `next` of the part before.
    pub after: Option<i64>,
}

/// Part of what refers to a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referrers {
    /// In the order in which they came.
    pub items: Vec<Referrer>,
    /// Where the next part begins; absent for the last one.
    pub next: Option<i64>,
}

/// What refers to a manifest, whether that is here or not: no more at once than makes an answer of the size that clients
/// take as a manifest.
///
/// # Errors
/// As every question about a repository; `Invalid` for a bad digest.
pub async fn referrers(
    core: &Core,
    viewer: &Viewer,
    repository: &Repository,
    subject: &str,
    wanted: &Wanted,
) -> Result<Referrers> {
    let hex = digest(subject)?;
    let (_, container) = find(core, viewer, repository, Action::See).await?;
    let limit = wanted.n.unwrap_or(MOST_REFERRERS).min(MOST_REFERRERS);
    let asked = repo::referrer::Asked {
        container_id: container.id,
        subject: &hex,
        artifact_type: wanted.artifact_type.as_deref(),
        after: wanted.after.unwrap_or_default(),
    };
    let mut rows = repo::referrer::after(core.db.read(), &asked, limit + 1).await?;
    let (mut items, mut last, mut bytes) = (Vec::new(), 0, 0);
    let mut next = None;
    while let Some(row) = rows.try_next().await? {
        bytes += row.annotations.as_ref().map_or(0, String::len) + AROUND;
        let full = items.len() as u64 == limit || bytes > LARGEST_ANSWER;
        if full && last > 0 {
            next = Some(last);
        }
        if full && (last > 0 || limit == 0) {
            break;
        }
        last = row.id;
        let annotations = row.annotations.as_deref().map(serde_json::from_str);
        items.push(Referrer {
            media_type: row.media_type,
            sha256: row.sha256,
            size: row.size,
            artifact_type: row.artifact_type,
            annotations: annotations
                .transpose()
                .map_err(Error::internal)?
                .unwrap_or_default(),
        });
    }
    Ok(Referrers { items, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_whether_more_comes() {
        let names = |count: usize| vec!["x".to_owned(); count];
        assert!(Listed::cut(names(3), 2).more);
        assert_eq!(Listed::cut(names(3), 2).names.len(), 2);
        assert!(!Listed::cut(names(2), 2).more);
        assert!(!Listed::cut(names(1), 0).more);
        assert!(Listed::cut(names(1), 0).names.is_empty());
    }
}
