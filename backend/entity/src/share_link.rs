//! A link that shares an image with people without an account.

use sea_orm::entity::prelude::*;

/// A link that shares an image with people without an account.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "share_links")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// What people and programs call it; no secret.
    #[sea_orm(unique)]
    pub public_id: String,
    /// SHA-256 of the secret, in hexadecimal digits.
    #[sea_orm(unique)]
    pub secret_hash: String,
    /// What it shares; absent once that was deleted.
    pub image_id: Option<i64>,
    /// The tag that the image had when it was shared: a part of the file's name.
    pub tag: Option<String>,
    pub note: String,
    pub created_by: Option<i64>,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    /// How many downloads it gives; absent for any number.
    pub max_uses: Option<i64>,
    pub uses: i64,
    pub last_used_at: Option<DateTimeUtc>,
    pub revoked_at: Option<DateTimeUtc>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
