//! The primary key or a subkey of an OpenPGP key, to find it by.

use sea_orm::entity::prelude::*;

/// The primary key or a subkey of an OpenPGP key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_parts")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The row of the key.
    pub key_id: i64,
    /// Upper case hexadecimal digits.
    pub fingerprint: String,
    /// The key id: 16 upper case hexadecimal digits. Other keys may have the same one.
    pub long_id: String,
    /// Its last 8 digits.
    pub short_id: String,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
