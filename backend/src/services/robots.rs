//! Robots: accounts of programs. They have tokens, work in the collections that they are limited to, and never sign in.
//!
//! Rule: a robot belongs to the administrators or to the owners of one collection. Who handles robots handles credentials, so a
//! browser session is needed, or a token that may do everything; to everybody else a robot does not exist.

mod secrets;

use std::collections::{BTreeSet, HashMap};

use entity::{robot, user};
use shared_types::{
    AuditAction, AuditThing, NewRobot, Robot, RobotChange, RobotPage, Scope, names,
};

use super::{
    Core, Error, Result,
    access::{self, Action},
    audit::{Actor, Entry},
    collections::check_text,
    error::{Problems, Resource},
    paging::{self, By, Window},
    tokens, users, view,
};
use crate::{
    domain::access::Viewer,
    repo::{
        self,
        robot::{Token, Whose},
    },
};

pub use secrets::{check_token, create_token, list_tokens, revoke_token, rotate_token};

/// How the user names of robots begin, so that nobody takes one for a person.
pub const PREFIX: &str = "robot-";
/// Most robots of one collection.
const MOST_ROBOTS: u64 = 50;
/// Most collections that one robot works in.
pub const MOST_COLLECTIONS: usize = 1000;

/// A robot that the caller may manage.
struct Found {
    user: user::Model,
    robot: robot::Model,
}

/// What a list of robots shows.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Those that belong to this collection or work in it.
    pub collection: Option<String>,
    /// Words of the name.
    pub q: Option<String>,
    /// Which part.
    pub window: Window,
}

async fn find(core: &Core, viewer: &Viewer, name: &str) -> Result<Found> {
    tokens::keeper(viewer)?;
    let missing = || Error::NotFound(Resource::Robot(view::shortened(name)));
    let found = match names::check_username(name) {
        Ok(()) => repo::robot::find(core.db.read(), name).await?,
        Err(_) => None,
    };
    let (user, robot) = found.ok_or_else(missing)?;
    if manages(core, viewer, robot.collection_id).await? {
        return Ok(Found { user, robot });
    }
    Err(missing())
}

/// Whether the caller manages the robots of a collection, or those of none.
async fn manages(core: &Core, viewer: &Viewer, collection: Option<i64>) -> Result<bool> {
    if viewer.can_manage_robots() {
        return Ok(true);
    }
    let rows = repo::collection::by_ids(core.db.read(), collection).await?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(false);
    };
    match access::collection(core, viewer, &row.name, Action::Govern).await {
        Ok(_) => Ok(true),
        Err(Error::NotFound(_) | Error::Forbidden(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Robots by name: those of a collection, or all that the caller manages.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, what `access::collection` says, `BadRequest` for a bad window.
pub async fn list(core: &Core, viewer: &Viewer, listing: &Listing) -> Result<RobotPage> {
    let person = tokens::keeper(viewer)?;
    let whose = match &listing.collection {
        Some(name) => {
            let granted = access::collection(core, viewer, name, Action::Govern).await?;
            Whose::Collection(granted.collection.id)
        }
        None if viewer.can_manage_robots() => Whose::All,
        None => Whose::Owner(person.id),
    };
    let select = repo::robot::list(paging::words(listing.q.as_deref())?, whose);
    let by = By::text("name", user::Column::Username, user::Column::Id);
    let page = paging::fetch(core.db.read(), select, &listing.window, by).await?;
    // Of a collection the caller sees those of the administrators too, and manages its own.
    let manages = |robot: &robot::Model| match whose {
        Whose::Collection(id) => viewer.can_manage_robots() || robot.collection_id == Some(id),
        Whose::All | Whose::Owner(_) => true,
    };
    Ok(RobotPage {
        items: shown(core, viewer, &page.items, manages).await?,
        total: page.total,
        next: page.next,
    })
}

/// Robots as people see them. Of the collections that they work in, those that the viewer may see.
async fn shown(
    core: &Core,
    viewer: &Viewer,
    rows: &[user::Model],
    manages: impl Fn(&robot::Model) -> bool,
) -> Result<Vec<Robot>> {
    let db = core.db.read();
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let around = repo::robot::around(db, &ids).await?;
    let makers = around.robots.values().filter_map(|robot| robot.created_by);
    let makers = repo::collection::usernames(db, makers).await?;
    let places: BTreeSet<i64> = around.collections.iter().map(|place| place.1).collect();
    let owners = around
        .robots
        .values()
        .filter_map(|robot| robot.collection_id);
    let places = places.into_iter().chain(owners);
    let seen: HashMap<i64, String> = repo::collection::visible_names(db, viewer, places)
        .await?
        .into_iter()
        .collect();
    let now = core.clock.now();
    let show = |user: &user::Model| {
        let robot = around.robots.get(&user.id)?;
        let tokens = around.tokens.get(&user.id).map(Vec::as_slice);
        let tokens = tokens.unwrap_or_default();
        let works = |token: &&Token| token.expires_at.is_none_or(|end| end > now);
        let working = || tokens.iter().filter(works);
        let scopes: BTreeSet<Scope> = working()
            .filter_map(|token| token.scope.parse().ok())
            .collect();
        let used = tokens.iter().filter_map(|token| token.last_used_at).max();
        let places = around.collections.iter();
        let places = places.filter(|place| place.0 == user.id && seen.contains_key(&place.1));
        Some(Robot {
            name: user.username.clone(),
            description: robot.description.clone(),
            collection: robot.collection_id.and_then(|id| seen.get(&id).cloned()),
            collections: places.map(|place| place.2.clone()).collect(),
            disabled: user.disabled_at.is_some(),
            tokens: u64::try_from(tokens.len()).unwrap_or_default(),
            scopes: scopes.into_iter().collect(),
            expires_at: working()
                .filter_map(|token| token.expires_at)
                .min()
                .map(Into::into),
            last_used_at: used.map(Into::into),
            created_by: robot.created_by.and_then(|id| makers.get(&id).cloned()),
            created_at: user.created_at.into(),
            may_manage: manages(robot),
        })
    };
    Ok(rows.iter().filter_map(show).collect())
}

async fn one(core: &Core, viewer: &Viewer, name: &str) -> Result<Robot> {
    let found = find(core, viewer, name).await?;
    let mut robots = shown(core, viewer, &[found.user], |_| true).await?;
    robots
        .pop()
        .ok_or_else(|| Error::internal("a robot without a view"))
}

/// One robot.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn get(core: &Core, viewer: &Viewer, name: &str) -> Result<Robot> {
    one(core, viewer, name).await
}

/// Makes a robot: of a collection, which works there alone, or of the administrators.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, what `access::collection` says, `Invalid`, `NameTaken`, `Conflict` where there are too many.
pub async fn create(core: &Core, viewer: &Viewer, new: NewRobot) -> Result<Robot> {
    let maker = tokens::keeper(viewer)?;
    let (owner, places) = match &new.collection {
        Some(name) => {
            let granted = access::collection(core, viewer, name, Action::Govern).await?;
            let elsewhere = |names: &Vec<String>| names.iter().any(|other| other != name);
            if new.collections.as_ref().is_some_and(elsewhere) {
                return Err(works_alone());
            }
            let id = granted.collection.id;
            (Some(id), vec![id])
        }
        None if viewer.can_manage_robots() => {
            let names = new.collections.as_deref().unwrap_or_default();
            (None, places(core, viewer, names).await?)
        }
        None => {
            return Err(Error::Forbidden(
                "only administrators make robots that belong to no collection; say which one it is for"
                    .to_owned(),
            ));
        }
    };
    let username = username(&new.name);
    let description = new.description.as_deref().unwrap_or_default();
    let mut problems = Problems::default();
    problems.check("name", names::check_username(&username));
    problems.check("description", check_text(description));
    problems.into_result()?;
    let row = repo::robot::New {
        username: username.clone(),
        description: description.trim().to_owned(),
        collection_id: owner,
        // The operator is no user.
        created_by: Some(maker.id).filter(|id| *id > 0),
    };
    let (actor, now) = (Actor::of(core, viewer), core.clock.now());
    core.db
        .write(async move |tx| {
            if let Some(id) = row.collection_id {
                repo::collection::touch(tx, id, now).await?;
                if repo::robot::count_of(tx, id).await? >= MOST_ROBOTS {
                    return Err(Error::Conflict(format!(
                        "{MOST_ROBOTS} robots are enough for one collection; delete some"
                    )));
                }
            }
            let (user, _) = repo::robot::insert(tx, row, now).await?;
            let entry = Entry::new(
                AuditAction::RobotCreate,
                AuditThing::Robot,
                user.id,
                &user.username,
            );
            entry.record(tx, &actor).await?;
            Ok(repo::robot::set_collections(tx, user.id, &places, now).await?)
        })
        .await
        .map_err(|error| users::taken_or(error, &username))?;
    tracing::info!(by = maker.username, robot = username, "robot made");
    one(core, viewer, &username).await
}

/// The user name of a robot that is called so, with or without the prefix.
pub fn username(name: &str) -> String {
    let name = name.strip_prefix(PREFIX).unwrap_or(name);
    format!("{PREFIX}{name}")
}

fn works_alone() -> Error {
    Error::invalid(
        "collections",
        "a robot of a collection works there and nowhere else; administrators make those that work in several",
    )
}

/// The ids of these collections.
async fn places(core: &Core, viewer: &Viewer, names: &[String]) -> Result<Vec<i64>> {
    if names.len() > MOST_COLLECTIONS {
        let sentence = format!("a robot works in {MOST_COLLECTIONS} collections at most");
        return Err(Error::invalid("collections", sentence));
    }
    let names: BTreeSet<&str> = names.iter().map(|name| name.trim()).collect();
    let mut ids = Vec::new();
    for name in names {
        match access::collection(core, viewer, name, Action::See).await {
            Ok(granted) => ids.push(granted.collection.id),
            Err(error @ Error::NotFound(_)) => {
                return Err(Error::invalid("collections", error.to_string()));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(ids)
}

/// Changes a robot. The tokens of a disabled one do not work.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `Invalid`.
pub async fn change(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    change: RobotChange,
) -> Result<Robot> {
    let found = find(core, viewer, name).await?;
    if let Some(text) = &change.description {
        check_text(text).map_err(|sentence| Error::invalid("description", sentence))?;
    }
    let description = change.description.map(|text| text.trim().to_owned());
    let places = match (&change.collections, found.robot.collection_id) {
        (None, _) => None,
        (Some(_), Some(_)) => return Err(works_alone()),
        (Some(names), None) => Some(places(core, viewer, names).await?),
    };
    let (id, was, now) = (found.user.id, found.user.disabled_at, core.clock.now());
    let actor = Actor::of(core, viewer);
    let entry = Entry::new(AuditAction::RobotChange, AuditThing::Robot, id, name)
        .with_some("disabled", change.disabled);
    core.db
        .write(async move |tx| {
            if let Some(text) = description {
                repo::robot::describe(tx, id, text).await?;
            }
            if let Some(disabled) = change.disabled {
                let at = disabled.then(|| was.unwrap_or(now));
                repo::robot::set_disabled(tx, id, at).await?;
            }
            if let Some(places) = places {
                repo::robot::set_collections(tx, id, &places, now).await?;
            }
            entry.record(tx, &actor).await
        })
        .await?;
    tracing::info!(by = by(viewer), robot = name, "robot changed");
    one(core, viewer, name).await
}

/// Deletes a robot. Its tokens die with it; what it pushed stays.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn delete(core: &Core, viewer: &Viewer, name: &str) -> Result<()> {
    let id = find(core, viewer, name).await?.user.id;
    let actor = Actor::of(core, viewer);
    let entry = Entry::new(AuditAction::RobotDelete, AuditThing::Robot, id, name);
    core.db
        .write(async move |tx| {
            entry.record(tx, &actor).await?;
            Ok::<_, Error>(repo::robot::delete(tx, id).await?)
        })
        .await?;
    tracing::info!(by = by(viewer), robot = name, "robot deleted");
    Ok(())
}

/// Who acts, for logs.
fn by(viewer: &Viewer) -> &str {
    viewer
        .person()
        .map(|person| person.username.as_str())
        .unwrap_or_default()
}
