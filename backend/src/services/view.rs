//! Rows as the API shows them: the only place where one becomes the other.

use entity::{collection, container, image, tag_event, upload_session};
use shared_types::{
    Collection, CollectionQuota, Container, Image, ImageKind, ImageState, Rights, SignatureSummary,
    Tag, TagAction, TagEvent, Timestamp, Upload, names,
};

use super::paging::unsigned;
use crate::{
    domain::access::Openness,
    repo::{container::Images, manifest::OCI, tag::Shown},
};

/// A digest as the API writes it.
pub fn digest(hex: &str) -> String {
    format!("sha256:{hex}")
}

/// A name as a sentence can hold it.
pub fn shortened(name: &str) -> String {
    if name.chars().count() <= names::MAX_USERNAME {
        return name.to_owned();
    }
    name.chars()
        .take(names::MAX_USERNAME)
        .chain(['…'])
        .collect()
}

/// A collection. `starred` says whether the caller gave it a star.
pub fn collection(
    row: &collection::Model,
    openness: Openness,
    owners: Vec<String>,
    containers: i64,
    starred: bool,
    rights: Rights,
    quota: Option<CollectionQuota>,
) -> Collection {
    Collection {
        name: row.name.clone(),
        description: row.description.clone(),
        private: openness.is_private(row.private),
        owners,
        containers: unsigned(containers),
        size_bytes: unsigned(row.size_bytes),
        downloads: unsigned(row.downloads),
        stars: unsigned(row.stars),
        starred,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
        rights,
        quota,
    }
}

/// What a container shows beside its row.
#[derive(Debug, Clone, Default)]
pub struct Inside {
    /// Its tags, last moved first.
    pub tags: Vec<Shown>,
    /// Its topics.
    pub topics: Vec<String>,
    /// The image that its page opens with.
    pub newest: Option<Image>,
    /// How many images it has.
    pub images: Images,
}

/// A container.
pub fn container(
    row: &container::Model,
    (collection, openness): (&collection::Model, Openness),
    inside: Inside,
    rights: Rights,
) -> Container {
    Container {
        collection: collection.name.clone(),
        name: row.name.clone(),
        description: row.description.clone(),
        private: openness.is_private(collection.private),
        topics: inside.topics,
        tags: inside.tags.iter().map(tag).collect(),
        newest: inside.newest,
        images: unsigned(inside.images.count),
        size_bytes: unsigned(row.size_bytes),
        downloads: unsigned(row.downloads),
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
        rights,
    }
}

/// An unfinished upload of the web application, to this collection and container.
pub fn upload(
    row: &upload_session::Model,
    (collection, container): (&str, &str),
    received: u64,
    chunk: u64,
) -> Upload {
    Upload {
        id: row.public_id.clone(),
        collection: collection.to_owned(),
        container: container.to_owned(),
        tag: row.tag.clone().unwrap_or_default(),
        size_bytes: row.size.map_or(received, unsigned),
        received_bytes: received,
        digest: row.sha256.as_deref().map(digest),
        chunk_bytes: chunk,
        created_at: row.created_at.into(),
        expires_at: row.expires_at.into(),
    }
}

/// A tag.
pub fn tag(row: &Shown) -> Tag {
    Tag {
        name: row.name.clone(),
        arch: row.arch.clone(),
        kind: kind(&row.kind),
        digest: digest(&row.sha256),
        frozen: row.frozen,
        size_bytes: unsigned(row.size),
        updated_at: row.updated_at.into(),
        updated_by: row.username.clone(),
    }
}

/// What happened to a tag; nothing where the row says a word that this version does not know.
pub fn tag_event(row: &tag_event::Model, by: Option<String>) -> Option<TagEvent> {
    Some(TagEvent {
        at: row.created_at.into(),
        by,
        action: row.action.parse::<TagAction>().ok()?,
        tag: row.name.clone(),
        arch: row.arch.clone(),
        from_digest: row.from_sha256.as_deref().map(digest),
        to_digest: row.to_sha256.as_deref().map(digest),
    })
}

/// An image of this collection and container, with the tags that point at it, who pushed it, and what its signatures say.
pub fn image(
    row: &image::Model,
    (collection, container): (&str, &str),
    tags: &[Shown],
    pushed_by: Option<String>,
    signature: Option<SignatureSummary>,
) -> Image {
    // Those of other images may be among them.
    let tags: Vec<&Shown> = tags.iter().filter(|tag| tag.image_id == row.id).collect();
    let mut names: Vec<String> = tags.iter().map(|tag| tag.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    Image {
        collection: collection.to_owned(),
        container: container.to_owned(),
        kind: kind(&row.kind),
        digest: digest(&row.sha256),
        tags: names,
        arch: row.arch.clone(),
        size_bytes: unsigned(row.size),
        description: row.description.clone(),
        state: state(row),
        problem: row.problem.clone(),
        signed: row.signed,
        signature,
        encrypted: row.encrypted,
        frozen: tags.iter().any(|tag| tag.frozen),
        downloads: unsigned(row.downloads),
        pushed_by,
        pushed_at: Timestamp::from(row.pushed_at.unwrap_or(row.created_at)),
    }
}

/// What an image is.
fn kind(word: &str) -> ImageKind {
    match word {
        OCI => ImageKind::Oci,
        _ => ImageKind::Sif,
    }
}

/// How far the registry is with an image.
pub fn state(row: &image::Model) -> ImageState {
    if row.kind == OCI {
        ImageState::Ready
    } else if row.blob_id.is_none() {
        ImageState::Uploading
    } else if row.problem.is_some() {
        ImageState::Unreadable
    } else if row.inspected_at.is_none() {
        ImageState::Inspecting
    } else {
        ImageState::Ready
    }
}
