//! Downloads by image and day.

use chrono::{DateTime, Utc};
use entity::{download, image};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    QuerySelect,
    sea_query::{Expr, OnConflict, SelectStatement},
};

use crate::repo::{self, sum};

/// The day of a moment, as the table counts them: days since 1970-01-01 in UTC.
pub fn day(at: DateTime<Utc>) -> i32 {
    i32::try_from(at.timestamp().div_euclid(86_400)).unwrap_or(i32::MAX)
}

/// Adds downloads of an image on a day.
pub async fn add(
    tx: &impl ConnectionTrait,
    image: &image::Model,
    day: i32,
    count: i64,
) -> Result<(), DbErr> {
    let row = download::ActiveModel {
        image_id: Set(image.id),
        container_id: Set(image.container_id),
        day: Set(day),
        count: Set(count),
    };
    let sum = Expr::col((download::Entity, download::Column::Count)).add(count);
    download::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([download::Column::ImageId, download::Column::Day])
                .value(download::Column::Count, sum)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Downloads since a day, that day included, in the containers of these collections.
pub async fn since(
    db: &impl ConnectionTrait,
    day: i32,
    collections: SelectStatement,
) -> Result<i64, DbErr> {
    let containers = repo::container::ids_in(collections);
    let which = Condition::all()
        .add(download::Column::Day.gte(day))
        .add(download::Column::ContainerId.in_subquery(containers));
    let found: Option<i64> = download::Entity::find()
        .select_only()
        .expr(sum(download::Column::Count))
        .filter(which)
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.unwrap_or_default())
}
