//! Teams and the people in them.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{team, team_member, team_picture, team_request, user};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, Query, SelectStatement},
};
use shared_types::{TeamPermission, TeamRole};

use crate::repo::{self, collection::Count, join, like};

/// What a new team is made from.
#[derive(Debug, Clone)]
pub struct New {
    /// The name, checked.
    pub name: String,
    /// One line of who they are.
    pub description: String,
    /// How people come into it.
    pub permission: TeamPermission,
    /// Who makes it, and becomes its owner.
    pub user_id: i64,
}

/// Makes a team, with its maker as owner. A name in use is a violated unique key.
pub async fn insert(
    tx: &impl ConnectionTrait,
    new: New,
    now: DateTime<Utc>,
) -> Result<team::Model, DbErr> {
    let row = team::ActiveModel {
        id: NotSet,
        name: Set(new.name),
        description: Set(new.description),
        permission: Set(new.permission.as_str().to_owned()),
        created_by: Set(Some(new.user_id)),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let row = team::Entity::insert(row).exec_with_returning(tx).await?;
    add(tx, row.id, new.user_id, TeamRole::Owner, now).await?;
    Ok(row)
}

/// A team by name.
pub async fn by_name(db: &impl ConnectionTrait, name: &str) -> Result<Option<team::Model>, DbErr> {
    team::Entity::find()
        .filter(team::Column::Name.eq(name))
        .one(db)
        .await
}

/// A team by id.
pub async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Option<team::Model>, DbErr> {
    team::Entity::find_by_id(id).one(db).await
}

/// What changes in a team; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The name, checked.
    pub name: Option<String>,
    /// One line of who they are.
    pub description: Option<String>,
    /// How people come into it.
    pub permission: Option<TeamPermission>,
}

/// Changes a team and notes when. The row stays locked until the transaction ends, so changes that begin with this take
/// turns. Returns whether it is there.
pub async fn update(
    tx: &impl ConnectionTrait,
    team_id: i64,
    change: Change,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    use team::Column;
    let texts = [
        (Column::Name, change.name),
        (Column::Description, change.description),
        (
            Column::Permission,
            change.permission.map(|word| word.as_str().to_owned()),
        ),
    ];
    let mut update = team::Entity::update_many().col_expr(Column::UpdatedAt, Expr::value(now));
    for (column, text) in texts {
        if let Some(text) = text {
            update = update.col_expr(column, Expr::value(text));
        }
    }
    let done = update.filter(Column::Id.eq(team_id)).exec(tx).await?;
    Ok(done.rows_affected == 1)
}

/// As `update` with nothing to change: for what is about to change in its people.
pub async fn touch(
    tx: &impl ConnectionTrait,
    team_id: i64,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    update(tx, team_id, Change::default(), now).await
}

/// Removes a team with its people, picture, invitations and requests.
pub async fn delete(tx: &impl ConnectionTrait, team_id: i64) -> Result<(), DbErr> {
    team::Entity::delete_by_id(team_id).exec(tx).await.map(drop)
}

/// Teams with these words in name or description that are among all of these; in no order yet.
pub fn list(
    q: Option<&str>,
    among: impl IntoIterator<Item = SelectStatement>,
) -> Select<team::Entity> {
    let mut select = team::Entity::find();
    for ids in among {
        select = select.filter(team::Column::Id.in_subquery(ids));
    }
    if let Some(q) = q {
        select = select.filter(
            Condition::any()
                .add(like((team::Entity, team::Column::Name), q))
                .add(like((team::Entity, team::Column::Description), q)),
        );
    }
    select
}

/// The ids of the teams that a person is in, for `IN`.
pub fn teams_of(user_id: i64) -> SelectStatement {
    Query::select()
        .column(team_member::Column::TeamId)
        .from(team_member::Entity)
        .and_where(team_member::Column::UserId.eq(user_id))
        .to_owned()
}

/// The ids of the teams that somebody of this name is in, or owns, for `IN`.
pub fn teams_of_named(username: &str, as_owner: bool) -> SelectStatement {
    let mut select = Query::select()
        .column(team_member::Column::TeamId)
        .from(team_member::Entity)
        .and_where(team_member::Column::UserId.in_subquery(repo::user::named(username)))
        .to_owned();
    if as_owner {
        select.and_where(team_member::Column::Role.eq(TeamRole::Owner.as_str()));
    }
    select
}

/// How many teams a person owns.
pub async fn count_owned(db: &impl ConnectionTrait, user_id: i64) -> Result<u64, DbErr> {
    team_member::Entity::find()
        .filter(team_member::Column::UserId.eq(user_id))
        .filter(team_member::Column::Role.eq(TeamRole::Owner.as_str()))
        .count(db)
        .await
}

/// What is shown of teams beside their rows.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// How many people are in each.
    pub members: HashMap<i64, i64>,
    /// The user names of the owners, by team and in order.
    pub owners: Vec<(i64, String)>,
    /// The digest of each picture.
    pub pictures: HashMap<i64, String>,
    /// What the viewer is in each.
    pub roles: HashMap<i64, String>,
    /// Where the viewer asks to be let in.
    pub requested: HashSet<i64>,
}

/// What is shown of teams beside their rows: a handful of queries, however many teams.
pub async fn around(
    db: &impl ConnectionTrait,
    teams: &[i64],
    viewer: Option<i64>,
) -> Result<Around, DbErr> {
    let ids = || teams.iter().copied();
    let counts = team_member::Entity::find()
        .select_only()
        .column_as(team_member::Column::TeamId, "id")
        .column_as(team_member::Column::UserId.count(), "count")
        .filter(team_member::Column::TeamId.is_in(ids()))
        .group_by(team_member::Column::TeamId)
        .into_model::<Count>()
        .all(db)
        .await?;
    let owners = team_member::Entity::find()
        .select_only()
        .column(team_member::Column::TeamId)
        .column(user::Column::Username)
        .join(JoinType::InnerJoin, join::user_of_team_member())
        .filter(team_member::Column::TeamId.is_in(ids()))
        .filter(team_member::Column::Role.eq(TeamRole::Owner.as_str()))
        .order_by_asc(user::Column::Username)
        .into_tuple()
        .all(db)
        .await?;
    let pictures: Vec<(i64, String)> = team_picture::Entity::find()
        .select_only()
        .columns([team_picture::Column::TeamId, team_picture::Column::Sha256])
        .filter(team_picture::Column::TeamId.is_in(ids()))
        .into_tuple()
        .all(db)
        .await?;
    let mut around = Around {
        members: counts.into_iter().map(|row| (row.id, row.count)).collect(),
        owners,
        pictures: pictures.into_iter().collect(),
        ..Around::default()
    };
    if let Some(viewer) = viewer {
        let rows = team_member::Entity::find()
            .filter(team_member::Column::UserId.eq(viewer))
            .filter(team_member::Column::TeamId.is_in(ids()))
            .all(db)
            .await?;
        around.roles = rows
            .into_iter()
            .map(|row| (row.team_id, row.role))
            .collect();
        let asked = team_request::Entity::find()
            .filter(team_request::Column::UserId.eq(viewer))
            .filter(team_request::Column::TeamId.is_in(ids()))
            .all(db)
            .await?;
        around.requested = asked.into_iter().map(|row| row.team_id).collect();
    }
    Ok(around)
}

/// What a person is in a team.
pub async fn role(
    db: &impl ConnectionTrait,
    team_id: i64,
    user_id: i64,
) -> Result<Option<TeamRole>, DbErr> {
    let row = team_member::Entity::find_by_id((team_id, user_id))
        .one(db)
        .await?;
    Ok(row.and_then(|row| row.role.parse().ok()))
}

/// The people of a team, in no order yet.
pub fn people(team_id: i64) -> Select<user::Entity> {
    let members = Query::select()
        .column(team_member::Column::UserId)
        .from(team_member::Entity)
        .and_where(team_member::Column::TeamId.eq(team_id))
        .to_owned();
    user::Entity::find().filter(user::Column::Id.in_subquery(members))
}

/// What these people are in a team.
pub async fn members(
    db: &impl ConnectionTrait,
    team_id: i64,
    users: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, team_member::Model>, DbErr> {
    let rows = team_member::Entity::find()
        .filter(team_member::Column::TeamId.eq(team_id))
        .filter(team_member::Column::UserId.is_in(users))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.user_id, row)).collect())
}

/// Adds a person, or does nothing where they are in the team already. A request of theirs is answered by it.
pub async fn add(
    tx: &impl ConnectionTrait,
    team_id: i64,
    user_id: i64,
    role: TeamRole,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = team_member::ActiveModel {
        team_id: Set(team_id),
        user_id: Set(user_id),
        role: Set(role.as_str().to_owned()),
        created_at: Set(now),
    };
    team_member::Entity::insert(row)
        .on_conflict_do_nothing_on([team_member::Column::TeamId, team_member::Column::UserId])
        .exec_without_returning(tx)
        .await?;
    team_request::Entity::delete_by_id((team_id, user_id))
        .exec(tx)
        .await
        .map(drop)
}

/// Gives a person of a team another role.
pub async fn set_role(
    tx: &impl ConnectionTrait,
    team_id: i64,
    user_id: i64,
    role: TeamRole,
) -> Result<(), DbErr> {
    team_member::Entity::update_many()
        .col_expr(team_member::Column::Role, Expr::value(role.as_str()))
        .filter(team_member::Column::TeamId.eq(team_id))
        .filter(team_member::Column::UserId.eq(user_id))
        .exec(tx)
        .await
        .map(drop)
}

/// Removes a person from a team.
pub async fn remove(tx: &impl ConnectionTrait, team_id: i64, user_id: i64) -> Result<(), DbErr> {
    team_member::Entity::delete_by_id((team_id, user_id))
        .exec(tx)
        .await
        .map(drop)
}

/// How many owners of a team can act.
pub async fn active_owners(db: &impl ConnectionTrait, team_id: i64) -> Result<u64, DbErr> {
    team_member::Entity::find()
        .join(JoinType::InnerJoin, join::user_of_team_member())
        .filter(team_member::Column::TeamId.eq(team_id))
        .filter(team_member::Column::Role.eq(TeamRole::Owner.as_str()))
        .filter(user::Column::DisabledAt.is_null())
        .count(db)
        .await
}

/// A team that a person is in, by name.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Belonging {
    /// The person.
    pub user_id: i64,
    /// The team's name.
    pub name: String,
}

/// The teams that these people share with one person, by name.
pub async fn shared_with(
    db: &impl ConnectionTrait,
    user_id: i64,
    users: impl IntoIterator<Item = i64>,
) -> Result<Vec<Belonging>, DbErr> {
    team_member::Entity::find()
        .select_only()
        .column(team_member::Column::UserId)
        .column(team::Column::Name)
        .join(JoinType::InnerJoin, join::team_of_member())
        .filter(team_member::Column::TeamId.in_subquery(teams_of(user_id)))
        .filter(team_member::Column::UserId.is_in(users))
        .order_by_asc(team::Column::Name)
        .into_model::<Belonging>()
        .all(db)
        .await
}

/// The ids of the people who share a team with one person, for `IN`.
pub fn mates_of(user_id: i64) -> SelectStatement {
    Query::select()
        .column(team_member::Column::UserId)
        .from(team_member::Entity)
        .and_where(team_member::Column::TeamId.in_subquery(teams_of(user_id)))
        .to_owned()
}
