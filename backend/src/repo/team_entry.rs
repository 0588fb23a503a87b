//! Ways into teams: invitations and requests.

use chrono::{DateTime, Utc};
use entity::{team_invitation, team_request, user};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, Select,
    sea_query::{OnConflict, Query},
};

/// What a new invitation is made from.
#[derive(Debug, Clone)]
pub struct New {
    /// What people and programs call it.
    pub public_id: String,
    /// The hash of the code.
    pub code_hash: String,
    /// The team.
    pub team_id: i64,
    /// Whom it is for.
    pub note: String,
    /// Who makes it.
    pub created_by: i64,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
}

/// Makes an invitation.
pub async fn insert(
    tx: &impl ConnectionTrait,
    new: New,
    now: DateTime<Utc>,
) -> Result<team_invitation::Model, DbErr> {
    let row = team_invitation::ActiveModel {
        id: NotSet,
        public_id: Set(new.public_id),
        code_hash: Set(new.code_hash),
        team_id: Set(new.team_id),
        note: Set(new.note),
        created_by: Set(Some(new.created_by)),
        created_at: Set(now),
        expires_at: Set(new.expires_at),
    };
    team_invitation::Entity::insert(row)
        .exec_with_returning(tx)
        .await
}

/// The invitations of a team that still work, in no order yet.
pub fn invitations(team_id: i64, now: DateTime<Utc>) -> Select<team_invitation::Entity> {
    team_invitation::Entity::find()
        .filter(team_invitation::Column::TeamId.eq(team_id))
        .filter(team_invitation::Column::ExpiresAt.gt(now))
}

/// How many invitations of a team still work.
pub async fn count_invitations(
    db: &impl ConnectionTrait,
    team_id: i64,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    invitations(team_id, now).count(db).await
}

/// An invitation that works, by the hash of its code.
pub async fn by_code(
    db: &impl ConnectionTrait,
    code_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<team_invitation::Model>, DbErr> {
    team_invitation::Entity::find()
        .filter(team_invitation::Column::CodeHash.eq(code_hash))
        .filter(team_invitation::Column::ExpiresAt.gt(now))
        .one(db)
        .await
}

/// Uses an invitation up. Of several that try at once, one gets `true`.
pub async fn take(tx: &impl ConnectionTrait, id: i64) -> Result<bool, DbErr> {
    let done = team_invitation::Entity::delete_by_id(id).exec(tx).await?;
    Ok(done.rows_affected == 1)
}

/// Ends an invitation of a team, by its public id. Returns whether there was one.
pub async fn revoke(
    tx: &impl ConnectionTrait,
    team_id: i64,
    public_id: &str,
) -> Result<bool, DbErr> {
    let done = team_invitation::Entity::delete_many()
        .filter(team_invitation::Column::TeamId.eq(team_id))
        .filter(team_invitation::Column::PublicId.eq(public_id))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Removes invitations whose time is over.
pub async fn delete_ended(tx: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
    team_invitation::Entity::delete_many()
        .filter(team_invitation::Column::ExpiresAt.lte(now))
        .exec(tx)
        .await
        .map(drop)
}

/// Notes that a person asks to be let in; asking again changes the words.
pub async fn request(
    tx: &impl ConnectionTrait,
    team_id: i64,
    user_id: i64,
    message: String,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    use team_request::Column;
    let row = team_request::ActiveModel {
        team_id: Set(team_id),
        user_id: Set(user_id),
        message: Set(message),
        created_at: Set(now),
    };
    let again = OnConflict::columns([Column::TeamId, Column::UserId])
        .update_column(Column::Message)
        .to_owned();
    team_request::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(tx)
        .await
        .map(drop)
}

/// How many teams a person asks to be let into.
pub async fn count_requests_of(db: &impl ConnectionTrait, user_id: i64) -> Result<u64, DbErr> {
    team_request::Entity::find()
        .filter(team_request::Column::UserId.eq(user_id))
        .count(db)
        .await
}

/// The people who ask to be let into a team, in no order yet.
pub fn asking(team_id: i64) -> Select<user::Entity> {
    let asking = Query::select()
        .column(team_request::Column::UserId)
        .from(team_request::Entity)
        .and_where(team_request::Column::TeamId.eq(team_id))
        .to_owned();
    user::Entity::find().filter(user::Column::Id.in_subquery(asking))
}

/// What these people say.
pub async fn requests(
    db: &impl ConnectionTrait,
    team_id: i64,
    users: impl IntoIterator<Item = i64>,
) -> Result<Vec<team_request::Model>, DbErr> {
    team_request::Entity::find()
        .filter(team_request::Column::TeamId.eq(team_id))
        .filter(team_request::Column::UserId.is_in(users))
        .all(db)
        .await
}

/// Removes a request. Returns whether there was one.
pub async fn delete_request(
    tx: &impl ConnectionTrait,
    team_id: i64,
    user_id: i64,
) -> Result<bool, DbErr> {
    let done = team_request::Entity::delete_by_id((team_id, user_id))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}
