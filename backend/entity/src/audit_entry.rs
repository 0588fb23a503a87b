//! One entry of the audit log.

use sea_orm::entity::prelude::*;

/// One entry of the audit log. Names are as they were; the ids may be of rows that are gone.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entries")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub at: DateTimeUtc,
    /// `shared_types::AuditAction`.
    pub action: String,
    pub actor_id: Option<i64>,
    pub actor: Option<String>,
    /// `shared_types::AuditActorKind`.
    pub actor_kind: String,
    /// The name of the token that was used.
    pub token: Option<String>,
    /// `shared_types::AuditThing`.
    pub thing_kind: String,
    pub thing_id: Option<i64>,
    pub thing: String,
    pub collection_id: Option<i64>,
    pub collection: Option<String>,
    pub address: Option<String>,
    pub request_id: Option<String>,
    /// `shared_types::AuditDoor`.
    pub door: String,
    /// A JSON object of texts.
    pub details: String,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
