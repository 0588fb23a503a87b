//! What is in the store, as the database knows it.

use entity::{blob, upload, upload_session};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
};

use crate::repo::sum;

/// How many, and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromQueryResult)]
pub struct Amount {
    /// How many.
    pub count: i64,
    /// Bytes of all of them.
    pub size_bytes: i64,
}

/// The blobs there are: all, or those alone that nothing uses any more.
pub async fn blobs(db: &impl ConnectionTrait, unused: bool) -> Result<Amount, DbErr> {
    let mut select = blob::Entity::find();
    if unused {
        select = select.filter(blob::Column::UnusedSince.is_not_null());
    }
    let found = select
        .select_only()
        .column_as(blob::Column::Id.count(), "count")
        .expr_as(sum(blob::Column::Size), "size_bytes")
        .into_model()
        .one(db)
        .await?;
    Ok(found.unwrap_or_default())
}

/// How many uploads are under way.
pub async fn uploads(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let open = "open";
    let clients: Option<i64> = upload::Entity::find()
        .filter(upload::Column::State.eq(open))
        .select_only()
        .column_as(upload::Column::Id.count(), "count")
        .into_tuple()
        .one(db)
        .await?;
    let sessions: Option<i64> = upload_session::Entity::find()
        .filter(upload_session::Column::State.eq(open))
        .select_only()
        .column_as(upload_session::Column::Id.count(), "count")
        .into_tuple()
        .one(db)
        .await?;
    Ok(clients.unwrap_or_default() + sessions.unwrap_or_default())
}
