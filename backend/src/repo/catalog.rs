//! Everything that is here, as the older client lists it: collections, and in them a line for each tag.

use chrono::{DateTime, Utc};
use entity::{collection, container, image, tag};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, Query},
};

use crate::{
    domain::access::Viewer,
    repo::{self, join, like},
};

/// A tag, with its image and where it is.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Entry {
    /// The image's id.
    pub image_id: i64,
    /// The collection's id.
    pub collection_id: i64,
    /// The collection's name.
    pub collection: String,
    /// The container's name.
    pub container: String,
    /// The tag's name.
    pub tag: String,
    /// Nothing moves it.
    pub frozen: bool,
    /// The digest of the image, in hexadecimal digits.
    pub sha256: String,
    /// When the image's bytes were complete.
    pub pushed_at: Option<DateTime<Utc>>,
    /// When the image was announced.
    pub created_at: DateTime<Utc>,
}

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct Filter<'a> {
    /// Of this collection, by name.
    pub collection: Option<&'a str>,
    /// Of these collections, by id.
    pub collections: Option<Vec<i64>>,
    /// Of containers with this name.
    pub container: Option<&'a str>,
    /// With this tag.
    pub tag: Option<&'a str>,
    /// Of this image.
    pub image: Option<i64>,
}

/// A part of a list. The protocol counts, so there is no going on after a key.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// How many at most.
    pub limit: u64,
    /// How many are passed over.
    pub offset: u64,
}

/// Entries that a viewer may see, by name, and how many there are in all. A tag for several architectures is one entry: that of the
/// usual one, or the first.
pub async fn entries(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: Filter<'_>,
    part: Part,
) -> Result<(Vec<Entry>, u64), DbErr> {
    let select = narrowed(viewer, filter);
    let rows: Vec<Entry> = select
        .clone()
        .select_only()
        .column(tag::Column::ImageId)
        .column_as(collection::Column::Id, "collection_id")
        .column_as(collection::Column::Name, "collection")
        .column_as(container::Column::Name, "container")
        .column_as(tag::Column::Name, "tag")
        .column(tag::Column::Frozen)
        .columns([
            image::Column::Sha256,
            image::Column::PushedAt,
            image::Column::CreatedAt,
        ])
        .order_by_asc(collection::Column::Name)
        .order_by_asc(container::Column::Name)
        .order_by_asc(tag::Column::Name)
        .offset(part.offset)
        .limit(part.limit)
        .into_model()
        .all(db)
        .await?;
    let total = select
        .select_only()
        .column(tag::Column::Id)
        .count(db)
        .await?;
    Ok((rows, total))
}

fn narrowed(viewer: &Viewer, filter: Filter<'_>) -> Select<tag::Entity> {
    let mut select = tag::Entity::find()
        .join(JoinType::InnerJoin, join::image_of_tag())
        .join(JoinType::InnerJoin, join::container_of_tag())
        .join(JoinType::InnerJoin, join::collection_of_container())
        .filter(repo::collection::visible(viewer))
        .filter(image::Column::BlobId.is_not_null())
        .filter(Expr::cust(ONE_OF_A_NAME));
    if let Some(name) = filter.collection {
        select = select.filter(collection::Column::Name.eq(name));
    }
    if let Some(ids) = filter.collections {
        select = select.filter(collection::Column::Id.is_in(ids));
    }
    if let Some(name) = filter.container {
        select = select.filter(container::Column::Name.eq(name));
    }
    if let Some(name) = filter.tag {
        select = select.filter(tag::Column::Name.eq(name));
    }
    if let Some(id) = filter.image {
        select = select.filter(image::Column::Id.eq(id));
    }
    select
}

/// “There is no better one of this name.”
const ONE_OF_A_NAME: &str = "NOT EXISTS (SELECT 1 FROM tags other \
     WHERE other.container_id = tags.container_id AND other.name = tags.name AND tags.arch <> 'amd64' \
     AND (other.arch = 'amd64' OR other.arch < tags.arch))";

/// Collections that a viewer may see, and how many there are in all: those that contain a word, where one is given, in their name or the
/// name or a tag of one of their containers.
pub async fn collections(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    word: Option<&str>,
    part: Part,
) -> Result<(Vec<collection::Model>, u64), DbErr> {
    let mut select = collection::Entity::find().filter(repo::collection::visible(viewer));
    if let Some(word) = word {
        select = select.filter(holds(word));
    }
    let total = select.clone().count(db).await?;
    let rows = select
        .order_by_asc(collection::Column::Id)
        .offset(part.offset)
        .limit(part.limit)
        .all(db)
        .await?;
    Ok((rows, total))
}

fn holds(word: &str) -> Condition {
    let tagged = Query::select()
        .column(tag::Column::ContainerId)
        .from(tag::Entity)
        .and_where(like((tag::Entity, tag::Column::Name), word))
        .to_owned();
    let containers = Query::select()
        .column(container::Column::CollectionId)
        .from(container::Entity)
        .cond_where(
            Condition::any()
                .add(like((container::Entity, container::Column::Name), word))
                .add(container::Column::Id.in_subquery(tagged)),
        )
        .to_owned();
    Condition::any()
        .add(like((collection::Entity, collection::Column::Name), word))
        .add(collection::Column::Id.in_subquery(containers))
}
