//! Browsers that are signed in.

use chrono::{DateTime, Utc};
use entity::{session, user};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter,
    QuerySelect, sea_query::Expr,
};

use crate::repo::join;

/// What a new session is made from.
#[derive(Debug, Clone)]
pub struct New {
    /// The hash of the cookie's value.
    pub secret_hash: String,
    /// Whose it is.
    pub user_id: i64,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// What the browser calls itself.
    pub user_agent: String,
}

/// Opens a session.
pub async fn insert(
    tx: &impl ConnectionTrait,
    new: New,
    now: DateTime<Utc>,
) -> Result<session::Model, DbErr> {
    let row = session::ActiveModel {
        secret_hash: Set(new.secret_hash),
        user_id: Set(new.user_id),
        created_at: Set(now),
        expires_at: Set(new.expires_at),
        last_seen_at: Set(now),
        user_agent: Set(new.user_agent),
        ..Default::default()
    };
    session::Entity::insert(row).exec_with_returning(tx).await
}

/// A session that has not ended, with its user.
pub async fn with_user(
    db: &impl ConnectionTrait,
    secret_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<(session::Model, user::Model)>, DbErr> {
    let found = session::Entity::find()
        .filter(session::Column::SecretHash.eq(secret_hash))
        .filter(session::Column::ExpiresAt.gt(now))
        .join(JoinType::InnerJoin, join::user_of_session())
        .select_also(user::Entity)
        .one(db)
        .await?;
    Ok(found.and_then(|(session, user)| Some((session, user?))))
}

/// Notes that someone came back: the session ends later.
pub async fn extend(
    tx: &impl ConnectionTrait,
    id: i64,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    session::Entity::update_many()
        .col_expr(session::Column::LastSeenAt, Expr::value(now))
        .col_expr(session::Column::ExpiresAt, Expr::value(expires_at))
        .filter(session::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends a session.
pub async fn delete(tx: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    session::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Ends a user's sessions, but for one.
pub async fn delete_of_user(
    tx: &impl ConnectionTrait,
    user_id: i64,
    keep: Option<i64>,
) -> Result<(), DbErr> {
    let mut delete = session::Entity::delete_many().filter(session::Column::UserId.eq(user_id));
    if let Some(keep) = keep {
        delete = delete.filter(session::Column::Id.ne(keep));
    }
    delete.exec(tx).await?;
    Ok(())
}
