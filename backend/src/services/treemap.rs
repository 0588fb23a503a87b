//! The registry as a treemap: everything that the viewer may see, in few bytes and two statements.

use shared_types::{Treemap, TreemapCollection, TreemapLevel};

use super::{
    Core, Result,
    access::{self, Action},
    paging::unsigned,
};
use crate::{domain::access::Viewer, repo};

/// What the treemap shows: everything, or the containers of one collection. Above the number of the settings there are collections
/// only, until one is asked for.
///
/// # Errors
/// `NotFound` where `collection` names none that the viewer may see.
pub async fn get(core: &Core, viewer: &Viewer, collection: Option<&str>) -> Result<Treemap> {
    let db = core.db.read();
    let only = match collection {
        None => None,
        Some(name) => {
            let granted = access::collection(core, viewer, name, Action::See).await?;
            Some(granted.collection.id)
        }
    };
    let groups = repo::treemap::collections(db, viewer, only).await?;
    let containers: u64 = groups.iter().map(|group| unsigned(group.containers)).sum();
    let most = core.settings.registry.treemap_collection_switch;
    let level = if only.is_some() || containers <= most {
        TreemapLevel::Containers
    } else {
        TreemapLevel::Collections
    };
    let mut tiles = match level {
        TreemapLevel::Containers => repo::treemap::containers(db, viewer, only).await?,
        TreemapLevel::Collections => Vec::new(),
    }
    .into_iter()
    .peekable();
    let mut collections = Vec::with_capacity(groups.len());
    for group in groups {
        let mut shown = TreemapCollection {
            name: group.name,
            containers: unsigned(group.containers),
            size_bytes: unsigned(group.size_bytes),
            downloads: unsigned(group.downloads),
            names: Vec::new(),
            sizes: Vec::new(),
            counts: Vec::new(),
        };
        // Both lists are in the order of the collections' names; what came between the two statements is passed over.
        while let Some(tile) = tiles.next_if(|tile| tile.collection <= shown.name) {
            if tile.collection == shown.name {
                shown.names.push(tile.name);
                shown.sizes.push(unsigned(tile.size_bytes));
                shown.counts.push(unsigned(tile.downloads));
            }
        }
        collections.push(shown);
    }
    Ok(Treemap {
        level,
        containers,
        collections,
    })
}
