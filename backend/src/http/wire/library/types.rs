//! The JSON of the library protocol, in its own words. Times are RFC 3339 with a zone, ids are texts, numbers are whole: the
//! clients' decoder takes nothing else.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::services::{
    pull, push,
    search::{ContainerName, Found},
    uploads::Completed,
};

/// A successful answer.
#[derive(Debug, Serialize)]
pub struct Data<T> {
    /// What was asked for.
    pub data: T,
}

/// The first component of a reference. It is not a thing of this registry: its id is its name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entity {
    id: String,
    name: String,
    description: String,
    default_private: bool,
    deleted: bool,
}

impl Entity {
    /// The entity of this name.
    pub fn named(name: &str, default_private: bool) -> Self {
        Self {
            id: entity_id(name),
            name: name.to_owned(),
            description: String::new(),
            default_private,
            deleted: false,
        }
    }
}

fn entity_id(name: &str) -> String {
    format!("e-{name}")
}

/// The name behind an entity's id.
pub fn entity_name(id: &str) -> Option<&str> {
    id.strip_prefix("e-")
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Collection {
    id: String,
    name: String,
    description: String,
    entity: String,
    entity_name: String,
    private: bool,
    size: i64,
    created_at: String,
    updated_at: String,
    deleted: bool,
}

impl From<push::Collection> for Collection {
    fn from(collection: push::Collection) -> Self {
        Self {
            id: format!("c{}", collection.id),
            name: collection.name,
            description: collection.description,
            entity: entity_id(&collection.entity),
            entity_name: collection.entity,
            private: collection.private,
            size: collection.size,
            created_at: time(collection.created_at),
            updated_at: time(collection.updated_at),
            deleted: false,
        }
    }
}

/// Tag to image.
pub type Tags = BTreeMap<String, String>;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    id: String,
    name: String,
    description: String,
    full_description: String,
    collection: String,
    collection_name: String,
    entity: String,
    entity_name: String,
    image_tags: Tags,
    arch_tags: BTreeMap<String, Tags>,
    size: i64,
    download_count: i64,
    stars: i64,
    private: bool,
    read_only: bool,
    created_at: String,
    updated_at: String,
    deleted: bool,
}

impl From<push::Container> for Container {
    fn from(container: push::Container) -> Self {
        let collection = container.collection;
        Self {
            id: format!("n{}", container.id),
            name: container.name,
            description: container.description,
            full_description: String::new(),
            collection: format!("c{}", collection.id),
            collection_name: collection.name,
            entity: entity_id(&collection.entity),
            entity_name: collection.entity,
            image_tags: tags_without_arch(&container.tags),
            arch_tags: arch_tags(&container.tags),
            size: container.size,
            download_count: container.downloads,
            stars: 0,
            private: collection.private,
            read_only: false,
            created_at: time(container.created_at),
            updated_at: time(container.updated_at),
            deleted: false,
        }
    }
}

/// Tags by architecture.
pub fn arch_tags(tags: &push::ArchTags) -> BTreeMap<String, Tags> {
    let tags = tags.iter();
    tags.map(|(arch, tags)| (arch.clone(), with_ids(tags)))
        .collect()
}

/// Tags for clients that know no architectures: each as they would pull it, amd64 before others.
pub fn tags_without_arch(tags: &push::ArchTags) -> Tags {
    let mut all = Tags::new();
    for (arch, tags) in tags {
        for (tag, id) in with_ids(tags) {
            if arch == "amd64" {
                all.insert(tag, id);
            } else {
                all.entry(tag).or_insert(id);
            }
        }
    }
    all
}

fn with_ids(tags: &BTreeMap<String, i64>) -> Tags {
    let tags = tags.iter();
    tags.map(|(tag, image)| (tag.clone(), format!("i{image}")))
        .collect()
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    id: String,
    /// `sha256.` and 64 digits: clients compare it with what they compute.
    hash: String,
    description: String,
    blob: String,
    size: i64,
    uploaded: bool,
    signed: bool,
    encrypted: bool,
    arch: Option<String>,
    fingerprints: Vec<String>,
    tags: Vec<String>,
    entity: String,
    entity_name: String,
    collection: String,
    collection_name: String,
    container: String,
    container_name: String,
    container_description: String,
    container_stars: i64,
    container_downloads: i64,
    created_at: String,
    updated_at: String,
    deleted: bool,
}

impl From<pull::Image> for Image {
    fn from(image: pull::Image) -> Self {
        Self {
            id: format!("i{}", image.id),
            hash: format!("sha256.{}", image.sha256),
            description: image.description,
            blob: if image.uploaded {
                image.sha256
            } else {
                String::new()
            },
            size: image.size,
            uploaded: image.uploaded,
            signed: image.signed,
            encrypted: image.encrypted,
            arch: image.arch,
            fingerprints: image.fingerprints,
            tags: image.tags,
            entity: entity_id(&image.entity),
            entity_name: image.entity,
            collection: format!("c{}", image.collection_id),
            collection_name: image.collection,
            container: format!("n{}", image.container_id),
            container_name: image.container,
            container_description: image.container_description,
            container_stars: 0,
            container_downloads: image.container_downloads,
            created_at: time(image.created_at),
            updated_at: time(image.pushed_at.unwrap_or(image.created_at)),
            deleted: false,
        }
    }
}

/// What a search found. Current clients show images only.
#[derive(Debug, Serialize)]
pub struct SearchResults {
    entity: Vec<Entity>,
    collection: Vec<NamedCollection>,
    container: Vec<NamedContainer>,
    image: Vec<Image>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NamedCollection {
    id: String,
    name: String,
    entity: String,
    entity_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NamedContainer {
    id: String,
    name: String,
    description: String,
    collection: String,
    collection_name: String,
    entity: String,
    entity_name: String,
}

impl From<Found> for SearchResults {
    fn from(found: Found) -> Self {
        let collections: BTreeMap<i64, &ContainerName> = found
            .containers
            .values()
            .map(|place| (place.collection_id, place))
            .collect();
        let collection = collections.into_iter().map(|(id, place)| NamedCollection {
            id: format!("c{id}"),
            name: place.collection.clone(),
            entity: entity_id(&place.entity),
            entity_name: place.entity.clone(),
        });
        let container = found.containers.iter().map(|(id, place)| NamedContainer {
            id: format!("n{id}"),
            name: place.name.clone(),
            description: place.description.clone(),
            collection: format!("c{}", place.collection_id),
            collection_name: place.collection.clone(),
            entity: entity_id(&place.entity),
            entity_name: place.entity.clone(),
        });
        Self {
            entity: Vec::new(),
            collection: collection.collect(),
            container: container.collect(),
            image: found.images.into_iter().map(Image::from).collect(),
        }
    }
}

/// Where to send the bytes of an image.
#[derive(Debug, Serialize)]
pub struct UploadUrl {
    /// Absolute.
    #[serde(rename = "uploadURL")]
    pub upload_url: String,
}

/// An upload in parts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Multipart {
    /// The upload.
    #[serde(rename = "uploadID")]
    pub upload_id: String,
    /// How many parts.
    pub total_parts: u32,
    /// Bytes of each but the last.
    pub part_size: u64,
    /// `s3compliant: false` tells the client not to hash each part: the whole is hashed at both ends anyway.
    pub options: BTreeMap<&'static str, &'static str>,
}

/// Where to send a part.
#[derive(Debug, Serialize)]
pub struct PartUrl {
    /// Absolute.
    #[serde(rename = "presignedURL")]
    pub presigned_url: String,
}

/// What a client prints after a push.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadComplete {
    quota: Quota,
    container_url: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Quota {
    /// 0 for no limit.
    quota_total: i64,
    quota_usage: i64,
}

impl From<Completed> for UploadComplete {
    fn from(done: Completed) -> Self {
        let quota = done.quota.narrower();
        Self {
            quota: Quota {
                quota_total: quota.limit.unwrap_or(0),
                quota_usage: quota.used,
            },
            container_url: format!("/containers/{}/{}", done.collection, done.container),
        }
    }
}

/// Who the caller is. No envelope around it.
#[derive(Debug, Serialize)]
pub struct CurrentUser {
    /// The user name.
    pub username: String,
    /// The full name.
    pub realname: String,
    /// Empty where none is known.
    pub email: String,
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
