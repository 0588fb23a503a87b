//! A person or robot with an account.

use sea_orm::entity::prelude::*;

/// A person or robot with an account.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Lower case, unique.
    #[sea_orm(unique)]
    pub username: String,
    pub display_name: String,
    pub email: Option<String>,
    /// `user`, `admin` or `superuser`.
    pub role: String,
    /// Argon2id in PHC form; absent where no password sign-in is possible.
    pub password_hash: Option<String>,
    pub disabled_at: Option<DateTimeUtc>,
    /// The version of the terms that was accepted last.
    pub terms_version: Option<String>,
    pub terms_accepted_at: Option<DateTimeUtc>,
    pub quota_bytes: Option<i64>,
    pub created_at: DateTimeUtc,
    pub last_login_at: Option<DateTimeUtc>,
    /// `person` or `robot`.
    pub kind: String,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
