//! An invitation into a team that can be taken once.

use sea_orm::entity::prelude::*;

/// An invitation into a team that can be taken once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team_invitations")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// What people and programs call it; no secret.
    #[sea_orm(unique)]
    pub public_id: String,
    /// SHA-256 of the code, in hexadecimal digits.
    #[sea_orm(unique)]
    pub code_hash: String,
    pub team_id: i64,
    /// Whom it is for, in the words of who made it.
    pub note: String,
    pub created_by: Option<i64>,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
