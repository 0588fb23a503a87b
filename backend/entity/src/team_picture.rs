//! The picture of a team.

use sea_orm::entity::prelude::*;

/// The picture of a team.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team_pictures")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    /// `image/png`, `image/jpeg` or `image/webp`.
    pub media_type: String,
    /// 64 hexadecimal digits.
    pub sha256: String,
    pub bytes: Vec<u8>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
