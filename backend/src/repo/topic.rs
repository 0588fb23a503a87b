//! Topics of containers.

use std::collections::HashMap;

use entity::{container, topic};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query, SelectStatement},
};

use crate::{
    domain::access::Viewer,
    repo::{self, like},
};

/// Gives a container these topics, in place of those it had.
pub async fn replace(
    tx: &impl ConnectionTrait,
    container_id: i64,
    names: &[String],
) -> Result<(), DbErr> {
    topic::Entity::delete_many()
        .filter(topic::Column::ContainerId.eq(container_id))
        .exec(tx)
        .await?;
    let rows = names.iter().map(|name| topic::ActiveModel {
        container_id: Set(container_id),
        name: Set(name.clone()),
    });
    topic::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The topics of these containers, by name.
pub async fn of_containers(
    db: &impl ConnectionTrait,
    containers: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, Vec<String>>, DbErr> {
    let rows = topic::Entity::find()
        .filter(topic::Column::ContainerId.is_in(containers))
        .order_by_asc(topic::Column::Name)
        .all(db)
        .await?;
    let mut topics: HashMap<i64, Vec<String>> = HashMap::new();
    for row in rows {
        topics.entry(row.container_id).or_default().push(row.name);
    }
    Ok(topics)
}

/// The containers with a topic, for `IN`.
pub fn containers_with(name: &str) -> SelectStatement {
    Query::select()
        .column(topic::Column::ContainerId)
        .from(topic::Entity)
        .and_where(topic::Column::Name.eq(name))
        .to_owned()
}

/// A topic, and how much it is used.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Used {
    /// The topic.
    pub name: String,
    /// How many containers have it.
    pub containers: i64,
}

/// The topics of containers that a viewer may see, the most used first, and how many there are in all.
pub async fn list(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    q: Option<&str>,
    limit: u64,
) -> Result<(Vec<Used>, u64), DbErr> {
    let visible = Query::select()
        .column(container::Column::Id)
        .from(container::Entity)
        .and_where(
            container::Column::CollectionId.in_subquery(repo::collection::visible_ids(viewer)),
        )
        .to_owned();
    let mut select = topic::Entity::find()
        .select_only()
        .column(topic::Column::Name)
        .filter(topic::Column::ContainerId.in_subquery(visible));
    if let Some(q) = q {
        select = select.filter(like((topic::Entity, topic::Column::Name), q));
    }
    let total = select.clone().distinct().count(db).await?;
    let count = Expr::col(topic::Column::ContainerId).count();
    let rows = select
        .expr_as(count.clone(), "containers")
        .group_by(topic::Column::Name)
        .order_by_desc(count)
        .order_by_asc(topic::Column::Name)
        .limit(limit)
        .into_model()
        .all(db)
        .await?;
    Ok((rows, total))
}
