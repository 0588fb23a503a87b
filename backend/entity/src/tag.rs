//! A tag: a name, for one architecture, that points at an image.

use sea_orm::entity::prelude::*;

/// A tag: a name, for one architecture, that points at an image.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tags")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub container_id: i64,
    pub name: String,
    pub arch: String,
    pub image_id: i64,
    /// The manifest that OCI clients get, where one of them set the tag.
    pub manifest_id: Option<i64>,
    pub frozen: bool,
    pub updated_by: Option<i64>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
