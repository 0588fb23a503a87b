//! The people of a collection: its owners and contributors, and handing it over.
//!
//! Rule: owners let in people who share a team with them, and nobody else; administrators let in anybody. A collection always
//! has an owner who can act.

use std::collections::HashMap;

use entity::{collection, collection_member, user};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use shared_types::{
    AuditAction, Candidate, CandidatePage, CollectionDetail, CollectionMember,
    CollectionMemberPage, CollectionRole, Role, Scope,
};

use super::{
    Core, Error, Result,
    access::{self, Action, Granted},
    audit::{Actor, Entry},
    collections,
    error::Resource,
    paging::{self, By, Window},
    quota::{General, Quota},
    users, view,
};
use crate::{
    domain::access::{Membership, Viewer},
    repo,
};

/// The people of a collection, by name. Robots are listed apart.
///
/// # Errors
/// `NotFound`, `BadRequest` for a bad window.
pub async fn list(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    window: &Window,
) -> Result<CollectionMemberPage> {
    let granted = access::collection(core, viewer, name, Action::See).await?;
    let id = granted.collection.id;
    let by = By::text("name", user::Column::Username, user::Column::Id);
    let page = paging::fetch(core.db.read(), repo::member::people(id), window, by).await?;
    let people = page.items.iter().map(|person| person.id);
    let rows = repo::member::rows(core.db.read(), id, people).await?;
    Ok(CollectionMemberPage {
        items: page
            .items
            .iter()
            .filter_map(|person| shown(person, rows.get(&person.id)?))
            .collect(),
        total: page.total,
        next: page.next,
    })
}

fn shown(user: &user::Model, row: &collection_member::Model) -> Option<CollectionMember> {
    Some(CollectionMember {
        username: user.username.clone(),
        display_name: user.display_name.clone(),
        role: row.role.parse().ok()?,
        since: row.created_at.into(),
    })
}

/// Who could be let into a collection by the caller, by name.
///
/// # Errors
/// What `access::collection` says, `BadRequest` for a bad window.
pub async fn candidates(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    q: Option<&str>,
    window: &Window,
) -> Result<CandidatePage> {
    let granted = access::collection(core, viewer, name, Action::Govern).await?;
    let caller = access::person(viewer)?.id;
    let id = granted.collection.id;
    let select = repo::member::candidates(id, mate_of(viewer), paging::words(q)?);
    let by = By::text("name", user::Column::Username, user::Column::Id);
    let page = paging::fetch(core.db.read(), select, window, by).await?;
    let people = page.items.iter().map(|person| person.id);
    let mut shared: HashMap<i64, Vec<String>> = HashMap::new();
    for team in repo::team::shared_with(core.db.read(), caller, people).await? {
        shared.entry(team.user_id).or_default().push(team.name);
    }
    let show = |user: user::Model| Candidate {
        teams: shared.remove(&user.id).unwrap_or_default(),
        username: user.username,
        display_name: user.display_name,
    };
    Ok(CandidatePage {
        items: page.items.into_iter().map(show).collect(),
        total: page.total,
        next: page.next,
    })
}

/// Whose team mates may be chosen; nothing for administrators, who choose freely.
fn mate_of(viewer: &Viewer) -> Option<i64> {
    viewer
        .person()
        .filter(|_| !viewer.is_admin())
        .map(|person| person.id)
}

/// A person of the collection, or one whom the caller may let in. Who does not exist and who may not be chosen are the same.
async fn chosen(
    core: &Core,
    viewer: &Viewer,
    granted: &Granted,
    username: &str,
) -> Result<user::Model> {
    let refused = || {
        let name = view::shortened(username);
        Error::NotFound(match mate_of(viewer) {
            Some(_) => Resource::Mate(name),
            None => Resource::User(name),
        })
    };
    let user = match users::row(core, username).await {
        Err(Error::NotFound(_)) => return Err(refused()),
        other => other?,
    };
    let db = core.db.read();
    let inside = repo::member::membership(db, granted.collection.id, user.id).await?;
    if inside.is_some() {
        return Ok(user);
    }
    let choice = repo::member::choice(mate_of(viewer)).filter(user::Column::Id.eq(user.id));
    choice.one(db).await?.ok_or_else(refused)
}

fn membership(role: CollectionRole) -> Membership {
    match role {
        CollectionRole::Owner => Membership::Owner,
        CollectionRole::Contributor => Membership::Contributor,
    }
}

/// Lets a person into a collection, or gives them another role there.
///
/// # Errors
/// What `access::collection` says, `NotFound` for who may not be chosen, `Conflict` where no owner would be left.
pub async fn put(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    username: &str,
    role: CollectionRole,
) -> Result<CollectionMember> {
    let granted = access::collection(core, viewer, name, Action::Govern).await?;
    let user = chosen(core, viewer, &granted, username).await?;
    let (collection, id, now) = (granted.collection, user.id, core.clock.now());
    let role = membership(role);
    let (actor, entry) = (Actor::of(core, viewer), entered(&user, &collection, role));
    let rows = core
        .db
        .write(async move |tx| {
            repo::collection::touch(tx, collection.id, now).await?;
            let before = repo::member::membership(tx, collection.id, id).await?;
            repo::member::put(tx, collection.id, id, role, now).await?;
            entry.record(tx, &actor).await?;
            let loses = before == Some(Membership::Owner) && role != Membership::Owner;
            keeps_an_owner(tx, &collection, loses).await?;
            Ok::<_, Error>(repo::member::rows(tx, collection.id, [id]).await?)
        })
        .await?;
    tracing::info!(
        by = by(viewer),
        collection = name,
        user = user.username,
        role = role.as_str(),
        "a person of a collection changed"
    );
    rows.get(&id)
        .and_then(|row| shown(&user, row))
        .ok_or_else(|| access::missing(name))
}

/// What the log says of a person who comes into a collection.
fn entered(user: &user::Model, collection: &collection::Model, role: Membership) -> Entry {
    Entry::user(AuditAction::MemberPut, user)
        .within(collection)
        .with("role", role.as_str())
}

/// Takes a person out of a collection; oneself to leave it.
///
/// # Errors
/// What `access::collection` says, `NotFound` for who is not in it, `Conflict` where no owner would be left.
pub async fn remove(core: &Core, viewer: &Viewer, name: &str, username: &str) -> Result<()> {
    let own = viewer
        .person()
        .is_some_and(|person| person.username.eq_ignore_ascii_case(username));
    let leaves = own && viewer.has_scope(Scope::Manage);
    let action = if leaves { Action::See } else { Action::Govern };
    let granted = access::collection(core, viewer, name, action).await?;
    let stranger = |username: &str, name: &str| {
        let place = format!("collection “{name}”");
        Error::NotFound(Resource::Member(view::shortened(username), place))
    };
    let user = match users::row(core, username).await {
        Err(Error::NotFound(_)) => return Err(stranger(username, name)),
        other => other?,
    };
    let (collection, id, now) = (granted.collection, user.id, core.clock.now());
    let named = (username.to_owned(), name.to_owned());
    let actor = Actor::of(core, viewer);
    let entry = Entry::user(AuditAction::MemberRemove, &user).within(&collection);
    core.db
        .write(async move |tx| {
            repo::collection::touch(tx, collection.id, now).await?;
            let before = repo::member::membership(tx, collection.id, id).await?;
            let before = before.ok_or_else(|| stranger(&named.0, &named.1))?;
            repo::member::remove(tx, collection.id, id).await?;
            entry.record(tx, &actor).await?;
            keeps_an_owner(tx, &collection, before == Membership::Owner).await
        })
        .await?;
    tracing::info!(
        by = by(viewer),
        collection = name,
        user = user.username,
        "a person left a collection"
    );
    Ok(())
}

/// Refuses what was done to an owner where nobody is left who could own the collection.
async fn keeps_an_owner(
    tx: &impl ConnectionTrait,
    collection: &collection::Model,
    lost_one: bool,
) -> Result<()> {
    if lost_one && repo::member::active_owners(tx, collection.id).await? == 0 {
        return Err(Error::Conflict(format!(
            "collection “{}” would be without an owner; make another one first, or delete it",
            collection.name
        )));
    }
    Ok(())
}

/// Hands a collection over: the other person owns it, and it counts against their quota. A caller who owned it contributes from
/// then on; other owners stay.
///
/// # Errors
/// What `access::collection` says, `NotFound` for who may not be chosen, `Quota` where it does not fit theirs.
pub async fn transfer(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    username: &str,
) -> Result<CollectionDetail> {
    let granted = access::collection(core, viewer, name, Action::Govern).await?;
    let caller = access::person(viewer)?.id;
    let user = chosen(core, viewer, &granted, username).await?;
    if user.disabled_at.is_some() {
        return Err(Error::Conflict(format!(
            "the account of {} is disabled",
            user.username
        )));
    }
    let steps_down = granted.membership == Some(Membership::Owner) && caller != user.id;
    let room = Room {
        quota: General::of(core),
        collections: core.settings.registry.user_collection_limit,
    };
    let (id, to, now) = (granted.collection.id, user.clone(), core.clock.now());
    let actor = Actor::of(core, viewer);
    let handed = Entry::collection(AuditAction::CollectionTransfer, &granted.collection);
    let entered = entered(&user, &granted.collection, Membership::Owner);
    core.db
        .write(async move |tx| {
            repo::collection::touch(tx, id, now).await?;
            room.for_one_more(tx, id, &to).await?;
            repo::member::put(tx, id, to.id, Membership::Owner, now).await?;
            repo::collection_change::set_maker(tx, id, to.id).await?;
            handed.record(tx, &actor).await?;
            entered.record(tx, &actor).await?;
            if steps_down {
                repo::member::put(tx, id, caller, Membership::Contributor, now).await?;
            }
            Ok::<_, Error>(())
        })
        .await?;
    tracing::info!(
        by = by(viewer),
        collection = name,
        user = user.username,
        "collection handed over"
    );
    collections::get(core, viewer, name).await
}

/// What a person may have where nothing else is said of them.
#[derive(Clone, Copy)]
struct Room {
    quota: General,
    collections: Option<u64>,
}

impl Room {
    /// Refuses a collection that its new maker has no room for.
    async fn for_one_more(
        self,
        tx: &impl ConnectionTrait,
        collection: i64,
        to: &user::Model,
    ) -> Result<()> {
        let row = collection::Entity::find_by_id(collection).one(tx).await?;
        let Some(row) = row.filter(|row| row.created_by != Some(to.id)) else {
            return Ok(());
        };
        let quota = Quota::of_user(tx, Some(to.id), self.quota).await?;
        if row.size_bytes > quota.left() {
            return Err(Error::Quota(format!(
                "the quota of {} has no room for this collection",
                to.username
            )));
        }
        let made = repo::collection::count_made_by(tx, to.id).await?;
        let free = users::role_of(to)? >= Role::Admin;
        if !free && self.collections.is_some_and(|most| made >= most) {
            return Err(Error::Quota(format!(
                "{} has as many collections as this registry allows",
                to.username
            )));
        }
        Ok(())
    }
}

/// Who acts, for logs.
fn by(viewer: &Viewer) -> &str {
    viewer
        .person()
        .map(|person| person.username.as_str())
        .unwrap_or_default()
}
