//! The last step of a push: tags, by architecture.

use std::collections::BTreeMap;

use shared_types::Reference;

use super::{
    super::{
        Core, Error, Result,
        access::{self, Action},
        audit::Actor,
        error::Resource,
        tags,
    },
    Target,
};
use crate::{domain::access::Viewer, repo};

/// For each architecture: tag to image id.
pub type ArchTags = BTreeMap<String, BTreeMap<String, i64>>;

/// All tags of a container given by id.
///
/// # Errors
/// `NotFound`.
pub async fn list(core: &Core, viewer: &Viewer, container_id: i64) -> Result<ArchTags> {
    let missing = || Error::NotFound(Resource::Container(format!("n{container_id}")));
    let found = repo::push::container_by_id(core.db.read(), container_id).await?;
    let (container, collection) = found.ok_or_else(missing)?;
    match access::collection(core, viewer, &collection, Action::See).await {
        Err(Error::NotFound(_)) => Err(missing()),
        Err(error) => Err(error),
        Ok(_) => arch_tags(core, container.id).await,
    }
}

/// Points a tag at an image of the container. Without an architecture it is the image's own.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden`, `Invalid`, `Frozen`, `Conflict` where the image's bytes have not arrived.
pub async fn set(
    core: &Core,
    viewer: &Viewer,
    container_id: i64,
    name: &str,
    arch: Option<&str>,
    image_id: i64,
) -> Result<ArchTags> {
    access::person(viewer)?;
    Target::by_id(core, viewer, container_id).await?;
    let tag = check_tag(name)?;
    let image = repo::push::image_by_id(core.db.read(), image_id).await?;
    let image = image
        .filter(|image| image.container_id == container_id)
        .ok_or_else(|| Error::NotFound(Resource::Image(format!("i{image_id}"))))?;
    if image.blob_id.is_none() {
        return Err(Error::Conflict(
            "the bytes of this image have not arrived; push it again".to_owned(),
        ));
    }
    let arch = tag_arch(arch, image.arch.as_deref())?;
    let by = Actor::of(core, viewer);
    core.db
        .write(async move |tx| tags::set(tx, container_id, &tag, &arch, &image, &by).await)
        .await?;
    arch_tags(core, container_id).await
}

/// Refuses a tag that nothing can be pushed to, before bytes flow: one that is not well formed, or is frozen for every architecture
/// that it is there for.
///
/// # Errors
/// `Invalid`, `Frozen`.
pub(super) async fn check_movable(
    core: &Core,
    target: &access::Granted,
    container: &str,
    name: &str,
) -> Result<()> {
    let tag = check_tag(name)?;
    let db = core.db.read();
    let Some(row) = repo::container::find(db, target.collection.id, container).await? else {
        return Ok(());
    };
    let found = repo::tag::find(db, row.id, &tag, None).await?;
    if !found.is_empty() && found.iter().all(|tag| tag.frozen) {
        return Err(tags::frozen(&tag));
    }
    Ok(())
}

/// A tag that may be set: a well-formed one that could not be read as a digest.
pub(in crate::services) fn check_tag(name: &str) -> Result<String> {
    match name.parse() {
        Ok(Reference::Tag(tag)) => Ok(tag),
        Ok(Reference::Digest(_)) => Err(Error::invalid(
            "tag",
            "a tag may not look like a digest: “sha256.…” is how clients ask for one",
        )),
        Err(problem) => Err(Error::invalid("tag", problem)),
    }
}

/// The architecture that a tag is for: what the file says, which must be what the client says.
pub(in crate::services) fn tag_arch(asked: Option<&str>, known: Option<&str>) -> Result<String> {
    let asked = asked.map(str::trim).filter(|arch| !arch.is_empty());
    if let Some(arch) = asked {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "/_-.".contains(c);
        if arch.len() > 32 || !arch.chars().all(word) {
            return Err(Error::invalid(
                "arch",
                "an architecture is a word such as amd64 or arm64",
            ));
        }
    }
    match (asked, known) {
        (Some(asked), Some(known)) if asked != known => Err(Error::invalid(
            "arch",
            format!("this image is for {known}, not for {asked}"),
        )),
        (Some(arch), _) | (None, Some(arch)) => Ok(arch.to_owned()),
        // Clients that know no architectures are older than images for any other.
        (None, None) => Ok("amd64".to_owned()),
    }
}

pub(super) async fn arch_tags(core: &Core, container_id: i64) -> Result<ArchTags> {
    let mut tags = ArchTags::new();
    for tag in repo::push::tags(core.db.read(), container_id).await? {
        tags.entry(tag.arch)
            .or_default()
            .insert(tag.name, tag.image_id);
    }
    Ok(tags)
}
