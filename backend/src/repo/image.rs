//! Images: SIF files in a container.

use chrono::{DateTime, Utc};
use entity::{blob, image, image_signature, user};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult,
    Iterable, JoinType, PaginatorTrait, QueryFilter, QuerySelect, Select,
    sea_query::{Expr, Query, SelectStatement},
};

use crate::repo::{self, join, signature::Standing};

/// An image of a container by the hexadecimal digits of its digest, whether its bytes have arrived or not.
pub async fn find_by_sha256(
    db: &impl ConnectionTrait,
    container_id: i64,
    hex: &str,
) -> Result<Option<image::Model>, DbErr> {
    image::Entity::find()
        .filter(image::Column::ContainerId.eq(container_id))
        .filter(image::Column::Sha256.eq(hex))
        .one(db)
        .await
}

/// An image by id.
pub async fn by_id(db: &impl ConnectionTrait, id: i64) -> Result<Option<image::Model>, DbErr> {
    image::Entity::find_by_id(id).one(db).await
}

/// The complete images of a container, in no order yet.
pub fn list(container_id: i64) -> Select<image::Entity> {
    image::Entity::find()
        .filter(image::Column::ContainerId.eq(container_id))
        .filter(image::Column::PushedAt.is_not_null())
}

/// An image without what is inside, with who pushed it and what is known of one of its signatures.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Listed {
    /// The image. `metadata` is not read.
    #[sea_orm(nested)]
    pub image: image::Model,
    /// Who pushed it.
    pub username: Option<String>,
    /// What is known of the signature.
    #[sea_orm(nested)]
    pub signature: Option<Standing>,
}

/// These images: a row for each signature of each, or one where it has none.
pub async fn listed(
    db: &impl ConnectionTrait,
    images: impl IntoIterator<Item = i64>,
) -> Result<Vec<Listed>, DbErr> {
    let told = image::Column::iter().filter(|column| !matches!(column, image::Column::Metadata));
    image::Entity::find()
        .select_only()
        .columns(told)
        .expr_as(Expr::value(Option::<String>::None), "metadata")
        .column(user::Column::Username)
        .column_as(image_signature::Column::State, "state")
        .column_as(image_signature::Column::Complete, "complete")
        .column_as(image_signature::Column::ValidUntil, "valid_until")
        .join(JoinType::LeftJoin, join::user_of_image())
        .join(JoinType::LeftJoin, join::signature_of_image())
        .filter(image::Column::Id.is_in(images))
        .into_model()
        .all(db)
        .await
}

/// “The image is this one.”
pub fn one(image_id: i64) -> Condition {
    Condition::all().add(image::Column::Id.eq(image_id))
}

/// “The image is in this container.”
pub fn in_container(container_id: i64) -> Condition {
    Condition::all().add(image::Column::ContainerId.eq(container_id))
}

/// “The image is in this collection.”
pub fn in_collection(collection_id: i64) -> Condition {
    Condition::all()
        .add(image::Column::ContainerId.in_subquery(repo::container::ids_of(collection_id)))
}

/// How many complete images these collections have.
pub async fn count_in(
    db: &impl ConnectionTrait,
    collections: SelectStatement,
) -> Result<u64, DbErr> {
    image::Entity::find()
        .filter(image::Column::ContainerId.in_subquery(repo::container::ids_in(collections)))
        .filter(image::Column::PushedAt.is_not_null())
        .count(db)
        .await
}

/// Notes for the blobs of images about to be deleted since when nothing uses them. Call it before the deletion, in its
/// transaction; a blob that another image uses stays as it is. What unfinished uploads of these images have in the store is left
/// to the sweep.
pub async fn release_blobs(
    tx: &impl ConnectionTrait,
    doomed: Condition,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let images = Query::select()
        .column(image::Column::Id)
        .from(image::Entity)
        .cond_where(doomed.clone())
        .to_owned();
    repo::upload_session::inherit(tx, images, now).await?;
    let theirs = Query::select()
        .column(image::Column::BlobId)
        .from(image::Entity)
        .cond_where(doomed.clone())
        .and_where(image::Column::BlobId.is_not_null())
        .to_owned();
    let used_elsewhere = Query::select()
        .expr(Expr::val(1))
        .from(image::Entity)
        .and_where(
            Expr::col((image::Entity, image::Column::BlobId))
                .equals((blob::Entity, blob::Column::Id)),
        )
        .cond_where(doomed.not())
        .to_owned();
    blob::Entity::update_many()
        .col_expr(blob::Column::UnusedSince, Expr::value(now))
        .filter(blob::Column::UnusedSince.is_null())
        .filter(blob::Column::Id.in_subquery(theirs))
        .filter(Expr::exists(used_elsewhere).not())
        .exec(tx)
        .await?;
    Ok(())
}

/// Removes an image; its tags go with it.
pub async fn delete(tx: &impl ConnectionTrait, image_id: i64) -> Result<(), DbErr> {
    image::Entity::delete_many()
        .filter(image::Column::Id.eq(image_id))
        .exec(tx)
        .await?;
    Ok(())
}
