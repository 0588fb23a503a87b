//! Changes of collections: what they say of themselves, their names, whose they are.

use chrono::{DateTime, Utc};
use entity::collection;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr};

/// What changes in a collection; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// One line of what it is for.
    pub description: Option<String>,
    /// The README as Markdown.
    pub readme: Option<String>,
    /// Only its people may see it.
    pub private: Option<bool>,
    /// Contributors may push too.
    pub contributors_may_push: Option<bool>,
}

/// Changes a collection.
pub async fn update(
    tx: &impl ConnectionTrait,
    collection_id: i64,
    change: Change,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    use collection::Column;
    let texts = [
        (Column::Description, change.description),
        (Column::Readme, change.readme),
    ];
    let flags = [
        (Column::Private, change.private),
        (Column::ContributorsMayPush, change.contributors_may_push),
    ];
    let mut update =
        collection::Entity::update_many().col_expr(Column::UpdatedAt, Expr::value(now));
    for (column, text) in texts {
        if let Some(text) = text {
            update = update.col_expr(column, Expr::value(text));
        }
    }
    for (column, flag) in flags {
        if let Some(flag) = flag {
            update = update.col_expr(column, Expr::value(flag));
        }
    }
    update.filter(Column::Id.eq(collection_id)).exec(tx).await?;
    Ok(())
}

/// Gives a collection another name. One in use is a violated unique key.
pub async fn rename(
    tx: &impl ConnectionTrait,
    collection_id: i64,
    name: &str,
) -> Result<(), DbErr> {
    collection::Entity::update_many()
        .col_expr(collection::Column::Name, Expr::value(name))
        .filter(collection::Column::Id.eq(collection_id))
        .exec(tx)
        .await
        .map(drop)
}

/// Says whose quota a collection counts against.
pub async fn set_maker(
    tx: &impl ConnectionTrait,
    collection_id: i64,
    user_id: i64,
) -> Result<(), DbErr> {
    collection::Entity::update_many()
        .col_expr(collection::Column::CreatedBy, Expr::value(user_id))
        .filter(collection::Column::Id.eq(collection_id))
        .exec(tx)
        .await
        .map(drop)
}
