//! Images: list, look inside, delete.

use std::collections::HashMap;

use entity::{container, image};
use sea_orm::ConnectionTrait;
use serde::de::DeserializeOwned;
use shared_types::{
    AuditAction, AuditThing, ImageDetail, ImagePage, Reference, SignatureSummary, TagAction,
};

use super::{
    Core, Error, Result,
    access::{self, Action},
    audit::{self, Actor},
    containers,
    error::Resource,
    keyserver,
    paging::{self, By, Window},
    tags::{self, DEFAULT_ARCH},
    view,
};
use crate::{
    domain::access::Viewer,
    repo::{
        self,
        manifest::{OCI, SIF},
        signature::Standing,
        tag::Shown,
    },
};

/// Which image of which container.
#[derive(Debug, Clone, Copy)]
pub struct ImagePath<'a> {
    /// The collection's name.
    pub collection: &'a str,
    /// The container's name.
    pub container: &'a str,
    /// A tag, or `sha256:` and the digest.
    pub reference: &'a str,
    /// For which architecture, where the reference is a tag.
    pub arch: Option<&'a str>,
}

impl ImagePath<'_> {
    /// The reference, understood.
    ///
    /// # Errors
    /// `BadRequest` where it is neither a tag nor a digest.
    pub fn parse(&self) -> Result<Reference> {
        self.reference.parse().map_err(Error::BadRequest)
    }

    /// What the caller gets where there is no such image.
    pub fn missing(&self) -> Error {
        let arch = self.arch.map(|arch| format!(" ({arch})"));
        Error::NotFound(Resource::Image(format!(
            "{}/{}:{}{}",
            self.collection,
            self.container,
            self.reference,
            arch.unwrap_or_default()
        )))
    }
}

/// The images of a container, newest first.
///
/// # Errors
/// `NotFound`, `BadRequest` for a bad window.
pub async fn list(
    core: &Core,
    viewer: &Viewer,
    collection: &str,
    container: &str,
    window: &Window,
) -> Result<ImagePage> {
    let (_, row) = containers::find(core, viewer, collection, container, Action::See).await?;
    let db = core.db.read();
    let by = By::largest("images", image::Column::Id, image::Column::Id);
    let page = paging::fetch(db, repo::image::list(row.id), window, by).await?;
    let ids = page.items.iter().map(|image| image.id);
    let mut tags: HashMap<i64, Vec<Shown>> = HashMap::new();
    for tag in repo::tag::of_images(db, ids).await? {
        tags.entry(tag.image_id).or_default().push(tag);
    }
    let ids = page.items.iter().map(|image| image.id);
    let mut signatures: HashMap<i64, Vec<Standing>> = HashMap::new();
    for (image, standing) in repo::signature::standings(db, ids).await? {
        signatures.entry(image).or_default().push(standing);
    }
    let users = page.items.iter().filter_map(|image| image.created_by);
    let names = repo::collection::usernames(db, users).await?;
    let now = core.clock.now();
    let mut shown = |row: &image::Model| {
        let tags = tags.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        let by = row.created_by.and_then(|id| names.get(&id).cloned());
        let signatures = signatures.remove(&row.id).unwrap_or_default();
        let signature = keyserver::verify::summary(signatures, now)?;
        Ok(view::image(
            row,
            (collection, container),
            tags,
            by,
            signature,
        ))
    };
    Ok(ImagePage {
        items: page.items.iter().map(&mut shown).collect::<Result<_>>()?,
        total: page.total,
        next: page.next,
    })
}

/// An image with what is inside.
///
/// # Errors
/// `NotFound`, `BadRequest` for a bad reference.
pub async fn get(core: &Core, viewer: &Viewer, path: ImagePath<'_>) -> Result<ImageDetail> {
    let (granted, container) =
        containers::find(core, viewer, path.collection, path.container, Action::See).await?;
    let db = core.db.read();
    let row = resolve(db, &container, path).await?;
    let tags = repo::tag::of_images(db, [row.id]).await?;
    let names = repo::collection::usernames(db, row.created_by).await?;
    let by = row.created_by.and_then(|id| names.get(&id).cloned());
    let signatures = keyserver::verify::of_image(core, row.id).await?;
    let states = signatures.iter().map(|one| (one.state, one.complete));
    let signature = SignatureSummary::of(states);
    let place = (path.collection, path.container);
    Ok(ImageDetail {
        image: view::image(&row, place, &tags, by, signature),
        metadata: metadata(&row, SIF)?,
        oci: metadata(&row, OCI)?,
        signatures,
        rights: viewer.rights(granted.facts()),
    })
}

/// The row's id of an image that the viewer may see, for those who send its bytes.
///
/// # Errors
/// As `get`.
pub async fn id(core: &Core, viewer: &Viewer, path: ImagePath<'_>) -> Result<i64> {
    let (_, container) =
        containers::find(core, viewer, path.collection, path.container, Action::See).await?;
    Ok(resolve(core.db.read(), &container, path).await?.id)
}

/// What is known of an image, where it is of the kind that this is known of.
fn metadata<T: DeserializeOwned>(row: &image::Model, kind: &str) -> Result<Option<T>> {
    let text = row.metadata.as_deref().filter(|_| row.kind == kind);
    let parsed = text.map(serde_json::from_str);
    parsed.transpose().map_err(Error::internal)
}

/// The image of a container that a reference means. A tag without an architecture means the usual one, or, where the tag
/// does not have it, the first.
///
/// # Errors
/// `NotFound`, `BadRequest` for a bad reference.
pub async fn resolve(
    db: &impl ConnectionTrait,
    container: &container::Model,
    path: ImagePath<'_>,
) -> Result<image::Model> {
    let found = match path.parse()? {
        Reference::Digest(hex) => repo::image::find_by_sha256(db, container.id, &hex).await?,
        Reference::Tag(name) => {
            let tags = repo::tag::find(db, container.id, &name, path.arch).await?;
            let usual = tags.iter().find(|tag| tag.arch == DEFAULT_ARCH);
            match usual.or(tags.first()) {
                Some(tag) => repo::image::by_id(db, tag.image_id).await?,
                None => None,
            }
        }
    };
    found.ok_or_else(|| path.missing())
}

/// Deletes an image, with the tags that point at it. Bytes that nothing else uses go later.
///
/// # Errors
/// What `access::collection` says, `BadRequest` where the reference is no digest, `NotFound`, `Frozen` where a frozen tag
/// points at it.
pub async fn delete(core: &Core, viewer: &Viewer, path: ImagePath<'_>) -> Result<()> {
    let (_, container) = containers::find(
        core,
        viewer,
        path.collection,
        path.container,
        Action::DeleteImages,
    )
    .await?;
    let Reference::Digest(hex) = path.parse()? else {
        return Err(Error::BadRequest(
            "an image is deleted by its digest; a tag alone is removed under tags/".into(),
        ));
    };
    access::person(viewer)?;
    let by = Actor::of(core, viewer);
    core.db
        .write(async |tx| {
            repo::container::touch(tx, container.id, by.at()).await?;
            let found = repo::image::find_by_sha256(tx, container.id, &hex).await?;
            let row = found.ok_or_else(|| path.missing())?;
            remove(tx, row.id, &by).await
        })
        .await
}

/// Removes a tag as the older client means it: for all architectures, and with it the images that no other tag points at.
///
/// # Errors
/// What `access::collection` says, `BadRequest` where the reference is no tag, `NotFound`, `Frozen`.
pub async fn delete_by_tag(core: &Core, viewer: &Viewer, path: ImagePath<'_>) -> Result<()> {
    let Reference::Tag(name) = path.parse()? else {
        return Err(Error::BadRequest("say which tag".to_owned()));
    };
    let (_, container) = containers::find(
        core,
        viewer,
        path.collection,
        path.container,
        Action::DeleteImages,
    )
    .await?;
    access::person(viewer)?;
    let by = Actor::of(core, viewer);
    core.db
        .write(async |tx| {
            repo::container::touch(tx, container.id, by.at()).await?;
            let found = repo::tag::find(tx, container.id, &name, path.arch).await?;
            if found.is_empty() {
                return Err(path.missing());
            }
            if found.iter().any(|tag| tag.frozen) {
                return Err(tags::frozen(&name));
            }
            for tag in found {
                let row = repo::image::by_id(tx, tag.image_id).await?;
                let row = row.ok_or_else(|| path.missing())?;
                record_untagged(tx, (&tag.name, &tag.arch), &row, &by).await?;
                repo::tag::delete(tx, tag.id).await?;
                if repo::tag::of_images(tx, [row.id]).await?.is_empty() {
                    remove(tx, row.id, &by).await?;
                }
            }
            Ok(())
        })
        .await
}

/// Removes an image with its tags and manifests. Part of a transaction that has locked the container.
///
/// # Errors
/// `Frozen` where a frozen tag points at it.
pub(super) async fn remove(tx: &impl ConnectionTrait, image_id: i64, by: &Actor) -> Result<()> {
    let now = by.at();
    let Some(row) = repo::image::by_id(tx, image_id).await? else {
        return Ok(());
    };
    untag_all(tx, &row, by).await?;
    let what = (AuditAction::ImageDelete, AuditThing::Image);
    let image = (row.id, &*row.sha256, row.size);
    audit::content(tx, by, what, row.container_id, image).await?;
    repo::image::release_blobs(tx, repo::image::one(row.id), now).await?;
    repo::manifest::delete_made_indexes(tx, row.container_id).await?;
    repo::image::delete(tx, row.id).await?;
    if let Some(blob) = row.blob_id {
        // Bytes that another manifest names stay, and count for the container as they did for the image.
        let stays = repo::held::is_named(tx, row.container_id, blob).await?
            && repo::held::link(tx, row.container_id, blob, now).await?;
        if !stays {
            repo::container::add_size(tx, row.container_id, -row.size).await?;
        }
    }
    Ok(())
}

/// Writes into the history that the tags of an image go; the rows go with the image.
async fn untag_all(tx: &impl ConnectionTrait, row: &image::Model, by: &Actor) -> Result<()> {
    for tag in repo::tag::of_images(tx, [row.id]).await? {
        if tag.frozen {
            return Err(Error::Frozen(format!(
                "tag “{}” is frozen and points at this image, so it cannot be deleted; an owner can unfreeze it first",
                tag.name
            )));
        }
        record_untagged(tx, (&tag.name, &tag.arch), row, by).await?;
    }
    Ok(())
}

async fn record_untagged(
    tx: &impl ConnectionTrait,
    (name, arch): (&str, &str),
    row: &image::Model,
    by: &Actor,
) -> Result<()> {
    let event = repo::tag::Event {
        container_id: row.container_id,
        name,
        arch,
        action: TagAction::Deleted,
        from: Some(&row.sha256),
        to: None,
        user_id: by.user_id(),
    };
    audit::tag(tx, by, event).await
}
