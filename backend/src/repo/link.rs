//! Links that work once.

use chrono::{DateTime, Utc};
use entity::one_time_link;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::Expr,
};

/// Makes a link for a purpose.
pub async fn insert(
    tx: &impl ConnectionTrait,
    code_hash: String,
    purpose: &str,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    put(tx, code_hash, purpose, (now, None), expires_at).await
}

async fn put(
    tx: &impl ConnectionTrait,
    code_hash: String,
    purpose: &str,
    (created_at, used_at): (DateTime<Utc>, Option<DateTime<Utc>>),
    expires_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = one_time_link::ActiveModel {
        code_hash: Set(code_hash),
        purpose: Set(purpose.to_owned()),
        created_at: Set(created_at),
        expires_at: Set(expires_at),
        used_at: Set(used_at),
        ..Default::default()
    };
    one_time_link::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Notes that something with an end of its own was used. What was used before is a violated unique key.
pub async fn spend(
    tx: &impl ConnectionTrait,
    code_hash: String,
    purpose: &str,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    put(tx, code_hash, purpose, (now, Some(now)), expires_at).await
}

/// Whether a link can be used now.
pub async fn is_usable(
    db: &impl ConnectionTrait,
    code_hash: &str,
    purpose: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let found = one_time_link::Entity::find()
        .filter(one_time_link::Column::CodeHash.eq(code_hash))
        .filter(one_time_link::Column::Purpose.eq(purpose))
        .filter(one_time_link::Column::UsedAt.is_null())
        .filter(one_time_link::Column::ExpiresAt.gt(now))
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Uses a link up. Of several that try at once, one gets `true`.
pub async fn take(
    tx: &impl ConnectionTrait,
    code_hash: &str,
    purpose: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = one_time_link::Entity::update_many()
        .col_expr(one_time_link::Column::UsedAt, Expr::value(now))
        .filter(one_time_link::Column::CodeHash.eq(code_hash))
        .filter(one_time_link::Column::Purpose.eq(purpose))
        .filter(one_time_link::Column::UsedAt.is_null())
        .filter(one_time_link::Column::ExpiresAt.gt(now))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Removes the links of a purpose that were not used.
pub async fn delete_unused(tx: &impl ConnectionTrait, purpose: &str) -> Result<(), DbErr> {
    one_time_link::Entity::delete_many()
        .filter(one_time_link::Column::Purpose.eq(purpose))
        .filter(one_time_link::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}
