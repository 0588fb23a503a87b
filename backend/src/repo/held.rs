//! Blobs that containers have: by an image whose bytes they are, by a manifest that names them, or because they were pushed lately.
//!
//! Each counts once in the size of its container: by its row in `container_blobs`, or by the image whose bytes it is.

use chrono::{DateTime, Utc};
use entity::{blob, container_blob, image, manifest, manifest_blob};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, PaginatorTrait,
    QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict, Query, SelectStatement},
};

use crate::repo;

/// Ids of the blobs that manifests of a container name.
fn named_in(container_id: i64) -> SelectStatement {
    let manifests = Query::select()
        .column(manifest::Column::Id)
        .from(manifest::Entity)
        .and_where(manifest::Column::ContainerId.eq(container_id))
        .to_owned();
    Query::select()
        .column(manifest_blob::Column::BlobId)
        .from(manifest_blob::Entity)
        .and_where(manifest_blob::Column::ManifestId.in_subquery(manifests))
        .to_owned()
}

/// “The container has this blob.”
fn held_by(container_id: i64) -> Condition {
    let pushed = Query::select()
        .column(container_blob::Column::BlobId)
        .from(container_blob::Entity)
        .and_where(container_blob::Column::ContainerId.eq(container_id))
        .to_owned();
    let images = Query::select()
        .column(image::Column::BlobId)
        .from(image::Entity)
        .and_where(image::Column::ContainerId.eq(container_id))
        .and_where(image::Column::BlobId.is_not_null())
        .to_owned();
    Condition::any()
        .add(blob::Column::Id.in_subquery(pushed))
        .add(blob::Column::Id.in_subquery(images))
        .add(blob::Column::Id.in_subquery(named_in(container_id)))
}

/// The live blobs with these digests that a container has.
pub async fn find(
    db: &impl ConnectionTrait,
    container_id: i64,
    digests: &[String],
) -> Result<Vec<blob::Model>, DbErr> {
    blob::Entity::find()
        .filter(blob::Column::Sha256.is_in(digests))
        .filter(blob::Column::State.eq(repo::blob::LIVE))
        .filter(held_by(container_id))
        .all(db)
        .await
}

/// The image of a container whose bytes a blob is.
pub async fn image_of(
    db: &impl ConnectionTrait,
    container_id: i64,
    blob_id: i64,
) -> Result<Option<i64>, DbErr> {
    image::Entity::find()
        .select_only()
        .column(image::Column::Id)
        .filter(image::Column::ContainerId.eq(container_id))
        .filter(image::Column::BlobId.eq(blob_id))
        .into_tuple()
        .one(db)
        .await
}

/// Whether a manifest of the container names the blob.
pub async fn is_named(
    db: &impl ConnectionTrait,
    container_id: i64,
    blob_id: i64,
) -> Result<bool, DbErr> {
    let found = blob::Entity::find_by_id(blob_id)
        .filter(blob::Column::Id.in_subquery(named_in(container_id)))
        .count(db)
        .await?;
    Ok(found > 0)
}

/// Gives a container a blob, for the grace period and for as long as manifests name it. True where it is new there. Call it with
/// the container locked.
pub async fn link(
    tx: &impl ConnectionTrait,
    container_id: i64,
    blob_id: i64,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    if image_of(tx, container_id, blob_id).await?.is_some() {
        return Ok(false);
    }
    let there = container_blob::Entity::find_by_id((container_id, blob_id))
        .one(tx)
        .await?
        .is_some();
    let row = container_blob::ActiveModel {
        container_id: Set(container_id),
        blob_id: Set(blob_id),
        created_at: Set(now),
    };
    let unique = [
        container_blob::Column::ContainerId,
        container_blob::Column::BlobId,
    ];
    let renew = OnConflict::columns(unique)
        .update_column(container_blob::Column::CreatedAt)
        .to_owned();
    container_blob::Entity::insert(row)
        .on_conflict(renew)
        .exec_without_returning(tx)
        .await?;
    Ok(!there)
}

/// Takes a blob from a container. True where it was there.
pub async fn unlink(
    tx: &impl ConnectionTrait,
    container_id: i64,
    blob_id: i64,
) -> Result<bool, DbErr> {
    let gone = container_blob::Entity::delete_by_id((container_id, blob_id))
        .exec(tx)
        .await?;
    Ok(gone.rows_affected > 0)
}

/// The containers with blobs that came before this moment and that no manifest names.
pub async fn with_unnamed(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
) -> Result<Vec<i64>, DbErr> {
    let naming = Query::select()
        .expr(Expr::val(1))
        .from(manifest_blob::Entity)
        .inner_join(
            manifest::Entity,
            Expr::col((manifest::Entity, manifest::Column::Id))
                .equals((manifest_blob::Entity, manifest_blob::Column::ManifestId)),
        )
        .and_where(
            Expr::col((manifest_blob::Entity, manifest_blob::Column::BlobId))
                .equals((container_blob::Entity, container_blob::Column::BlobId)),
        )
        .and_where(
            Expr::col((manifest::Entity, manifest::Column::ContainerId))
                .equals((container_blob::Entity, container_blob::Column::ContainerId)),
        )
        .to_owned();
    container_blob::Entity::find()
        .select_only()
        .column(container_blob::Column::ContainerId)
        .distinct()
        .filter(container_blob::Column::CreatedAt.lt(before))
        .filter(Expr::exists(naming).not())
        .into_tuple()
        .all(db)
        .await
}

/// Takes from a container the blobs that came before this moment and that no manifest there names. Returns their bytes.
pub async fn release(
    tx: &impl ConnectionTrait,
    container_id: i64,
    before: DateTime<Utc>,
) -> Result<i64, DbErr> {
    // Locks the container: a manifest that names one of them comes before this or after it.
    repo::container::add_size(tx, container_id, 0).await?;
    let doomed: Vec<i64> = container_blob::Entity::find()
        .select_only()
        .column(container_blob::Column::BlobId)
        .filter(container_blob::Column::ContainerId.eq(container_id))
        .filter(container_blob::Column::CreatedAt.lt(before))
        .filter(container_blob::Column::BlobId.not_in_subquery(named_in(container_id)))
        .into_tuple()
        .all(tx)
        .await?;
    let mut bytes = 0_i64;
    for blob_id in doomed {
        let blob = blob::Entity::find_by_id(blob_id).one(tx).await?;
        if unlink(tx, container_id, blob_id).await? {
            bytes = bytes.saturating_add(blob.map_or(0, |blob| blob.size));
        }
    }
    repo::container::add_size(tx, container_id, -bytes).await?;
    Ok(bytes)
}
