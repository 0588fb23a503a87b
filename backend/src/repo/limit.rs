//! Limits of downloads by the week, beside the counters that `pull::add_to_totals` keeps, and quotas of collections.

use entity::{collection, container};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr};

/// The limit that stands for none.
pub const UNLIMITED: i64 = -1;

/// Sets the limit of a collection; nothing for the registry's own.
pub async fn set_of_collection(
    tx: &impl ConnectionTrait,
    id: i64,
    limit: Option<i64>,
) -> Result<(), DbErr> {
    collection::Entity::update_many()
        .col_expr(collection::Column::WeeklyLimit, Expr::value(limit))
        .filter(collection::Column::Id.eq(id))
        .exec(tx)
        .await
        .map(drop)
}

/// Sets the limit of a container; nothing for the registry's own.
pub async fn set_of_container(
    tx: &impl ConnectionTrait,
    id: i64,
    limit: Option<i64>,
) -> Result<(), DbErr> {
    container::Entity::update_many()
        .col_expr(container::Column::WeeklyLimit, Expr::value(limit))
        .filter(container::Column::Id.eq(id))
        .exec(tx)
        .await
        .map(drop)
}

/// Sets how many bytes a collection may hold; nothing for the registry's own quota.
pub async fn set_quota(
    tx: &impl ConnectionTrait,
    id: i64,
    bytes: Option<i64>,
) -> Result<(), DbErr> {
    collection::Entity::update_many()
        .col_expr(collection::Column::QuotaBytes, Expr::value(bytes))
        .filter(collection::Column::Id.eq(id))
        .exec(tx)
        .await
        .map(drop)
}

/// Forgets what was downloaded this week. Returns how many containers had given something.
pub async fn reset(tx: &impl ConnectionTrait) -> Result<u64, DbErr> {
    collection::Entity::update_many()
        .col_expr(collection::Column::WeekDownloads, Expr::value(0))
        .filter(collection::Column::WeekDownloads.ne(0))
        .exec(tx)
        .await?;
    let containers = container::Entity::update_many()
        .col_expr(container::Column::WeekDownloads, Expr::value(0))
        .filter(container::Column::WeekDownloads.ne(0))
        .exec(tx)
        .await?;
    Ok(containers.rows_affected)
}
