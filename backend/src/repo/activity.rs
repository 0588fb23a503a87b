//! What happened on which day: pushes out of the history of tags, downloads as they are counted.

use chrono::{DateTime, Utc};
use entity::{download, tag_event};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
    sea_query::SelectStatement,
};
use shared_types::TagAction;

use crate::repo::sum;

/// Downloads of the images of these containers, by day, from a day on.
pub async fn downloads(
    db: &impl ConnectionTrait,
    containers: SelectStatement,
    first: i32,
) -> Result<Vec<(i32, i64)>, DbErr> {
    download::Entity::find()
        .select_only()
        .column(download::Column::Day)
        .expr(sum(download::Column::Count))
        .filter(download::Column::Day.gte(first))
        .filter(download::Column::ContainerId.in_subquery(containers))
        .group_by(download::Column::Day)
        .into_tuple()
        .all(db)
        .await
}

/// When tags of these containers came to be or moved, from a moment on: each is a push. Engines cut days differently, so moments it is.
pub async fn pushes(
    db: &impl ConnectionTrait,
    containers: SelectStatement,
    first: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<DateTime<Utc>>, DbErr> {
    let pushes = [TagAction::Created, TagAction::Moved].map(TagAction::as_str);
    tag_event::Entity::find()
        .select_only()
        .column(tag_event::Column::CreatedAt)
        .filter(tag_event::Column::ContainerId.in_subquery(containers))
        .filter(tag_event::Column::CreatedAt.gte(first))
        .filter(tag_event::Column::Action.is_in(pushes))
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}
