//! Webhooks and their messages.

use gloo_net::http::Method;
use shared_types::{
    Delivery, DeliveryPage, IssuedWebhook, NewWebhook, Webhook, WebhookChange, WebhookPage,
};

use super::{Call, client, query};
use crate::routes::encode;

/// The webhooks of a collection.
pub fn list(collection: &str) -> Call<WebhookPage> {
    let parts = query(&[("collection", collection), ("limit", "100")]);
    client::get(&format!("/webhooks{parts}"))
}

/// Makes a webhook.
pub fn create(new: &NewWebhook) -> Call<IssuedWebhook> {
    client::send(Method::POST, "/webhooks", new)
}

fn path(id: &str) -> String {
    format!("/webhooks/{}", encode(id))
}

/// Changes a webhook.
pub fn change(id: &str, change: &WebhookChange) -> Call<Webhook> {
    client::send(Method::PATCH, &path(id), change)
}

/// Deletes a webhook.
pub fn delete(id: &str) -> Call<()> {
    client::delete(&path(id))
}

/// Sends a message to try a webhook out.
pub fn ping(id: &str) -> Call<Delivery> {
    client::act(Method::POST, &format!("{}/ping", path(id)))
}

/// The messages of a webhook, newest first.
pub fn deliveries(id: &str) -> Call<DeliveryPage> {
    client::get(&format!("{}/deliveries", path(id)))
}

/// Sends a message again.
pub fn redeliver(id: &str, delivery: &str) -> Call<Delivery> {
    let path = format!("{}/deliveries/{}/redeliver", path(id), encode(delivery));
    client::act(Method::POST, &path)
}
