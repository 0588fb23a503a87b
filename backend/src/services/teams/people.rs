//! The people of a team: who is in it, joining, leaving, owners.

use std::collections::HashMap;

use entity::{team_member, user};
use sea_orm::ConnectionTrait;
use shared_types::{AuditAction, AuditThing, Team, TeamMember, TeamMemberPage, TeamRole};

use super::{
    super::{
        Core, Error, Result,
        access::person,
        audit::{Actor, Entry},
        error::Resource,
        paging::{self, By, Window},
        users, view,
    },
    by, find, lock, managed, on_person, one, row, taking_part,
};
use crate::{domain::access::Viewer, repo};

/// The people of a team, by name.
///
/// # Errors
/// `Unauthenticated`, `NotFound`, `BadRequest` for a bad window.
pub async fn members(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    window: &Window,
) -> Result<TeamMemberPage> {
    person(viewer)?;
    let team = row(core, name).await?;
    let by = By::text("name", user::Column::Username, user::Column::Id);
    let select = repo::team::people(team.id);
    let page = paging::fetch(core.db.read(), select, window, by).await?;
    let ids = page.items.iter().map(|person| person.id);
    let roles = repo::team::members(core.db.read(), team.id, ids).await?;
    Ok(TeamMemberPage {
        items: page
            .items
            .iter()
            .filter_map(|person| shown(person, &roles))
            .collect(),
        total: page.total,
        next: page.next,
    })
}

fn shown(user: &user::Model, roles: &HashMap<i64, team_member::Model>) -> Option<TeamMember> {
    let member = roles.get(&user.id)?;
    Some(TeamMember {
        username: user.username.clone(),
        display_name: user.display_name.clone(),
        role: member.role.parse().ok()?,
        since: member.created_at.into(),
    })
}

/// Comes into an open team. Whoever is in it already stays what they are.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn join(core: &Core, viewer: &Viewer, name: &str) -> Result<Team> {
    let joining = taking_part(viewer)?.clone();
    let found = find(core, viewer, name).await?;
    if found.role.is_some() {
        return one(core, viewer, found.team).await;
    }
    if !found.is_open() {
        return Err(Error::Forbidden(format!(
            "people come into team “{name}” by invitation; ask its owners to let you in"
        )));
    }
    let (team, now) = (found.team.clone(), core.clock.now());
    let actor = Actor::of(core, viewer);
    let entry = Entry::new(
        AuditAction::TeamMemberPut,
        AuditThing::User,
        joining.id,
        &joining.username,
    )
    .with("team", name)
    .with("role", TeamRole::Member);
    core.db
        .write(async move |tx| {
            lock(tx, &team, now).await?;
            entry.record(tx, &actor).await?;
            Ok::<_, Error>(repo::team::add(tx, team.id, joining.id, TeamRole::Member, now).await?)
        })
        .await?;
    tracing::info!(user = by(viewer), team = name, "joined a team");
    one(core, viewer, found.team).await
}

/// Makes a person of a team its owner, or an owner a member. An administrator adds people who are not in it, too.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `Conflict` where no owner would be left.
pub async fn put_member(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    username: &str,
    role: TeamRole,
) -> Result<TeamMember> {
    let found = managed(core, viewer, name).await?;
    let absent = || stranger(username, name);
    // Who is not in the team and who does not exist are the same to its owners.
    let user = match users::row(core, username).await {
        Err(Error::NotFound(_)) if !viewer.is_admin() => return Err(absent()),
        other => other?,
    };
    let (team, now, may_add) = (found.team, core.clock.now(), viewer.is_admin());
    let (id, refusal) = (user.id, (username.to_owned(), name.to_owned()));
    let actor = Actor::of(core, viewer);
    let entry = on_person(AuditAction::TeamMemberPut, &user, name).with("role", role);
    let member = core
        .db
        .write(async move |tx| {
            lock(tx, &team, now).await?;
            match repo::team::role(tx, team.id, id).await? {
                None if may_add => repo::team::add(tx, team.id, id, role, now).await?,
                None => return Err(stranger(&refusal.0, &refusal.1)),
                Some(before) if before == role => {}
                Some(_) => {
                    repo::team::set_role(tx, team.id, id, role).await?;
                    keeps_an_owner(tx, team.id, &team.name, role == TeamRole::Member).await?;
                }
            }
            entry.record(tx, &actor).await?;
            Ok(repo::team::members(tx, team.id, [id]).await?)
        })
        .await?;
    tracing::info!(by = by(viewer), team = name, user = user.username, role = %role, "a person of a team changed");
    shown(&user, &member).ok_or_else(absent)
}

/// Removes a person from a team; oneself to leave it.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `Conflict` where no owner would be left.
pub async fn remove_member(core: &Core, viewer: &Viewer, name: &str, username: &str) -> Result<()> {
    let caller = taking_part(viewer)?;
    let found = if username.eq_ignore_ascii_case(&caller.username) {
        find(core, viewer, name).await?
    } else {
        managed(core, viewer, name).await?
    };
    let user = users::row(core, username).await;
    let user = user.map_err(|error| match error {
        Error::NotFound(_) => stranger(username, name),
        other => other,
    })?;
    let (team, now) = (found.team, core.clock.now());
    let (id, refusal) = (user.id, (username.to_owned(), name.to_owned()));
    let actor = Actor::of(core, viewer);
    let entry = on_person(AuditAction::TeamMemberRemove, &user, name);
    core.db
        .write(async move |tx| {
            lock(tx, &team, now).await?;
            let role = repo::team::role(tx, team.id, id).await?;
            let role = role.ok_or_else(|| stranger(&refusal.0, &refusal.1))?;
            repo::team::remove(tx, team.id, id).await?;
            entry.record(tx, &actor).await?;
            keeps_an_owner(tx, team.id, &team.name, role == TeamRole::Owner).await
        })
        .await?;
    tracing::info!(
        by = by(viewer),
        team = name,
        user = user.username,
        "a person left a team"
    );
    Ok(())
}

fn stranger(username: &str, team: &str) -> Error {
    let name = view::shortened(username);
    Error::NotFound(Resource::Member(name, format!("team “{team}”")))
}

/// Refuses what was done to an owner where nobody is left who could own the team.
async fn keeps_an_owner(
    tx: &impl ConnectionTrait,
    team: i64,
    name: &str,
    lost_one: bool,
) -> Result<()> {
    if lost_one && repo::team::active_owners(tx, team).await? == 0 {
        return Err(Error::Conflict(format!(
            "team “{name}” would be without an owner; make another one first, or delete the team"
        )));
    }
    Ok(())
}
