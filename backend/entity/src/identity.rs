//! A login at another provider that opens an account.

use sea_orm::entity::prelude::*;

/// A login at another provider that opens an account. Provider and subject together are unique.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identities")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub user_id: i64,
    /// The provider's word in URLs, such as `github`.
    pub provider: String,
    /// What the provider never gives to anybody else.
    pub subject: String,
    /// What people call it: the user name there, or an address. May change.
    pub login: String,
    /// In lower case.
    pub email: Option<String>,
    /// The provider vouches for the address.
    pub email_verified: bool,
    pub created_at: DateTimeUtc,
    pub last_used_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
