//! Names and sizes of everything, for the treemap.

use entity::{collection, container};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter,
    QuerySelect,
};

use crate::{
    domain::access::Viewer,
    repo::{self, join},
};

/// A collection, with its figures.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// How many containers it has.
    pub containers: i64,
    /// Bytes of all its images.
    pub size_bytes: i64,
    /// Downloads of all its images.
    pub downloads: i64,
}

/// A container, with its figures.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Tile {
    /// Its collection's name.
    pub collection: String,
    /// Its name.
    pub name: String,
    /// Bytes of all its images.
    pub size_bytes: i64,
    /// Downloads of all its images.
    pub downloads: i64,
}

/// The collections that a viewer may see and that have containers, by name: all, or this one.
pub async fn collections(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    only: Option<i64>,
) -> Result<Vec<Group>, DbErr> {
    let mut select = container::Entity::find()
        .select_only()
        .column_as(collection::Column::Name, "name")
        .column_as(container::Column::Id.count(), "containers")
        .column_as(collection::Column::SizeBytes, "size_bytes")
        .column_as(collection::Column::Downloads, "downloads")
        .join(JoinType::InnerJoin, join::collection_of_container())
        .filter(repo::collection::visible(viewer))
        .group_by(collection::Column::Id)
        .group_by(collection::Column::Name)
        .group_by(collection::Column::SizeBytes)
        .group_by(collection::Column::Downloads);
    if let Some(id) = only {
        select = select.filter(collection::Column::Id.eq(id));
    }
    let mut groups: Vec<Group> = select.into_model().all(db).await?;
    // By the bytes of the names, whatever the engine's own order of letters is.
    groups.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(groups)
}

/// The containers that a viewer may see, by collection and name: all, or those of this one.
pub async fn containers(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    only: Option<i64>,
) -> Result<Vec<Tile>, DbErr> {
    let mut select = container::Entity::find()
        .select_only()
        .column_as(collection::Column::Name, "collection")
        .column_as(container::Column::Name, "name")
        .column_as(container::Column::SizeBytes, "size_bytes")
        .column_as(container::Column::Downloads, "downloads")
        .join(JoinType::InnerJoin, join::collection_of_container())
        .filter(repo::collection::visible(viewer));
    if let Some(id) = only {
        select = select.filter(collection::Column::Id.eq(id));
    }
    let mut tiles: Vec<Tile> = select.into_model().all(db).await?;
    tiles.sort_unstable_by(|a, b| (&a.collection, &a.name).cmp(&(&b.collection, &b.name)));
    Ok(tiles)
}
