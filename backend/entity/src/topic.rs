//! A topic of a container: a word that its owners say it is about.

use sea_orm::entity::prelude::*;

/// A topic of a container: a word that its owners say it is about.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "topics")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub container_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
