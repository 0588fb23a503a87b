//! Uploads in progress.

use chrono::{DateTime, Utc};
use entity::upload;
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr,
    EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};

/// The bytes come in one piece.
pub const SINGLE: &str = "single";
/// The bytes come in numbered parts.
pub const PARTS: &str = "parts";
/// The client sends the bytes to the object store in one piece.
pub const DIRECT: &str = "direct";
/// The client sends the bytes to the object store in numbered parts.
pub const DIRECT_PARTS: &str = "direct_parts";

/// Bytes are awaited.
pub const OPEN: &str = "open";
/// Verified bytes are in the store; no image uses them yet.
pub const STORED: &str = "stored";
/// The image has its bytes.
pub const DONE: &str = "done";

/// An upload to begin.
#[derive(Debug, Clone)]
pub struct New {
    /// The unguessable id in URLs.
    pub public_id: String,
    /// The image whose bytes these are.
    pub image_id: i64,
    /// Who pushes.
    pub user_id: i64,
    /// Bytes announced.
    pub size: i64,
    /// Digest announced.
    pub sha256: String,
    /// How the bytes come.
    pub kind: &'static str,
    /// The store's id of an upload in parts, or the key that the bytes will have.
    pub store_key: Option<String>,
    /// What the object store calls an upload in parts.
    pub remote_id: Option<String>,
    /// For an upload in parts: the length of a part in bytes, and how many there are.
    pub parts: Option<(i64, i32)>,
    /// Now.
    pub created_at: DateTime<Utc>,
    /// When it is given up.
    pub expires_at: DateTime<Utc>,
}

/// Keeps a new upload.
pub async fn insert(tx: &impl ConnectionTrait, new: New) -> Result<upload::Model, DbErr> {
    let (part_size, total_parts) = new.parts.unzip();
    upload::ActiveModel {
        id: NotSet,
        public_id: Set(new.public_id),
        image_id: Set(new.image_id),
        user_id: Set(Some(new.user_id)),
        kind: Set(new.kind.to_owned()),
        state: Set(OPEN.to_owned()),
        size: Set(new.size),
        sha256: Set(new.sha256),
        part_size: Set(part_size),
        total_parts: Set(total_parts),
        store_key: Set(new.store_key),
        remote_id: Set(new.remote_id),
        store_mark: Set(None),
        created_at: Set(new.created_at),
        expires_at: Set(new.expires_at),
    }
    .insert(tx)
    .await
}

/// The upload with this id.
pub async fn find(
    db: &impl ConnectionTrait,
    public_id: &str,
) -> Result<Option<upload::Model>, DbErr> {
    upload::Entity::find()
        .filter(upload::Column::PublicId.eq(public_id))
        .one(db)
        .await
}

/// The uploads of an image whose bytes are in the store but not yet in use, newest first.
pub async fn stored(db: &impl ConnectionTrait, image_id: i64) -> Result<Vec<upload::Model>, DbErr> {
    upload::Entity::find()
        .filter(upload::Column::ImageId.eq(image_id))
        .filter(upload::Column::State.eq(STORED))
        .order_by_desc(upload::Column::Id)
        .all(db)
        .await
}

/// The newest upload of an image that its client makes with the object store, in one piece, and that is not verified yet.
pub async fn newest_direct(
    db: &impl ConnectionTrait,
    image_id: i64,
) -> Result<Option<upload::Model>, DbErr> {
    upload::Entity::find()
        .filter(upload::Column::ImageId.eq(image_id))
        .filter(upload::Column::Kind.eq(DIRECT))
        .filter(upload::Column::State.eq(OPEN))
        .order_by_desc(upload::Column::Id)
        .one(db)
        .await
}

/// Notes that the bytes of this upload, as it was read, are in the store under `key`, and what the store said of them.
/// False where it has changed since.
pub async fn set_stored(
    tx: &impl ConnectionTrait,
    read: &upload::Model,
    key: &str,
    mark: Option<&str>,
) -> Result<bool, DbErr> {
    let same = match &read.store_key {
        Some(before) => upload::Column::StoreKey.eq(before),
        None => upload::Column::StoreKey.is_null(),
    };
    let changed = upload::Entity::update_many()
        .col_expr(upload::Column::State, Expr::value(STORED))
        .col_expr(upload::Column::StoreKey, Expr::value(key))
        .col_expr(upload::Column::StoreMark, Expr::value(mark))
        .filter(upload::Column::Id.eq(read.id))
        .filter(upload::Column::State.is_in([OPEN, STORED]))
        .filter(same)
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Notes that the image has its bytes; the object `key` is the blob's from here on. False where the upload has ended in the
/// meantime: then that object is being removed.
pub async fn set_done(tx: &impl ConnectionTrait, id: i64, key: &str) -> Result<bool, DbErr> {
    let changed = upload::Entity::update_many()
        .col_expr(upload::Column::State, Expr::value(DONE))
        .filter(upload::Column::Id.eq(id))
        .filter(upload::Column::State.eq(STORED))
        .filter(upload::Column::StoreKey.eq(key))
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Removes the row of an upload that is not done. True where what it put into the store may go as well.
pub async fn delete(tx: &impl ConnectionTrait, id: i64) -> Result<bool, DbErr> {
    let deleted = upload::Entity::delete_many()
        .filter(upload::Column::Id.eq(id))
        .filter(upload::Column::State.ne(DONE))
        .exec(tx)
        .await?;
    Ok(deleted.rows_affected == 1)
}
