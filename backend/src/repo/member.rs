//! The people of a collection, and who could become one.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{collection_member, user};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait,
    QueryFilter, QuerySelect, Select,
    sea_query::{OnConflict, Query, SelectStatement},
};

use crate::{
    domain::access::{Kind, Membership},
    repo::{self, join, like},
};

/// The people of a collection, in no order yet.
pub fn people(collection_id: i64) -> Select<user::Entity> {
    user::Entity::find()
        .filter(user::Column::Kind.eq(Kind::Person.as_str()))
        .filter(user::Column::Id.in_subquery(ids(collection_id)))
}

fn ids(collection_id: i64) -> SelectStatement {
    Query::select()
        .column(collection_member::Column::UserId)
        .from(collection_member::Entity)
        .and_where(collection_member::Column::CollectionId.eq(collection_id))
        .to_owned()
}

/// What these people are in a collection.
pub async fn rows(
    db: &impl ConnectionTrait,
    collection_id: i64,
    users: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, collection_member::Model>, DbErr> {
    let rows = collection_member::Entity::find()
        .filter(collection_member::Column::CollectionId.eq(collection_id))
        .filter(collection_member::Column::UserId.is_in(users))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.user_id, row)).collect())
}

/// What somebody is in a collection.
pub async fn membership(
    db: &impl ConnectionTrait,
    collection_id: i64,
    user_id: i64,
) -> Result<Option<Membership>, DbErr> {
    let row = collection_member::Entity::find_by_id((collection_id, user_id))
        .one(db)
        .await?;
    Ok(row.and_then(|row| Membership::from_word(&row.role)))
}

/// Puts somebody into a collection, or gives them another role there.
pub async fn put(
    tx: &impl ConnectionTrait,
    collection_id: i64,
    user_id: i64,
    membership: Membership,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    use collection_member::Column;
    let row = collection_member::ActiveModel {
        collection_id: Set(collection_id),
        user_id: Set(user_id),
        role: Set(membership.as_str().to_owned()),
        created_at: Set(now),
    };
    let change = OnConflict::columns([Column::CollectionId, Column::UserId])
        .update_column(Column::Role)
        .to_owned();
    collection_member::Entity::insert(row)
        .on_conflict(change)
        .exec_without_returning(tx)
        .await
        .map(drop)
}

/// Takes somebody out of a collection.
pub async fn remove(
    tx: &impl ConnectionTrait,
    collection_id: i64,
    user_id: i64,
) -> Result<(), DbErr> {
    collection_member::Entity::delete_by_id((collection_id, user_id))
        .exec(tx)
        .await
        .map(drop)
}

/// How many owners of a collection can act.
pub async fn active_owners(db: &impl ConnectionTrait, collection_id: i64) -> Result<u64, DbErr> {
    collection_member::Entity::find()
        .join(JoinType::InnerJoin, join::user_of_member())
        .filter(collection_member::Column::CollectionId.eq(collection_id))
        .filter(collection_member::Column::Role.eq(Membership::Owner.as_str()))
        .filter(user::Column::DisabledAt.is_null())
        .count(db)
        .await
}

/// People with an account that works who share a team with `mate_of`, or all where that is absent.
pub fn choice(mate_of: Option<i64>) -> Select<user::Entity> {
    let select = user::Entity::find()
        .filter(user::Column::Kind.eq(Kind::Person.as_str()))
        .filter(user::Column::DisabledAt.is_null());
    match mate_of {
        Some(id) => select.filter(user::Column::Id.in_subquery(repo::team::mates_of(id))),
        None => select,
    }
}

/// Those of `choice` who are not in a collection and have these words in their names; in no order yet.
pub fn candidates(
    collection_id: i64,
    mate_of: Option<i64>,
    q: Option<&str>,
) -> Select<user::Entity> {
    let mut select = choice(mate_of).filter(user::Column::Id.not_in_subquery(ids(collection_id)));
    if let Some(q) = q {
        select = select.filter(
            Condition::any()
                .add(like((user::Entity, user::Column::Username), q))
                .add(like((user::Entity, user::Column::DisplayName), q)),
        );
    }
    select
}
