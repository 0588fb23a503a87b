//! Containers: list, look at, change, delete.

use std::collections::HashMap;

use entity::container::{self, Column};
use shared_types::{
    AuditAction, Container, ContainerChange, ContainerOwner, ContainerPage, Image, SortOrder, names,
};

use super::{
    Core, Error, Result,
    access::{self, Action, Granted},
    audit::{Actor, Entry},
    collections,
    error::{Problems, Resource},
    keyserver, labels,
    paging::{self, By, Window, unsigned},
    tags::{self, DEFAULT_ARCH},
    topics,
    view::{self, Inside},
};
use crate::{
    domain::access::Viewer,
    repo::{self, image::Listed, tag::Shown},
};

/// Most owners that one list names.
const MOST_OWNERS: u64 = 25;

/// What a list of containers shows.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Those of one collection.
    pub collection: Option<String>,
    /// Words of the container's name or description, its collection's name, or one of its tags.
    pub q: Option<String>,
    /// Those with a tag for this architecture.
    pub arch: Option<String>,
    /// Those with a tagged image that has a label with this key.
    pub label: Option<String>,
    /// The value of that label.
    pub label_value: Option<String>,
    /// Those with this topic.
    pub topic: Option<String>,
    /// Those in collections of this user.
    pub owner: Option<String>,
    /// Whether the answer says who owns the collections.
    pub owners: bool,
    /// In which order.
    pub sort: SortOrder,
    /// Which part.
    pub window: Window,
}

/// The containers that the viewer may see.
///
/// # Errors
/// `NotFound` where `collection` names none that the viewer may see, `BadRequest` for a bad window.
pub async fn list(core: &Core, viewer: &Viewer, listing: &Listing) -> Result<ContainerPage> {
    let db = core.db.read();
    let collection_id = match &listing.collection {
        None => None,
        Some(name) => {
            let granted = access::collection(core, viewer, name, Action::See).await?;
            Some(granted.collection.id)
        }
    };
    let (key, value) = (listing.label.as_deref(), listing.label_value.as_deref());
    if key.is_none() && value.is_some() {
        return Err(Error::BadRequest(
            "the value of a label goes with its key; send `label` as well".to_owned(),
        ));
    }
    let (key, value) = (key.map(labels::kept), value.map(labels::kept));
    let filter = repo::container::Filter {
        collection_id,
        q: paging::words(listing.q.as_deref())?,
        arch: listing.arch.as_deref(),
        label: key.as_deref().map(|key| (key, value.as_deref())),
        // What no topic can be called is not looked up: PostgreSQL refuses some letters with an error of its own.
        topic: listing.topic.as_deref().map(topics::kept),
        owner: listing.owner.as_deref().map(names::username_or_nobody),
    };
    let by = match listing.sort {
        SortOrder::Updated => By::newest("updated", Column::UpdatedAt, Column::Id),
        SortOrder::Name => By::text("name", Column::Name, Column::Id),
        SortOrder::Size => By::largest("size", Column::SizeBytes, Column::Id),
        SortOrder::Downloads => By::largest("downloads", Column::Downloads, Column::Id),
        SortOrder::Stars => {
            return Err(Error::BadRequest(
                "stars are given to collections; sort containers by something else".to_owned(),
            ));
        }
    };
    let select = repo::container::list(viewer, &filter);
    let page = paging::fetch(db, select, &listing.window, by).await?;
    let collections = collections_of(core, viewer, &page.items).await?;
    let owners = if listing.owners {
        owners(core, viewer, filter).await?
    } else {
        Vec::new()
    };
    Ok(ContainerPage {
        items: shown(core, viewer, &collections, &page.items).await?,
        total: page.total,
        next: page.next,
        owners,
    })
}

/// Who owns the collections of what a list finds. Whoever chose one of them can choose another, so all are named.
async fn owners(
    core: &Core,
    viewer: &Viewer,
    filter: repo::container::Filter<'_>,
) -> Result<Vec<ContainerOwner>> {
    let all = repo::container::Filter {
        owner: None,
        ..filter
    };
    let found = repo::container::list(viewer, &all);
    let rows = repo::container::owners(core.db.read(), found, MOST_OWNERS).await?;
    let owner = |row: repo::container::Owner| ContainerOwner {
        username: row.username,
        containers: unsigned(row.containers),
    };
    Ok(rows.into_iter().map(owner).collect())
}

/// The collections of these containers, with what the viewer is in each.
async fn collections_of(
    core: &Core,
    viewer: &Viewer,
    rows: &[container::Model],
) -> Result<HashMap<i64, Granted>> {
    let db = core.db.read();
    let ids = || rows.iter().map(|row| row.collection_id);
    let memberships: HashMap<_, _> = match viewer.person() {
        None => HashMap::new(),
        Some(person) => repo::collection::memberships(db, ids(), person.id)
            .await?
            .into_iter()
            .collect(),
    };
    let collections = repo::collection::by_ids(db, ids()).await?;
    let granted = collections.into_iter().map(|collection| {
        let membership = memberships.get(&collection.id).copied();
        let granted = Granted {
            collection,
            membership,
        };
        (granted.collection.id, granted)
    });
    Ok(granted.collect())
}

/// The rows with their tags, topics, newest images, numbers and rights: a few queries, however many rows.
async fn shown(
    core: &Core,
    viewer: &Viewer,
    collections: &HashMap<i64, Granted>,
    rows: &[container::Model],
) -> Result<Vec<Container>> {
    let db = core.db.read();
    let ids = || rows.iter().map(|row| row.id);
    let mut tags: HashMap<i64, Vec<Shown>> = HashMap::new();
    for tag in repo::tag::of_containers(db, ids()).await? {
        tags.entry(tag.container_id).or_default().push(tag);
    }
    let images = repo::container::images(db, ids()).await?;
    let mut topics = repo::topic::of_containers(db, ids()).await?;
    let newest = ids().filter_map(|id| {
        let tagged = tags.get(&id).and_then(|tags| newest_of(tags));
        tagged.or_else(|| images.get(&id).map(|images| images.newest))
    });
    let mut newest = by_container(repo::image::listed(db, newest).await?);
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        // A collection that went between two queries takes its containers with it.
        let Some(granted) = collections.get(&row.collection_id) else {
            continue;
        };
        let tags = tags.remove(&row.id).unwrap_or_default();
        let newest = newest.remove(&row.id).unwrap_or_default();
        let place = (&*granted.collection.name, &*row.name);
        let inside = Inside {
            newest: newest_image(core, place, &tags, newest)?,
            tags,
            topics: topics.remove(&row.id).unwrap_or_default(),
            images: images.get(&row.id).copied().unwrap_or_default(),
        };
        let rights = viewer.rights(granted.facts());
        let collection = (&granted.collection, core.openness());
        shown.push(view::container(row, collection, inside, rights));
    }
    Ok(shown)
}

/// The image of the tag that was moved last; of several with its name, the one for the usual architecture.
fn newest_of(tags: &[Shown]) -> Option<i64> {
    let first = tags.first()?;
    let usual = tags
        .iter()
        .find(|tag| tag.name == first.name && tag.arch == DEFAULT_ARCH);
    Some(usual.unwrap_or(first).image_id)
}

fn by_container(rows: Vec<Listed>) -> HashMap<i64, Vec<Listed>> {
    let mut found: HashMap<i64, Vec<Listed>> = HashMap::new();
    for row in rows {
        found.entry(row.image.container_id).or_default().push(row);
    }
    found
}

/// The image of these rows, of which there is one for each signature.
fn newest_image(
    core: &Core,
    place: (&str, &str),
    tags: &[Shown],
    mut rows: Vec<Listed>,
) -> Result<Option<Image>> {
    let signatures = rows.iter_mut().filter_map(|row| row.signature.take());
    let signature = keyserver::verify::summary(signatures, core.clock.now())?;
    let image = rows.into_iter().next();
    Ok(image.map(|row| view::image(&row.image, place, tags, row.username, signature)))
}

/// Finds a container and checks that the viewer may do this with its collection.
///
/// # Errors
/// What `access::collection` says; `NotFound` where the collection has no such container.
pub async fn find(
    core: &Core,
    viewer: &Viewer,
    collection: &str,
    name: &str,
    action: Action,
) -> Result<(Granted, container::Model)> {
    let granted = access::collection(core, viewer, collection, action).await?;
    let found = repo::container::find(core.db.read(), granted.collection.id, name).await?;
    let row = found.ok_or_else(|| missing(collection, name))?;
    Ok((granted, row))
}

fn missing(collection: &str, name: &str) -> Error {
    Error::NotFound(Resource::Container(format!("{collection}/{name}")))
}

/// A container.
///
/// # Errors
/// `NotFound`.
pub async fn get(core: &Core, viewer: &Viewer, collection: &str, name: &str) -> Result<Container> {
    let (granted, row) = find(core, viewer, collection, name, Action::See).await?;
    one(core, viewer, granted, row).await
}

async fn one(
    core: &Core,
    viewer: &Viewer,
    granted: Granted,
    row: container::Model,
) -> Result<Container> {
    let gone = missing(&granted.collection.name, &row.name);
    let collections = HashMap::from([(granted.collection.id, granted)]);
    let shown = shown(core, viewer, &collections, &[row]).await?;
    shown.into_iter().next().ok_or(gone)
}

/// Changes a container.
///
/// # Errors
/// What `find` says, `Invalid`.
pub async fn change(
    core: &Core,
    viewer: &Viewer,
    collection: &str,
    name: &str,
    change: ContainerChange,
) -> Result<Container> {
    let (granted, mut row) = find(core, viewer, collection, name, Action::Manage).await?;
    let mut problems = Problems::default();
    if let Some(text) = &change.description {
        problems.check("description", collections::check_text(text));
    }
    if let Some(topics) = &change.topics {
        problems.check("topics", topics::check(topics));
    }
    problems.into_result()?;
    let description = change.description.map(|text| text.trim().to_owned());
    let topics = change.topics.map(topics::normalised);
    let by = Actor::of(core, viewer);
    let entry = Entry::container(AuditAction::ContainerChange, &granted.collection, &row);
    core.db
        .write(async |tx| {
            repo::container::touch(tx, row.id, by.at()).await?;
            if let Some(text) = &description {
                repo::container::set_description(tx, row.id, text).await?;
            }
            if let Some(topics) = &topics {
                repo::topic::replace(tx, row.id, topics).await?;
            }
            entry.clone().record(tx, &by).await
        })
        .await?;
    row.updated_at = by.at();
    if let Some(text) = description {
        row.description = text;
    }
    one(core, viewer, granted, row).await
}

/// Deletes a container with its images, tags and history. Bytes that nothing else uses go later.
///
/// # Errors
/// What `find` says, `Frozen` where it has a frozen tag.
pub async fn delete(core: &Core, viewer: &Viewer, collection: &str, name: &str) -> Result<()> {
    let (granted, found) = find(core, viewer, collection, name, Action::Manage).await?;
    let by = Actor::of(core, viewer);
    core.db
        .write(async |tx| {
            repo::container::touch(tx, found.id, by.at()).await?;
            // Read again under the lock: its size may have changed since.
            let row = repo::container::find(tx, granted.collection.id, name).await?;
            let row = row.ok_or_else(|| missing(collection, name))?;
            let frozen = repo::tag::frozen_in_container(tx, row.id).await?;
            tags::none_frozen(frozen, &format!("container “{collection}/{name}”"))?;
            repo::image::release_blobs(tx, repo::image::in_container(row.id), by.at()).await?;
            Entry::container(AuditAction::ContainerDelete, &granted.collection, &row)
                .record(tx, &by)
                .await?;
            repo::container::add_size(tx, row.id, -row.size_bytes).await?;
            Ok(repo::container::delete(tx, row.id).await?)
        })
        .await
}
