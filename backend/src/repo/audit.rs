//! The audit log.

use chrono::{DateTime, Utc};
use entity::{audit_entry, collection, container};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::NotSet,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, JoinType,
    QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, Func},
};

/// Which entries are meant: all that is given must fit.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The user name of who did it.
    pub actor: Option<String>,
    /// The word of what was done, or how it begins: `tag` finds all that was done to tags.
    pub action: Option<String>,
    /// The name of the thing.
    pub thing: Option<String>,
    /// The name of the collection.
    pub collection: Option<String>,
    /// The row's id of the collection.
    pub collection_id: Option<i64>,
    /// The address of who did it.
    pub address: Option<String>,
    /// Not older.
    pub since: Option<DateTime<Utc>>,
    /// Older.
    pub until: Option<DateTime<Utc>>,
}

/// The names of a container and what holds it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Place {
    /// The collection's row.
    pub collection_id: i64,
    /// The collection's name.
    pub collection: String,
    /// The container's name.
    pub container: String,
}

/// Writes an entry; its id is drawn by the database.
pub async fn insert(tx: &impl ConnectionTrait, row: audit_entry::Model) -> Result<(), DbErr> {
    let mut row = row.into_active_model().reset_all();
    row.id = NotSet;
    audit_entry::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The entries that fit, in no order yet.
pub fn list(filter: Filter) -> Select<audit_entry::Entity> {
    use audit_entry::Column;
    let mut select = audit_entry::Entity::find();
    let words = [
        (Column::Actor, filter.actor),
        (Column::Thing, filter.thing),
        (Column::Collection, filter.collection),
        (Column::Address, filter.address),
    ];
    for (column, word) in words {
        if let Some(word) = word {
            select = select.filter(column.eq(word));
        }
    }
    if let Some(action) = filter.action {
        select = if action.contains('.') {
            select.filter(Column::Action.eq(action))
        } else {
            select.filter(Column::Action.starts_with(format!("{action}.")))
        };
    }
    if let Some(id) = filter.collection_id {
        select = select.filter(Column::CollectionId.eq(id));
    }
    if let Some(since) = filter.since {
        select = select.filter(Column::At.gte(since));
    }
    if let Some(until) = filter.until {
        select = select.filter(Column::At.lt(until));
    }
    select
}

/// What a person did, newest first.
pub async fn of_actor(
    db: &impl ConnectionTrait,
    user_id: i64,
    most: u64,
) -> Result<Vec<audit_entry::Model>, DbErr> {
    audit_entry::Entity::find()
        .filter(audit_entry::Column::ActorId.eq(user_id))
        .order_by_desc(audit_entry::Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Where a container is.
pub async fn place(db: &impl ConnectionTrait, container_id: i64) -> Result<Option<Place>, DbErr> {
    let join = container::Entity::belongs_to(collection::Entity)
        .from(container::Column::CollectionId)
        .to(collection::Column::Id)
        .into();
    container::Entity::find()
        .select_only()
        .column_as(container::Column::CollectionId, "collection_id")
        .column_as(collection::Column::Name, "collection")
        .column_as(container::Column::Name, "container")
        .join(JoinType::InnerJoin, join)
        .filter(container::Column::Id.eq(container_id))
        .into_model()
        .one(db)
        .await
}

/// Forgets entries that are older than this. Returns how many.
pub async fn delete_before(tx: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, DbErr> {
    let done = audit_entry::Entity::delete_many()
        .filter(audit_entry::Column::At.lt(before))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Takes a person's name and addresses out of the log: what they did stays, under another name.
pub async fn rename_person(
    tx: &impl ConnectionTrait,
    user_id: i64,
    name: &str,
    pseudonym: &str,
) -> Result<(), DbErr> {
    use audit_entry::Column;
    audit_entry::Entity::update_many()
        .col_expr(Column::Actor, Expr::value(pseudonym))
        .col_expr(Column::Token, Expr::value(None::<String>))
        .col_expr(Column::Address, Expr::value(None::<String>))
        .filter(Column::ActorId.eq(user_id))
        .exec(tx)
        .await?;
    audit_entry::Entity::update_many()
        .col_expr(Column::Thing, Expr::value(pseudonym))
        .filter(Column::ThingKind.eq(shared_types::AuditThing::User.as_str()))
        .filter(Column::Thing.eq(name))
        .exec(tx)
        .await?;
    // Whose token it was is told in the details.
    let owner = |name: &str| format!("\"owner\":\"{name}\"");
    let replaced = Func::cust("REPLACE").args([
        Expr::col(Column::Details),
        Expr::value(owner(name)),
        Expr::value(owner(pseudonym)),
    ]);
    audit_entry::Entity::update_many()
        .col_expr(Column::Details, replaced.into())
        .filter(Column::Details.contains(owner(name)))
        .exec(tx)
        .await?;
    Ok(())
}
