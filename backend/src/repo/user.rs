//! Users.

use chrono::{DateTime, Utc};
use entity::{collection, collection_member, team_member, user};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QuerySelect, Select, TryInsertResult,
    sea_query::{Expr, Query, SelectStatement},
};
use shared_types::{Role, TeamRole};

use crate::{
    domain::access::{Kind, Membership, Viewer},
    repo::{like, sum},
};

/// What a new user is made from.
#[derive(Debug, Clone)]
pub struct New {
    /// The name, checked.
    pub username: String,
    /// The name for people.
    pub display_name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// The role.
    pub role: Role,
    /// Argon2id in PHC form.
    pub password_hash: Option<String>,
}

/// How many bytes a user's collections hold.
#[derive(FromQueryResult)]
struct Sum {
    id: i64,
    sum: i64,
}

/// Makes a user. A name in use is a violated unique key.
pub async fn insert(
    tx: &impl ConnectionTrait,
    new: New,
    now: DateTime<Utc>,
) -> Result<user::Model, DbErr> {
    user::Entity::insert(row_of(new, now))
        .exec_with_returning(tx)
        .await
}

/// As `insert`; nothing where the name is in use, also by who took it this very moment. The transaction can go on.
pub async fn insert_if_free(
    tx: &impl ConnectionTrait,
    new: New,
    now: DateTime<Utc>,
) -> Result<Option<user::Model>, DbErr> {
    let username = new.username.clone();
    let done = user::Entity::insert(row_of(new, now))
        .on_conflict_do_nothing_on([user::Column::Username])
        .exec_without_returning(tx)
        .await?;
    match done {
        TryInsertResult::Inserted(1) => by_name(tx, &username).await,
        _ => Ok(None),
    }
}

fn row_of(new: New, now: DateTime<Utc>) -> user::ActiveModel {
    user::ActiveModel {
        username: Set(new.username),
        display_name: Set(new.display_name),
        email: Set(new.email),
        role: Set(new.role.as_str().to_owned()),
        password_hash: Set(new.password_hash),
        created_at: Set(now),
        ..Default::default()
    }
}

/// A user by id.
pub async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Option<user::Model>, DbErr> {
    user::Entity::find_by_id(id).one(db).await
}

/// A user by id, after every other transaction that holds them this way: they take turns from here on.
pub async fn lock(tx: &impl ConnectionTrait, id: i64) -> Result<Option<user::Model>, DbErr> {
    // A write of what is there already locks the row, in the words of both engines.
    user::Entity::update_many()
        .col_expr(user::Column::Role, Expr::col(user::Column::Role))
        .filter(user::Column::Id.eq(id))
        .exec(tx)
        .await?;
    find(tx, id).await
}

/// A user by name.
pub async fn by_name(
    db: &impl ConnectionTrait,
    username: &str,
) -> Result<Option<user::Model>, DbErr> {
    user::Entity::find()
        .filter(user::Column::Username.eq(username))
        .one(db)
        .await
}

/// The id of the person of this name, for `IN`.
pub fn named(username: &str) -> SelectStatement {
    Query::select()
        .column(user::Column::Id)
        .from(user::Entity)
        .and_where(user::Column::Username.eq(username))
        .and_where(user::Column::Kind.eq(Kind::Person.as_str()))
        .to_owned()
}

/// Whether a viewer meets a person somewhere: among the people of a collection that the viewer may see, or in a team, of which anonymous
/// viewers see the owners alone.
pub async fn is_met(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    user_id: i64,
) -> Result<bool, DbErr> {
    let beside = collection_member::Entity::find()
        .filter(collection_member::Column::UserId.eq(user_id))
        .filter(
            collection_member::Column::CollectionId
                .in_subquery(super::collection::visible_ids(viewer)),
        )
        .one(db)
        .await?;
    if beside.is_some() {
        return Ok(true);
    }
    let mut in_team = team_member::Entity::find().filter(team_member::Column::UserId.eq(user_id));
    if viewer.is_anonymous() {
        in_team = in_team.filter(team_member::Column::Role.eq(TeamRole::Owner.as_str()));
    }
    Ok(in_team.one(db).await?.is_some())
}

/// People whose name, name for people or address has these words in it; in no order yet.
pub fn list(q: Option<&str>) -> Select<user::Entity> {
    let select = user::Entity::find().filter(user::Column::Kind.eq(Kind::Person.as_str()));
    match q {
        Some(q) => select.filter(
            Condition::any()
                .add(like((user::Entity, user::Column::Username), q))
                .add(like((user::Entity, user::Column::DisplayName), q))
                .add(like((user::Entity, user::Column::Email), q)),
        ),
        None => select,
    }
}

/// Writes the changed columns of a user.
pub async fn update(
    tx: &impl ConnectionTrait,
    row: user::ActiveModel,
) -> Result<user::Model, DbErr> {
    user::Entity::update(row).exec(tx).await
}

/// How many superusers can sign in or use their tokens.
pub async fn count_superusers(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    superusers().count(db).await
}

/// Like `count_superusers`, after every other transaction that changes one of them: they take turns from here on.
pub async fn lock_superusers(tx: &impl ConnectionTrait) -> Result<u64, DbErr> {
    // A write of what is there already locks the rows, in the words of both engines.
    user::Entity::update_many()
        .col_expr(user::Column::Role, Expr::col(user::Column::Role))
        .filter(user::Column::Role.eq(Role::Superuser.as_str()))
        .exec(tx)
        .await?;
    superusers().count(tx).await
}

fn superusers() -> Select<user::Entity> {
    user::Entity::find()
        .filter(user::Column::Role.eq(Role::Superuser.as_str()))
        .filter(user::Column::DisabledAt.is_null())
}

/// How many collections each of these users owns; those who own none are absent.
pub async fn owned_collections(
    db: &impl ConnectionTrait,
    users: impl IntoIterator<Item = i64>,
) -> Result<Vec<(i64, i64)>, DbErr> {
    let counts = collection_member::Entity::find()
        .select_only()
        .column_as(collection_member::Column::UserId, "id")
        .column_as(collection_member::Column::CollectionId.count(), "count")
        .filter(collection_member::Column::Role.eq(Membership::Owner.as_str()))
        .filter(collection_member::Column::UserId.is_in(users))
        .group_by(collection_member::Column::UserId)
        .into_model::<super::collection::Count>()
        .all(db)
        .await?;
    Ok(counts.into_iter().map(|row| (row.id, row.count)).collect())
}

/// How many bytes the collections that each of these users made hold; those who made none are absent.
pub async fn used_bytes(
    db: &impl ConnectionTrait,
    users: impl IntoIterator<Item = i64>,
) -> Result<Vec<(i64, i64)>, DbErr> {
    let sums = collection::Entity::find()
        .select_only()
        .column_as(collection::Column::CreatedBy, "id")
        .column_as(sum(collection::Column::SizeBytes), "sum")
        .filter(collection::Column::CreatedBy.is_in(users))
        .group_by(collection::Column::CreatedBy)
        .into_model::<Sum>()
        .all(db)
        .await?;
    Ok(sums.into_iter().map(|row| (row.id, row.sum)).collect())
}
