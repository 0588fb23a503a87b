//! What happened to a tag. Digests, not ids: images go, history stays.

use sea_orm::entity::prelude::*;

/// What happened to a tag. Digests, not ids: images go, history stays.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tag_events")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub container_id: i64,
    pub name: String,
    pub arch: String,
    /// `created`, `moved`, `deleted`, `frozen` or `unfrozen`.
    pub action: String,
    pub from_sha256: Option<String>,
    pub to_sha256: Option<String>,
    pub user_id: Option<i64>,
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
