//! Webhooks: telling other servers what happens in a collection, or in the whole registry.
//!
//! Rule: a message is a row, written in the transaction of what it tells of (`outbox`), so that nothing is told that did not happen and nothing
//! is forgotten. It is sent afterwards (`send`), to public addresses alone unless the settings name others.

mod deliveries;
mod guard;
mod outbox;
mod send;

use std::collections::BTreeSet;

use entity::webhook::{self, Column};
use shared_types::{
    AuditAction, AuditThing, IssuedWebhook, NewWebhook, Webhook, WebhookChange, WebhookEvent,
    WebhookPage,
};

use super::{
    Core, Error, Result,
    access::{self, Action},
    audit::{Actor, Entry},
    error::{Problems, Resource},
    keys,
    paging::{self, By, Window},
};
use crate::{domain::access::Viewer, repo};

pub use deliveries::{list as deliveries, ping, redeliver, sweep};
pub(super) use outbox::announce;
pub use send::{Sender, deliver};

/// Most webhooks of one collection, and of the registry.
const MOST: u64 = 20;
/// Longest address, in characters.
pub const LONGEST_URL: usize = 2000;
/// Lengths of secrets that people bring, in characters.
pub const SECRET: std::ops::RangeInclusive<usize> = 16..=200;

/// A webhook that the caller manages.
struct Managed {
    hook: webhook::Model,
    /// The collection that it is of.
    collection: Option<entity::collection::Model>,
}

impl Managed {
    fn entry(&self, action: AuditAction) -> Entry {
        entry(action, &self.hook, self.collection.as_ref())
    }
}

/// Something done to a webhook, for the log. What follows the host may be a secret.
fn entry(
    action: AuditAction,
    hook: &webhook::Model,
    collection: Option<&entity::collection::Model>,
) -> Entry {
    let host = guard::parse(&hook.url).map(|url| guard::shown(&url));
    let entry = Entry::new(
        action,
        AuditThing::Webhook,
        hook.id,
        &host.unwrap_or_default(),
    );
    let entry = entry.with("id", &hook.public_id);
    match collection {
        Some(collection) => entry.within(collection),
        None => entry,
    }
}

/// The collection whose webhooks are meant, which the caller governs; none for the registry's, which administrators manage.
async fn place(
    core: &Core,
    viewer: &Viewer,
    collection: Option<&str>,
) -> Result<Option<entity::collection::Model>> {
    access::person(viewer)?;
    if let Some(name) = collection {
        let granted = access::collection(core, viewer, name, Action::Govern).await?;
        return Ok(Some(granted.collection));
    }
    if viewer.can_oversee() {
        return Ok(None);
    }
    Err(Error::Forbidden(
        "only administrators manage webhooks of the whole registry; say which collection it is for"
            .to_owned(),
    ))
}

/// A webhook by its id. Who may not manage it gets what does-not-exist gets.
async fn managed(core: &Core, viewer: &Viewer, public_id: &str) -> Result<Managed> {
    access::person(viewer)?;
    let missing = || Error::NotFound(Resource::Webhook);
    // PostgreSQL refuses some characters with an error of its own, so nothing odd is looked up.
    if !public_id.bytes().all(|c| c.is_ascii_alphanumeric()) {
        return Err(missing());
    }
    let found = repo::webhook::find(core.db.read(), public_id).await?;
    let hook = found.ok_or_else(missing)?;
    let name = match hook.collection_id {
        Some(id) => {
            let rows = repo::collection::by_ids(core.db.read(), [id]).await?;
            Some(rows.into_iter().next().ok_or_else(missing)?.name)
        }
        None => None,
    };
    match place(core, viewer, name.as_deref()).await {
        Ok(collection) => Ok(Managed { hook, collection }),
        Err(Error::NotFound(_)) => Err(missing()),
        Err(Error::Forbidden(_)) if name.is_none() => Err(missing()),
        Err(error) => Err(error),
    }
}

/// The webhooks of a collection, or of the registry, oldest first.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `BadRequest` for a bad window.
pub async fn list(
    core: &Core,
    viewer: &Viewer,
    collection: Option<&str>,
    window: &Window,
) -> Result<WebhookPage> {
    let home = place(core, viewer, collection).await?;
    let select = repo::webhook::list(home.as_ref().map(|home| home.id));
    let by = By::largest("webhook", Column::Id, Column::Id);
    let page = paging::fetch(core.db.read(), select, window, by).await?;
    let makers = page.items.iter().filter_map(|hook| hook.created_by);
    let names = repo::collection::usernames(core.db.read(), makers).await?;
    let name = home.map(|home| home.name);
    let show = |hook: &webhook::Model| {
        let maker = hook.created_by.and_then(|id| names.get(&id).cloned());
        shown(hook, name.clone(), maker)
    };
    Ok(WebhookPage {
        items: page.items.iter().map(show).collect(),
        total: page.total,
        next: page.next,
    })
}

fn shown(hook: &webhook::Model, collection: Option<String>, maker: Option<String>) -> Webhook {
    Webhook {
        id: hook.public_id.clone(),
        collection,
        url: hook.url.clone(),
        events: events_of(hook).collect(),
        active: hook.active,
        created_by: maker,
        created_at: hook.created_at.into(),
        updated_at: hook.updated_at.into(),
    }
}

fn events_of(hook: &webhook::Model) -> impl Iterator<Item = WebhookEvent> {
    hook.events.split(',').filter_map(|word| word.parse().ok())
}

async fn one(core: &Core, managed: Managed) -> Result<Webhook> {
    let names = repo::collection::usernames(core.db.read(), managed.hook.created_by).await?;
    let maker = managed
        .hook
        .created_by
        .and_then(|id| names.get(&id).cloned());
    Ok(shown(
        &managed.hook,
        managed.collection.map(|home| home.name),
        maker,
    ))
}

/// One webhook.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn get(core: &Core, viewer: &Viewer, id: &str) -> Result<Webhook> {
    one(core, managed(core, viewer, id).await?).await
}

/// The events of a webhook, as they are kept.
fn joined(events: &[WebhookEvent]) -> Result<String, String> {
    let chosen: BTreeSet<WebhookEvent> = events.iter().copied().collect();
    if chosen.is_empty() {
        return Err("choose one event at least".to_owned());
    }
    let words: Vec<&str> = chosen.into_iter().map(WebhookEvent::as_str).collect();
    Ok(words.join(","))
}

/// Checks an address before anything is sent there: it must be one that could be allowed.
fn check_url(core: &Core, text: &str) -> Result<(), String> {
    if text.chars().count() > LONGEST_URL {
        return Err(format!("an address has {LONGEST_URL} characters at most"));
    }
    let url = guard::parse(text)?;
    guard::check_literal(&url, &core.settings.webhooks.private_networks)
}

fn check_secret(text: &str) -> Result<(), String> {
    if SECRET.contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(format!(
        "a secret has {} to {} characters in one line",
        SECRET.start(),
        SECRET.end()
    ))
}

/// What a webhook's secret is sealed for: it opens for no other.
fn seal_context(public_id: &str) -> String {
    format!("webhook:{public_id}")
}

fn seal(core: &Core, public_id: &str, secret: &str) -> Result<Vec<u8>> {
    let sealed = core.keys.seal(&seal_context(public_id), secret.as_bytes());
    sealed.map_err(Error::internal)
}

/// Makes a webhook.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `Invalid`, `Conflict` where there are too many.
pub async fn create(core: &Core, viewer: &Viewer, new: NewWebhook) -> Result<IssuedWebhook> {
    let home = place(core, viewer, new.collection.as_deref()).await?;
    let events = joined(new.events.as_deref().unwrap_or(WebhookEvent::ALL));
    let mut problems = Problems::default();
    problems.check("url", check_url(core, &new.url));
    problems.check("events", events.clone().map(drop));
    if let Some(secret) = &new.secret {
        problems.check("secret", check_secret(secret));
    }
    problems.into_result()?;
    let secret = new.secret.unwrap_or_else(keys::random_text::<24>);
    let (public_id, actor) = (keys::random_text::<8>(), Actor::of(core, viewer));
    let row = webhook::Model {
        id: 0,
        collection_id: home.as_ref().map(|home| home.id),
        url: new.url,
        sealed_secret: seal(core, &public_id, &secret)?,
        public_id,
        events: events.unwrap_or_default(),
        active: new.active.unwrap_or(true),
        created_by: actor.user_id(),
        created_at: actor.at(),
        updated_at: actor.at(),
    };
    let place = home.clone();
    let hook = core
        .db
        .write(async move |tx| {
            if repo::webhook::count(tx, row.collection_id).await? >= MOST {
                return Err(Error::Conflict(format!(
                    "{MOST} webhooks are enough; delete some that are not needed"
                )));
            }
            let hook = repo::webhook::insert(tx, row).await?;
            let made = entry(AuditAction::WebhookCreate, &hook, place.as_ref());
            made.record(tx, &actor).await?;
            Ok(hook)
        })
        .await?;
    tracing::info!(webhook = hook.public_id, "webhook made");
    let managed = Managed {
        hook,
        collection: home,
    };
    Ok(IssuedWebhook {
        webhook: one(core, managed).await?,
        secret,
    })
}

/// Changes a webhook.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `Invalid`.
pub async fn change(
    core: &Core,
    viewer: &Viewer,
    id: &str,
    change: WebhookChange,
) -> Result<Webhook> {
    let mut found = managed(core, viewer, id).await?;
    let events = change.events.as_deref().map(joined).transpose();
    let mut problems = Problems::default();
    if let Some(url) = &change.url {
        problems.check("url", check_url(core, url));
    }
    if let Some(secret) = &change.secret {
        problems.check("secret", check_secret(secret));
    }
    problems.check("events", events.clone().map(drop));
    problems.into_result()?;
    let actor = Actor::of(core, viewer);
    let hook = &mut found.hook;
    if let Some(secret) = &change.secret {
        hook.sealed_secret = seal(core, &hook.public_id, secret)?;
    }
    if let Ok(Some(events)) = events {
        hook.events = events;
    }
    hook.url = change.url.unwrap_or_else(|| hook.url.clone());
    hook.active = change.active.unwrap_or(hook.active);
    hook.updated_at = actor.at();
    let (row, changed) = (found.hook.clone(), found.entry(AuditAction::WebhookChange));
    let changed = changed
        .with("active", row.active)
        .with("events", &row.events);
    core.db
        .write(async move |tx| {
            repo::webhook::update(tx, row).await?;
            changed.record(tx, &actor).await
        })
        .await?;
    one(core, found).await
}

/// Deletes a webhook. What was still to be sent to it is not sent.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn delete(core: &Core, viewer: &Viewer, id: &str) -> Result<()> {
    let found = managed(core, viewer, id).await?;
    let (actor, gone) = (
        Actor::of(core, viewer),
        found.entry(AuditAction::WebhookDelete),
    );
    core.db
        .write(async move |tx| {
            repo::webhook::delete(tx, found.hook.id).await?;
            gone.record(tx, &actor).await
        })
        .await
}
