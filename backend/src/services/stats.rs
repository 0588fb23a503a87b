//! Live figures: what the registry holds, as far as the viewer may see it.

use chrono::Duration;
use shared_types::RegistryStats;

use super::{Core, Result, paging::unsigned};
use crate::{domain::access::Viewer, repo};

/// Days of “this week”, today included.
const WEEK: i64 = 7;

/// What the registry holds.
///
/// # Errors
/// The database failed.
pub async fn get(core: &Core, viewer: &Viewer) -> Result<RegistryStats> {
    let db = core.db.read();
    let first = core.clock.now() - Duration::days(WEEK - 1);
    let visible = || repo::collection::visible_ids(viewer);
    let collections = repo::collection::totals(db, viewer).await?;
    let images = repo::image::count_in(db, visible()).await?;
    let containers = repo::container::count_in(db, visible()).await?;
    let downloads = repo::download::since(db, repo::download::day(first), visible()).await?;
    Ok(RegistryStats {
        collections: unsigned(collections.count),
        containers,
        images,
        size_bytes: unsigned(collections.size_bytes),
        downloads_this_week: unsigned(downloads),
    })
}
