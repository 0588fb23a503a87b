//! A link that works once, such as the one that creates the first administrator.

use sea_orm::entity::prelude::*;

/// A link that works once, such as the one that creates the first administrator.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "one_time_links")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// SHA-256 of the code, in hexadecimal digits.
    #[sea_orm(unique)]
    pub code_hash: String,
    /// What the link is for: `setup`; or what was used once and must not be again: `posted proof`.
    pub purpose: String,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub used_at: Option<DateTimeUtc>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
