//! What was sent to a webhook, and sending it again.

use std::collections::BTreeMap;

use entity::webhook_delivery::{Column, Model};
use shared_types::{AuditAction, AuditActorKind, AuditThing, Delivery, DeliveryPage, WebhookEvent};

use super::{
    super::{
        Core, Error, Result, access,
        audit::Actor,
        error::Resource,
        paging::{self, By, Window},
    },
    Managed, managed,
    outbox::{Told, keep},
};
use crate::{domain::access::Viewer, repo};

/// The messages to a webhook, newest first.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `BadRequest` for a bad window.
pub async fn list(core: &Core, viewer: &Viewer, id: &str, window: &Window) -> Result<DeliveryPage> {
    let hook = managed(core, viewer, id).await?.hook;
    let by = By::largest("delivery", Column::Id, Column::Id);
    let select = repo::webhook::deliveries(hook.id);
    let page = paging::fetch(core.db.read(), select, window, by).await?;
    Ok(DeliveryPage {
        items: page.items.into_iter().map(shown).collect::<Result<_>>()?,
        total: page.total,
        next: page.next,
    })
}

fn shown(row: Model) -> Result<Delivery> {
    let internal = |error: String| Error::internal(error);
    Ok(Delivery {
        id: row.public_id,
        event: row.event.parse().map_err(internal)?,
        state: row.state.parse().map_err(internal)?,
        created_at: row.created_at.into(),
        attempts: u32::try_from(row.attempts).unwrap_or_default(),
        attempted_at: row.attempted_at.map(Into::into),
        next_attempt_at: row.next_attempt_at.map(Into::into),
        duration_ms: row.duration_ms.and_then(|ms| u64::try_from(ms).ok()),
        status: row.status.and_then(|status| u16::try_from(status).ok()),
        answer: row.answer,
        problem: row.problem,
        redelivery_of: row.redelivery_of,
    })
}

/// Tries a webhook out: a message of the event `ping`, also to one that is switched off.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn ping(core: &Core, viewer: &Viewer, id: &str) -> Result<Delivery> {
    let found = managed(core, viewer, id).await?;
    let actor = Actor::of(core, viewer);
    let told = Told {
        at: actor.at().into(),
        action: AuditAction::WebhookPing,
        actor: Some(access::person(viewer)?.username.clone()),
        actor_kind: AuditActorKind::Person,
        thing_kind: AuditThing::Webhook,
        thing: found.hook.public_id.clone(),
        collection: found.collection.as_ref().map(|home| home.name.clone()),
        details: BTreeMap::new(),
    };
    let sending = (WebhookEvent::Ping, told, None);
    put(core, found, AuditAction::WebhookPing, actor, sending).await
}

/// Sends a message again, as a new one that tells the same.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn redeliver(core: &Core, viewer: &Viewer, id: &str, delivery: &str) -> Result<Delivery> {
    let found = managed(core, viewer, id).await?;
    let missing = || Error::NotFound(Resource::Webhook);
    if !delivery.bytes().all(|c| c.is_ascii_alphanumeric()) {
        return Err(missing());
    }
    let row = repo::webhook::delivery(core.db.read(), found.hook.id, delivery).await?;
    let row = row.ok_or_else(missing)?;
    let told: Told = serde_json::from_str(&row.message).map_err(Error::internal)?;
    let event: WebhookEvent = row
        .event
        .parse()
        .map_err(|error: String| Error::internal(error))?;
    let actor = Actor::of(core, viewer);
    let sending = (event, told, Some(row.public_id));
    put(core, found, AuditAction::WebhookRedeliver, actor, sending).await
}

/// Keeps a message that somebody asked for.
async fn put(
    core: &Core,
    found: Managed,
    action: AuditAction,
    actor: Actor,
    (event, told, again): (WebhookEvent, Told, Option<String>),
) -> Result<Delivery> {
    let entry = found.entry(action);
    let row = core
        .db
        .write(async move |tx| {
            let row = keep(tx, &found.hook, event, &told, again, actor.at()).await?;
            let entry = entry.with("delivery", &row.public_id);
            entry.record(tx, &actor).await?;
            Ok::<_, Error>(row)
        })
        .await?;
    shown(row)
}

/// Forgets messages that came to an end long ago.
///
/// # Errors
/// The database failed.
pub async fn sweep(core: &Core) -> Result<()> {
    let kept = chrono::Duration::from_std(core.settings.webhooks.retention);
    let age = kept.unwrap_or(chrono::Duration::MAX);
    let Some(before) = core.clock.now().checked_sub_signed(age) else {
        return Ok(());
    };
    let gone = core
        .db
        .write(async move |tx| repo::webhook::delete_before(tx, before).await)
        .await?;
    tracing::debug!(gone, "removed old messages to webhooks");
    Ok(())
}
