//! An upload in progress.

use sea_orm::entity::prelude::*;

/// An upload in progress.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "uploads")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The unguessable id in URLs.
    #[sea_orm(unique)]
    pub public_id: String,
    pub image_id: i64,
    pub user_id: Option<i64>,
    /// `single` or `parts`; `direct` or `direct_parts` where the client sends them to the object store itself.
    pub kind: String,
    /// `open`, `stored` (bytes are in the store, not yet completed) or `done`.
    pub state: String,
    /// How many bytes the client announced.
    pub size: i64,
    /// The digest that the client announced, 64 hexadecimal digits.
    pub sha256: String,
    pub part_size: Option<i64>,
    pub total_parts: Option<i32>,
    /// The store's id of the parts, or the key of the stored blob.
    pub store_key: Option<String>,
    /// What the object store calls an upload in parts.
    pub remote_id: Option<String>,
    /// What the store said of the bytes when they were verified.
    pub store_mark: Option<String>,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
