//! Limits of downloads by the week, beside the counters that `pull::add_to_totals` keeps, and how full quotas are.

use entity::{collection, container, user};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult,
    JoinType, Order, QueryFilter, QueryOrder, QuerySelect, RelationDef,
    sea_query::{Expr, Func, IntoColumnRef, SimpleExpr},
};

use crate::repo::sum;

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

/// Whose quota is how full.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Filled {
    /// The name of the collection or the user.
    pub name: String,
    /// Bytes in use.
    pub used: i64,
    /// Its own quota; absent where the general one counts.
    pub own: Option<i64>,
}

/// The collections with the fullest quotas, fullest first, of those that hold anything. `general` is the quota of those without their own.
pub async fn fullest_collections(
    db: &impl ConnectionTrait,
    general: Option<i64>,
    most: u64,
) -> Result<Vec<Filled>, DbErr> {
    use collection::Column;
    let limited = Condition::any()
        .add(Column::QuotaBytes.is_null())
        .add(Column::QuotaBytes.ne(UNLIMITED));
    let limit = or_general(Column::QuotaBytes, general);
    collection::Entity::find()
        .select_only()
        .column_as(Column::Name, "name")
        .column_as(Column::SizeBytes, "used")
        .column_as(Column::QuotaBytes, "own")
        .filter(Column::SizeBytes.gt(0))
        .filter(limited)
        .filter(limit.clone().is_not_null())
        .order_by(fullness(Expr::col(Column::SizeBytes), limit), Order::Desc)
        .order_by_asc(Column::Name)
        .limit(most)
        .into_model()
        .all(db)
        .await
}

/// The users whose quotas are fullest, as `fullest_collections`: what they made counts.
pub async fn fullest_users(
    db: &impl ConnectionTrait,
    general: Option<i64>,
    most: u64,
) -> Result<Vec<Filled>, DbErr> {
    let made: RelationDef = user::Entity::belongs_to(collection::Entity)
        .from(user::Column::Id)
        .to(collection::Column::CreatedBy)
        .into();
    let used = sum((collection::Entity, collection::Column::SizeBytes));
    let limit = or_general((user::Entity, user::Column::QuotaBytes), general);
    user::Entity::find()
        .select_only()
        .column_as(user::Column::Username, "name")
        .expr_as(used.clone(), "used")
        .column_as(user::Column::QuotaBytes, "own")
        .join(JoinType::InnerJoin, made)
        .filter(limit.clone().is_not_null())
        .group_by(user::Column::Id)
        .group_by(user::Column::Username)
        .group_by(user::Column::QuotaBytes)
        .having(used.clone().gt(0))
        .order_by(fullness(used, limit), Order::Desc)
        .order_by_asc(user::Column::Username)
        .limit(most)
        .into_model()
        .all(db)
        .await
}

fn or_general(own: impl IntoColumnRef, general: Option<i64>) -> SimpleExpr {
    Func::coalesce([Expr::col(own), Expr::value(general)]).into()
}

/// The part that is in use. Not of the quota alone, which may be nothing at all.
fn fullness(used: SimpleExpr, limit: SimpleExpr) -> SimpleExpr {
    used.div(limit.add(1.0))
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
