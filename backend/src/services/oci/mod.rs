//! OCI: manifests and blobs in repositories, over the same containers, images, tags and rights as every other door.
//!
//! Rule: a repository is a container. A manifest with one SIF layer is an image like any other; what is no SIF is stored too, as an
//! image of kind `oci`.

mod blobs;
mod lists;
mod made;
pub mod manifest;
mod manifests;

use entity::container;
use shared_types::names;

use super::{
    Core, Error, Result,
    access::{self, Action, Granted},
    containers,
    error::Resource,
    push::{self, Target},
};
use crate::domain::access::Viewer;

pub use blobs::{Blob, Where, abort, append, begin, blob, delete_blob, finish, mount, state};
pub use lists::{Listed, Referrer, Wanted, referrers, repositories, tags};
pub use manifests::{Content, Kept, Sent, delete, get, put};

/// A repository's name, understood: `collection/container` or `entity/collection/container`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The name as the client wrote it.
    pub name: String,
    /// The entity, where three components were given. It counts for pushes that make a collection, and for nothing else.
    pub entity: Option<String>,
    /// The collection, normalised.
    pub collection: String,
    /// The container.
    pub container: String,
}

impl Repository {
    /// Reads a name.
    ///
    /// # Errors
    /// `Invalid` for `name`.
    pub fn parse(name: &str) -> Result<Self> {
        let invalid = |sentence: &str| Error::invalid("name", sentence);
        let parts: Vec<&str> = name.split('/').collect();
        let (entity, collection, container) = match parts.as_slice() {
            [collection, container] => (None, *collection, *container),
            [entity, collection, container] => (Some(*entity), *collection, *container),
            _ => {
                return Err(invalid(
                    "a repository is called collection/container or entity/collection/container",
                ));
            }
        };
        for part in &parts {
            names::check_container(part).map_err(|problem| invalid(&problem))?;
        }
        let normal = names::normalise_collection(collection);
        names::check_collection(&normal).map_err(|problem| invalid(&problem))?;
        Ok(Self {
            name: name.to_owned(),
            entity: entity.map(str::to_owned),
            collection: normal,
            container: container.to_owned(),
        })
    }
}

/// A repository that the caller may do this with.
///
/// # Errors
/// `NotFound` for those who are signed in and `Unauthenticated` for all others, whether it does not exist or they may not know of it;
/// `Forbidden`.
async fn find(
    core: &Core,
    viewer: &Viewer,
    repository: &Repository,
    action: Action,
) -> Result<(Granted, container::Model)> {
    let (collection, container) = (&repository.collection, &repository.container);
    match containers::find(core, viewer, collection, container, action).await {
        Err(Error::NotFound(_)) if viewer.is_anonymous() => Err(Error::Unauthenticated(
            "sign in, or there is no such repository".to_owned(),
        )),
        Err(Error::NotFound(_)) => Err(Error::NotFound(Resource::Container(
            repository.name.clone(),
        ))),
        found => found,
    }
}

/// A repository to push to: collection and container are made where they are not there and the caller may make them.
async fn target(core: &Core, viewer: &Viewer, repository: &Repository) -> Result<Target> {
    let person = access::person(viewer)?;
    push::accepts_pushes(core)?;
    match find(core, viewer, repository, Action::Push).await {
        Err(Error::NotFound(_)) => {}
        found => {
            return found.map(|(granted, container)| Target { granted, container });
        }
    }
    let entity = repository.entity.as_deref().unwrap_or(&person.username);
    let collection = push::ensure_collection(core, viewer, entity, &repository.collection).await?;
    let name = &repository.container;
    let container = push::ensure_container(core, viewer, collection.id, name, "").await?;
    Target::by_id(core, viewer, container.id).await
}

/// What follows a repository's name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reference {
    Tag(String),
    /// 64 hexadecimal digits.
    Digest(String),
}

impl Reference {
    /// Reads one. What has a colon is a digest; a tag may not look like one.
    fn parse(text: &str) -> Result<Self> {
        if text.contains(':') {
            return digest(text).map(Self::Digest);
        }
        match text.parse() {
            Ok(shared_types::Reference::Tag(tag)) => Ok(Self::Tag(tag)),
            Ok(shared_types::Reference::Digest(_)) => Err(Error::invalid(
                "tag",
                "a tag may not look like a digest: “sha256.…” is how library clients ask for one",
            )),
            Err(problem) => Err(Error::invalid("tag", problem)),
        }
    }
}

/// Reads a digest: its 64 hexadecimal digits.
///
/// # Errors
/// `Invalid` for `digest`.
pub fn digest(text: &str) -> Result<String> {
    manifest::sha256_hex(text).ok_or_else(|| {
        let sentence = if text.starts_with("sha512:") {
            "this registry knows content by its SHA-256 alone"
        } else {
            "a digest is “sha256:” and 64 lower case hexadecimal digits"
        };
        Error::invalid("digest", sentence)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_has_two_names_or_three() {
        let two = Repository::parse("my_tools/bwa.x").unwrap();
        assert_eq!(two.collection, "my-tools");
        assert_eq!(two.container, "bwa.x");
        assert_eq!(two.entity, None);
        let three = Repository::parse("amy/tools/bwa").unwrap();
        assert_eq!(three.entity.as_deref(), Some("amy"));
        for bad in ["", "bwa", "a/b/c/d", "A/b", "a//b", "a/b c", "a/-b", "/a/b"] {
            assert!(Repository::parse(bad).is_err(), "{bad}");
        }
    }
}
