//! An OpenPGP key: its public part, as the key server hands it out.

use sea_orm::entity::prelude::*;

/// An OpenPGP key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "keys")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Of the primary key: 40 (or, for version 6 keys, 64) upper case hexadecimal digits.
    #[sea_orm(unique)]
    pub fingerprint: String,
    /// The algorithm's number in the standard.
    pub algorithm: i32,
    /// Bits of the primary key.
    pub bits: i32,
    /// The packets: every signature among them is one of the key's own and was verified.
    pub packets: Vec<u8>,
    /// When the key was made, as it says itself.
    pub created_at: DateTimeUtc,
    pub expires_at: Option<DateTimeUtc>,
    pub revoked: bool,
    /// Who brought it first; absent where nobody was signed in.
    pub user_id: Option<i64>,
    /// When it came here.
    pub added_at: DateTimeUtc,
    /// When something in it changed here.
    pub updated_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
