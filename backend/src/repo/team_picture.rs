//! Pictures of teams.

use entity::team_picture;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, sea_query::OnConflict};

/// A team's picture.
pub async fn find(
    db: &impl ConnectionTrait,
    team_id: i64,
) -> Result<Option<team_picture::Model>, DbErr> {
    team_picture::Entity::find_by_id(team_id).one(db).await
}

/// Gives a team a picture.
pub async fn put(tx: &impl ConnectionTrait, picture: team_picture::Model) -> Result<(), DbErr> {
    use team_picture::Column;
    let row = team_picture::ActiveModel {
        team_id: Set(picture.team_id),
        media_type: Set(picture.media_type),
        sha256: Set(picture.sha256),
        bytes: Set(picture.bytes),
    };
    let replace = OnConflict::column(Column::TeamId)
        .update_columns([Column::MediaType, Column::Sha256, Column::Bytes])
        .to_owned();
    team_picture::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(tx)
        .await
        .map(drop)
}

/// Takes a team's picture away.
pub async fn delete(tx: &impl ConnectionTrait, team_id: i64) -> Result<(), DbErr> {
    team_picture::Entity::delete_by_id(team_id)
        .exec(tx)
        .await
        .map(drop)
}
