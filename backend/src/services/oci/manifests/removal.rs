//! Removing manifests, and the images that go with their last one.

use entity::container;
use sea_orm::ConnectionTrait;
use shared_types::{AuditAction, AuditThing, TagAction};

use super::{
    super::{
        super::{
            Core, Result,
            access::{self, Action},
            audit::{self, Actor},
            images,
            tags::{self, TagPath},
        },
        Reference, Repository, find, made,
    },
    unknown,
};
use crate::{
    domain::access::Viewer,
    repo::{self, manifest::Tagged},
};

/// Removes one row of a tag and writes the history.
pub(super) async fn untag(
    tx: &impl ConnectionTrait,
    container_id: i64,
    row: &Tagged,
    by: &Actor,
) -> Result<()> {
    let event = repo::tag::Event {
        container_id,
        name: &row.name,
        arch: &row.arch,
        action: TagAction::Deleted,
        from: Some(&row.sha256),
        to: None,
        user_id: by.user_id(),
    };
    audit::tag(tx, by, event).await?;
    Ok(repo::tag::delete(tx, row.id).await?)
}

/// Removes a tag, or a manifest with all tags that mean it. An image goes with its last manifest.
///
/// # Errors
/// As every question about a repository; `Invalid` for a bad reference; `NotFound`; `Frozen`.
pub async fn delete(
    core: &Core,
    viewer: &Viewer,
    repository: &Repository,
    reference: &str,
) -> Result<()> {
    let wanted = Reference::parse(reference)?;
    let (_, container) = find(core, viewer, repository, Action::DeleteImages).await?;
    let hex = match wanted {
        Reference::Digest(hex) => hex,
        Reference::Tag(tag) => {
            let path = TagPath {
                collection: &repository.collection,
                container: &repository.container,
                tag: &tag,
                arch: None,
            };
            return tags::delete(core, viewer, path).await;
        }
    };
    access::person(viewer)?;
    let found = made::by_digest(core, &container, &hex).await?;
    let row = found.ok_or_else(|| unknown(repository, reference))?;
    let indexed = if row.made && row.image_id.is_none() {
        meaning(core, &container, row.id).await?
    } else {
        Vec::new()
    };
    let by = Actor::of(core, viewer);
    core.db
        .write(async |tx| {
            repo::container::touch(tx, container.id, by.at()).await?;
            let row = repo::manifest::by_id(tx, row.id).await?;
            let row = row.ok_or_else(|| unknown(repository, reference))?;
            let leads_here = |tag: &Tagged| match tag.manifest_id {
                Some(id) => id == row.id,
                None if row.image_id.is_none() => indexed.contains(&tag.name),
                None => {
                    Some(tag.image_id) == row.image_id && (row.made || tag.sha256 == row.sha256)
                }
            };
            let mut gone = Vec::new();
            for tag in repo::manifest::tagged(tx, container.id, None).await? {
                if !leads_here(&tag) {
                    continue;
                }
                if tag.frozen {
                    return Err(tags::frozen(&tag.name));
                }
                untag(tx, container.id, &tag, &by).await?;
                gone.push(tag.id);
            }
            match row.image_id {
                Some(image) if is_last(tx, image, row.id, &gone).await? => {
                    images::remove(tx, image, &by).await
                }
                _ => {
                    let what = (AuditAction::ManifestDelete, AuditThing::Manifest);
                    let size = i64::try_from(row.content.len()).unwrap_or_default();
                    let manifest = (row.id, &*row.sha256, size);
                    audit::content(tx, &by, what, container.id, manifest).await?;
                    Ok(repo::manifest::delete(tx, row.id).await?)
                }
            }
        })
        .await
}

/// Whether nothing else leads to an image than a manifest and tags that are gone.
async fn is_last(
    tx: &impl ConnectionTrait,
    image_id: i64,
    manifest_id: i64,
    gone: &[i64],
) -> Result<bool> {
    let manifests = repo::manifest::of_image(tx, image_id).await?;
    let others = manifests.iter().any(|other| other.id != manifest_id);
    Ok(!others && repo::manifest::other_tags(tx, image_id, gone).await? == 0)
}

/// The names of the tags that mean an index of ours.
async fn meaning(
    core: &Core,
    container: &container::Model,
    manifest_id: i64,
) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let rows = repo::manifest::tagged(core.db.read(), container.id, None).await?;
    for rows in made::names(rows) {
        let Some(name) = rows.first().map(|row| row.name.clone()) else {
            continue;
        };
        if rows.len() > 1
            && made::of_rows(core, container, rows)
                .await?
                .is_some_and(|found| found.id == manifest_id)
        {
            names.push(name);
        }
    }
    Ok(names)
}
