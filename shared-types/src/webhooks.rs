//! Webhooks: addresses that are told what happens in a collection, or in the whole registry.

use std::collections::BTreeMap;

use crate::{
    AuditAction, AuditActorKind, AuditThing, Timestamp, object, page, request, samples, words,
};

words! {
    /// What a webhook can be told of.
    pub enum WebhookEvent {
        /// An image, or another manifest, came.
        Push = "push",
        /// A tag came to be, or was moved.
        Tag = "tag",
        /// A tag, an image, a container or a collection was deleted.
        Delete = "delete",
        /// A tag was frozen.
        Freeze = "freeze",
        /// A tag was unfrozen.
        Unfreeze = "unfreeze",
        /// Somebody tries the webhook out. It is sent whatever the webhook is for.
        Ping = "ping",
    }
}

words! {
    /// What became of a message.
    pub enum DeliveryState {
        /// It is to be sent, or to be sent again.
        Pending = "pending",
        /// The receiver took it.
        Delivered = "delivered",
        /// It was given up.
        Failed = "failed",
    }
}

object! {
    /// A webhook. Its secret is never shown again.
    pub struct Webhook {
        /// Its id.
        pub id: String,
        /// The collection that it is told of; absent for the whole registry.
        pub collection: Option<String>,
        /// Where messages are sent.
        pub url: String,
        /// What it is told of.
        pub events: Vec<WebhookEvent>,
        /// Whether messages are sent.
        pub active: bool,
        /// The user name of who made it; absent once they are gone.
        pub created_by: Option<String>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was changed last.
        pub updated_at: Timestamp,
    } = Webhook {
        id: "0f1e2d3c4b5a6978".to_owned(),
        collection: Some("climate".to_owned()),
        url: "https://ci.example.org/hooks/climate".to_owned(),
        events: vec![WebhookEvent::Push, WebhookEvent::Tag],
        active: true,
        created_by: Some("amy".to_owned()),
        created_at: samples::moment(),
        updated_at: samples::moment(),
    }
}

page! {
    /// A page of webhooks.
    WebhookPage, Webhook
}

object! {
    /// A webhook just made, with the secret that its messages are signed with: the only time that it is shown.
    pub struct IssuedWebhook {
        /// The webhook.
        pub webhook: Webhook,
        /// The secret.
        pub secret: String,
    } = IssuedWebhook {
        webhook: crate::Sample::sample(),
        secret: "b1946ac92492d2347c6235b4d2611184f1f2a3b4c5d6e7f8".to_owned(),
    }
}

request! {
    /// A new webhook.
    pub struct NewWebhook {
        /// The collection that it shall be told of; absent for the whole registry, which administrators may.
        pub collection: Option<String>,
        /// Where messages shall be sent: an address that begins with `https://` or `http://`.
        pub url: String,
        /// What it shall be told of; all events where absent.
        pub events: Option<Vec<WebhookEvent>>,
        /// The secret that its messages shall be signed with, 16 characters at least; one is drawn where absent.
        pub secret: Option<String>,
        /// Whether messages are sent; they are where absent.
        pub active: Option<bool>,
    } = NewWebhook {
        collection: Some("climate".to_owned()),
        url: "https://ci.example.org/hooks/climate".to_owned(),
        events: Some(vec![WebhookEvent::Push, WebhookEvent::Tag]),
        secret: None,
        active: None,
    }
}

request! {
    /// Changes to a webhook; what is absent stays.
    #[derive(Default)]
    pub struct WebhookChange {
        /// Where messages shall be sent.
        pub url: Option<String>,
        /// What it shall be told of, all of it.
        pub events: Option<Vec<WebhookEvent>>,
        /// The secret that its messages shall be signed with.
        pub secret: Option<String>,
        /// Whether messages are sent.
        pub active: Option<bool>,
    } = WebhookChange { url: None, events: None, secret: None, active: Some(false) }
}

object! {
    /// A message to a webhook, and what became of it.
    pub struct Delivery {
        /// Its id, which the receiver gets as `X-Sregistry-Delivery`.
        pub id: String,
        /// What it tells of.
        pub event: WebhookEvent,
        /// What became of it.
        pub state: DeliveryState,
        /// When it came to be.
        pub created_at: Timestamp,
        /// How often it was tried.
        pub attempts: u32,
        /// When it was tried last.
        pub attempted_at: Option<Timestamp>,
        /// When it is tried next.
        pub next_attempt_at: Option<Timestamp>,
        /// How long the last attempt took, in milliseconds.
        pub duration_ms: Option<u64>,
        /// The HTTP status that the receiver answered with.
        pub status: Option<u16>,
        /// The beginning of the receiver's answer.
        pub answer: Option<String>,
        /// Why there is no answer.
        pub problem: Option<String>,
        /// The message that this one repeats.
        pub redelivery_of: Option<String>,
    } = Delivery {
        id: "8d7c6b5a49382716".to_owned(),
        event: WebhookEvent::Push,
        state: DeliveryState::Delivered,
        created_at: samples::moment(),
        attempts: 1,
        attempted_at: Some(samples::moment()),
        next_attempt_at: None,
        duration_ms: Some(42),
        status: Some(204),
        answer: None,
        problem: None,
        redelivery_of: None,
    }
}

page! {
    /// A page of messages to a webhook, newest first.
    DeliveryPage, Delivery
}

object! {
    /// What a webhook receives, as JSON.
    pub struct WebhookMessage {
        /// The id of the message. It comes again with every attempt.
        pub delivery: String,
        /// What it tells of.
        pub event: WebhookEvent,
        /// The address of the registry.
        pub registry: String,
        /// When it happened.
        pub at: Timestamp,
        /// What happened, as in the audit log.
        pub action: AuditAction,
        /// The user name of who did it; absent for nobody who was known.
        pub actor: Option<String>,
        /// What kind of account that is.
        pub actor_kind: AuditActorKind,
        /// What kind of thing it was done to.
        pub thing_kind: AuditThing,
        /// The name of the thing.
        pub thing: String,
        /// The name of the collection that the thing is in.
        pub collection: Option<String>,
        /// What else is worth knowing, such as the digest that a tag points at.
        pub details: BTreeMap<String, String>,
    } = WebhookMessage {
        delivery: "8d7c6b5a49382716".to_owned(),
        event: WebhookEvent::Tag,
        registry: "https://registry.example.org".to_owned(),
        at: samples::moment(),
        action: AuditAction::TagMove,
        actor: Some("amy".to_owned()),
        actor_kind: AuditActorKind::Person,
        thing_kind: AuditThing::Tag,
        thing: "climate/model:v2".to_owned(),
        collection: Some("climate".to_owned()),
        details: BTreeMap::from([
            ("arch".to_owned(), "amd64".to_owned()),
            ("to".to_owned(), samples::digest()),
        ]),
    }
}
