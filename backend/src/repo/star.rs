//! Stars: who gave one to which collection. The collection's row counts them.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::{collection, star};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    TryInsertResult,
    sea_query::{Expr, Query, SelectStatement},
};

/// Gives a star. One that is there already stays the one it is.
pub async fn put(
    tx: &impl ConnectionTrait,
    user_id: i64,
    collection_id: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = star::ActiveModel {
        user_id: Set(user_id),
        collection_id: Set(collection_id),
        created_at: Set(now),
    };
    let given = star::Entity::insert(row)
        .on_conflict_do_nothing_on([star::Column::UserId, star::Column::CollectionId])
        .exec_without_returning(tx)
        .await?;
    if matches!(given, TryInsertResult::Inserted(1..)) {
        add(tx, collection::Column::Id.eq(collection_id), 1).await?;
    }
    Ok(())
}

/// Takes a star back, if there is one.
pub async fn remove(
    tx: &impl ConnectionTrait,
    user_id: i64,
    collection_id: i64,
) -> Result<(), DbErr> {
    let taken = star::Entity::delete_many()
        .filter(star::Column::UserId.eq(user_id))
        .filter(star::Column::CollectionId.eq(collection_id))
        .exec(tx)
        .await?;
    if taken.rows_affected > 0 {
        add(tx, collection::Column::Id.eq(collection_id), -1).await?;
    }
    Ok(())
}

/// Takes all stars of a user back, before the user goes.
pub async fn remove_all_of(tx: &impl ConnectionTrait, user_id: i64) -> Result<(), DbErr> {
    add(
        tx,
        collection::Column::Id.in_subquery(given_by(user_id)),
        -1,
    )
    .await?;
    star::Entity::delete_many()
        .filter(star::Column::UserId.eq(user_id))
        .exec(tx)
        .await?;
    Ok(())
}

async fn add(
    tx: &impl ConnectionTrait,
    which: impl sea_orm::sea_query::IntoCondition,
    stars: i64,
) -> Result<(), DbErr> {
    let sum = Expr::col(collection::Column::Stars).add(stars);
    collection::Entity::update_many()
        .col_expr(collection::Column::Stars, sum)
        .filter(which)
        .exec(tx)
        .await?;
    Ok(())
}

/// The collections that a user gave a star, for `IN`.
pub fn given_by(user_id: i64) -> SelectStatement {
    Query::select()
        .column(star::Column::CollectionId)
        .from(star::Entity)
        .and_where(star::Column::UserId.eq(user_id))
        .to_owned()
}

/// Which of these collections a user gave a star.
pub async fn among(
    db: &impl ConnectionTrait,
    user_id: i64,
    collections: impl IntoIterator<Item = i64>,
) -> Result<HashSet<i64>, DbErr> {
    let rows: Vec<i64> = star::Entity::find()
        .select_only()
        .column(star::Column::CollectionId)
        .filter(star::Column::UserId.eq(user_id))
        .filter(star::Column::CollectionId.is_in(collections))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}
