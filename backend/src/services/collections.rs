//! Collections: list, make, look at, change, delete.

use std::collections::HashMap;

use entity::collection::{self, Column};
use shared_types::{
    AuditAction, Collection, CollectionChange, CollectionDetail, CollectionFilter, CollectionPage,
    NameCheck, NewCollection, Rights, SortOrder, names,
};

use super::{
    Core, Error, Result,
    access::{self, Action, Granted},
    audit::{Actor, Entry},
    error::{Problems, is_duplicate},
    paging::{self, By, Window},
    quota, readme, stars, tags, view,
};
use crate::{
    domain::access::{Membership, Viewer},
    repo::{self, collection::Member},
};

/// What a list of collections shows.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Which of the visible ones.
    pub filter: CollectionFilter,
    /// In which order.
    pub sort: SortOrder,
    /// Words of the name or the description.
    pub q: Option<String>,
    /// The user name of somebody who owns them.
    pub owner: Option<String>,
    /// Which part.
    pub window: Window,
}

/// The collections that the viewer may see.
///
/// # Errors
/// `Unauthenticated` where an anonymous caller asks for their own, `BadRequest` for a bad window.
pub async fn list(core: &Core, viewer: &Viewer, listing: &Listing) -> Result<CollectionPage> {
    if matches!(
        listing.filter,
        CollectionFilter::Mine | CollectionFilter::Starred
    ) {
        access::person(viewer)?;
    }
    let filter = repo::collection::Filter {
        kind: listing.filter,
        q: paging::words(listing.q.as_deref())?,
        owner: listing.owner.as_deref().map(names::username_or_nobody),
    };
    let by = match listing.sort {
        SortOrder::Updated => By::newest("updated", Column::UpdatedAt, Column::Id),
        SortOrder::Name => By::text("name", Column::Name, Column::Id),
        SortOrder::Size => By::largest("size", Column::SizeBytes, Column::Id),
        SortOrder::Downloads => By::largest("downloads", Column::Downloads, Column::Id),
        SortOrder::Stars => By::largest("stars", Column::Stars, Column::Id),
    };
    let select = repo::collection::list(viewer, &filter);
    let page = paging::fetch(core.db.read(), select, &listing.window, by).await?;
    Ok(CollectionPage {
        items: shown(core, viewer, &page.items).await?,
        total: page.total,
        next: page.next,
    })
}

/// The rows with their owners, numbers and rights: a few queries, however many rows.
async fn shown(
    core: &Core,
    viewer: &Viewer,
    rows: &[collection::Model],
) -> Result<Vec<Collection>> {
    let db = core.db.read();
    let ids = || rows.iter().map(|row| row.id);
    let mut people: HashMap<i64, Vec<Member>> = HashMap::new();
    for member in repo::collection::members(db, ids()).await? {
        people.entry(member.collection_id).or_default().push(member);
    }
    let containers = repo::collection::container_counts(db, ids()).await?;
    let starred = stars::among(core, viewer, ids()).await?;
    let show = |row: &collection::Model| {
        let members = people.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        let count = containers.get(&row.id).copied().unwrap_or_default();
        let membership = own_membership(viewer, members);
        let rights = viewer.rights(access::facts(row, membership));
        let owners = named(members, Membership::Owner);
        seen(core, row, owners, count, starred.contains(&row.id), rights)
    };
    Ok(rows.iter().map(show).collect())
}

/// The row as a caller with these rights sees it: the quota is for those who manage it.
fn seen(
    core: &Core,
    row: &collection::Model,
    owners: Vec<String>,
    containers: i64,
    starred: bool,
    rights: Rights,
) -> Collection {
    let quota = rights.manage.then(|| quota::shown(core, row));
    let openness = core.openness();
    view::collection(row, openness, owners, containers, starred, rights, quota)
}

fn own_membership(viewer: &Viewer, members: &[Member]) -> Option<Membership> {
    let username = &viewer.person()?.username;
    let own = members.iter().find(|member| member.username == *username)?;
    Membership::from_word(&own.role)
}

fn named(members: &[Member], role: Membership) -> Vec<String> {
    members
        .iter()
        .filter(|member| member.role == role.as_str())
        .map(|member| member.username.clone())
        .collect()
}

/// A collection with all that its page shows.
///
/// # Errors
/// `NotFound`.
pub async fn get(core: &Core, viewer: &Viewer, name: &str) -> Result<CollectionDetail> {
    let granted = access::collection(core, viewer, name, Action::See).await?;
    detail(core, viewer, &granted).await
}

async fn detail(core: &Core, viewer: &Viewer, granted: &Granted) -> Result<CollectionDetail> {
    let db = core.db.read();
    let row = &granted.collection;
    let members = repo::collection::members(db, [row.id]).await?;
    let containers = repo::collection::container_counts(db, [row.id]).await?;
    let count = containers.get(&row.id).copied().unwrap_or_default();
    let rights = viewer.rights(granted.facts());
    let owners = named(&members, Membership::Owner);
    let starred = stars::among(core, viewer, [row.id]).await?;
    let starred = starred.contains(&row.id);
    Ok(CollectionDetail {
        collection: seen(core, row, owners, count, starred, rights),
        readme: row.readme.clone(),
        readme_html: readme::render_off_thread(row.readme.clone()).await?,
        contributors: named(&members, Membership::Contributor),
        contributors_may_push: row.contributors_may_push,
    })
}

/// Whether the viewer could create a collection of this name now.
///
/// # Errors
/// `Unauthenticated`.
pub async fn check_name(core: &Core, viewer: &Viewer, name: &str) -> Result<NameCheck> {
    access::person(viewer)?;
    let message = match names::check_collection(name) {
        Err(problem) => Some(problem),
        Ok(()) if repo::collection::exists(core.db.read(), name).await? => {
            Some(name_taken(name).to_string())
        }
        Ok(()) => None,
    };
    Ok(NameCheck {
        name: name.to_owned(),
        available: message.is_none(),
        message,
    })
}

/// Makes a collection; its maker owns it.
///
/// # Errors
/// `Unauthenticated`, `Forbidden` where only administrators may, `Invalid`, `Quota` where the user has made as many as the
/// registry allows, `NameTaken`.
pub async fn create(core: &Core, viewer: &Viewer, new: NewCollection) -> Result<Collection> {
    let person = access::person(viewer)?;
    let rules = &core.settings.registry;
    if !viewer.can_create_collections(rules.user_collections) {
        return Err(Error::Forbidden(may_not_create(
            viewer,
            rules.user_collections,
        )));
    }
    let row = checked(core, &new, person.id)?;
    let limit = rules.user_collection_limit.filter(|_| !viewer.is_admin());
    let by = Actor::of(core, viewer);
    let row = core
        .db
        .write(async |tx| {
            if let Some(limit) = limit {
                within_limit(
                    repo::collection::count_made_by(tx, row.user_id).await?,
                    limit,
                )?;
            }
            let made = match repo::collection::insert(tx, row.clone(), by.at()).await {
                Err(error) if is_duplicate(&error) => return Err(name_taken(&row.name)),
                made => made?,
            };
            let entry = Entry::collection(AuditAction::CollectionCreate, &made);
            entry.with("private", made.private).record(tx, &by).await?;
            Ok(made)
        })
        .await?;
    let rights = viewer.rights(access::facts(&row, Some(Membership::Owner)));
    let owners = vec![person.username.clone()];
    Ok(seen(core, &row, owners, 0, false, rights))
}

fn may_not_create(viewer: &Viewer, open: bool) -> String {
    if !open && !viewer.is_admin() {
        return "only administrators create collections in this registry; ask one of them".into();
    }
    "this token may not create collections; use one that may push, for every collection".into()
}

fn checked(core: &Core, new: &NewCollection, user_id: i64) -> Result<repo::collection::New> {
    let rules = &core.settings.registry;
    let description = new.description.as_deref().unwrap_or_default();
    let private = new
        .private
        .unwrap_or(rules.default_private || rules.private_only);
    let mut problems = Problems::default();
    problems.check("name", names::check_collection(&new.name));
    problems.check("description", check_text(description));
    problems.check("private", check_private(core, private));
    problems.into_result()?;
    Ok(repo::collection::New {
        name: new.name.clone(),
        description: description.trim().to_owned(),
        private,
        user_id,
    })
}

/// Checks a description. PostgreSQL cannot keep the character NUL.
pub(super) fn check_text(text: &str) -> Result<(), String> {
    if text.contains('\0') {
        return Err("a text cannot hold the character NUL".to_owned());
    }
    names::check_description(text)
}

fn check_private(core: &Core, private: bool) -> Result<(), String> {
    if core.settings.registry.private_only && !private {
        return Err("every collection of this registry is private".to_owned());
    }
    Ok(())
}

fn within_limit(made: u64, limit: u64) -> Result<()> {
    if made < limit {
        return Ok(());
    }
    Err(Error::Quota(format!(
        "you have made {made} collections, and this registry allows {limit}; delete one, or ask an administrator"
    )))
}

fn name_taken(name: &str) -> Error {
    Error::NameTaken(format!(
        "the name “{name}” is in use; take another, or ask its owner to let you in"
    ))
}

/// Changes a collection.
///
/// # Errors
/// What `access::collection` says, `Invalid`.
pub async fn change(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    change: CollectionChange,
) -> Result<CollectionDetail> {
    let mut granted = access::collection(core, viewer, name, Action::Manage).await?;
    let mut problems = Problems::default();
    if let Some(text) = &change.description {
        problems.check("description", check_text(text));
    }
    if let Some(text) = &change.readme {
        problems.check("readme", check_readme(text));
    }
    if let Some(private) = change.private {
        problems.check("private", check_private(core, private));
    }
    problems.into_result()?;
    let description = change.description.map(|text| text.trim().to_owned());
    let change = repo::collection_change::Change {
        description,
        readme: change.readme,
        private: change.private,
        contributors_may_push: change.contributors_may_push,
    };
    let (id, by) = (granted.collection.id, Actor::of(core, viewer));
    let entry = Entry::collection(AuditAction::CollectionChange, &granted.collection)
        .with_some("private", change.private)
        .with_some("contributors_may_push", change.contributors_may_push);
    granted.collection = core
        .db
        .write(async |tx| {
            repo::collection_change::update(tx, id, change.clone(), by.at()).await?;
            entry.clone().record(tx, &by).await?;
            let row = repo::collection::by_ids(tx, [id]).await?.into_iter().next();
            row.ok_or_else(|| access::missing(name))
        })
        .await?;
    detail(core, viewer, &granted).await
}

/// Gives a collection another name. Tokens that are limited to it stay so.
///
/// # Errors
/// What `access::collection` says, `Invalid`, `NameTaken`, `Frozen` where a frozen tag is inside: what it stands for must stay.
pub async fn rename(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    wanted: &str,
) -> Result<CollectionDetail> {
    let mut granted = access::collection(core, viewer, name, Action::Govern).await?;
    names::check_collection(wanted).map_err(|problem| Error::invalid("name", problem))?;
    let (id, by) = (granted.collection.id, Actor::of(core, viewer));
    let entry =
        Entry::collection(AuditAction::CollectionRename, &granted.collection).with("to", wanted);
    let (old, new) = (name.to_owned(), wanted.to_owned());
    granted.collection = core
        .db
        .write(async move |tx| {
            repo::collection::touch(tx, id, by.at()).await?;
            let frozen = repo::tag::frozen_in_collection(tx, id).await?;
            tags::none_frozen(frozen, &format!("collection “{old}”"))?;
            match repo::collection_change::rename(tx, id, &new).await {
                Err(error) if is_duplicate(&error) => return Err(name_taken(&new)),
                other => other?,
            }
            repo::token::rename_collection(tx, &old, &new).await?;
            entry.record(tx, &by).await?;
            let row = repo::collection::by_ids(tx, [id]).await?.into_iter().next();
            row.ok_or_else(|| access::missing(&old))
        })
        .await?;
    tracing::info!(collection = wanted, before = name, "collection renamed");
    detail(core, viewer, &granted).await
}

fn check_readme(text: &str) -> Result<(), String> {
    if text.len() > names::MAX_README {
        let most = names::MAX_README / 1024;
        return Err(format!("a README has {most} KiB at most"));
    }
    if text.contains('\0') {
        return Err("a text cannot hold the character NUL".to_owned());
    }
    Ok(())
}

/// Deletes a collection with all that is in it. Bytes that nothing else uses go later.
///
/// # Errors
/// What `access::collection` says, `Frozen` where a frozen tag is inside.
pub async fn delete(core: &Core, viewer: &Viewer, name: &str) -> Result<()> {
    let granted = access::collection(core, viewer, name, Action::Manage).await?;
    let (id, by) = (granted.collection.id, Actor::of(core, viewer));
    let entry = Entry::collection(AuditAction::CollectionDelete, &granted.collection);
    core.db
        .write(async |tx| {
            // Locks the collection: a tag that is being frozen meanwhile is frozen before, or finds nothing.
            repo::collection::touch(tx, id, by.at()).await?;
            let frozen = repo::tag::frozen_in_collection(tx, id).await?;
            tags::none_frozen(frozen, &format!("collection “{name}”"))?;
            entry.clone().record(tx, &by).await?;
            repo::image::release_blobs(tx, repo::image::in_collection(id), by.at()).await?;
            Ok(repo::collection::delete(tx, id).await?)
        })
        .await
}
