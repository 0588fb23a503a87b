//! Collections and the people in them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{collection, collection_member, container, user};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult,
    JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, Query, SelectStatement},
};
use shared_types::CollectionFilter;

use crate::{
    domain::access::{Membership, Openness, Viewer},
    repo::{self, join, like, sum},
};

/// What a list of collections is narrowed down to.
#[derive(Debug, Clone)]
pub struct Filter<'a> {
    /// Which of the visible ones.
    pub kind: CollectionFilter,
    /// Words of the name or the description.
    pub q: Option<&'a str>,
    /// The user name of somebody who owns them.
    pub owner: Option<&'a str>,
}

/// A person of a collection, by name.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Member {
    /// The collection.
    pub collection_id: i64,
    /// The user name.
    pub username: String,
    /// `owner` or `contributor`.
    pub role: String,
}

/// How many rows belong to something.
#[derive(FromQueryResult)]
pub(super) struct Count {
    /// What they belong to.
    pub id: i64,
    /// How many they are.
    pub count: i64,
}

/// What a new collection is made from.
#[derive(Debug, Clone)]
pub struct New {
    /// The name, checked.
    pub name: String,
    /// One line of what it is for.
    pub description: String,
    /// Only its people may see it.
    pub private: bool,
    /// Who makes it, and becomes its owner.
    pub user_id: i64,
}

/// Makes a collection, with its maker as owner. A name in use is a violated unique key.
pub async fn insert(
    tx: &impl ConnectionTrait,
    new: New,
    now: DateTime<Utc>,
) -> Result<collection::Model, DbErr> {
    let row = collection::ActiveModel {
        name: Set(new.name),
        description: Set(new.description),
        readme: Set(String::new()),
        private: Set(new.private),
        contributors_may_push: Set(false),
        created_by: Set(Some(new.user_id)),
        created_at: Set(now),
        updated_at: Set(now),
        size_bytes: Set(0),
        downloads: Set(0),
        ..Default::default()
    };
    let row = collection::Entity::insert(row)
        .exec_with_returning(tx)
        .await?;
    let owner = collection_member::ActiveModel {
        collection_id: Set(row.id),
        user_id: Set(new.user_id),
        role: Set(Membership::Owner.as_str().to_owned()),
        created_at: Set(now),
    };
    collection_member::Entity::insert(owner)
        .exec_without_returning(tx)
        .await?;
    Ok(row)
}

/// How many collections a user has made.
pub async fn count_made_by(db: &impl ConnectionTrait, user_id: i64) -> Result<u64, DbErr> {
    collection::Entity::find()
        .filter(collection::Column::CreatedBy.eq(user_id))
        .count(db)
        .await
}

/// Whether a collection of this name exists, visible or not.
pub async fn exists(db: &impl ConnectionTrait, name: &str) -> Result<bool, DbErr> {
    let count = collection::Entity::find()
        .filter(collection::Column::Name.eq(name))
        .count(db)
        .await?;
    Ok(count > 0)
}

/// Notes that something in the collection changed. The row stays locked until the transaction ends, so changes that
/// begin with this take turns.
pub async fn touch(
    tx: &impl ConnectionTrait,
    collection_id: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    collection::Entity::update_many()
        .col_expr(collection::Column::UpdatedAt, Expr::value(now))
        .filter(collection::Column::Id.eq(collection_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Removes a collection with all that is in it and its robots. The blobs of its images stay: see `image::release_blobs`.
pub async fn delete(tx: &impl ConnectionTrait, collection_id: i64) -> Result<(), DbErr> {
    repo::robot::delete_of(tx, collection_id).await?;
    collection::Entity::delete_many()
        .filter(collection::Column::Id.eq(collection_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// A collection by name, with what a user is in it. One query: between two, the collection could go, and its people first.
pub async fn with_membership(
    db: &impl ConnectionTrait,
    name: &str,
    user_id: Option<i64>,
) -> Result<Option<(collection::Model, Option<Membership>)>, DbErr> {
    let named = collection::Entity::find().filter(collection::Column::Name.eq(name));
    let Some(user) = user_id else {
        return Ok(named.one(db).await?.map(|row| (row, None)));
    };
    let own = collection::Entity::belongs_to(collection_member::Entity)
        .from(collection::Column::Id)
        .to(collection_member::Column::CollectionId)
        .on_condition(move |_, member| {
            Expr::col((member, collection_member::Column::UserId))
                .eq(user)
                .into()
        })
        .into();
    let found = named
        .join(JoinType::LeftJoin, own)
        .select_also(collection_member::Entity)
        .one(db)
        .await?;
    Ok(found.map(|(row, member)| {
        let membership = member.and_then(|member| Membership::from_word(&member.role));
        (row, membership)
    }))
}

/// What a user is in each of these collections; those where the user is nothing are absent.
pub async fn memberships(
    db: &impl ConnectionTrait,
    collections: impl IntoIterator<Item = i64>,
    user_id: i64,
) -> Result<Vec<(i64, Membership)>, DbErr> {
    let rows = collection_member::Entity::find()
        .filter(collection_member::Column::UserId.eq(user_id))
        .filter(collection_member::Column::CollectionId.is_in(collections))
        .all(db)
        .await?;
    let known = |row: &collection_member::Model| Membership::from_word(&row.role);
    Ok(rows
        .iter()
        .filter_map(|row| Some((row.collection_id, known(row)?)))
        .collect())
}

/// The collections by id.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> Result<Vec<collection::Model>, DbErr> {
    collection::Entity::find()
        .filter(collection::Column::Id.is_in(ids))
        .all(db)
        .await
}

/// Which collections a viewer may see: the SQL of `Viewer::can_see`. For every list, count, total and search.
pub fn visible(viewer: &Viewer) -> Condition {
    let public = match viewer.openness() {
        Openness::Open => Condition::any().add(collection::Column::Private.eq(false)),
        // Not an empty condition, which would be true.
        Openness::PrivateOnly => Condition::any().add(Expr::val(1).eq(0)),
    };
    let Some(person) = viewer.person() else {
        return public;
    };
    let mut reached = Condition::all();
    if let Some(names) = viewer.limited_to() {
        reached = reached.add(collection::Column::Name.is_in(names));
    } else if viewer.is_admin() {
        return Condition::all();
    }
    if !viewer.is_admin() {
        reached = reached.add(member(person.id));
    }
    public.add(reached)
}

/// Id and name of those of these collections that a viewer may see.
pub async fn visible_names(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: impl IntoIterator<Item = i64>,
) -> Result<Vec<(i64, String)>, DbErr> {
    collection::Entity::find()
        .select_only()
        .columns([collection::Column::Id, collection::Column::Name])
        .filter(visible(viewer))
        .filter(collection::Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await
}

/// The ids of the collections that a viewer may see, for `IN`.
pub fn visible_ids(viewer: &Viewer) -> SelectStatement {
    Query::select()
        .column(collection::Column::Id)
        .from(collection::Entity)
        .cond_where(visible(viewer))
        .to_owned()
}

/// “The user is an owner or a contributor of the collection.”
fn member(user_id: i64) -> Condition {
    let own = Query::select()
        .column(collection_member::Column::CollectionId)
        .from(collection_member::Entity)
        .and_where(collection_member::Column::UserId.eq(user_id))
        .to_owned();
    Condition::all().add(collection::Column::Id.in_subquery(own))
}

/// The ids of the collections that somebody owns, for `IN`.
pub(super) fn owned_by(username: &str) -> SelectStatement {
    Query::select()
        .column(collection_member::Column::CollectionId)
        .from(collection_member::Entity)
        .and_where(collection_member::Column::Role.eq(Membership::Owner.as_str()))
        .and_where(collection_member::Column::UserId.in_subquery(repo::user::named(username)))
        .to_owned()
}

/// The collections that a viewer may see, narrowed down, in no order yet.
pub fn list(viewer: &Viewer, filter: &Filter<'_>) -> Select<collection::Entity> {
    let mut select = collection::Entity::find().filter(visible(viewer));
    match (filter.kind, viewer.person()) {
        (CollectionFilter::All, _) => {}
        (CollectionFilter::Private, _) => {
            if viewer.openness() == Openness::Open {
                select = select.filter(collection::Column::Private.eq(true));
            }
        }
        (CollectionFilter::Mine, Some(person)) => select = select.filter(member(person.id)),
        (CollectionFilter::Starred, Some(person)) => {
            let starred = repo::star::given_by(person.id);
            select = select.filter(collection::Column::Id.in_subquery(starred));
        }
        (CollectionFilter::Mine | CollectionFilter::Starred, None) => {
            select = select.filter(Expr::val(1).eq(0));
        }
    }
    if let Some(owner) = filter.owner {
        select = select.filter(collection::Column::Id.in_subquery(owned_by(owner)));
    }
    if let Some(q) = filter.q {
        select = select.filter(
            Condition::any()
                .add(like((collection::Entity, collection::Column::Name), q))
                .add(like(
                    (collection::Entity, collection::Column::Description),
                    q,
                )),
        );
    }
    select
}

/// The people of these collections, by name.
pub async fn members(
    db: &impl ConnectionTrait,
    collections: impl IntoIterator<Item = i64>,
) -> Result<Vec<Member>, DbErr> {
    collection_member::Entity::find()
        .select_only()
        .column(collection_member::Column::CollectionId)
        .column(collection_member::Column::Role)
        .column(user::Column::Username)
        .join(JoinType::InnerJoin, join::user_of_member())
        .filter(collection_member::Column::CollectionId.is_in(collections))
        .order_by_asc(user::Column::Username)
        .into_model::<Member>()
        .all(db)
        .await
}

/// The names of these users; those who are gone are absent.
pub async fn usernames(
    db: &impl ConnectionTrait,
    users: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, String>, DbErr> {
    let rows: Vec<(i64, String)> = user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::Username])
        .filter(user::Column::Id.is_in(users))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// How many containers each of these collections has; those without any are absent.
pub async fn container_counts(
    db: &impl ConnectionTrait,
    collections: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, i64>, DbErr> {
    let counts = container::Entity::find()
        .select_only()
        .column_as(container::Column::CollectionId, "id")
        .column_as(container::Column::Id.count(), "count")
        .filter(container::Column::CollectionId.is_in(collections))
        .group_by(container::Column::CollectionId)
        .into_model::<Count>()
        .all(db)
        .await?;
    Ok(counts.into_iter().map(|row| (row.id, row.count)).collect())
}

/// How many collections there are, and the bytes in them.
#[derive(Debug, Clone, Copy, Default, FromQueryResult)]
pub struct Totals {
    /// How many.
    pub count: i64,
    /// Bytes of all their images.
    pub size_bytes: i64,
}

/// The totals over the collections that a viewer may see.
pub async fn totals(db: &impl ConnectionTrait, viewer: &Viewer) -> Result<Totals, DbErr> {
    let totals = collection::Entity::find()
        .select_only()
        .column_as(collection::Column::Id.count(), "count")
        .column_as(sum(collection::Column::SizeBytes), "size_bytes")
        .filter(visible(viewer))
        .into_model::<Totals>()
        .one(db)
        .await?;
    Ok(totals.unwrap_or_default())
}
