//! A blob that was pushed to a container: until a manifest there names it, it stays for the grace period.

use sea_orm::entity::prelude::*;

/// A blob that was pushed to a container: until a manifest there names it, it stays for the grace period.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "container_blobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub container_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub blob_id: i64,
    /// When it came, or was last asked for by a push.
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
