//! OCI: manifests and blobs in repositories, over the same containers, images, tags and rights as every other door.
//!
//! Rule: a repository is a container. A manifest with one SIF layer is an image like any other; what is no SIF is stored too, as an
//! image of kind `oci`.

use shared_types::names;

use super::{Error, Result};

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
