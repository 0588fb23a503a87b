//! Robots: users of that kind, the collections that own them and those they work in.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{collection, collection_member, robot, token, user};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, RelationDef, Select,
    sea_query::{Expr, Query, SelectStatement},
};
use shared_types::Role;

use crate::{
    domain::access::{Kind, Membership},
    repo::{self, join, like},
};

/// What a new robot is made from.
#[derive(Debug, Clone)]
pub struct New {
    /// The user name, checked.
    pub username: String,
    /// One line of what it is for.
    pub description: String,
    /// The collection that owns it.
    pub collection_id: Option<i64>,
    /// Who makes it; nobody for the server's own commands.
    pub created_by: Option<i64>,
}

/// Makes a robot. A name in use is a violated unique key.
pub async fn insert(
    tx: &impl ConnectionTrait,
    new: New,
    now: DateTime<Utc>,
) -> Result<(user::Model, robot::Model), DbErr> {
    let row = user::ActiveModel {
        display_name: Set(new.username.clone()),
        username: Set(new.username),
        role: Set(Role::User.as_str().to_owned()),
        kind: Set(Kind::Robot.as_str().to_owned()),
        created_at: Set(now),
        ..Default::default()
    };
    let user = user::Entity::insert(row).exec_with_returning(tx).await?;
    let row = robot::ActiveModel {
        user_id: Set(user.id),
        description: Set(new.description),
        collection_id: Set(new.collection_id),
        created_by: Set(new.created_by),
    };
    let robot = robot::Entity::insert(row).exec_with_returning(tx).await?;
    Ok((user, robot))
}

/// A robot by its user name.
pub async fn find(
    db: &impl ConnectionTrait,
    username: &str,
) -> Result<Option<(user::Model, robot::Model)>, DbErr> {
    let to_robot: RelationDef = user::Entity::belongs_to(robot::Entity)
        .from(user::Column::Id)
        .to(robot::Column::UserId)
        .into();
    let found = user::Entity::find()
        .filter(user::Column::Username.eq(username))
        .join(JoinType::InnerJoin, to_robot)
        .select_also(robot::Entity)
        .one(db)
        .await?;
    Ok(found.and_then(|(user, robot)| Some((user, robot?))))
}

/// Which robots a list shows.
#[derive(Debug, Clone, Copy)]
pub enum Whose {
    /// All.
    All,
    /// Those of the collections that this person owns.
    Owner(i64),
    /// Those that belong to a collection or work in it.
    Collection(i64),
}

/// Robots with these words in their names, in no order yet.
pub fn list(q: Option<&str>, whose: Whose) -> Select<user::Entity> {
    let mut select = user::Entity::find().filter(user::Column::Kind.eq(Kind::Robot.as_str()));
    let owned = |condition: Condition| {
        Query::select()
            .column(robot::Column::UserId)
            .from(robot::Entity)
            .cond_where(condition)
            .to_owned()
    };
    select = match whose {
        Whose::All => select,
        Whose::Owner(person) => {
            let own = Query::select()
                .column(collection_member::Column::CollectionId)
                .from(collection_member::Entity)
                .and_where(collection_member::Column::UserId.eq(person))
                .and_where(collection_member::Column::Role.eq(Membership::Owner.as_str()))
                .to_owned();
            let condition = Condition::all().add(robot::Column::CollectionId.in_subquery(own));
            select.filter(user::Column::Id.in_subquery(owned(condition)))
        }
        Whose::Collection(id) => {
            let condition = Condition::all().add(robot::Column::CollectionId.eq(id));
            select.filter(
                Condition::any()
                    .add(user::Column::Id.in_subquery(owned(condition)))
                    .add(user::Column::Id.in_subquery(working_in(id))),
            )
        }
    };
    match q {
        Some(q) => select.filter(like((user::Entity, user::Column::Username), q)),
        None => select,
    }
}

fn working_in(collection_id: i64) -> SelectStatement {
    Query::select()
        .column(collection_member::Column::UserId)
        .from(collection_member::Entity)
        .and_where(collection_member::Column::CollectionId.eq(collection_id))
        .and_where(collection_member::Column::Role.eq(Membership::Robot.as_str()))
        .to_owned()
}

/// What is shown of robots beside their users' rows.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// Their own rows, by user.
    pub robots: HashMap<i64, robot::Model>,
    /// The collections that they work in: user, collection, name; by name.
    pub collections: Vec<(i64, i64, String)>,
    /// Their tokens, by user.
    pub tokens: HashMap<i64, Vec<Token>>,
}

/// What is shown of a token in a list of robots.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Token {
    user_id: i64,
    /// What it may be used for.
    pub scope: String,
    /// When it stops working.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// What is shown of robots beside their users' rows: three queries, however many.
pub async fn around(db: &impl ConnectionTrait, users: &[i64]) -> Result<Around, DbErr> {
    let ids = || users.iter().copied();
    let robots = robot::Entity::find()
        .filter(robot::Column::UserId.is_in(ids()))
        .all(db)
        .await?;
    let collections = collection_member::Entity::find()
        .select_only()
        .column(collection_member::Column::UserId)
        .column(collection_member::Column::CollectionId)
        .column(collection::Column::Name)
        .join(JoinType::InnerJoin, join::collection_of_member())
        .filter(collection_member::Column::UserId.is_in(ids()))
        .order_by_asc(collection::Column::Name)
        .into_tuple()
        .all(db)
        .await?;
    let tokens = token::Entity::find()
        .select_only()
        .columns([
            token::Column::UserId,
            token::Column::Scope,
            token::Column::ExpiresAt,
            token::Column::LastUsedAt,
        ])
        .filter(token::Column::UserId.is_in(ids()))
        .into_model::<Token>()
        .all(db)
        .await?;
    let mut around = Around {
        robots: robots.into_iter().map(|row| (row.user_id, row)).collect(),
        collections,
        tokens: HashMap::new(),
    };
    for token in tokens {
        let own = around.tokens.entry(token.user_id).or_default();
        own.push(token);
    }
    Ok(around)
}

/// How many robots belong to a collection.
pub async fn count_of(db: &impl ConnectionTrait, collection_id: i64) -> Result<u64, DbErr> {
    robot::Entity::find()
        .filter(robot::Column::CollectionId.eq(collection_id))
        .count(db)
        .await
}

/// Says what a robot is for.
pub async fn describe(
    tx: &impl ConnectionTrait,
    user_id: i64,
    description: String,
) -> Result<(), DbErr> {
    robot::Entity::update_many()
        .col_expr(robot::Column::Description, Expr::value(description))
        .filter(robot::Column::UserId.eq(user_id))
        .exec(tx)
        .await
        .map(drop)
}

/// Disables a robot, or lets it work again.
pub async fn set_disabled(
    tx: &impl ConnectionTrait,
    user_id: i64,
    at: Option<DateTime<Utc>>,
) -> Result<(), DbErr> {
    user::Entity::update_many()
        .col_expr(user::Column::DisabledAt, Expr::value(at))
        .filter(user::Column::Id.eq(user_id))
        .exec(tx)
        .await
        .map(drop)
}

/// Lets a robot work in these collections and in no others.
pub async fn set_collections(
    tx: &impl ConnectionTrait,
    user_id: i64,
    collections: &[i64],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    collection_member::Entity::delete_many()
        .filter(collection_member::Column::UserId.eq(user_id))
        .filter(collection_member::Column::CollectionId.is_not_in(collections.iter().copied()))
        .exec(tx)
        .await?;
    for collection in collections {
        repo::member::put(tx, *collection, user_id, Membership::Robot, now).await?;
    }
    Ok(())
}

/// Removes a robot with its tokens.
pub async fn delete(tx: &impl ConnectionTrait, user_id: i64) -> Result<(), DbErr> {
    user::Entity::delete_many()
        .filter(user::Column::Id.eq(user_id))
        .filter(user::Column::Kind.eq(Kind::Robot.as_str()))
        .exec(tx)
        .await
        .map(drop)
}

/// Removes the robots of a collection with their tokens.
pub async fn delete_of(tx: &impl ConnectionTrait, collection_id: i64) -> Result<(), DbErr> {
    let own = Query::select()
        .column(robot::Column::UserId)
        .from(robot::Entity)
        .and_where(robot::Column::CollectionId.eq(collection_id))
        .to_owned();
    user::Entity::delete_many()
        .filter(user::Column::Id.in_subquery(own))
        .exec(tx)
        .await
        .map(drop)
}
