//! A collection.

use sea_orm::entity::prelude::*;

/// A collection.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "collections")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub name: String,
    pub description: String,
    /// Markdown.
    pub readme: String,
    pub private: bool,
    pub contributors_may_push: bool,
    /// Who made it: the user whose quota it counts against.
    pub created_by: Option<i64>,
    pub created_at: DateTimeUtc,
    /// When something in it last changed.
    pub updated_at: DateTimeUtc,
    /// Bytes of all images with a blob, kept with each change.
    pub size_bytes: i64,
    pub downloads: i64,
    /// How many people gave it a star, kept with each.
    pub stars: i64,
    /// Downloads that it gives in a week; absent for the registry's own limit, -1 for none.
    pub weekly_limit: Option<i64>,
    /// The week that `week_downloads` counts, as weeks since 1970 that begin on Mondays.
    pub week: i32,
    pub week_downloads: i64,
    /// Bytes that it may hold; absent for the registry's own quota, -1 for none.
    pub quota_bytes: Option<i64>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
