//! Announcing an image: its collection, its container, the image itself, and in the end its tags. The bytes are in `uploads`.
//!
//! Rule: every step may be repeated, by the same client after a crash or by two at once; the second finds what the first made.

mod form;
mod known;
mod tagging;

use chrono::{DateTime, Utc};
use entity::{collection, container};
use shared_types::{AuditAction, NewCollection, Reference, names};

use super::{
    Core, Error, Result,
    access::{self, Action, Granted},
    audit::{Actor, Entry},
    collections,
    error::Resource,
    pull,
    queue::Job,
};
use crate::{domain::access::Viewer, repo};

pub use form::{collection_name, destination, prepare};
pub use tagging::{ArchTags, list as tags, set as tag};
use tagging::{arch_tags, check_movable};
pub(super) use tagging::{check_tag, tag_arch};

/// A collection, as clients that push see it.
#[derive(Debug, Clone)]
pub struct Collection {
    /// The row's id.
    pub id: i64,
    /// The name.
    pub name: String,
    /// One line of what it is for.
    pub description: String,
    /// Only its people may see it.
    pub private: bool,
    /// The user name of who made it.
    pub entity: String,
    /// Bytes of its images.
    pub size: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When something in it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A container, as clients that push see it.
#[derive(Debug, Clone)]
pub struct Container {
    /// The row's id.
    pub id: i64,
    /// The name.
    pub name: String,
    /// One line of what it is for.
    pub description: String,
    /// Where it is.
    pub collection: Collection,
    /// Bytes of its images.
    pub size: i64,
    /// How often its images were downloaded.
    pub downloads: i64,
    /// Its tags.
    pub tags: ArchTags,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When something in it last changed.
    pub updated_at: DateTime<Utc>,
}

/// The person behind a request, as clients show who is signed in.
#[derive(Debug, Clone)]
pub struct Who {
    /// The user name.
    pub username: String,
    /// The full name.
    pub display_name: String,
    /// The address, if there is one.
    pub email: Option<String>,
}

/// Who asks.
///
/// # Errors
/// `Unauthenticated`.
pub async fn who(core: &Core, viewer: &Viewer) -> Result<Who> {
    let person = access::person(viewer)?;
    let row = repo::user::find(core.db.read(), person.id).await?;
    let row = row.ok_or_else(Error::sign_in)?;
    Ok(Who {
        username: row.username,
        display_name: row.display_name,
        email: row.email,
    })
}

/// Checks the name of an entity: the first component of `library://entity/collection/container`.
///
/// # Errors
/// `Invalid`.
pub fn check_entity(name: &str) -> Result<()> {
    names::check_username(name).map_err(|problem| Error::invalid("entity", problem))
}

/// A collection that the caller may see.
///
/// # Errors
/// `NotFound`.
pub async fn find_collection(core: &Core, viewer: &Viewer, name: &str) -> Result<Collection> {
    let name = names::normalise_collection(name);
    let granted = access::collection(core, viewer, &name, Action::See).await?;
    described(core, granted.collection).await
}

/// A container that the caller may see.
///
/// # Errors
/// `NotFound`.
pub async fn find_container(
    core: &Core,
    viewer: &Viewer,
    collection: &str,
    name: &str,
) -> Result<Container> {
    let missing = || Error::NotFound(Resource::Container(format!("{collection}/{name}")));
    let wanted = names::normalise_collection(collection);
    let granted = match access::collection(core, viewer, &wanted, Action::See).await {
        Err(Error::NotFound(_)) => return Err(missing()),
        other => other?,
    };
    let lower = name.to_ascii_lowercase();
    let row = repo::container::find(core.db.read(), granted.collection.id, &lower).await?;
    container(core, granted.collection, row.ok_or_else(missing)?).await
}

/// The collection of this name, made if it is not there and the caller may make collections. `entity` must then be the
/// caller: a collection belongs to who made it.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `Invalid`, `NameTaken` where others have one of that name, `Quota`.
pub async fn ensure_collection(
    core: &Core,
    viewer: &Viewer,
    entity: &str,
    name: &str,
) -> Result<Collection> {
    let person = access::person(viewer)?;
    accepts_pushes(core)?;
    match find_collection(core, viewer, name).await {
        Err(Error::NotFound(_)) => {}
        found => return found,
    }
    if !viewer.can_create_collections(core.settings.registry.user_collections) {
        // `create` says why in full.
    } else if entity != person.username && !viewer.is_admin() {
        return Err(Error::Forbidden(format!(
            "{user} may not make a collection for “{entity}”; push to library://{user}/{name}/…",
            user = person.username
        )));
    }
    let new = NewCollection {
        name: names::normalise_collection(name),
        description: None,
        private: None,
    };
    match collections::create(core, viewer, new).await {
        Ok(_) => {}
        // Another push of the same person may have been faster.
        Err(Error::NameTaken(sentence)) => {
            let found = find_collection(core, viewer, name).await;
            return found.map_err(|_| Error::NameTaken(sentence));
        }
        Err(error) => return Err(error),
    }
    find_collection(core, viewer, name).await
}

/// The container of this name in a collection given by id, made if it is not there.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden`, `Invalid`.
pub async fn ensure_container(
    core: &Core,
    viewer: &Viewer,
    collection_id: i64,
    name: &str,
    description: &str,
) -> Result<Container> {
    access::person(viewer)?;
    accepts_pushes(core)?;
    let missing = || Error::NotFound(Resource::Collection(format!("c{collection_id}")));
    let rows = repo::collection::by_ids(core.db.read(), [collection_id]).await?;
    let collection = rows.into_iter().next().ok_or_else(missing)?;
    let granted = granted(core, viewer, &collection.name, missing).await?;
    let name = name.to_ascii_lowercase();
    names::check_container(&name).map_err(|problem| Error::invalid("name", problem))?;
    names::check_description(description)
        .map_err(|problem| Error::invalid("description", problem))?;
    let by = Actor::of(core, viewer);
    let (home, description) = (granted.collection.clone(), description.to_owned());
    let row = core
        .db
        .write(async move |tx| {
            let ensured = repo::container::ensure(tx, home.id, &name, &description, by.at());
            let (row, made) = ensured.await?;
            if made {
                let entry = Entry::container(AuditAction::ContainerCreate, &home, &row);
                entry.record(tx, &by).await?;
            }
            Ok::<_, Error>(row)
        })
        .await?;
    container(core, granted.collection, row).await
}

/// The image with this digest in a container given by id, announced if it was not there.
///
/// Where the registry has these bytes already and the caller may read them anyway, the image gets them at once. A caller who may not
/// sends them: knowing a digest is no right to what it names.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden`, `Invalid`.
pub async fn register_image(
    core: &Core,
    viewer: &Viewer,
    container_id: i64,
    hash: &str,
    description: &str,
) -> Result<pull::Image> {
    let person = access::person(viewer)?;
    let Ok(Reference::Digest(sha256)) = hash.parse() else {
        let sentence = "a hash is “sha256.” and 64 hexadecimal digits";
        return Err(Error::invalid("hash", sentence));
    };
    names::check_description(description)
        .map_err(|problem| Error::invalid("description", problem))?;
    let target = Target::by_id(core, viewer, container_id).await?;
    let new = repo::push::NewImage {
        container_id,
        sha256,
        description: description.to_owned(),
        created_by: person.id,
        created_at: core.clock.now(),
    };
    let image = core
        .db
        .write(async move |tx| {
            repo::push::ensure_image(tx, &new)
                .await
                .map_err(Error::from)
        })
        .await?;
    if image.blob_id.is_none() && known::attach(core, viewer, &target, &image).await? {
        core.queue
            .send(Job::InspectImage { image_id: image.id })
            .await;
    }
    pull::image_by_id(core, viewer, image.id).await
}

/// Refuses where the registry takes no pushes at present.
///
/// # Errors
/// `Forbidden`.
pub fn accepts_pushes(core: &Core) -> Result<()> {
    if core.settings.registry.disable_building {
        return Err(Error::Forbidden(
            "this registry takes no pushes at present; pulls go on".to_owned(),
        ));
    }
    Ok(())
}

/// A container that the caller may push to.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) granted: Granted,
    pub(super) container: container::Model,
}

impl Target {
    pub(super) async fn by_id(core: &Core, viewer: &Viewer, container_id: i64) -> Result<Self> {
        accepts_pushes(core)?;
        let missing = || Error::NotFound(Resource::Container(format!("n{container_id}")));
        let found = repo::push::container_by_id(core.db.read(), container_id).await?;
        let (container, collection) = match found {
            Some(found) => found,
            None if viewer.is_anonymous() => return Err(Error::sign_in()),
            None => return Err(missing()),
        };
        let granted = granted(core, viewer, &collection, missing).await?;
        Ok(Self { granted, container })
    }
}

/// A collection that the caller may push to, found by an id: a refusal must not tell its name to those who may not see it.
async fn granted(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    missing: impl Fn() -> Error,
) -> Result<Granted> {
    match access::collection(core, viewer, name, Action::Push).await {
        Err(Error::NotFound(_)) if viewer.is_anonymous() => Err(Error::sign_in()),
        Err(Error::NotFound(_)) => Err(missing()),
        other => other,
    }
}

async fn described(core: &Core, row: collection::Model) -> Result<Collection> {
    let entity = repo::push::username(core.db.read(), row.created_by).await?;
    Ok(Collection {
        id: row.id,
        name: row.name,
        description: row.description,
        private: core.openness().is_private(row.private),
        entity: entity.unwrap_or_else(|| pull::NO_ENTITY.to_owned()),
        size: row.size_bytes,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

async fn container(
    core: &Core,
    collection: collection::Model,
    row: container::Model,
) -> Result<Container> {
    Ok(Container {
        tags: arch_tags(core, row.id).await?,
        collection: described(core, collection).await?,
        id: row.id,
        name: row.name,
        description: row.description,
        size: row.size_bytes,
        downloads: row.downloads,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
