//! An upload that grows at its end.

use sea_orm::entity::prelude::*;

/// An upload that grows at its end.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "upload_sessions")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The unguessable id in URLs.
    #[sea_orm(unique)]
    pub public_id: String,
    /// Where it belongs; absent once that was deleted.
    pub container_id: Option<i64>,
    pub user_id: Option<i64>,
    /// `open`, `done` or `expired`.
    pub state: String,
    /// How many bytes the client announced, if it did.
    pub size: Option<i64>,
    /// The digest that the client announced, if it did, 64 hexadecimal digits.
    pub sha256: Option<String>,
    /// The tag that an upload of the web application is for.
    pub tag: Option<String>,
    /// What its pusher says of the image.
    pub description: String,
    /// The store's id of the upload, which is the key of the blob that it becomes.
    pub store_key: String,
    /// How many bytes had arrived when the last of its requests ended.
    pub received: i64,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
