//! Labels: what the makers of images wrote on them, to search by.

use std::collections::BTreeMap;

use shared_types::{LabelKey, LabelKeys, LabelValue, LabelValues};

use super::{
    Core, Result,
    paging::{self, unsigned},
};
use crate::{domain::access::Viewer, repo};

/// Most letters kept of a key or a value: what an index takes. The whole text is with the image.
pub const LONGEST: usize = 250;

/// Most keys, or values, that one list has.
const MOST: u64 = 250;

/// Most places that one search names.
const LIMIT: u64 = 10_000;

/// A label, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
    /// `collection/container:tag` of the images that have it.
    pub images: Vec<String>,
}

/// The labels of an image as they are kept for search. Letters that a database cannot hold are left out.
pub(super) fn of(labels: BTreeMap<String, String>) -> Vec<(String, String)> {
    let labels = labels
        .into_iter()
        .map(|(key, value)| (kept(&key), kept(&value)));
    labels.filter(|(key, _)| !key.is_empty()).collect()
}

/// As much of a text as is kept.
pub(super) fn kept(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(LONGEST).collect()
}

/// The labels of the images that a viewer may see: all, or those with this key, this value, or both, as they are written.
///
/// # Errors
/// The database failed.
pub async fn search(
    core: &Core,
    viewer: &Viewer,
    key: Option<&str>,
    value: Option<&str>,
) -> Result<Vec<Label>> {
    let (key, value) = (key.map(kept), value.map(kept));
    let found = repo::label::search(
        core.db.read(),
        viewer,
        key.as_deref(),
        value.as_deref(),
        LIMIT,
    );
    let mut labels: Vec<Label> = Vec::new();
    for place in found.await? {
        let image = format!("{}/{}:{}", place.collection, place.container, place.tag);
        match labels.last_mut() {
            Some(last) if last.key == place.key && last.value == place.value => {
                last.images.push(image);
            }
            _ => labels.push(Label {
                key: place.key,
                value: place.value,
                images: vec![image],
            }),
        }
    }
    Ok(labels)
}

/// The keys of the labels of images that a viewer may see, the most used first.
///
/// # Errors
/// `BadRequest` for too many letters.
pub async fn keys(core: &Core, viewer: &Viewer, q: Option<&str>) -> Result<LabelKeys> {
    let words = paging::words(q)?;
    let (rows, total) = repo::label::keys(core.db.read(), viewer, words, MOST).await?;
    let items = rows.into_iter().map(|row| LabelKey {
        key: row.key,
        values: unsigned(row.values),
        images: unsigned(row.images),
    });
    Ok(LabelKeys {
        items: items.collect(),
        total,
    })
}

/// The values of a label of images that a viewer may see, the most used first.
///
/// # Errors
/// `BadRequest` for too many letters.
pub async fn values(
    core: &Core,
    viewer: &Viewer,
    key: &str,
    q: Option<&str>,
) -> Result<LabelValues> {
    let words = paging::words(q)?;
    let kept = kept(key);
    let found = repo::label::values(core.db.read(), viewer, &kept, words, MOST);
    let (rows, total) = found.await?;
    let items = rows.into_iter().map(|row| LabelValue {
        value: row.value,
        images: unsigned(row.images),
    });
    Ok(LabelValues {
        key: key.to_owned(),
        items: items.collect(),
        total,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_cut_to_what_an_index_takes() {
        let long = "é".repeat(LONGEST + 1);
        let labels = BTreeMap::from([
            ("maintainer".to_owned(), "amy\0".to_owned()),
            (long.clone(), long),
            ("\0".to_owned(), "nothing".to_owned()),
        ]);
        let kept = of(labels);
        assert_eq!(kept[0], ("maintainer".to_owned(), "amy".to_owned()));
        assert_eq!(kept[1].0.chars().count(), LONGEST);
        assert_eq!(kept.len(), 2);
    }
}
