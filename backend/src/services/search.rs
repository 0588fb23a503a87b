//! Search for images as the clients' `search` command asks for it.
//!
//! Rule: what the caller may not see is not found, not counted, and leaves no gap.

use std::collections::BTreeMap;

use shared_types::ImageMetadata;

use super::{Core, Error, Result, pull};
use crate::{
    domain::access::Viewer,
    repo::{self, pull::Hit},
};

/// Shortest word that is searched for, in characters: clients refuse shorter ones too.
pub const SHORTEST: usize = 3;

/// How many images a search gives at most.
const LIMIT: u64 = 200;

/// What to search for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Part of a name, a description or a tag, in any case.
    pub value: String,
    /// Architectures; empty for all.
    pub archs: Vec<String>,
    /// Signed images only.
    pub signed: bool,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Images, newest first.
    pub images: Vec<pull::Image>,
    /// Their containers: id and name, collection id and name, entity.
    pub containers: BTreeMap<i64, ContainerName>,
}

/// Where a found image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerName {
    /// The container's name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The collection's id.
    pub collection_id: i64,
    /// The collection's name.
    pub collection: String,
    /// The user name of who made the collection.
    pub entity: String,
}

/// Images with a tag whose collection, container, description or tags contain a word.
///
/// # Errors
/// `BadRequest` for words that are too short.
pub async fn search(core: &Core, viewer: &Viewer, query: &Query) -> Result<Found> {
    let word = query.value.trim().to_lowercase();
    if word.chars().count() < SHORTEST {
        return Err(Error::BadRequest(format!(
            "search for {SHORTEST} characters at least"
        )));
    }
    let asked = repo::pull::Search {
        user: viewer.person().map(|person| person.id),
        sees_all: viewer.is_admin(),
        openness: viewer.openness(),
        limited_to: viewer.limited_to().unwrap_or_default(),
        word: &word,
        archs: &query.archs,
        signed: query.signed,
        limit: LIMIT,
    };
    let mut found = Found::default();
    for hit in repo::pull::search(core.db.read(), asked).await? {
        let image = image(hit);
        found.containers.insert(image.container_id, name_of(&image));
        found.images.push(image);
    }
    Ok(found)
}

fn image(hit: Hit) -> pull::Image {
    let metadata: Option<ImageMetadata> = hit
        .metadata
        .as_deref()
        .and_then(|json| serde_json::from_str(json).ok());
    let signatures = metadata.map(|metadata| metadata.signatures);
    let fingerprints = signatures.unwrap_or_default().into_iter();
    pull::Image {
        fingerprints: fingerprints.filter_map(|s| s.fingerprint).collect(),
        ..pull::image(hit.row)
    }
}

fn name_of(image: &pull::Image) -> ContainerName {
    ContainerName {
        name: image.container.clone(),
        description: image.container_description.clone(),
        collection_id: image.collection_id,
        collection: image.collection.clone(),
        entity: image.entity.clone(),
    }
}
