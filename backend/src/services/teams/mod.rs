//! Teams: people who work together, from whom a collection's people are picked.
//!
//! Rule: being in a team grants nothing in the registry; a team always has an owner who can act; robots are in none.

mod invitations;
mod people;
mod picture;
mod requests;

use entity::{
    team::{self, Column},
    user,
};
use shared_types::names;
use shared_types::{
    AuditAction, AuditThing, NewTeam, Team, TeamChange, TeamFilter, TeamPage, TeamPermission,
    TeamRole,
};

use super::{
    Core, Error, Result,
    access::person,
    audit::{Actor, Entry},
    collections::check_text,
    error::{Problems, Resource, is_duplicate},
    paging::{self, By, Window, unsigned},
};
use crate::{
    domain::access::{Person, Viewer},
    repo::{self, team::Around},
};

pub use invitations::{
    LONGEST_LIFE, LONGEST_NOTE, accept, decline, invitations, invite, offer,
    revoke as revoke_invitation,
};
pub use people::{join, members, put_member, remove_member};
pub use picture::{
    MAX_PICTURE, Picture, delete as delete_picture, get as picture, put as set_picture,
};
pub use requests::{LONGEST_MESSAGE, approve, ask, delete as delete_request, list as requests};

/// Most teams that one person owns.
const MOST_OWNED: u64 = 250;

/// What a list of teams shows.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Which of them.
    pub filter: TeamFilter,
    /// Words of the name or the description.
    pub q: Option<String>,
    /// The user name of somebody who is in them.
    pub member: Option<String>,
    /// Which part.
    pub window: Window,
}

/// A team, and what the caller is in it.
struct Found {
    team: team::Model,
    role: Option<TeamRole>,
}

impl Found {
    fn is_open(&self) -> bool {
        self.team.permission == TeamPermission::Open.as_str()
    }
}

fn missing(name: &str) -> Error {
    Error::NotFound(Resource::Team(name.to_owned()))
}

async fn row(core: &Core, name: &str) -> Result<team::Model> {
    // What no team can be called is not looked up: PostgreSQL refuses some characters with an error of its own.
    let found = match names::check_team(name) {
        Ok(()) => repo::team::by_name(core.db.read(), name).await?,
        Err(_) => None,
    };
    found.ok_or_else(|| missing(name))
}

async fn find(core: &Core, viewer: &Viewer, name: &str) -> Result<Found> {
    let team = row(core, name).await?;
    let role = match viewer.person() {
        Some(person) => repo::team::role(core.db.read(), team.id, person.id).await?,
        None => None,
    };
    Ok(Found { team, role })
}

/// Who may work in teams at all.
fn taking_part(viewer: &Viewer) -> Result<&Person> {
    let person = person(viewer)?;
    if viewer.can_take_part() {
        return Ok(person);
    }
    Err(Error::Forbidden(
        "teams are for people: sign in, or use a token with the scope “manage” for every collection"
            .to_owned(),
    ))
}

/// A team that the caller manages.
async fn managed(core: &Core, viewer: &Viewer, name: &str) -> Result<Found> {
    let person = taking_part(viewer)?;
    let found = find(core, viewer, name).await?;
    if viewer.can_manage_team(found.role) {
        return Ok(found);
    }
    Err(Error::Forbidden(format!(
        "{} may not manage team “{name}”; its owners can",
        person.username
    )))
}

/// Teams, by name.
///
/// # Errors
/// `Unauthenticated` where an anonymous caller asks for their own, `BadRequest` for a bad window.
pub async fn list(core: &Core, viewer: &Viewer, listing: &Listing) -> Result<TeamPage> {
    let own = match listing.filter {
        TeamFilter::All => None,
        TeamFilter::Mine => Some(repo::team::teams_of(person(viewer)?.id)),
    };
    // Who is in a team is for people who are signed in; its owners are named to everybody.
    let of_member = listing.member.as_deref().map(|name| {
        repo::team::teams_of_named(names::username_or_nobody(name), viewer.is_anonymous())
    });
    let among = own.into_iter().chain(of_member);
    let select = repo::team::list(paging::words(listing.q.as_deref())?, among);
    let by = By::text("name", Column::Name, Column::Id);
    let page = paging::fetch(core.db.read(), select, &listing.window, by).await?;
    Ok(TeamPage {
        items: shown(core, viewer, &page.items).await?,
        total: page.total,
        next: page.next,
    })
}

async fn shown(core: &Core, viewer: &Viewer, rows: &[team::Model]) -> Result<Vec<Team>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let user = viewer.person().map(|person| person.id);
    let around = repo::team::around(core.db.read(), &ids, user).await?;
    rows.iter()
        .map(|row| described(row, &around, viewer))
        .collect()
}

fn described(row: &team::Model, around: &Around, viewer: &Viewer) -> Result<Team> {
    let role = around.roles.get(&row.id).and_then(|word| word.parse().ok());
    let owners = around.owners.iter().filter(|(team, _)| *team == row.id);
    Ok(Team {
        name: row.name.clone(),
        description: row.description.clone(),
        permission: row
            .permission
            .parse()
            .map_err(|error: String| Error::internal(error))?,
        picture: around
            .pictures
            .get(&row.id)
            .map(|sha256| picture::path(&row.name, sha256)),
        owners: owners.map(|(_, name)| name.clone()).collect(),
        members: unsigned(around.members.get(&row.id).copied().unwrap_or_default()),
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
        role,
        requested: around.requested.contains(&row.id),
        may_manage: viewer.can_manage_team(role),
    })
}

async fn one(core: &Core, viewer: &Viewer, row: team::Model) -> Result<Team> {
    let mut teams = shown(core, viewer, &[row]).await?;
    teams
        .pop()
        .ok_or_else(|| Error::internal("a team without a view"))
}

/// One team.
///
/// # Errors
/// `Unauthenticated`, `NotFound`.
pub async fn get(core: &Core, viewer: &Viewer, name: &str) -> Result<Team> {
    person(viewer)?;
    let row = row(core, name).await?;
    one(core, viewer, row).await
}

/// Makes a team; its maker owns it. Whoever may create collections may.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `Invalid`, `NameTaken`, `Conflict` where the caller owns too many.
pub async fn create(core: &Core, viewer: &Viewer, new: NewTeam) -> Result<Team> {
    let person = taking_part(viewer)?;
    if !viewer.can_create_teams(core.settings.registry.user_collections) {
        return Err(Error::Forbidden(
            "only administrators create teams in this registry; ask one of them".to_owned(),
        ));
    }
    let description = new.description.as_deref().unwrap_or_default();
    let mut problems = Problems::default();
    problems.check("name", names::check_team(&new.name));
    problems.check("description", check_text(description));
    problems.into_result()?;
    let new = repo::team::New {
        name: new.name,
        description: description.trim().to_owned(),
        permission: new.permission.unwrap_or(TeamPermission::Invite),
        user_id: person.id,
    };
    let (actor, now) = (Actor::of(core, viewer), core.clock.now());
    let row = core
        .db
        .write(async move |tx| {
            if repo::team::count_owned(tx, new.user_id).await? >= MOST_OWNED {
                return Err(Error::Conflict(format!(
                    "{MOST_OWNED} teams are enough; leave or delete some"
                )));
            }
            let name = new.name.clone();
            let made = repo::team::insert(tx, new, now).await;
            let made = made.map_err(|error| taken_or(error, &name))?;
            on(AuditAction::TeamCreate, &made)
                .record(tx, &actor)
                .await?;
            Ok(made)
        })
        .await?;
    tracing::info!(user = person.username, team = row.name, "team made");
    one(core, viewer, row).await
}

fn taken_or(error: sea_orm::DbErr, name: &str) -> Error {
    if is_duplicate(&error) {
        return Error::NameTaken(format!("the name “{name}” is in use; take another"));
    }
    error.into()
}

/// Changes a team.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `Invalid`, `NameTaken`.
pub async fn change(core: &Core, viewer: &Viewer, name: &str, change: TeamChange) -> Result<Team> {
    let found = managed(core, viewer, name).await?;
    let mut problems = Problems::default();
    if let Some(name) = &change.name {
        problems.check("name", names::check_team(name));
    }
    if let Some(text) = &change.description {
        problems.check("description", check_text(text));
    }
    problems.into_result()?;
    let description = change.description.map(|text| text.trim().to_owned());
    let change = repo::team::Change {
        name: change.name,
        description,
        permission: change.permission,
    };
    let (actor, entry) = (
        Actor::of(core, viewer),
        on(AuditAction::TeamChange, &found.team)
            .with_some("name", change.name.as_ref())
            .with_some("permission", change.permission),
    );
    let (id, old, now) = (found.team.id, found.team.name, core.clock.now());
    let row = core
        .db
        .write(async move |tx| {
            let wanted = change.name.clone().unwrap_or_default();
            let done = repo::team::update(tx, id, change, now).await;
            done.map_err(|error| taken_or(error, &wanted))?;
            entry.record(tx, &actor).await?;
            let row = repo::team::find(tx, id).await?;
            row.ok_or_else(|| missing(&old))
        })
        .await?;
    tracing::info!(by = by(viewer), team = row.name, "team changed");
    one(core, viewer, row).await
}

/// Deletes a team. Nobody loses a right by it: teams grant none.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn delete(core: &Core, viewer: &Viewer, name: &str) -> Result<()> {
    let team = managed(core, viewer, name).await?.team;
    let actor = Actor::of(core, viewer);
    core.db
        .write(async move |tx| {
            on(AuditAction::TeamDelete, &team)
                .record(tx, &actor)
                .await?;
            Ok::<_, Error>(repo::team::delete(tx, team.id).await?)
        })
        .await?;
    tracing::info!(by = by(viewer), team = name, "team deleted");
    Ok(())
}

/// Who acts, for logs.
fn by(viewer: &Viewer) -> &str {
    viewer
        .person()
        .map(|person| person.username.as_str())
        .unwrap_or_default()
}

/// Something done to a team, for the log.
fn on(action: AuditAction, team: &team::Model) -> Entry {
    Entry::new(action, AuditThing::Team, team.id, &team.name)
}

/// Something done to a person of a team, for the log.
fn on_person(action: AuditAction, user: &user::Model, team: &str) -> Entry {
    Entry::user(action, user).with("team", team)
}

/// Locks a team until the transaction ends, so that changes of its people take turns.
async fn lock(
    tx: &impl sea_orm::ConnectionTrait,
    team: &team::Model,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    if repo::team::touch(tx, team.id, now).await? {
        return Ok(());
    }
    Err(missing(&team.name))
}
