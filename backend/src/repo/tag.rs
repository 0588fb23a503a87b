//! Tags and their history.

use chrono::{DateTime, Utc};
use entity::{image, tag, tag_event, user};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult,
    JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::Expr,
};
use shared_types::TagAction;

use crate::repo::{self, join};

/// A tag with what is shown of its image and of who moved it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Shown {
    /// The tag's container.
    pub container_id: i64,
    /// The name.
    pub name: String,
    /// The architecture.
    pub arch: String,
    /// The image that it points at.
    pub image_id: i64,
    /// The digest of that image, in hexadecimal digits.
    pub sha256: String,
    /// The size of that image.
    pub size: i64,
    /// The kind of that image.
    pub kind: String,
    /// Nothing moves it.
    pub frozen: bool,
    /// When it was last moved.
    pub updated_at: DateTime<Utc>,
    /// Who moved it last.
    pub username: Option<String>,
}

/// What happened to a tag.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    /// The tag's container.
    pub container_id: i64,
    /// The tag's name.
    pub name: &'a str,
    /// The tag's architecture.
    pub arch: &'a str,
    /// What.
    pub action: TagAction,
    /// The digest that it pointed at before, in hexadecimal digits.
    pub from: Option<&'a str>,
    /// The digest that it points at now.
    pub to: Option<&'a str>,
    /// Who did it.
    pub user_id: Option<i64>,
}

/// The tags of a container with this name: one for each architecture, or the one for the architecture asked for.
pub async fn find(
    db: &impl ConnectionTrait,
    container_id: i64,
    name: &str,
    arch: Option<&str>,
) -> Result<Vec<tag::Model>, DbErr> {
    let mut select = tag::Entity::find()
        .filter(tag::Column::ContainerId.eq(container_id))
        .filter(tag::Column::Name.eq(name));
    if let Some(arch) = arch {
        select = select.filter(tag::Column::Arch.eq(arch));
    }
    select.order_by_asc(tag::Column::Arch).all(db).await
}

/// The tags of these containers, last moved first.
pub async fn of_containers(
    db: &impl ConnectionTrait,
    containers: impl IntoIterator<Item = i64>,
) -> Result<Vec<Shown>, DbErr> {
    shown(tag::Column::ContainerId.is_in(containers).into())
        .all(db)
        .await
}

/// The tags that point at these images, last moved first.
pub async fn of_images(
    db: &impl ConnectionTrait,
    images: impl IntoIterator<Item = i64>,
) -> Result<Vec<Shown>, DbErr> {
    shown(tag::Column::ImageId.is_in(images).into())
        .all(db)
        .await
}

/// One tag as it is shown.
pub async fn one_shown(db: &impl ConnectionTrait, tag_id: i64) -> Result<Option<Shown>, DbErr> {
    shown(tag::Column::Id.eq(tag_id).into()).one(db).await
}

fn shown(which: Condition) -> sea_orm::Selector<sea_orm::SelectModel<Shown>> {
    tag::Entity::find()
        .select_only()
        .columns([
            tag::Column::ContainerId,
            tag::Column::Name,
            tag::Column::Arch,
            tag::Column::ImageId,
            tag::Column::Frozen,
            tag::Column::UpdatedAt,
        ])
        .columns([
            image::Column::Sha256,
            image::Column::Size,
            image::Column::Kind,
        ])
        .column(user::Column::Username)
        .join(JoinType::InnerJoin, join::image_of_tag())
        .join(JoinType::LeftJoin, join::user_of_tag())
        .filter(which)
        .order_by_desc(tag::Column::UpdatedAt)
        .order_by_desc(tag::Column::Id)
        .into_model::<Shown>()
}

/// Points a new tag at an image.
pub async fn insert(
    tx: &impl ConnectionTrait,
    image: &image::Model,
    name: &str,
    arch: &str,
    (manifest_id, user_id): (Option<i64>, Option<i64>),
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = tag::ActiveModel {
        container_id: Set(image.container_id),
        name: Set(name.to_owned()),
        arch: Set(arch.to_owned()),
        image_id: Set(image.id),
        manifest_id: Set(manifest_id),
        frozen: Set(false),
        updated_by: Set(user_id),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    tag::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Points a tag at another image, by a manifest or without one.
pub async fn repoint(
    tx: &impl ConnectionTrait,
    tag_id: i64,
    (image_id, manifest_id): (i64, Option<i64>),
    user_id: Option<i64>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    tag::Entity::update_many()
        .col_expr(tag::Column::ImageId, Expr::value(image_id))
        .col_expr(tag::Column::ManifestId, Expr::value(manifest_id))
        .col_expr(tag::Column::UpdatedBy, Expr::value(user_id))
        .col_expr(tag::Column::UpdatedAt, Expr::value(now))
        .filter(tag::Column::Id.eq(tag_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Freezes or unfreezes a tag.
pub async fn set_frozen(tx: &impl ConnectionTrait, tag_id: i64, frozen: bool) -> Result<(), DbErr> {
    tag::Entity::update_many()
        .col_expr(tag::Column::Frozen, Expr::value(frozen))
        .filter(tag::Column::Id.eq(tag_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Removes a tag.
pub async fn delete(tx: &impl ConnectionTrait, tag_id: i64) -> Result<(), DbErr> {
    tag::Entity::delete_many()
        .filter(tag::Column::Id.eq(tag_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// How many frozen tags a collection has.
pub async fn frozen_in_collection(
    db: &impl ConnectionTrait,
    collection_id: i64,
) -> Result<u64, DbErr> {
    let containers = repo::container::ids_of(collection_id);
    frozen(tag::Column::ContainerId.in_subquery(containers).into())
        .count(db)
        .await
}

/// How many frozen tags a container has.
pub async fn frozen_in_container(
    db: &impl ConnectionTrait,
    container_id: i64,
) -> Result<u64, DbErr> {
    frozen(tag::Column::ContainerId.eq(container_id).into())
        .count(db)
        .await
}

fn frozen(which: Condition) -> Select<tag::Entity> {
    tag::Entity::find()
        .filter(which)
        .filter(tag::Column::Frozen.eq(true))
}

/// Writes down what happened to a tag.
pub async fn record(
    tx: &impl ConnectionTrait,
    event: Event<'_>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = tag_event::ActiveModel {
        container_id: Set(event.container_id),
        name: Set(event.name.to_owned()),
        arch: Set(event.arch.to_owned()),
        action: Set(event.action.as_str().to_owned()),
        from_sha256: Set(event.from.map(str::to_owned)),
        to_sha256: Set(event.to.map(str::to_owned)),
        user_id: Set(event.user_id),
        created_at: Set(now),
        ..Default::default()
    };
    tag_event::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// What happened to a container's tags, in no order yet.
pub fn events(container_id: i64) -> Select<tag_event::Entity> {
    tag_event::Entity::find().filter(tag_event::Column::ContainerId.eq(container_id))
}
