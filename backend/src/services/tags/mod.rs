//! Tags: names that point at images, and what happened to them.
//!
//! Rule: a frozen tag neither moves nor goes, by whatever door, until it is unfrozen.

mod change;

use entity::{image, tag_event};
use sea_orm::ConnectionTrait;
use shared_types::{Tag, TagAction, TagChange, TagEventPage, names};

use change::{Change, Work};

use super::{
    Core, Error, Result,
    access::{self, Action},
    audit::{self, Actor},
    containers,
    error::Resource,
    paging::{self, By, Window},
    view,
};
use crate::{
    domain::access::Viewer,
    repo::{self, manifest::SIF},
};

/// Which tag of which container.
#[derive(Debug, Clone, Copy)]
pub struct TagPath<'a> {
    /// The collection's name.
    pub collection: &'a str,
    /// The container's name.
    pub container: &'a str,
    /// The tag's name.
    pub tag: &'a str,
    /// The architecture; absent where it follows from the rest.
    pub arch: Option<&'a str>,
}

/// Refuses to delete what frozen tags are in.
///
/// # Errors
/// `Frozen`.
pub(super) fn none_frozen(count: u64, what: &str) -> Result<()> {
    let tags = match count {
        0 => return Ok(()),
        1 => "a frozen tag".to_owned(),
        many => format!("{many} frozen tags"),
    };
    Err(Error::Frozen(format!(
        "{what} holds {tags}, so it cannot be deleted; an owner can unfreeze them first"
    )))
}

/// The refusal to change a frozen tag.
pub(crate) fn frozen(name: &str) -> Error {
    Error::Frozen(format!(
        "tag “{name}” is frozen; nothing moves or removes it until an owner unfreezes it"
    ))
}

/// Points a tag at an image of the container: creates the tag or moves it, and writes the history. Part of a transaction.
///
/// # Errors
/// `Invalid` for a bad name, `Frozen` where a frozen tag points elsewhere.
pub(crate) async fn set(
    tx: &impl ConnectionTrait,
    container_id: i64,
    name: &str,
    arch: &str,
    image: &image::Model,
    by: &Actor,
) -> Result<()> {
    let to = Pointed {
        container_id,
        name,
        arch,
        image,
        manifest_id: None,
        by,
    };
    point(tx, to).await
}

/// Where a tag shall point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pointed<'a> {
    pub(super) container_id: i64,
    pub(super) name: &'a str,
    pub(super) arch: &'a str,
    pub(super) image: &'a image::Model,
    /// The manifest that OCI clients get; absent where the tag is set by another door.
    pub(super) manifest_id: Option<i64>,
    pub(super) by: &'a Actor,
}

impl Pointed<'_> {
    async fn record(
        &self,
        tx: &impl ConnectionTrait,
        (action, arch): (TagAction, &str),
        from: Option<&str>,
    ) -> Result<()> {
        let event = repo::tag::Event {
            container_id: self.container_id,
            name: self.name,
            arch,
            action,
            from,
            to: (action != TagAction::Deleted).then_some(&*self.image.sha256),
            user_id: self.by.user_id(),
        };
        audit::tag(tx, self.by, event).await
    }

    /// Removes the rows of the tag that cannot stand beside the new one: a tag means SIF images, one for each architecture, or one
    /// thing that is none.
    async fn make_way(&self, tx: &impl ConnectionTrait) -> Result<()> {
        for row in repo::tag::find(tx, self.container_id, self.name, None).await? {
            let before = repo::image::by_id(tx, row.image_id).await?;
            let kind = before.as_ref().map(|image| image.kind.as_str());
            let beside = kind == Some(SIF) && self.image.kind == SIF;
            if beside || row.arch == self.arch {
                continue;
            }
            if row.frozen {
                return Err(frozen(self.name));
            }
            let from = before.as_ref().map(|image| image.sha256.as_str());
            self.record(tx, (TagAction::Deleted, &row.arch), from)
                .await?;
            repo::tag::delete(tx, row.id).await?;
        }
        Ok(())
    }
}

/// As `set`, for a manifest too.
pub(super) async fn point(tx: &impl ConnectionTrait, to: Pointed<'_>) -> Result<()> {
    let now = to.by.at();
    names::check_tag(to.name).map_err(|problem| Error::invalid("tag", problem))?;
    // Locks the container: whoever changes its tags at the same time waits, so what is read below stays true.
    repo::container::touch(tx, to.container_id, now).await?;
    to.make_way(tx).await?;
    let found = repo::tag::find(tx, to.container_id, to.name, Some(to.arch)).await?;
    let who = (to.manifest_id, to.by.user_id());
    let Some(tag) = found.into_iter().next() else {
        repo::tag::insert(tx, to.image, to.name, to.arch, who, now).await?;
        return to.record(tx, (TagAction::Created, to.arch), None).await;
    };
    let same = tag.image_id == to.image.id;
    let unchanged = tag.frozen && to.manifest_id == tag.manifest_id;
    if same && (to.manifest_id.is_none() || unchanged) {
        return Ok(());
    }
    if tag.frozen {
        return Err(frozen(to.name));
    }
    let before = repo::image::by_id(tx, tag.image_id).await?;
    let target = (to.image.id, to.manifest_id);
    repo::tag::repoint(tx, tag.id, target, to.by.user_id(), now).await?;
    if same {
        return Ok(());
    }
    let from = before.as_ref().map(|before| before.sha256.as_str());
    to.record(tx, (TagAction::Moved, to.arch), from).await
}

/// Creates, moves, freezes or unfreezes a tag.
///
/// # Errors
/// What `access::collection` says (moving needs the right to push, freezing the right to manage), `NotFound`, `Invalid`,
/// `Frozen`.
pub async fn put(
    core: &Core,
    viewer: &Viewer,
    path: TagPath<'_>,
    change: TagChange,
) -> Result<Tag> {
    let action = match change.frozen {
        Some(_) => Action::Manage,
        None => Action::Push,
    };
    let (granted, container) =
        containers::find(core, viewer, path.collection, path.container, action).await?;
    if change.digest.is_some() {
        access::check(viewer, &granted, Action::Push)?;
    }
    let change = Change::checked(&change, &path)?;
    access::person(viewer)?;
    let by = Actor::of(core, viewer);
    let shown = core
        .db
        .write(async |tx| {
            repo::container::touch(tx, container.id, by.at()).await?;
            let work = Work {
                container_id: container.id,
                by: &by,
            };
            let id = work.apply(tx, path, &change).await?;
            Ok::<_, Error>(repo::tag::one_shown(tx, id).await?)
        })
        .await?;
    let shown = shown.ok_or_else(|| missing(&path))?;
    Ok(view::tag(&shown))
}

/// The architecture of tags where nothing says another.
pub(crate) const DEFAULT_ARCH: &str = "amd64";

fn missing(path: &TagPath<'_>) -> Error {
    let arch = path.arch.map(|arch| format!(" ({arch})"));
    let name = format!("{}{}", path.tag, arch.unwrap_or_default());
    Error::NotFound(Resource::Tag(name))
}

/// Removes a tag, for one architecture or for all; the image stays.
///
/// # Errors
/// What `access::collection` says, `NotFound`, `Frozen`.
pub async fn delete(core: &Core, viewer: &Viewer, path: TagPath<'_>) -> Result<()> {
    let action = Action::DeleteImages;
    let (_, container) =
        containers::find(core, viewer, path.collection, path.container, action).await?;
    access::person(viewer)?;
    let by = Actor::of(core, viewer);
    core.db
        .write(async |tx| {
            repo::container::touch(tx, container.id, by.at()).await?;
            let found = repo::tag::find(tx, container.id, path.tag, path.arch).await?;
            if found.is_empty() {
                return Err(missing(&path));
            }
            let work = Work {
                container_id: container.id,
                by: &by,
            };
            for tag in found {
                if tag.frozen {
                    return Err(frozen(path.tag));
                }
                let image = repo::image::by_id(tx, tag.image_id).await?;
                let digest = image.as_ref().map(|image| image.sha256.as_str());
                work.record(tx, &tag, TagAction::Deleted, digest, None)
                    .await?;
                repo::tag::delete(tx, tag.id).await?;
            }
            Ok(())
        })
        .await
}

/// What happened to a container's tags, newest first.
///
/// # Errors
/// `NotFound`, `BadRequest` for a bad window.
pub async fn history(
    core: &Core,
    viewer: &Viewer,
    collection: &str,
    container: &str,
    window: &Window,
) -> Result<TagEventPage> {
    let (_, row) = containers::find(core, viewer, collection, container, Action::See).await?;
    let db = core.db.read();
    let by = By::largest("history", tag_event::Column::Id, tag_event::Column::Id);
    let page = paging::fetch(db, repo::tag::events(row.id), window, by).await?;
    let users = page.items.iter().filter_map(|event| event.user_id);
    let names = repo::collection::usernames(db, users).await?;
    let shown = |event: &tag_event::Model| {
        let by = event.user_id.and_then(|id| names.get(&id).cloned());
        view::tag_event(event, by)
    };
    Ok(TagEventPage {
        items: page.items.iter().filter_map(shown).collect(),
        total: page.total,
        next: page.next,
    })
}
