//! A container: a name in a collection.

use sea_orm::entity::prelude::*;

/// A container: a name in a collection.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "containers")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub collection_id: i64,
    pub name: String,
    pub description: String,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    /// Bytes of all images with a blob, kept with each change.
    pub size_bytes: i64,
    pub downloads: i64,
    /// Downloads that it gives in a week; absent for the registry's own limit, -1 for none.
    pub weekly_limit: Option<i64>,
    /// The week that `week_downloads` counts, as weeks since 1970 that begin on Mondays.
    pub week: i32,
    pub week_downloads: i64,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
