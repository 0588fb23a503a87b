//! What is here, as the older client and its scripts list it: collections, and a line for each tag in them.
//!
//! Rule: their lists are not paged unless asked, because the client cannot follow pages; so there is an upper limit.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::collection;
use shared_types::names;

use super::{
    Core, Error, Result,
    access::{self, Action},
    error::Resource,
    paging,
};
use crate::{domain::access::Viewer, repo};

pub use repo::catalog::{Entry, Part};

/// Most collections that a list holds.
const MOST_COLLECTIONS: u64 = 10_000;
/// Most tags that a list holds.
const MOST_ENTRIES: u64 = 100_000;

/// A collection with what is in it.
#[derive(Debug, Clone)]
pub struct Home {
    /// The row's id.
    pub id: i64,
    /// The name.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When something in it last changed.
    pub updated_at: DateTime<Utc>,
    /// Its tags.
    pub entries: Vec<Entry>,
}

/// A part of a list, and how long the whole is.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    /// The part.
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: u64,
}

/// What tags are looked for by: names as they are, or nothing for any.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// The collection.
    pub collection: Option<&'a str>,
    /// The container.
    pub container: Option<&'a str>,
    /// The tag.
    pub tag: Option<&'a str>,
}

/// The collections that a viewer may see.
///
/// # Errors
/// The database failed.
pub async fn collections(core: &Core, viewer: &Viewer, part: Option<Part>) -> Result<Listed<Home>> {
    found(core, viewer, None, part).await
}

/// The collections that a viewer may see and whose name, or the name or tag of something in them, contains a word.
///
/// # Errors
/// `BadRequest` for words that are too long.
pub async fn search(core: &Core, viewer: &Viewer, word: &str) -> Result<Vec<Home>> {
    let word = paging::words(Some(word))?;
    Ok(found(core, viewer, word, None).await?.items)
}

async fn found(
    core: &Core,
    viewer: &Viewer,
    word: Option<&str>,
    part: Option<Part>,
) -> Result<Listed<Home>> {
    let part = limited(part, MOST_COLLECTIONS);
    let (rows, total) = repo::catalog::collections(core.db.read(), viewer, word, part).await?;
    Ok(Listed {
        items: homes(core, viewer, rows).await?,
        total,
    })
}

/// One collection, by name in any spelling.
///
/// # Errors
/// `NotFound`.
pub async fn collection(core: &Core, viewer: &Viewer, name: &str) -> Result<Home> {
    let name = names::normalise_collection(name);
    let granted = access::collection(core, viewer, &name, Action::See).await?;
    one(core, viewer, vec![granted.collection])
        .await?
        .ok_or_else(|| access::missing(&name))
}

/// One collection, by id.
///
/// # Errors
/// `NotFound`.
pub async fn collection_by_id(core: &Core, viewer: &Viewer, id: i64) -> Result<Home> {
    let missing = || access::missing(&format!("c{id}"));
    let rows = repo::collection::by_ids(core.db.read(), [id]).await?;
    let name = rows.first().map(|row| row.name.clone());
    let name = name.ok_or_else(missing)?;
    match access::collection(core, viewer, &name, Action::See).await {
        Err(Error::NotFound(_)) => return Err(missing()),
        other => drop(other?),
    }
    one(core, viewer, rows).await?.ok_or_else(missing)
}

async fn one(core: &Core, viewer: &Viewer, rows: Vec<collection::Model>) -> Result<Option<Home>> {
    Ok(homes(core, viewer, rows).await?.into_iter().next())
}

/// Collections with what is in them: one query, however many they are.
async fn homes(core: &Core, viewer: &Viewer, rows: Vec<collection::Model>) -> Result<Vec<Home>> {
    let filter = repo::catalog::Filter {
        collections: Some(rows.iter().map(|row| row.id).collect()),
        ..Default::default()
    };
    let part = limited(None, MOST_ENTRIES);
    let (entries, _) = repo::catalog::entries(core.db.read(), viewer, filter, part).await?;
    let mut inside: HashMap<i64, Vec<Entry>> = HashMap::new();
    for entry in entries {
        inside.entry(entry.collection_id).or_default().push(entry);
    }
    let home = |row: collection::Model| Home {
        entries: inside.remove(&row.id).unwrap_or_default(),
        id: row.id,
        name: row.name,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(rows.into_iter().map(home).collect())
}

/// The tags that a viewer may see, of containers and collections with these very names.
///
/// # Errors
/// The database failed.
pub async fn entries(
    core: &Core,
    viewer: &Viewer,
    wanted: Wanted<'_>,
    part: Option<Part>,
) -> Result<Listed<Entry>> {
    // PostgreSQL refuses some letters with an error of its own; nothing has them in its name.
    let asked = [wanted.collection, wanted.container, wanted.tag];
    if asked.into_iter().flatten().any(|name| name.contains('\0')) {
        return Ok(Listed {
            items: Vec::new(),
            total: 0,
        });
    }
    let filter = repo::catalog::Filter {
        collection: wanted.collection,
        container: wanted.container,
        tag: wanted.tag,
        ..Default::default()
    };
    let part = limited(part, MOST_ENTRIES);
    let (items, total) = repo::catalog::entries(core.db.read(), viewer, filter, part).await?;
    Ok(Listed { items, total })
}

/// The first tag of an image given by id.
///
/// # Errors
/// `NotFound`.
pub async fn entry_by_id(core: &Core, viewer: &Viewer, image: i64) -> Result<Entry> {
    let filter = repo::catalog::Filter {
        image: Some(image),
        ..Default::default()
    };
    let part = limited(None, 1);
    let (entries, _) = repo::catalog::entries(core.db.read(), viewer, filter, part).await?;
    let missing = || Error::NotFound(Resource::Image(format!("i{image}")));
    entries.into_iter().next().ok_or_else(missing)
}

fn limited(part: Option<Part>, most: u64) -> Part {
    let part = part.unwrap_or(Part {
        limit: most,
        offset: 0,
    });
    Part {
        limit: part.limit.min(most),
        // A number that the engines count with.
        offset: part.offset.min(u64::from(u32::MAX)),
    }
}
