//! A user id of an OpenPGP key: a name and, mostly, an address.

use sea_orm::entity::prelude::*;

/// A user id of an OpenPGP key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_user_ids")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The row of the key.
    pub key_id: i64,
    /// As it was written, without control characters.
    pub text: String,
    /// The same in lower case.
    pub search: String,
    /// The address in it, in lower case.
    pub email: Option<String>,
    /// When the key's owner last certified it.
    pub created_at: DateTimeUtc,
    pub revoked: bool,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
