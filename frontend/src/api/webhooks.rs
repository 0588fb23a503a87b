//! Webhooks and their messages.

use std::future::Future;

use gloo_net::http::Method;
use shared_types::{
    Delivery, DeliveryPage, IssuedWebhook, NewWebhook, Webhook, WebhookChange, WebhookPage,
};

use super::{ApiResult, client, query};
use crate::routes::encode;

/// The webhooks of a collection.
pub fn list(collection: &str) -> impl Future<Output = ApiResult<WebhookPage>> + use<> {
    let parts = query(&[("collection", collection), ("limit", "100")]);
    client::get(&format!("/webhooks{parts}"))
}

/// Makes a webhook.
pub async fn create(new: &NewWebhook) -> ApiResult<IssuedWebhook> {
    client::send(Method::POST, "/webhooks", new).await
}

fn path(id: &str) -> String {
    format!("/webhooks/{}", encode(id))
}

/// Changes a webhook.
pub async fn change(id: &str, change: &WebhookChange) -> ApiResult<Webhook> {
    client::send(Method::PATCH, &path(id), change).await
}

/// Deletes a webhook.
pub async fn delete(id: &str) -> ApiResult<()> {
    client::delete(&path(id)).await
}

/// Sends a message to try a webhook out.
pub async fn ping(id: &str) -> ApiResult<Delivery> {
    client::act(Method::POST, &format!("{}/ping", path(id))).await
}

/// The messages of a webhook, newest first.
pub fn deliveries(id: &str) -> impl Future<Output = ApiResult<DeliveryPage>> + use<> {
    client::get(&format!("{}/deliveries", path(id)))
}

/// Sends a message again.
pub async fn redeliver(id: &str, delivery: &str) -> ApiResult<Delivery> {
    let path = format!("{}/deliveries/{}/redeliver", path(id), encode(delivery));
    client::act(Method::POST, &path).await
}
