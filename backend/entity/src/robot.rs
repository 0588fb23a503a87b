//! What a user of the kind `robot` has more than a person.

use sea_orm::entity::prelude::*;

/// What a user of the kind `robot` has more than a person.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "robots")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    pub description: String,
    /// The collection that owns it; absent where it belongs to the administrators.
    pub collection_id: Option<i64>,
    pub created_by: Option<i64>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
