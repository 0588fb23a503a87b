//! Bytes in the store: one row for each digest, whoever pushed it.
//!
//! A blob goes in three steps (`repo::upkeep`): its row turns to `deleting`, its object is removed, its row is removed. A push of
//! the same bytes may arrive between any two of them.

use chrono::{DateTime, Utc};
use entity::blob;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{CaseStatement, Expr, OnConflict},
};

/// In use, or waiting to be used again.
pub const LIVE: &str = "live";
/// Its object is being removed.
pub const DELETING: &str = "deleting";

/// Verified bytes in the store, to become a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// Their digest.
    pub sha256: String,
    /// Their key in the store.
    pub key: String,
    /// What the store said of them when they were verified.
    pub mark: Option<String>,
    /// How many there are.
    pub size: i64,
}

/// A blob that a push may use.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The row, live.
    pub blob: blob::Model,
    /// The object that the row had until now and nobody needs any more.
    pub replaced: Option<String>,
}

/// The live blob with this digest.
pub async fn find_live(
    db: &impl ConnectionTrait,
    sha256: &str,
) -> Result<Option<blob::Model>, DbErr> {
    blob::Entity::find()
        .filter(blob::Column::Sha256.eq(sha256))
        .filter(blob::Column::State.eq(LIVE))
        .one(db)
        .await
}

/// The next live blobs after this one, in the order of their ids.
pub async fn live_after(
    db: &impl ConnectionTrait,
    id: i64,
    most: u64,
) -> Result<Vec<blob::Model>, DbErr> {
    blob::Entity::find()
        .filter(blob::Column::Id.gt(id))
        .filter(blob::Column::State.eq(LIVE))
        .order_by_asc(blob::Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// How many live blobs there are.
pub async fn count_live(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    blob::Entity::find()
        .filter(blob::Column::State.eq(LIVE))
        .count(db)
        .await
}

/// Takes note of bytes in the store.
///
/// Where a live row is there already it is kept, and the caller removes its own object. Where the row is being deleted its object
/// may be gone at any moment, so the row takes over the caller's. `lost` is a key that turned out to have no object: it is
/// replaced as well.
pub async fn claim(
    tx: &impl ConnectionTrait,
    new: &New,
    lost: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Claimed, DbErr> {
    let before = blob::Entity::find()
        .filter(blob::Column::Sha256.eq(&new.sha256))
        .one(tx)
        .await?;
    let row = blob::ActiveModel {
        id: NotSet,
        sha256: Set(new.sha256.clone()),
        key: Set(new.key.clone()),
        size: Set(new.size),
        state: Set(LIVE.to_owned()),
        created_at: Set(now),
        unused_since: Set(None),
        store_mark: Set(new.mark.clone()),
    };
    // One statement, so that it sees the row as it is when its lock is held.
    let stale = Expr::col((blob::Entity, blob::Column::State))
        .eq(DELETING)
        .or(Expr::col((blob::Entity, blob::Column::Key)).eq(lost.unwrap_or_default()));
    let newest = |value: Expr, column| {
        CaseStatement::new()
            .case(stale.clone(), value)
            .finally(Expr::col((blob::Entity, column)))
    };
    let key = newest(Expr::val(&new.key), blob::Column::Key);
    let mark = newest(Expr::val(new.mark.clone()), blob::Column::StoreMark);
    let reuse = OnConflict::column(blob::Column::Sha256)
        .value(blob::Column::Key, key)
        .value(blob::Column::StoreMark, mark)
        .value(blob::Column::State, Expr::val(LIVE))
        .value(
            blob::Column::UnusedSince,
            Expr::val(Option::<DateTime<Utc>>::None),
        )
        .to_owned();
    let blob = blob::Entity::insert(row)
        .on_conflict(reuse)
        .exec_with_returning(tx)
        .await?;
    let replaced = before
        .map(|before| before.key)
        .filter(|old| *old != blob.key);
    Ok(Claimed { blob, replaced })
}

/// Notes what another store says of a blob that was copied there under the same key.
pub async fn set_mark(
    tx: &impl ConnectionTrait,
    id: i64,
    key: &str,
    mark: Option<&str>,
) -> Result<(), DbErr> {
    blob::Entity::update_many()
        .col_expr(blob::Column::StoreMark, Expr::value(mark))
        .filter(blob::Column::Id.eq(id))
        .filter(blob::Column::Key.eq(key))
        .exec(tx)
        .await
        .map(drop)
}

/// Takes a live blob into use again. False where it is being removed.
pub async fn reuse(tx: &impl ConnectionTrait, id: i64) -> Result<bool, DbErr> {
    let changed = blob::Entity::update_many()
        .col_expr(
            blob::Column::UnusedSince,
            Expr::value(Option::<DateTime<Utc>>::None),
        )
        .filter(blob::Column::Id.eq(id))
        .filter(blob::Column::State.eq(LIVE))
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}
