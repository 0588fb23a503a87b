//! What belongs to a person, over all tables.

use chrono::{DateTime, Utc};
use entity::{
    collection, collection_member, container, identity, image, key, session, share_link, star,
    team, team_member, team_request, token, user, webhook_delivery,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, RelationDef,
    sea_query::{Expr, Func, Query},
};
use shared_types::TeamRole;

use crate::{domain::access::Membership, repo};

/// Where a person is, and what they are there.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Place {
    /// The row's id of the collection or team.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What the person is in it.
    pub role: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// A request of a person.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Request {
    /// The team's name.
    pub team: String,
    /// What the person wrote.
    pub message: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// An image of a person.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Pushed {
    /// The collection's name.
    pub collection: String,
    /// The container's name.
    pub container: String,
    /// The digest in hexadecimal digits.
    pub sha256: String,
    /// Its length.
    pub size: i64,
    /// When it was announced.
    pub created_at: DateTime<Utc>,
}

/// How much there is of a person.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    /// Browsers that are signed in.
    pub sessions: u64,
    /// Tokens.
    pub tokens: u64,
    /// Logins at other providers.
    pub logins: u64,
    /// Share links that still work.
    pub share_links: u64,
    /// Images pushed.
    pub images: u64,
    /// Public keys brought.
    pub keys: u64,
}

fn collection_of_member() -> RelationDef {
    collection_member::Entity::belongs_to(collection::Entity)
        .from(collection_member::Column::CollectionId)
        .to(collection::Column::Id)
        .into()
}

fn team_of_member() -> RelationDef {
    team_member::Entity::belongs_to(team::Entity)
        .from(team_member::Column::TeamId)
        .to(team::Column::Id)
        .into()
}

/// The sessions of a person that have not ended, oldest first.
pub async fn sessions(
    db: &impl ConnectionTrait,
    user_id: i64,
    now: DateTime<Utc>,
) -> Result<Vec<session::Model>, DbErr> {
    session::Entity::find()
        .filter(session::Column::UserId.eq(user_id))
        .filter(session::Column::ExpiresAt.gt(now))
        .order_by_asc(session::Column::Id)
        .all(db)
        .await
}

/// One session.
pub async fn session(db: &impl ConnectionTrait, id: i64) -> Result<Option<session::Model>, DbErr> {
    session::Entity::find_by_id(id).one(db).await
}

/// The collections that a person belongs to, by name.
pub async fn collections(db: &impl ConnectionTrait, user_id: i64) -> Result<Vec<Place>, DbErr> {
    collection_member::Entity::find()
        .select_only()
        .column_as(collection::Column::Id, "id")
        .column_as(collection::Column::Name, "name")
        .column_as(collection_member::Column::Role, "role")
        .column_as(collection_member::Column::CreatedAt, "since")
        .join(JoinType::InnerJoin, collection_of_member())
        .filter(collection_member::Column::UserId.eq(user_id))
        .order_by_asc(collection::Column::Name)
        .into_model()
        .all(db)
        .await
}

/// The names of the collections that a person owns and nobody else who could act.
pub async fn sole_owner_of(db: &impl ConnectionTrait, user_id: i64) -> Result<Vec<String>, DbErr> {
    let active = Query::select()
        .column(user::Column::Id)
        .from(user::Entity)
        .and_where(user::Column::DisabledAt.is_null())
        .to_owned();
    let others = Query::select()
        .column(collection_member::Column::CollectionId)
        .from(collection_member::Entity)
        .and_where(collection_member::Column::Role.eq(Membership::Owner.as_str()))
        .and_where(collection_member::Column::UserId.ne(user_id))
        .and_where(collection_member::Column::UserId.in_subquery(active))
        .to_owned();
    collection_member::Entity::find()
        .select_only()
        .column(collection::Column::Name)
        .join(JoinType::InnerJoin, collection_of_member())
        .filter(collection_member::Column::UserId.eq(user_id))
        .filter(collection_member::Column::Role.eq(Membership::Owner.as_str()))
        .filter(collection_member::Column::CollectionId.not_in_subquery(others))
        .order_by_asc(collection::Column::Name)
        .into_tuple()
        .all(db)
        .await
}

/// The teams that a person is in, by name.
pub async fn teams(db: &impl ConnectionTrait, user_id: i64) -> Result<Vec<Place>, DbErr> {
    team_member::Entity::find()
        .select_only()
        .column_as(team::Column::Id, "id")
        .column_as(team::Column::Name, "name")
        .column_as(team_member::Column::Role, "role")
        .column_as(team_member::Column::CreatedAt, "since")
        .join(JoinType::InnerJoin, team_of_member())
        .filter(team_member::Column::UserId.eq(user_id))
        .order_by_asc(team::Column::Name)
        .into_model()
        .all(db)
        .await
}

/// How many others are in a team, and how many of them own it.
pub async fn others_in_team(
    db: &impl ConnectionTrait,
    team_id: i64,
    user_id: i64,
) -> Result<(u64, u64), DbErr> {
    let others = team_member::Entity::find()
        .filter(team_member::Column::TeamId.eq(team_id))
        .filter(team_member::Column::UserId.ne(user_id));
    let owners = others
        .clone()
        .filter(team_member::Column::Role.eq(TeamRole::Owner.as_str()));
    Ok((others.count(db).await?, owners.count(db).await?))
}

/// Deletes a team.
pub async fn delete_team(tx: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    team::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// The names of the collections that a person gave a star.
pub async fn stars(db: &impl ConnectionTrait, user_id: i64) -> Result<Vec<String>, DbErr> {
    let to_collection: RelationDef = star::Entity::belongs_to(collection::Entity)
        .from(star::Column::CollectionId)
        .to(collection::Column::Id)
        .into();
    star::Entity::find()
        .select_only()
        .column(collection::Column::Name)
        .join(JoinType::InnerJoin, to_collection)
        .filter(star::Column::UserId.eq(user_id))
        .order_by_asc(collection::Column::Name)
        .into_tuple()
        .all(db)
        .await
}

/// The requests of a person to be let into teams.
pub async fn requests(db: &impl ConnectionTrait, user_id: i64) -> Result<Vec<Request>, DbErr> {
    let to_team: RelationDef = team_request::Entity::belongs_to(team::Entity)
        .from(team_request::Column::TeamId)
        .to(team::Column::Id)
        .into();
    team_request::Entity::find()
        .select_only()
        .column_as(team::Column::Name, "team")
        .column_as(team_request::Column::Message, "message")
        .column_as(team_request::Column::CreatedAt, "created_at")
        .join(JoinType::InnerJoin, to_team)
        .filter(team_request::Column::UserId.eq(user_id))
        .order_by_asc(team::Column::Name)
        .into_model()
        .all(db)
        .await
}

/// The keys that a person brought, oldest first.
pub async fn keys(
    db: &impl ConnectionTrait,
    user_id: i64,
    most: u64,
) -> Result<Vec<(String, DateTime<Utc>)>, DbErr> {
    key::Entity::find()
        .select_only()
        .column(key::Column::Fingerprint)
        .column(key::Column::AddedAt)
        .filter(key::Column::UserId.eq(user_id))
        .order_by_asc(key::Column::Id)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}

/// The share links that a person made, newest first.
pub async fn share_links(
    db: &impl ConnectionTrait,
    user_id: i64,
    most: u64,
) -> Result<Vec<share_link::Model>, DbErr> {
    share_link::Entity::find()
        .filter(share_link::Column::CreatedBy.eq(user_id))
        .order_by_desc(share_link::Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// The images that a person pushed, newest first.
pub async fn images(
    db: &impl ConnectionTrait,
    user_id: i64,
    most: u64,
) -> Result<Vec<Pushed>, DbErr> {
    let to_container: RelationDef = image::Entity::belongs_to(container::Entity)
        .from(image::Column::ContainerId)
        .to(container::Column::Id)
        .into();
    let to_collection: RelationDef = container::Entity::belongs_to(collection::Entity)
        .from(container::Column::CollectionId)
        .to(collection::Column::Id)
        .into();
    image::Entity::find()
        .select_only()
        .column_as(collection::Column::Name, "collection")
        .column_as(container::Column::Name, "container")
        .column_as(image::Column::Sha256, "sha256")
        .column_as(image::Column::Size, "size")
        .column_as(image::Column::CreatedAt, "created_at")
        .join(JoinType::InnerJoin, to_container)
        .join(JoinType::InnerJoin, to_collection)
        .filter(image::Column::CreatedBy.eq(user_id))
        .order_by_desc(image::Column::Id)
        .limit(most)
        .into_model()
        .all(db)
        .await
}

/// How much there is of a person.
pub async fn counts(
    db: &impl ConnectionTrait,
    user_id: i64,
    now: DateTime<Utc>,
) -> Result<Counts, DbErr> {
    let live = Condition::all()
        .add(share_link::Column::CreatedBy.eq(user_id))
        .add(share_link::Column::RevokedAt.is_null())
        .add(share_link::Column::ExpiresAt.gt(now));
    Ok(Counts {
        sessions: session::Entity::find()
            .filter(session::Column::UserId.eq(user_id))
            .filter(session::Column::ExpiresAt.gt(now))
            .count(db)
            .await?,
        tokens: token::Entity::find()
            .filter(token::Column::UserId.eq(user_id))
            .count(db)
            .await?,
        logins: identity::Entity::find()
            .filter(identity::Column::UserId.eq(user_id))
            .count(db)
            .await?,
        share_links: share_link::Entity::find().filter(live).count(db).await?,
        images: image::Entity::find()
            .filter(image::Column::CreatedBy.eq(user_id))
            .count(db)
            .await?,
        keys: key::Entity::find()
            .filter(key::Column::UserId.eq(user_id))
            .count(db)
            .await?,
    })
}

/// Deletes a person with all that goes with them: sessions, tokens, logins, memberships, requests, stars and share links. What others use too
/// stays and no longer names them.
pub async fn delete(tx: &impl ConnectionTrait, user_id: i64) -> Result<(), DbErr> {
    repo::star::remove_all_of(tx, user_id).await?;
    share_link::Entity::delete_many()
        .filter(share_link::Column::CreatedBy.eq(user_id))
        .exec(tx)
        .await?;
    user::Entity::delete_by_id(user_id).exec(tx).await?;
    Ok(())
}

/// Takes a person's name out of messages to webhooks.
pub async fn rename_in_messages(
    tx: &impl ConnectionTrait,
    name: &str,
    pseudonym: &str,
) -> Result<(), DbErr> {
    let actor = |name: &str| format!("\"actor\":\"{name}\"");
    let replaced = Func::cust("REPLACE").args([
        Expr::col(webhook_delivery::Column::Message),
        Expr::value(actor(name)),
        Expr::value(actor(pseudonym)),
    ]);
    webhook_delivery::Entity::update_many()
        .col_expr(webhook_delivery::Column::Message, replaced.into())
        .filter(webhook_delivery::Column::Message.contains(actor(name)))
        .exec(tx)
        .await?;
    Ok(())
}
