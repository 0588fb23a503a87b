//! Labels of images, for search.

use entity::{collection, container, image, label, tag};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType,
    QueryFilter, QueryOrder, QuerySelect, RelationDef,
};

use crate::{domain::access::Viewer, repo};

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
        .join(JoinType::InnerJoin, to_image())
        .join(JoinType::InnerJoin, to_container())
        .join(JoinType::InnerJoin, to_collection())
        .join(JoinType::InnerJoin, to_tag())
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

fn to_image() -> RelationDef {
    label::Entity::belongs_to(image::Entity)
        .from(label::Column::ImageId)
        .to(image::Column::Id)
        .into()
}

fn to_container() -> RelationDef {
    image::Entity::belongs_to(container::Entity)
        .from(image::Column::ContainerId)
        .to(container::Column::Id)
        .into()
}

fn to_collection() -> RelationDef {
    container::Entity::belongs_to(collection::Entity)
        .from(container::Column::CollectionId)
        .to(collection::Column::Id)
        .into()
}

fn to_tag() -> RelationDef {
    image::Entity::belongs_to(tag::Entity)
        .from(image::Column::Id)
        .to(tag::Column::ImageId)
        .into()
}
