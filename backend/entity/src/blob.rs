//! Bytes in the store, verified.

use sea_orm::entity::prelude::*;

/// Bytes in the store, verified.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blobs")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// 64 lower case hexadecimal digits.
    #[sea_orm(unique)]
    pub sha256: String,
    /// The key in the store.
    #[sea_orm(unique)]
    pub key: String,
    pub size: i64,
    /// `live`, or `deleting` while its object is being removed.
    pub state: String,
    pub created_at: DateTimeUtc,
    /// Since when no image uses it; absent while one does.
    pub unused_since: Option<DateTimeUtc>,
    /// What the store said of it when its bytes were verified; absent in a folder, and where nothing was noted then.
    pub store_mark: Option<String>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
