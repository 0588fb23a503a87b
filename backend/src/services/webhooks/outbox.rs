//! Keeping messages: rows in the transaction of what they tell of.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::{audit_entry, webhook, webhook_delivery};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use shared_types::{
    AuditAction, AuditActorKind, AuditThing, DeliveryState, Timestamp, WebhookEvent, WebhookMessage,
};

use super::{
    super::{Error, Result, keys},
    events_of,
};
use crate::repo;

/// What is kept of a message: all but what is known when it is sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) at: Timestamp,
    pub(super) action: AuditAction,
    pub(super) actor: Option<String>,
    pub(super) actor_kind: AuditActorKind,
    pub(super) thing_kind: AuditThing,
    pub(super) thing: String,
    pub(super) collection: Option<String>,
    pub(super) details: BTreeMap<String, String>,
}

impl Told {
    /// The message as it is sent.
    pub(super) fn message(self, id: &str, event: WebhookEvent, registry: &str) -> WebhookMessage {
        WebhookMessage {
            delivery: id.to_owned(),
            event,
            registry: registry.to_owned(),
            at: self.at,
            action: self.action,
            actor: self.actor,
            actor_kind: self.actor_kind,
            thing_kind: self.thing_kind,
            thing: self.thing,
            collection: self.collection,
            details: self.details,
        }
    }

    fn of(action: AuditAction, row: &audit_entry::Model) -> Result<Self> {
        let internal = |error: String| Error::internal(error);
        Ok(Self {
            at: row.at.into(),
            action,
            actor: row.actor.clone(),
            actor_kind: row.actor_kind.parse().map_err(internal)?,
            thing_kind: row.thing_kind.parse().map_err(internal)?,
            thing: row.thing.clone(),
            collection: row.collection.clone(),
            details: serde_json::from_str(&row.details).map_err(Error::internal)?,
        })
    }
}

/// The event that something belongs to, if webhooks are told of it.
fn event_of(action: AuditAction) -> Option<WebhookEvent> {
    use AuditAction as A;
    Some(match action {
        A::ImagePush | A::ManifestPush => WebhookEvent::Push,
        A::TagCreate | A::TagMove => WebhookEvent::Tag,
        A::TagDelete
        | A::ImageDelete
        | A::ManifestDelete
        | A::ContainerDelete
        | A::CollectionDelete => WebhookEvent::Delete,
        A::TagFreeze => WebhookEvent::Freeze,
        A::TagUnfreeze => WebhookEvent::Unfreeze,
        _ => return None,
    })
}

/// Keeps messages to the webhooks that an entry of the log concerns. Part of its transaction.
///
/// # Errors
/// The database failed.
pub async fn announce(
    tx: &impl ConnectionTrait,
    action: AuditAction,
    row: &audit_entry::Model,
) -> Result<()> {
    let Some(event) = event_of(action) else {
        return Ok(());
    };
    let hooks = repo::webhook::concerned(tx, row.collection_id).await?;
    if hooks.is_empty() {
        return Ok(());
    }
    let told = Told::of(action, row)?;
    for hook in hooks {
        if events_of(&hook).any(|wanted| wanted == event) {
            keep(tx, &hook, event, &told, None, row.at).await?;
        }
    }
    Ok(())
}

/// Keeps one message, to be sent at once.
pub(super) async fn keep(
    tx: &impl ConnectionTrait,
    hook: &webhook::Model,
    event: WebhookEvent,
    told: &Told,
    again: Option<String>,
    now: DateTime<Utc>,
) -> Result<webhook_delivery::Model> {
    let row = webhook_delivery::Model {
        id: 0,
        public_id: keys::random_text::<8>(),
        webhook_id: hook.id,
        event: event.as_str().to_owned(),
        message: serde_json::to_string(told).map_err(Error::internal)?,
        state: DeliveryState::Pending.as_str().to_owned(),
        created_at: now,
        attempts: 0,
        attempted_at: None,
        next_attempt_at: Some(now),
        duration_ms: None,
        status: None,
        answer: None,
        problem: None,
        redelivery_of: again,
    };
    Ok(repo::webhook::insert_delivery(tx, row).await?)
}
