//! The existence rule, in one place: who cannot see a thing gets what does-not-exist gets; who sees it but may not do
//! this gets a refusal; who gave no credentials is asked for them.

use entity::collection;
use shared_types::names;

use crate::{
    domain::access::{CollectionFacts, Membership, Viewer},
    repo,
    services::{Core, Error, Result, error::Resource},
};

/// What a caller wants with a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Look at it, pull from it.
    See,
    /// Push images, move tags.
    Push,
    /// Delete single images and tags.
    DeleteImages,
    /// Change settings, freeze, delete it.
    Manage,
    /// Say who belongs to it, rename it, hand it over, make robots for it: people alone.
    Govern,
}

/// A collection that the caller may do something with. Holding one is the proof that the check was made.
#[derive(Debug, Clone)]
pub struct Granted {
    /// The row.
    pub collection: collection::Model,
    /// What the caller is in it.
    pub membership: Option<Membership>,
}

impl Granted {
    /// What decisions depend on.
    pub fn facts(&self) -> CollectionFacts<'_> {
        facts(&self.collection, self.membership)
    }
}

/// What decisions about a collection depend on.
pub fn facts(
    collection: &collection::Model,
    membership: Option<Membership>,
) -> CollectionFacts<'_> {
    CollectionFacts {
        name: &collection.name,
        private: collection.private,
        contributors_may_push: collection.contributors_may_push,
        membership,
    }
}

/// Finds a collection by name and checks that the caller may do this with it.
///
/// # Errors
/// `NotFound` where it does not exist or the caller may not know that it does, `Unauthenticated` where an anonymous caller asks for more
/// than looking, `Forbidden` where the caller sees it but may not do this.
pub async fn collection(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    action: Action,
) -> Result<Granted> {
    let user = viewer.person().map(|person| person.id);
    // What no collection can be called is not looked up: PostgreSQL refuses some characters with an error of its own.
    let found = match names::check_collection(name) {
        Ok(()) => repo::collection::with_membership(core.db.read(), name, user).await?,
        Err(_) => None,
    };
    decide(viewer, name, found, action)
}

/// The decision for a row that is already at hand.
///
/// # Errors
/// As `collection`.
pub fn decide(
    viewer: &Viewer,
    name: &str,
    found: Option<(collection::Model, Option<Membership>)>,
    action: Action,
) -> Result<Granted> {
    let (collection, membership) = found.ok_or_else(|| missing(name))?;
    let granted = Granted {
        collection,
        membership,
    };
    if !viewer.can_see(granted.facts()) {
        return Err(missing(name));
    }
    check(viewer, &granted, action)?;
    Ok(granted)
}

/// Checks one more action on a collection that the caller may do something with.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`, as `collection`.
pub fn check(viewer: &Viewer, granted: &Granted, action: Action) -> Result<()> {
    let facts = granted.facts();
    let (allowed, refusal) = match action {
        Action::See => (true, ""),
        Action::Push => (viewer.can_push(facts), "push to"),
        Action::DeleteImages => (viewer.can_delete_images(facts), "delete from"),
        Action::Manage => (viewer.can_manage(facts), "manage"),
        Action::Govern => (viewer.can_govern(facts), "govern"),
    };
    if allowed {
        return Ok(());
    }
    Err(refused(viewer, refusal, facts.name))
}

/// What a caller gets for a collection that does not exist, or that they may not know of.
pub fn missing(collection: &str) -> Error {
    Error::NotFound(Resource::Collection(collection.to_owned()))
}

fn refused(viewer: &Viewer, what: &str, collection: &str) -> Error {
    match viewer.person() {
        None => Error::sign_in(),
        Some(person) => Error::Forbidden(format!(
            "{} may not {what} collection “{collection}”; its owners, or a token with more rights, can",
            person.username
        )),
    }
}

/// The person behind a request that needs one.
///
/// # Errors
/// `Unauthenticated` for anonymous callers.
pub fn person(viewer: &Viewer) -> Result<&crate::domain::access::Person> {
    viewer.person().ok_or_else(Error::sign_in)
}
