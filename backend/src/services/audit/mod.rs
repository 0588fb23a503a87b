//! The audit log: who did what to which thing, from where and when.
//!
//! Rule: an entry is written in the transaction of the change that it tells of, so that there is neither without the other. It holds names as
//! they were and no secrets.

mod list;
mod people;

use std::{collections::BTreeMap, future::Future, net::IpAddr};

use chrono::{DateTime, Utc};
use entity::{audit_entry, collection, container, token, user};
use sea_orm::ConnectionTrait;
use shared_types::{AuditAction, AuditActorKind, AuditDoor, AuditThing, TagAction};

use super::{Core, Error, Result, webhooks};
use crate::{
    domain::access::{Grant, Kind, Person, Viewer},
    repo::{self, tag::Event},
};

pub(super) use list::shown;
pub use list::{LONGEST_NAME, Listing, list, of_collection, sweep};
pub(super) use people::{login_failed, user_changed};

/// Longest name or detail that is kept, in characters.
const LONGEST: usize = 250;

tokio::task_local! {
    /// Where the request at hand comes from.
    static SOURCE: Source;
}

/// Where a change comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The address of who asks.
    pub address: Option<IpAddr>,
    /// The id of the request.
    pub request_id: Option<String>,
    /// The protocol.
    pub door: AuditDoor,
}

impl Source {
    /// Runs work for a request that comes from here. Everything that the work changes is written down with it.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        SOURCE.scope(self, work).await
    }

    /// Of the request at hand; outside of requests, the server itself.
    fn current() -> Self {
        let server = Self {
            address: None,
            request_id: None,
            door: AuditDoor::Server,
        };
        SOURCE.try_with(Clone::clone).unwrap_or(server)
    }
}

/// Who makes a change, from where, and when.
#[derive(Debug, Clone)]
pub struct Actor {
    id: Option<i64>,
    name: Option<String>,
    kind: AuditActorKind,
    token: Option<String>,
    source: Source,
    at: DateTime<Utc>,
}

impl Actor {
    /// Whoever asks for the change.
    pub fn of(core: &Core, viewer: &Viewer) -> Self {
        let Some(person) = viewer.person() else {
            return Self::nobody(core.clock.now());
        };
        let token = match viewer.grant() {
            Some(Grant::Token { name, .. }) => Some(line(name)),
            _ => None,
        };
        Self {
            token,
            ..Self::person(person, core.clock.now())
        }
    }

    /// Somebody who is just signing in.
    pub fn person(person: &Person, at: DateTime<Utc>) -> Self {
        let known = Some(person.id).filter(|id| *id != 0);
        let kind = match (known, person.kind) {
            (None, _) => AuditActorKind::Operator,
            (Some(_), Kind::Person) => AuditActorKind::Person,
            (Some(_), Kind::Robot) => AuditActorKind::Robot,
        };
        Self {
            id: known,
            name: Some(person.username.clone()),
            kind,
            ..Self::nobody(at)
        }
    }

    /// Nobody who is known.
    pub fn nobody(at: DateTime<Utc>) -> Self {
        Self {
            id: None,
            name: None,
            kind: AuditActorKind::Nobody,
            token: None,
            source: Source::current(),
            at,
        }
    }

    /// The same, where it is this person, under another name and from nowhere.
    pub(super) fn renamed(self, id: i64, name: &str) -> Self {
        if self.id != Some(id) {
            return self;
        }
        Self {
            name: Some(name.to_owned()),
            token: None,
            source: Source {
                address: None,
                ..self.source
            },
            ..self
        }
    }

    /// The row of the user; absent for nobody, and for commands on the server's machine.
    pub fn user_id(&self) -> Option<i64> {
        self.id
    }

    /// When.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

/// What was done to which thing.
#[derive(Debug, Clone)]
pub struct Entry {
    action: AuditAction,
    kind: AuditThing,
    id: Option<i64>,
    name: String,
    collection: Option<(i64, String)>,
    details: BTreeMap<String, String>,
}

impl Entry {
    /// Something done to a thing of this kind, id and name.
    pub fn new(
        action: AuditAction,
        kind: AuditThing,
        id: impl Into<Option<i64>>,
        name: &str,
    ) -> Self {
        Self {
            action,
            kind,
            id: id.into(),
            name: line(name),
            collection: None,
            details: BTreeMap::new(),
        }
    }

    /// Something done to a collection.
    pub fn collection(action: AuditAction, row: &collection::Model) -> Self {
        Self::new(action, AuditThing::Collection, row.id, &row.name).within(row)
    }

    /// Something done to a container.
    pub fn container(
        action: AuditAction,
        home: &collection::Model,
        row: &container::Model,
    ) -> Self {
        let name = format!("{}/{}", home.name, row.name);
        Self::new(action, AuditThing::Container, row.id, &name).within(home)
    }

    /// Something done to a person.
    pub fn user(action: AuditAction, row: &user::Model) -> Self {
        Self::new(action, AuditThing::User, row.id, &row.username)
    }

    /// Something done to a token of this user.
    pub fn token(action: AuditAction, row: &token::Model, owner: &str) -> Self {
        Self::new(action, AuditThing::Token, row.id, &row.name)
            .with("id", &row.public_id)
            .with("owner", owner)
    }

    /// The thing is in this collection.
    pub fn within(mut self, row: &collection::Model) -> Self {
        self.collection = Some((row.id, row.name.clone()));
        self
    }

    /// Something else worth knowing, which is no secret.
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.details
            .insert(key.to_owned(), line(&value.to_string()));
        self
    }

    /// As `with`, where there is something.
    pub fn with_some(self, key: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// The thing is in this container, whose names are looked up.
    pub(super) async fn below(
        mut self,
        tx: &impl ConnectionTrait,
        container_id: i64,
    ) -> Result<Self> {
        if let Some(place) = repo::audit::place(tx, container_id).await? {
            let name = format!("{}/{}", place.collection, place.container);
            if self.kind == AuditThing::Tag {
                self.name = line(&format!("{name}:{}", self.name));
            } else {
                self = self.with("container", name);
            }
            self.collection = Some((place.collection_id, place.collection));
        }
        Ok(self)
    }

    /// Writes it, in the transaction of the change.
    ///
    /// # Errors
    /// The database failed.
    pub async fn record(self, tx: &impl ConnectionTrait, by: &Actor) -> Result<()> {
        let (collection_id, collection) = self.collection.unzip();
        let row = audit_entry::Model {
            id: 0,
            at: by.at,
            action: self.action.as_str().to_owned(),
            actor_id: by.id,
            actor: by.name.clone(),
            actor_kind: by.kind.as_str().to_owned(),
            token: by.token.clone(),
            thing_kind: self.kind.as_str().to_owned(),
            thing_id: self.id,
            thing: self.name,
            collection_id,
            collection,
            address: by.source.address.map(|address| address.to_string()),
            request_id: by.source.request_id.clone(),
            door: by.source.door.as_str().to_owned(),
            details: serde_json::to_string(&self.details).map_err(Error::internal)?,
        };
        webhooks::announce(tx, self.action, &row).await?;
        Ok(repo::audit::insert(tx, row).await?)
    }
}

/// Writes what happened to a tag: into the history of its container, and into the log.
///
/// # Errors
/// The database failed.
pub(super) async fn tag(tx: &impl ConnectionTrait, by: &Actor, event: Event<'_>) -> Result<()> {
    let action = match event.action {
        TagAction::Created => AuditAction::TagCreate,
        TagAction::Moved => AuditAction::TagMove,
        TagAction::Deleted => AuditAction::TagDelete,
        TagAction::Frozen => AuditAction::TagFreeze,
        TagAction::Unfrozen => AuditAction::TagUnfreeze,
    };
    let digest = |hex: Option<&str>| hex.map(|hex| format!("sha256:{hex}"));
    let entry = Entry::new(action, AuditThing::Tag, None, event.name)
        .with("arch", event.arch)
        .with_some("from", digest(event.from))
        .with_some("to", digest(event.to))
        .below(tx, event.container_id)
        .await?;
    repo::tag::record(tx, event, by.at).await?;
    entry.record(tx, by).await
}

/// Writes what happened to an image, or something else that has a digest.
///
/// # Errors
/// The database failed.
pub(super) async fn content(
    tx: &impl ConnectionTrait,
    by: &Actor,
    (action, kind): (AuditAction, AuditThing),
    container_id: i64,
    (id, sha256, size): (i64, &str, i64),
) -> Result<()> {
    let entry = Entry::new(action, kind, id, &format!("sha256:{sha256}")).with("size", size);
    entry.below(tx, container_id).await?.record(tx, by).await
}

/// One line of what somebody may have chosen: PostgreSQL cannot keep every character.
fn line(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect()
}
