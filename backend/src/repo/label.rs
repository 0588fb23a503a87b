//! Labels of images, for search.

use entity::{collection, container, label, tag};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, JoinType,
    QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, Query},
};

use crate::{
    domain::access::Viewer,
    repo::{self, join, like},
};

/// How many labels are written at once: engines limit the values of a statement.
const BATCH: usize = 500;

/// Gives an image these labels, in place of those it had. Keys that come twice count once.
pub async fn replace(
    tx: &impl ConnectionTrait,
    image_id: i64,
    labels: &[(String, String)],
) -> Result<(), DbErr> {
    label::Entity::delete_many()
        .filter(label::Column::ImageId.eq(image_id))
        .exec(tx)
        .await?;
    for batch in labels.chunks(BATCH) {
        let rows = batch.iter().map(|(key, value)| label::ActiveModel {
            image_id: Set(image_id),
            key: Set(key.clone()),
            value: Set(value.clone()),
        });
        label::Entity::insert_many(rows)
            .on_conflict_do_nothing_on([label::Column::ImageId, label::Column::Key])
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// A label, and a tag that points at an image that has it.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Labelled {
    /// The label's key.
    pub key: String,
    /// The label's value.
    pub value: String,
    /// The collection's name.
    pub collection: String,
    /// The container's name.
    pub container: String,
    /// The tag's name.
    pub tag: String,
}

/// The labels of the images that a viewer may see and that have a tag: all of them, or those with this key, with this value, or with
/// both; in order.
pub async fn search(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    key: Option<&str>,
    value: Option<&str>,
    limit: u64,
) -> Result<Vec<Labelled>, DbErr> {
    let mut select = label::Entity::find()
        .select_only()
        .columns([label::Column::Key, label::Column::Value])
        .column_as(collection::Column::Name, "collection")
        .column_as(container::Column::Name, "container")
        .column_as(tag::Column::Name, "tag")
        .distinct()
        .join(JoinType::InnerJoin, join::image_of_label())
        .join(JoinType::InnerJoin, join::container_of_image())
        .join(JoinType::InnerJoin, join::collection_of_container())
        .join(JoinType::InnerJoin, join::tag_of_image())
        .filter(repo::collection::visible(viewer));
    if let Some(key) = key {
        select = select.filter(label::Column::Key.eq(key));
    }
    if let Some(value) = value {
        select = select.filter(label::Column::Value.eq(value));
    }
    select
        .order_by_asc(label::Column::Key)
        .order_by_asc(label::Column::Value)
        .order_by_asc(collection::Column::Name)
        .order_by_asc(container::Column::Name)
        .order_by_asc(tag::Column::Name)
        .limit(limit)
        .into_model()
        .all(db)
        .await
}

/// A key, and how much it is used.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct KeyCount {
    /// The key.
    pub key: String,
    /// Different values.
    pub values: i64,
    /// Images that have it.
    pub images: i64,
}

/// A value of a key, and how much it is used.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ValueCount {
    /// The value.
    pub value: String,
    /// Images that have it.
    pub images: i64,
}

/// Labels of images that a viewer may see and that have a tag.
fn tagged(viewer: &Viewer) -> Select<label::Entity> {
    let images = Query::select()
        .column(tag::Column::ImageId)
        .from(tag::Entity)
        .to_owned();
    label::Entity::find()
        .select_only()
        .join(JoinType::InnerJoin, join::image_of_label())
        .join(JoinType::InnerJoin, join::container_of_image())
        .join(JoinType::InnerJoin, join::collection_of_container())
        .filter(repo::collection::visible(viewer))
        .filter(label::Column::ImageId.in_subquery(images))
}

/// Keys with these letters, the most used first, and how many there are in all.
pub async fn keys(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    q: Option<&str>,
    limit: u64,
) -> Result<(Vec<KeyCount>, u64), DbErr> {
    let mut select = tagged(viewer);
    if let Some(q) = q {
        select = select.filter(like((label::Entity, label::Column::Key), q));
    }
    let total = different(db, select.clone(), label::Column::Key).await?;
    let rows = select
        .column(label::Column::Key)
        .column_as(
            Expr::col((label::Entity, label::Column::Value)).count_distinct(),
            "values",
        )
        .column_as(label::Column::ImageId.count(), "images")
        .group_by(label::Column::Key)
        .order_by_desc(label::Column::ImageId.count())
        .order_by_asc(label::Column::Key)
        .limit(limit)
        .into_model()
        .all(db)
        .await?;
    Ok((rows, total))
}

/// Values of a key with these letters, the most used first, and how many there are in all.
pub async fn values(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    key: &str,
    q: Option<&str>,
    limit: u64,
) -> Result<(Vec<ValueCount>, u64), DbErr> {
    let mut select = tagged(viewer).filter(label::Column::Key.eq(key));
    if let Some(q) = q {
        select = select.filter(like((label::Entity, label::Column::Value), q));
    }
    let total = different(db, select.clone(), label::Column::Value).await?;
    let rows = select
        .column(label::Column::Value)
        .column_as(label::Column::ImageId.count(), "images")
        .group_by(label::Column::Value)
        .order_by_desc(label::Column::ImageId.count())
        .order_by_asc(label::Column::Value)
        .limit(limit)
        .into_model()
        .all(db)
        .await?;
    Ok((rows, total))
}

/// How many different texts a column has.
async fn different(
    db: &impl ConnectionTrait,
    select: Select<label::Entity>,
    column: label::Column,
) -> Result<u64, DbErr> {
    let count: Option<i64> = select
        .column_as(Expr::col((label::Entity, column)).count_distinct(), "count")
        .into_tuple()
        .one(db)
        .await?;
    Ok(count.and_then(|count| count.try_into().ok()).unwrap_or(0))
}
