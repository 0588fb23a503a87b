//! A message to a webhook, and what became of it.

use sea_orm::entity::prelude::*;

/// A message to a webhook, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_deliveries")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub public_id: String,
    pub webhook_id: i64,
    /// `shared_types::WebhookEvent`.
    pub event: String,
    /// What is told, as JSON, without what is only known when it is sent.
    pub message: String,
    /// `shared_types::DeliveryState`.
    pub state: String,
    pub created_at: DateTimeUtc,
    pub attempts: i32,
    pub attempted_at: Option<DateTimeUtc>,
    /// When it is to be sent; while it is being sent, when another may try.
    pub next_attempt_at: Option<DateTimeUtc>,
    pub duration_ms: Option<i64>,
    pub status: Option<i32>,
    pub answer: Option<String>,
    pub problem: Option<String>,
    /// The public id of the message that this one repeats.
    pub redelivery_of: Option<String>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
