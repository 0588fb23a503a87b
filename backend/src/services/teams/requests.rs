//! Requests to be let into a team.

use std::collections::HashMap;

use entity::user;
use shared_types::{
    AuditAction, NewTeamRequest, Team, TeamMember, TeamRequest, TeamRequestPage, TeamRole,
};

use super::{
    super::{
        Core, Error, Result,
        audit::Actor,
        error::Resource,
        paging::{self, By, Window},
        users, view,
    },
    by, find, lock, managed, on, on_person, one, taking_part,
};
use crate::{domain::access::Viewer, repo};

/// Longest message, in characters.
pub const LONGEST_MESSAGE: usize = 500;
/// Most requests of one person that nobody has answered.
const MOST: u64 = 100;

/// Asks to be let in; asking again changes the words.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `Invalid`, `Conflict` for who is in the team, or asks for too many.
pub async fn ask(core: &Core, viewer: &Viewer, name: &str, new: NewTeamRequest) -> Result<Team> {
    let asking = taking_part(viewer)?;
    let found = find(core, viewer, name).await?;
    if found.role.is_some() {
        return Err(Error::Conflict(format!("you are in team “{name}” already")));
    }
    if found.is_open() {
        return Err(Error::Conflict(format!(
            "team “{name}” is open: join it without asking"
        )));
    }
    let message = new.message.as_deref().unwrap_or_default();
    let odd = |c: char| c.is_control() && c != '\n';
    if message.chars().count() > LONGEST_MESSAGE || message.contains(odd) {
        let sentence = format!("a message has {LONGEST_MESSAGE} characters at most");
        return Err(Error::invalid("message", sentence));
    }
    let message = message.trim().to_owned();
    let (team, user, now) = (found.team.id, asking.id, core.clock.now());
    let actor = Actor::of(core, viewer);
    let entry = on(AuditAction::TeamRequestCreate, &found.team);
    core.db
        .write(async move |tx| {
            if repo::team_entry::count_requests_of(tx, user).await? >= MOST {
                return Err(Error::Conflict(format!(
                    "{MOST} requests are enough; take some back"
                )));
            }
            entry.record(tx, &actor).await?;
            Ok(repo::team_entry::request(tx, team, user, message, now).await?)
        })
        .await?;
    tracing::info!(
        user = asking.username,
        team = name,
        "asked to be let into a team"
    );
    one(core, viewer, found.team).await
}

/// Who asks to be let in, by name.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `BadRequest` for a bad window.
pub async fn list(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    window: &Window,
) -> Result<TeamRequestPage> {
    let team = managed(core, viewer, name).await?.team;
    let order = By::text("name", user::Column::Username, user::Column::Id);
    let select = repo::team_entry::asking(team.id);
    let page = paging::fetch(core.db.read(), select, window, order).await?;
    let ids = page.items.iter().map(|user| user.id);
    let requests = repo::team_entry::requests(core.db.read(), team.id, ids).await?;
    let mut said: HashMap<i64, _> = requests
        .into_iter()
        .map(|request| (request.user_id, request))
        .collect();
    let show = |user: user::Model| {
        let request = said.remove(&user.id)?;
        Some(TeamRequest {
            username: user.username,
            display_name: user.display_name,
            message: request.message,
            created_at: request.created_at.into(),
        })
    };
    Ok(TeamRequestPage {
        items: page.items.into_iter().filter_map(show).collect(),
        total: page.total,
        next: page.next,
    })
}

/// Lets in somebody who asks.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn approve(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    username: &str,
) -> Result<TeamMember> {
    let team = managed(core, viewer, name).await?.team;
    let user = asking(core, username).await?;
    let (id, named, now) = (user.id, username.to_owned(), core.clock.now());
    let actor = Actor::of(core, viewer);
    let entry = on_person(AuditAction::TeamMemberPut, &user, name)
        .with("role", TeamRole::Member)
        .with("by", "request");
    core.db
        .write(async move |tx| {
            lock(tx, &team, now).await?;
            if !repo::team_entry::delete_request(tx, team.id, id).await? {
                return Err(absent(&named));
            }
            entry.record(tx, &actor).await?;
            Ok(repo::team::add(tx, team.id, id, TeamRole::Member, now).await?)
        })
        .await?;
    tracing::info!(
        by = by(viewer),
        team = name,
        user = user.username,
        "request approved"
    );
    Ok(TeamMember {
        username: user.username,
        display_name: user.display_name,
        role: TeamRole::Member,
        since: now.into(),
    })
}

/// Declines somebody's request, or takes back one's own.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn delete(core: &Core, viewer: &Viewer, name: &str, username: &str) -> Result<()> {
    let caller = taking_part(viewer)?;
    let found = if username.eq_ignore_ascii_case(&caller.username) {
        find(core, viewer, name).await?
    } else {
        managed(core, viewer, name).await?
    };
    let user = asking(core, username).await?;
    let (team, id) = (found.team.id, user.id);
    let (actor, named) = (Actor::of(core, viewer), username.to_owned());
    let entry = on_person(AuditAction::TeamRequestDelete, &user, name);
    core.db
        .write(async move |tx| {
            if !repo::team_entry::delete_request(tx, team, id).await? {
                return Err(absent(&named));
            }
            entry.record(tx, &actor).await
        })
        .await?;
    tracing::info!(
        by = by(viewer),
        team = name,
        user = user.username,
        "request declined or taken back"
    );
    Ok(())
}

/// Who asks. Who does not exist and who does not ask are the same.
async fn asking(core: &Core, username: &str) -> Result<user::Model> {
    users::row(core, username)
        .await
        .map_err(|error| match error {
            Error::NotFound(_) => absent(username),
            other => other,
        })
}

fn absent(username: &str) -> Error {
    Error::NotFound(Resource::Request(view::shortened(username)))
}
