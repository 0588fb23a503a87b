//! An API token.

use sea_orm::entity::prelude::*;

/// An API token.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tokens")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The public part, unique.
    #[sea_orm(unique)]
    pub public_id: String,
    pub user_id: i64,
    pub name: String,
    /// SHA-256 of the whole token, in hexadecimal digits.
    #[sea_orm(unique)]
    pub secret_hash: String,
    /// The whole token, sealed with a key derived from the secret key: HMAC clients need the key itself.
    pub sealed_secret: Vec<u8>,
    /// `pull`, `push`, `manage` or `admin`.
    pub scope: String,
    /// Comma separated names of the collections it is limited to; empty for no limit.
    pub collections: String,
    pub created_at: DateTimeUtc,
    pub expires_at: Option<DateTimeUtc>,
    pub last_used_at: Option<DateTimeUtc>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
