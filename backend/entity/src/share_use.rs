//! One use of a link that shares an image: a download by somebody, with its interruptions.

use sea_orm::entity::prelude::*;

/// One use of a link that shares an image: a download by somebody, with its interruptions.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "share_uses")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub share_link_id: i64,
    /// What tells one downloader from another: a keyed hash of the address.
    pub client: String,
    pub started_at: DateTimeUtc,
    /// Bytes sent for this use, and those of transfers under way.
    pub bytes: i64,
    /// When the last byte of the file was sent.
    pub finished_at: Option<DateTimeUtc>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
