//! Webhooks and the messages to them.

use chrono::{DateTime, Utc};
use entity::{webhook, webhook_delivery};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::Expr,
};
use shared_types::DeliveryState;

/// What became of an attempt.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What becomes of the message.
    pub state: DeliveryState,
    /// How often it was tried by now.
    pub attempts: i32,
    /// When the attempt began.
    pub at: DateTime<Utc>,
    /// When it is tried again.
    pub next: Option<DateTime<Utc>>,
    /// How long the attempt took.
    pub duration_ms: i64,
    /// The status of the answer.
    pub status: Option<i32>,
    /// The beginning of the answer.
    pub answer: Option<String>,
    /// Why there is no answer.
    pub problem: Option<String>,
}

/// Makes a webhook; its id is drawn by the database.
pub async fn insert(
    tx: &impl ConnectionTrait,
    row: webhook::Model,
) -> Result<webhook::Model, DbErr> {
    let mut row = row.into_active_model().reset_all();
    row.id = NotSet;
    webhook::Entity::insert(row).exec_with_returning(tx).await
}

/// Writes all of a webhook.
pub async fn update(tx: &impl ConnectionTrait, row: webhook::Model) -> Result<(), DbErr> {
    webhook::Entity::update(row.into_active_model().reset_all())
        .exec(tx)
        .await?;
    Ok(())
}

/// Deletes a webhook with the messages to it.
pub async fn delete(tx: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    webhook::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// A webhook by its public id.
pub async fn find(
    db: &impl ConnectionTrait,
    public_id: &str,
) -> Result<Option<webhook::Model>, DbErr> {
    webhook::Entity::find()
        .filter(webhook::Column::PublicId.eq(public_id))
        .one(db)
        .await
}

/// Webhooks by their ids.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> Result<Vec<webhook::Model>, DbErr> {
    webhook::Entity::find()
        .filter(webhook::Column::Id.is_in(ids))
        .all(db)
        .await
}

/// The webhooks of a collection, or of the registry, in no order yet.
pub fn list(collection_id: Option<i64>) -> Select<webhook::Entity> {
    webhook::Entity::find().filter(match collection_id {
        Some(id) => webhook::Column::CollectionId.eq(id),
        None => webhook::Column::CollectionId.is_null(),
    })
}

/// How many there are of a collection, or of the registry.
pub async fn count(db: &impl ConnectionTrait, collection_id: Option<i64>) -> Result<u64, DbErr> {
    list(collection_id).count(db).await
}

/// The active ones that what happens in a collection concerns.
pub async fn concerned(
    db: &impl ConnectionTrait,
    collection_id: Option<i64>,
) -> Result<Vec<webhook::Model>, DbErr> {
    let mut whose = Condition::any().add(webhook::Column::CollectionId.is_null());
    if let Some(id) = collection_id {
        whose = whose.add(webhook::Column::CollectionId.eq(id));
    }
    webhook::Entity::find()
        .filter(webhook::Column::Active.eq(true))
        .filter(whose)
        .all(db)
        .await
}

/// Keeps a message to be sent; its id is drawn by the database.
pub async fn insert_delivery(
    tx: &impl ConnectionTrait,
    row: webhook_delivery::Model,
) -> Result<webhook_delivery::Model, DbErr> {
    let mut row = row.into_active_model().reset_all();
    row.id = NotSet;
    webhook_delivery::Entity::insert(row)
        .exec_with_returning(tx)
        .await
}

/// The messages to a webhook, in no order yet.
pub fn deliveries(webhook_id: i64) -> Select<webhook_delivery::Entity> {
    webhook_delivery::Entity::find().filter(webhook_delivery::Column::WebhookId.eq(webhook_id))
}

/// One message to a webhook.
pub async fn delivery(
    db: &impl ConnectionTrait,
    webhook_id: i64,
    public_id: &str,
) -> Result<Option<webhook_delivery::Model>, DbErr> {
    deliveries(webhook_id)
        .filter(webhook_delivery::Column::PublicId.eq(public_id))
        .one(db)
        .await
}

/// Messages that are to be sent by now, those first that wait longest.
pub async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<webhook_delivery::Model>, DbErr> {
    webhook_delivery::Entity::find()
        .filter(webhook_delivery::Column::State.eq(DeliveryState::Pending.as_str()))
        .filter(webhook_delivery::Column::NextAttemptAt.lte(now))
        .order_by_asc(webhook_delivery::Column::NextAttemptAt)
        .order_by_asc(webhook_delivery::Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Takes a message to send it, until then. False where another was faster.
pub async fn claim(
    tx: &impl ConnectionTrait,
    row: &webhook_delivery::Model,
    until: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = webhook_delivery::Entity::update_many()
        .col_expr(webhook_delivery::Column::NextAttemptAt, Expr::value(until))
        .filter(webhook_delivery::Column::Id.eq(row.id))
        .filter(webhook_delivery::Column::State.eq(DeliveryState::Pending.as_str()))
        .filter(webhook_delivery::Column::NextAttemptAt.eq(row.next_attempt_at))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Notes what became of an attempt.
pub async fn settle(tx: &impl ConnectionTrait, id: i64, outcome: Outcome) -> Result<(), DbErr> {
    let row = webhook_delivery::ActiveModel {
        id: Set(id),
        state: Set(outcome.state.as_str().to_owned()),
        attempts: Set(outcome.attempts),
        attempted_at: Set(Some(outcome.at)),
        next_attempt_at: Set(outcome.next),
        duration_ms: Set(Some(outcome.duration_ms)),
        status: Set(outcome.status),
        answer: Set(outcome.answer),
        problem: Set(outcome.problem),
        ..Default::default()
    };
    webhook_delivery::Entity::update_many()
        .set(row)
        .filter(webhook_delivery::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets messages that came to an end and are older than this.
pub async fn delete_before(tx: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, DbErr> {
    let done = webhook_delivery::Entity::delete_many()
        .filter(webhook_delivery::Column::CreatedAt.lt(before))
        .filter(webhook_delivery::Column::State.ne(DeliveryState::Pending.as_str()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}
