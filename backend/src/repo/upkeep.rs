//! Queries of the jobs that keep the registry tidy: what was missed, given up, or is no longer used.

use chrono::{DateTime, Utc};
use entity::{
    blob, container_blob, image, manifest_blob, one_time_link, session, tag, upload, upload_session,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Expr, SelectStatement, UnionType},
};

use super::label;

/// An image and its blob, where its bytes have arrived.
pub async fn image_with_blob(
    db: &impl ConnectionTrait,
    image_id: i64,
) -> Result<Option<(image::Model, blob::Model)>, DbErr> {
    let Some(image) = image::Entity::find_by_id(image_id).one(db).await? else {
        return Ok(None);
    };
    let Some(blob_id) = image.blob_id else {
        return Ok(None);
    };
    let blob = blob::Entity::find_by_id(blob_id).one(db).await?;
    Ok(blob.map(|blob| (image, blob)))
}

/// What was read inside an image.
#[derive(Debug, Clone, Default)]
pub struct Inspected {
    /// The architecture that the file says; what is known stays where it says none.
    pub arch: Option<String>,
    /// It carries signatures.
    pub signed: bool,
    /// It is encrypted.
    pub encrypted: bool,
    /// JSON of `shared_types::ImageMetadata`.
    pub metadata: Option<String>,
    /// Its labels: key and value.
    pub labels: Vec<(String, String)>,
    /// Why it could not be read.
    pub problem: Option<String>,
}

/// Notes what was read inside an image. False where it is gone, or another job has read it meanwhile.
pub async fn set_inspected(
    db: &impl ConnectionTrait,
    image: image::Model,
    found: &Inspected,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let row = image::ActiveModel {
        arch: Set(found.arch.clone().or(image.arch)),
        signed: Set(found.signed),
        encrypted: Set(found.encrypted),
        metadata: Set(found.metadata.clone()),
        problem: Set(found.problem.clone()),
        inspected_at: Set(Some(now)),
        ..Default::default()
    };
    let noted = image::Entity::update_many()
        .set(row)
        .filter(image::Column::Id.eq(image.id))
        .filter(image::Column::InspectedAt.is_null())
        .exec(db)
        .await?;
    if noted.rows_affected == 0 {
        return Ok(false);
    }
    label::replace(db, image.id, &found.labels).await?;
    Ok(true)
}

/// Ids of images whose bytes are here and that nobody has read.
pub async fn not_inspected(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<i64>, DbErr> {
    image::Entity::find()
        .select_only()
        .column(image::Column::Id)
        .filter(image::Column::BlobId.is_not_null())
        .filter(image::Column::InspectedAt.is_null())
        .order_by_asc(image::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}

/// The word for an upload that is being removed: nobody can complete it any more.
pub const EXPIRED: &str = "expired";

/// Takes uploads whose time is over away from their clients, and returns all that are to be removed.
pub async fn claim_expired_uploads(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<upload::Model>, DbErr> {
    let over = upload::Column::ExpiresAt.lte(now);
    // What was completed has nothing in the store that is its own any more.
    upload::Entity::delete_many()
        .filter(over.clone())
        .filter(upload::Column::State.eq("done"))
        .exec(db)
        .await?;
    upload::Entity::update_many()
        .col_expr(upload::Column::State, Expr::value(EXPIRED))
        .filter(over)
        .exec(db)
        .await?;
    upload::Entity::find()
        .filter(upload::Column::State.eq(EXPIRED))
        .all(db)
        .await
}

/// Takes sessions away from their clients whose time is over, or whose container or user is gone, and returns all that are to
/// be removed.
pub async fn claim_ended_upload_sessions(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<upload_session::Model>, DbErr> {
    let over = Condition::any()
        .add(upload_session::Column::ExpiresAt.lte(now))
        .add(upload_session::Column::ContainerId.is_null())
        .add(upload_session::Column::UserId.is_null());
    // What was completed has nothing in the store that is its own any more.
    upload_session::Entity::delete_many()
        .filter(over.clone())
        .filter(upload_session::Column::State.eq("done"))
        .exec(db)
        .await?;
    upload_session::Entity::update_many()
        .col_expr(upload_session::Column::State, Expr::value(EXPIRED))
        .filter(over)
        .exec(db)
        .await?;
    upload_session::Entity::find()
        .filter(upload_session::Column::State.eq(EXPIRED))
        .all(db)
        .await
}

/// Forgets a session that has ended.
pub async fn delete_upload_session(db: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    upload_session::Entity::delete_by_id(id)
        .exec(db)
        .await
        .map(drop)
}

/// What the store calls the uploads that are known.
pub async fn upload_keys(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let mut keys: Vec<String> = upload::Entity::find()
        .select_only()
        .column(upload::Column::StoreKey)
        .filter(upload::Column::StoreKey.is_not_null())
        .into_tuple()
        .all(db)
        .await?;
    let sessions: Vec<String> = upload_session::Entity::find()
        .select_only()
        .column(upload_session::Column::StoreKey)
        .into_tuple()
        .all(db)
        .await?;
    keys.extend(sessions);
    Ok(keys)
}

/// Forgets an upload.
pub async fn delete_upload(db: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    upload::Entity::delete_by_id(id).exec(db).await.map(drop)
}

/// Removes images that were registered before this moment and whose bytes never came. Returns how many.
pub async fn delete_never_uploaded(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let uploads = upload::Entity::find()
        .select_only()
        .column(upload::Column::ImageId)
        .into_query();
    let tags = tag::Entity::find()
        .select_only()
        .column(tag::Column::ImageId)
        .into_query();
    let deleted = image::Entity::delete_many()
        .filter(image::Column::BlobId.is_null())
        .filter(image::Column::Kind.eq("sif"))
        .filter(image::Column::CreatedAt.lt(before))
        .filter(image::Column::Id.not_in_subquery(uploads))
        .filter(image::Column::Id.not_in_subquery(tags))
        .exec(db)
        .await?;
    Ok(deleted.rows_affected)
}

/// Ids of the blobs that images, manifests or containers use.
fn used() -> SelectStatement {
    let mut images = image::Entity::find()
        .select_only()
        .column(image::Column::BlobId)
        .filter(image::Column::BlobId.is_not_null())
        .into_query();
    let manifests = manifest_blob::Entity::find()
        .select_only()
        .column(manifest_blob::Column::BlobId)
        .into_query();
    let containers = container_blob::Entity::find()
        .select_only()
        .column(container_blob::Column::BlobId)
        .into_query();
    images
        .union(UnionType::All, manifests)
        .union(UnionType::All, containers)
        .to_owned()
}

/// Brings `unused_since` in line with what images use.
pub async fn mark_unused(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
    blob::Entity::update_many()
        .col_expr(blob::Column::UnusedSince, Expr::value(now))
        .filter(blob::Column::UnusedSince.is_null())
        .filter(blob::Column::Id.not_in_subquery(used()))
        .exec(db)
        .await?;
    blob::Entity::update_many()
        .col_expr(
            blob::Column::UnusedSince,
            Expr::value(Option::<DateTime<Utc>>::None),
        )
        .filter(blob::Column::UnusedSince.is_not_null())
        .filter(blob::Column::Id.in_subquery(used()))
        .exec(db)
        .await
        .map(drop)
}

/// Condemns blobs that were unused before this moment, and returns all that are condemned, those of earlier runs too. No
/// push takes a condemned blob for its own.
pub async fn condemn_blobs(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
) -> Result<Vec<blob::Model>, DbErr> {
    blob::Entity::update_many()
        .col_expr(blob::Column::State, Expr::value("deleting"))
        .filter(blob::Column::State.eq("live"))
        .filter(blob::Column::UnusedSince.lt(before))
        .filter(blob::Column::Id.not_in_subquery(used()))
        .exec(db)
        .await?;
    blob::Entity::find()
        .filter(blob::Column::State.eq("deleting"))
        .all(db)
        .await
}

/// Forgets a condemned blob.
pub async fn delete_blob(db: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    blob::Entity::delete_many()
        .filter(blob::Column::Id.eq(id))
        .filter(blob::Column::State.eq("deleting"))
        .exec(db)
        .await
        .map(drop)
}

/// Whether a blob with this key is known.
pub async fn has_blob(db: &impl ConnectionTrait, key: &str) -> Result<bool, DbErr> {
    let found = blob::Entity::find()
        .filter(blob::Column::Key.eq(key))
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Removes sessions and one-time links that ended before now. Returns how many.
pub async fn delete_ended_sessions(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let sessions = session::Entity::delete_many()
        .filter(session::Column::ExpiresAt.lt(now))
        .exec(db)
        .await?;
    let links = one_time_link::Entity::delete_many()
        .filter(one_time_link::Column::ExpiresAt.lt(now))
        .exec(db)
        .await?;
    Ok(sessions.rows_affected + links.rows_affected)
}
