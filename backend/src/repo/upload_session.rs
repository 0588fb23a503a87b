//! Uploads that grow at their end.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{container, upload, upload_session};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::NotSet,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select,
    sea_query::{Expr, SelectStatement},
};

use super::{
    upkeep::EXPIRED,
    upload::{DONE, OPEN},
};
use crate::{domain::access::Viewer, repo};

/// A session to begin.
#[derive(Debug, Clone)]
pub struct New {
    /// The unguessable id in URLs.
    pub public_id: String,
    /// Where it belongs.
    pub container_id: i64,
    /// Who uploads.
    pub user_id: i64,
    /// Bytes announced.
    pub size: Option<i64>,
    /// Digest announced.
    pub sha256: Option<String>,
    /// The tag that the image gets.
    pub tag: Option<String>,
    /// What its pusher says of the image.
    pub description: String,
    /// The store's id.
    pub store_key: String,
    /// Now.
    pub created_at: DateTime<Utc>,
    /// When it is given up.
    pub expires_at: DateTime<Utc>,
}

/// Keeps a new session.
pub async fn insert(tx: &impl ConnectionTrait, new: New) -> Result<upload_session::Model, DbErr> {
    upload_session::ActiveModel {
        id: NotSet,
        public_id: Set(new.public_id),
        container_id: Set(Some(new.container_id)),
        user_id: Set(Some(new.user_id)),
        state: Set(OPEN.to_owned()),
        size: Set(new.size),
        sha256: Set(new.sha256),
        tag: Set(new.tag),
        description: Set(new.description),
        store_key: Set(new.store_key),
        received: Set(0),
        created_at: Set(new.created_at),
        expires_at: Set(new.expires_at),
    }
    .insert(tx)
    .await
}

/// The session with this id, of this user.
pub async fn find(
    db: &impl ConnectionTrait,
    public_id: &str,
    user_id: i64,
) -> Result<Option<upload_session::Model>, DbErr> {
    upload_session::Entity::find()
        .filter(upload_session::Column::PublicId.eq(public_id))
        .filter(upload_session::Column::UserId.eq(user_id))
        .one(db)
        .await
}

/// The sessions of a user that the web application began and that can be gone on with, in collections that the viewer may see,
/// in no order yet.
pub fn unfinished(
    viewer: &Viewer,
    user_id: i64,
    now: DateTime<Utc>,
) -> Select<upload_session::Entity> {
    let visible = repo::container::ids_in(repo::collection::visible_ids(viewer));
    upload_session::Entity::find()
        .filter(upload_session::Column::ContainerId.in_subquery(visible))
        .filter(upload_session::Column::UserId.eq(user_id))
        .filter(upload_session::Column::Tag.is_not_null())
        .filter(alive(now))
}

/// The names of these containers and of their collections, by the container's id.
pub async fn places(
    db: &impl ConnectionTrait,
    containers: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, (String, String)>, DbErr> {
    let rows = container::Entity::find()
        .filter(container::Column::Id.is_in(containers))
        .all(db)
        .await?;
    let ids = rows.iter().map(|row| row.collection_id);
    let names: HashMap<i64, String> = repo::collection::by_ids(db, ids)
        .await?
        .into_iter()
        .map(|row| (row.id, row.name))
        .collect();
    let place = |row: container::Model| {
        let collection = names.get(&row.collection_id)?.clone();
        Some((row.id, (collection, row.name)))
    };
    Ok(rows.into_iter().filter_map(place).collect())
}

/// Can be gone on with.
fn alive(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(upload_session::Column::State.eq(OPEN))
        .add(upload_session::Column::ContainerId.is_not_null())
        .add(upload_session::Column::ExpiresAt.gt(now))
}

/// Notes how far a session is; its time begins anew. False where it has ended.
pub async fn advance(
    tx: &impl ConnectionTrait,
    id: i64,
    received: i64,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let changed = upload_session::Entity::update_many()
        .col_expr(upload_session::Column::Received, Expr::value(received))
        .col_expr(upload_session::Column::ExpiresAt, Expr::value(expires_at))
        .filter(upload_session::Column::Id.eq(id))
        .filter(alive(now))
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Notes that the bytes of a session are a blob's from here on. False where it has ended in the meantime: then they are
/// being removed.
pub async fn set_done(tx: &impl ConnectionTrait, id: i64) -> Result<bool, DbErr> {
    let changed = upload_session::Entity::update_many()
        .col_expr(upload_session::Column::State, Expr::value(DONE))
        .filter(upload_session::Column::Id.eq(id))
        .filter(upload_session::Column::State.eq(OPEN))
        .filter(upload_session::Column::ContainerId.is_not_null())
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Takes over, for the sweep to remove, what unfinished uploads of images about to be deleted have in the store: their own rows
/// go with the images.
pub async fn inherit(
    tx: &impl ConnectionTrait,
    images: SelectStatement,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let orphans = upload::Entity::find()
        .filter(upload::Column::ImageId.in_subquery(images))
        .filter(upload::Column::State.ne(DONE))
        .filter(upload::Column::StoreKey.is_not_null())
        .all(tx)
        .await?;
    let rows: Vec<_> = orphans
        .into_iter()
        .filter_map(|row| {
            Some(upload_session::ActiveModel {
                id: NotSet,
                public_id: Set(row.public_id),
                container_id: Set(None),
                user_id: Set(None),
                state: Set(EXPIRED.to_owned()),
                size: Set(Some(row.size)),
                sha256: Set(Some(row.sha256)),
                tag: Set(None),
                description: Set(String::new()),
                store_key: Set(row.store_key?),
                received: Set(0),
                created_at: Set(row.created_at),
                expires_at: Set(now),
            })
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    upload_session::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await
        .map(drop)
}

/// Removes the row of a session that is not done. True where what it put into the store may go as well.
pub async fn delete(tx: &impl ConnectionTrait, id: i64) -> Result<bool, DbErr> {
    let deleted = upload_session::Entity::delete_many()
        .filter(upload_session::Column::Id.eq(id))
        .filter(upload_session::Column::State.ne(DONE))
        .exec(tx)
        .await?;
    Ok(deleted.rows_affected == 1)
}
