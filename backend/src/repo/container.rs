//! Containers: names in a collection.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{collection, collection_member, container, image, label, tag, user};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult,
    JoinType, Order, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, Select, TryInsertResult,
    sea_query::{Expr, Query, SelectStatement},
};

use crate::{
    domain::access::{Membership, Viewer},
    repo::{self, like, sum},
};

/// What a list of containers is narrowed down to.
#[derive(Debug, Clone, Default)]
pub struct Filter<'a> {
    /// Those of one collection.
    pub collection_id: Option<i64>,
    /// Words of the container's name or description, its collection's name, or one of its tags.
    pub q: Option<&'a str>,
    /// Those with a tag for this architecture.
    pub arch: Option<&'a str>,
    /// Those with a tagged image that has a label with this key, and this value where one is given.
    pub label: Option<(&'a str, Option<&'a str>)>,
    /// Those with this topic.
    pub topic: Option<&'a str>,
    /// Those in collections of somebody with this user name.
    pub owner: Option<&'a str>,
}

/// Somebody who owns collections.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Owner {
    /// The user name.
    pub username: String,
    /// How many containers are in them.
    pub containers: i64,
}

/// The complete images of a container.
#[derive(Debug, Clone, Copy, Default, FromQueryResult)]
pub struct Images {
    /// The container.
    pub container_id: i64,
    /// How many they are.
    pub count: i64,
    /// The one that was made last.
    pub newest: i64,
}

/// A container of a collection, by name.
pub async fn find(
    db: &impl ConnectionTrait,
    collection_id: i64,
    name: &str,
) -> Result<Option<container::Model>, DbErr> {
    container::Entity::find()
        .filter(container::Column::CollectionId.eq(collection_id))
        .filter(container::Column::Name.eq(name))
        .one(db)
        .await
}

/// The container of this name, made with this description where it is not there yet.
pub async fn ensure(
    tx: &impl ConnectionTrait,
    collection_id: i64,
    name: &str,
    description: &str,
    now: DateTime<Utc>,
) -> Result<(container::Model, bool), DbErr> {
    if let Some(row) = find(tx, collection_id, name).await? {
        return Ok((row, false));
    }
    repo::collection::touch(tx, collection_id, now).await?;
    let row = container::ActiveModel {
        collection_id: Set(collection_id),
        name: Set(name.to_owned()),
        description: Set(description.to_owned()),
        created_at: Set(now),
        updated_at: Set(now),
        size_bytes: Set(0),
        downloads: Set(0),
        ..Default::default()
    };
    // Another request may have made it since; then that one is taken.
    let done = container::Entity::insert(row)
        .on_conflict_do_nothing_on([container::Column::CollectionId, container::Column::Name])
        .exec_without_returning(tx)
        .await?;
    let missing = || DbErr::RecordNotFound(format!("container {name} just made"));
    let row = find(tx, collection_id, name).await?.ok_or_else(missing)?;
    Ok((row, matches!(done, TryInsertResult::Inserted(1))))
}

/// The containers of the collections that a viewer may see, narrowed down, in no order yet.
pub fn list(viewer: &Viewer, filter: &Filter<'_>) -> Select<container::Entity> {
    let mut select = container::Entity::find()
        .filter(container::Column::CollectionId.in_subquery(repo::collection::visible_ids(viewer)));
    if let Some(id) = filter.collection_id {
        select = select.filter(container::Column::CollectionId.eq(id));
    }
    if let Some(q) = filter.q {
        select = select.filter(matches(q));
    }
    if let Some(arch) = filter.arch {
        let tags = tagged().and_where(tag::Column::Arch.eq(arch)).to_owned();
        select = select.filter(container::Column::Id.in_subquery(tags));
    }
    if let Some((key, value)) = filter.label {
        let mut images = Query::select();
        images
            .column(label::Column::ImageId)
            .from(label::Entity)
            .and_where(label::Column::Key.eq(key));
        if let Some(value) = value {
            images.and_where(label::Column::Value.eq(value));
        }
        let tags = tagged()
            .and_where(tag::Column::ImageId.in_subquery(images))
            .to_owned();
        select = select.filter(container::Column::Id.in_subquery(tags));
    }
    if let Some(topic) = filter.topic {
        let topics = repo::topic::containers_with(topic);
        select = select.filter(container::Column::Id.in_subquery(topics));
    }
    if let Some(owner) = filter.owner {
        let owned = repo::collection::owned_by(owner);
        select = select.filter(container::Column::CollectionId.in_subquery(owned));
    }
    select
}

/// Who owns the collections of these containers, those of most first.
pub async fn owners(
    db: &impl ConnectionTrait,
    containers: Select<container::Entity>,
    limit: u64,
) -> Result<Vec<Owner>, DbErr> {
    // Containers are many and collections few: they are counted before their owners are looked up.
    let counted = containers
        .select_only()
        .column(container::Column::CollectionId)
        .column_as(container::Column::Id.count(), "containers")
        .group_by(container::Column::CollectionId)
        .into_query();
    let all = sum(("found", "containers"));
    let member = |column: collection_member::Column| Expr::col((collection_member::Entity, column));
    let owned = member(collection_member::Column::CollectionId).equals(("found", "collection_id"));
    let person = member(collection_member::Column::UserId).equals((user::Entity, user::Column::Id));
    let owners = Query::select()
        .column((user::Entity, user::Column::Username))
        .expr_as(all.clone(), "containers")
        .from_subquery(counted, "found")
        .join(JoinType::InnerJoin, collection_member::Entity, owned)
        .join(JoinType::InnerJoin, user::Entity, person)
        .and_where(member(collection_member::Column::Role).eq(Membership::Owner.as_str()))
        .group_by_col((user::Entity, user::Column::Username))
        .order_by_expr(all, Order::Desc)
        .order_by((user::Entity, user::Column::Username), Order::Asc)
        .limit(limit)
        .to_owned();
    let statement = db.get_database_backend().build(&owners);
    Owner::find_by_statement(statement).all(db).await
}

/// The containers of tags.
fn tagged() -> SelectStatement {
    Query::select()
        .column(tag::Column::ContainerId)
        .from(tag::Entity)
        .to_owned()
}

fn matches(q: &str) -> Condition {
    let collections = Query::select()
        .column(collection::Column::Id)
        .from(collection::Entity)
        .and_where(like((collection::Entity, collection::Column::Name), q))
        .to_owned();
    let tags = Query::select()
        .column(tag::Column::ContainerId)
        .from(tag::Entity)
        .and_where(like((tag::Entity, tag::Column::Name), q))
        .to_owned();
    Condition::any()
        .add(like((container::Entity, container::Column::Name), q))
        .add(like((container::Entity, container::Column::Description), q))
        .add(container::Column::CollectionId.in_subquery(collections))
        .add(container::Column::Id.in_subquery(tags))
}

/// The ids of a collection's containers, for `IN`.
pub fn ids_of(collection_id: i64) -> SelectStatement {
    Query::select()
        .column(container::Column::Id)
        .from(container::Entity)
        .and_where(container::Column::CollectionId.eq(collection_id))
        .to_owned()
}

/// The id of one container, where others want many, for `IN`.
pub fn only(container_id: i64) -> SelectStatement {
    Query::select()
        .column(container::Column::Id)
        .from(container::Entity)
        .and_where(container::Column::Id.eq(container_id))
        .to_owned()
}

/// The ids of the containers of these collections, for `IN`.
pub fn ids_in(collections: SelectStatement) -> SelectStatement {
    Query::select()
        .column(container::Column::Id)
        .from(container::Entity)
        .and_where(container::Column::CollectionId.in_subquery(collections))
        .to_owned()
}

/// How many containers these collections have.
pub async fn count_in(
    db: &impl ConnectionTrait,
    collections: SelectStatement,
) -> Result<u64, DbErr> {
    container::Entity::find()
        .filter(container::Column::CollectionId.in_subquery(collections))
        .count(db)
        .await
}

/// The complete images that each of these containers has; those without any are absent.
pub async fn images(
    db: &impl ConnectionTrait,
    containers: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, Images>, DbErr> {
    let found = image::Entity::find()
        .select_only()
        .column(image::Column::ContainerId)
        .column_as(image::Column::Id.count(), "count")
        .column_as(image::Column::Id.max(), "newest")
        .filter(image::Column::ContainerId.is_in(containers))
        .filter(image::Column::PushedAt.is_not_null())
        .group_by(image::Column::ContainerId)
        .into_model::<Images>()
        .all(db)
        .await?;
    Ok(found
        .into_iter()
        .map(|row| (row.container_id, row))
        .collect())
}

/// Notes that something in the container changed, and so in its collection. Both rows stay locked until the transaction
/// ends, the collection's first, so changes of tags and images that begin with this take turns.
pub async fn touch(
    tx: &impl ConnectionTrait,
    container_id: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    collection::Entity::update_many()
        .col_expr(collection::Column::UpdatedAt, Expr::value(now))
        .filter(collection::Column::Id.in_subquery(collection_of(container_id)))
        .exec(tx)
        .await?;
    container::Entity::update_many()
        .col_expr(container::Column::UpdatedAt, Expr::value(now))
        .filter(container::Column::Id.eq(container_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Adds to the size of the container and of its collection; a negative number takes away.
pub async fn add_size(
    tx: &impl ConnectionTrait,
    container_id: i64,
    bytes: i64,
) -> Result<(), DbErr> {
    collection::Entity::update_many()
        .col_expr(
            collection::Column::SizeBytes,
            Expr::col(collection::Column::SizeBytes).add(bytes),
        )
        .filter(collection::Column::Id.in_subquery(collection_of(container_id)))
        .exec(tx)
        .await?;
    container::Entity::update_many()
        .col_expr(
            container::Column::SizeBytes,
            Expr::col(container::Column::SizeBytes).add(bytes),
        )
        .filter(container::Column::Id.eq(container_id))
        .exec(tx)
        .await?;
    Ok(())
}

fn collection_of(container_id: i64) -> SelectStatement {
    Query::select()
        .column(container::Column::CollectionId)
        .from(container::Entity)
        .and_where(container::Column::Id.eq(container_id))
        .to_owned()
}

/// Changes a container's description.
pub async fn set_description(
    tx: &impl ConnectionTrait,
    container_id: i64,
    description: &str,
) -> Result<(), DbErr> {
    container::Entity::update_many()
        .col_expr(container::Column::Description, Expr::value(description))
        .filter(container::Column::Id.eq(container_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Removes a container with its images, tags and history. The blobs stay: see `image::release_blobs`.
pub async fn delete(tx: &impl ConnectionTrait, container_id: i64) -> Result<(), DbErr> {
    container::Entity::delete_many()
        .filter(container::Column::Id.eq(container_id))
        .exec(tx)
        .await?;
    Ok(())
}
