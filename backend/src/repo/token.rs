//! Tokens.

use chrono::{DateTime, Utc};
use entity::{token, user};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use shared_types::Scope;

use crate::repo::join;

/// A secret as it is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// SHA-256 of the whole token, in hexadecimal digits.
    pub hash: String,
    /// The whole token, sealed.
    pub sealed: Vec<u8>,
}

/// What a new token is made from.
#[derive(Debug, Clone)]
pub struct New {
    /// The public part.
    pub public_id: String,
    /// Whose it is.
    pub user_id: i64,
    /// What its owner calls it.
    pub name: String,
    /// The secret.
    pub secret: Kept,
    /// What it may be used for.
    pub scope: Scope,
    /// The collections it is limited to, comma separated; empty for no limit.
    pub collections: String,
    /// When it stops working.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Makes a token.
pub async fn insert(
    tx: &impl ConnectionTrait,
    new: New,
    now: DateTime<Utc>,
) -> Result<token::Model, DbErr> {
    let row = token::ActiveModel {
        public_id: Set(new.public_id),
        user_id: Set(new.user_id),
        name: Set(new.name),
        secret_hash: Set(new.secret.hash),
        sealed_secret: Set(new.secret.sealed),
        scope: Set(new.scope.as_str().to_owned()),
        collections: Set(new.collections),
        created_at: Set(now),
        expires_at: Set(new.expires_at),
        ..Default::default()
    };
    token::Entity::insert(row).exec_with_returning(tx).await
}

/// A token by the hash of its secret, with its user.
pub async fn with_user(
    db: &impl ConnectionTrait,
    secret_hash: &str,
) -> Result<Option<(token::Model, user::Model)>, DbErr> {
    let found = token::Entity::find()
        .filter(token::Column::SecretHash.eq(secret_hash))
        .join(JoinType::InnerJoin, join::user_of_token())
        .select_also(user::Entity)
        .one(db)
        .await?;
    Ok(found.and_then(|(token, user)| Some((token, user?))))
}

/// A token by its id, with its user.
pub async fn by_id_with_user(
    db: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<(token::Model, user::Model)>, DbErr> {
    let found = token::Entity::find_by_id(id)
        .join(JoinType::InnerJoin, join::user_of_token())
        .select_also(user::Entity)
        .one(db)
        .await?;
    Ok(found.and_then(|(token, user)| Some((token, user?))))
}

/// A user's tokens, newest first.
pub async fn of_user(db: &impl ConnectionTrait, user_id: i64) -> Result<Vec<token::Model>, DbErr> {
    token::Entity::find()
        .filter(token::Column::UserId.eq(user_id))
        .order_by_desc(token::Column::Id)
        .all(db)
        .await
}

/// How many tokens a user has.
pub async fn count_of_user(db: &impl ConnectionTrait, user_id: i64) -> Result<u64, DbErr> {
    token::Entity::find()
        .filter(token::Column::UserId.eq(user_id))
        .count(db)
        .await
}

/// One of a user's tokens, by its public part.
pub async fn find(
    db: &impl ConnectionTrait,
    user_id: i64,
    public_id: &str,
) -> Result<Option<token::Model>, DbErr> {
    token::Entity::find()
        .filter(token::Column::UserId.eq(user_id))
        .filter(token::Column::PublicId.eq(public_id))
        .one(db)
        .await
}

/// Gives a token another secret.
pub async fn replace_secret(
    tx: &impl ConnectionTrait,
    id: i64,
    secret: Kept,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    token::Entity::update_many()
        .col_expr(token::Column::SecretHash, Expr::value(secret.hash))
        .col_expr(token::Column::SealedSecret, Expr::value(secret.sealed))
        .col_expr(token::Column::CreatedAt, Expr::value(now))
        .col_expr(
            token::Column::LastUsedAt,
            Expr::value(Option::<DateTime<Utc>>::None),
        )
        .filter(token::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Follows a collection to its new name, for tokens that are limited to it.
pub async fn rename_collection(
    tx: &impl ConnectionTrait,
    old: &str,
    new: &str,
) -> Result<(), DbErr> {
    let rows: Vec<(i64, String)> = token::Entity::find()
        .select_only()
        .columns([token::Column::Id, token::Column::Collections])
        .filter(token::Column::Collections.contains(old))
        .into_tuple()
        .all(tx)
        .await?;
    for (id, names) in rows {
        let renamed = |name| if name == old { new } else { name };
        let renamed: Vec<&str> = names.split(',').map(renamed).collect();
        token::Entity::update_many()
            .col_expr(token::Column::Collections, Expr::value(renamed.join(",")))
            .filter(token::Column::Id.eq(id))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Removes a token.
pub async fn delete(tx: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    token::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Notes when a token was used.
pub async fn set_used(tx: &impl ConnectionTrait, id: i64, at: DateTime<Utc>) -> Result<(), DbErr> {
    token::Entity::update_many()
        .col_expr(token::Column::LastUsedAt, Expr::value(at))
        .filter(token::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
