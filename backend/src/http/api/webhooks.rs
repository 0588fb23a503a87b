//! Webhooks of the JSON API, and what was sent to them.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use shared_types::{
    Delivery, DeliveryPage, IssuedWebhook, NewWebhook, Webhook, WebhookChange, WebhookPage,
};

use super::{
    Tag,
    error::ApiError,
    reply::{Created, Done},
};
use crate::{
    http::extract::{Body, SignedIn},
    services::{Core, paging::Window, webhooks},
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Webhooks;

#[OpenApi(tag = "Tag::Webhooks")]
impl Webhooks {
    /// List webhooks
    ///
    /// Newest first: those of a collection, for its owners; without one those of the whole registry, for administrators.
    #[oai(path = "/webhooks", method = "get", operation_id = "list_webhooks")]
    async fn list(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name; absent for the registry's.
        collection: Query<Option<String>>,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<WebhookPage>, ApiError> {
        let window = Window {
            cursor: cursor.0,
            limit: limit.0,
        };
        let page = webhooks::list(&core, &caller.0, collection.0.as_deref(), &window);
        Ok(Json(page.await?))
    }

    /// Create a webhook
    ///
    /// The secret that its messages are signed with is in the answer, this once. Messages go to public addresses, and to networks that
    /// the registry's settings name.
    #[oai(path = "/webhooks", method = "post", operation_id = "create_webhook")]
    async fn create(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        new: Body<NewWebhook>,
    ) -> Result<Created<IssuedWebhook>, ApiError> {
        let made = webhooks::create(&core, &caller.0, new.0).await?;
        let id = made.webhook.id.clone();
        Ok(Created::at(&["webhooks", &id], made))
    }

    /// Show a webhook
    #[oai(
        path = "/webhooks/:webhook",
        method = "get",
        operation_id = "get_webhook"
    )]
    async fn get(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The webhook's id.
        webhook: Path<String>,
    ) -> Result<Json<Webhook>, ApiError> {
        Ok(Json(webhooks::get(&core, &caller.0, &webhook).await?))
    }

    /// Change a webhook
    ///
    /// What is absent stays as it is.
    #[oai(
        path = "/webhooks/:webhook",
        method = "patch",
        operation_id = "change_webhook"
    )]
    async fn change(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The webhook's id.
        webhook: Path<String>,
        change: Body<WebhookChange>,
    ) -> Result<Json<Webhook>, ApiError> {
        let changed = webhooks::change(&core, &caller.0, &webhook, change.0);
        Ok(Json(changed.await?))
    }

    /// Delete a webhook
    ///
    /// What was still to be sent to it is not sent, and what was sent is forgotten.
    #[oai(
        path = "/webhooks/:webhook",
        method = "delete",
        operation_id = "delete_webhook"
    )]
    async fn delete(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The webhook's id.
        webhook: Path<String>,
    ) -> Result<Done, ApiError> {
        webhooks::delete(&core, &caller.0, &webhook).await?;
        Ok(Done::Done)
    }

    /// Try a webhook out
    ///
    /// Sends a message of the event `ping`, also where the webhook is switched off. What became of it is in the list of deliveries.
    #[oai(
        path = "/webhooks/:webhook/ping",
        method = "post",
        operation_id = "ping_webhook"
    )]
    async fn ping(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The webhook's id.
        webhook: Path<String>,
    ) -> Result<Json<Delivery>, ApiError> {
        Ok(Json(webhooks::ping(&core, &caller.0, &webhook).await?))
    }

    /// List what was sent to a webhook
    ///
    /// Newest first, with what the receiver answered and when it is tried again.
    #[oai(
        path = "/webhooks/:webhook/deliveries",
        method = "get",
        operation_id = "list_deliveries"
    )]
    async fn deliveries(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The webhook's id.
        webhook: Path<String>,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<DeliveryPage>, ApiError> {
        let window = Window {
            cursor: cursor.0,
            limit: limit.0,
        };
        let page = webhooks::deliveries(&core, &caller.0, &webhook, &window);
        Ok(Json(page.await?))
    }

    /// Send a message again
    ///
    /// As a new message that tells the same.
    #[oai(
        path = "/webhooks/:webhook/deliveries/:delivery/redeliver",
        method = "post",
        operation_id = "redeliver"
    )]
    async fn redeliver(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The webhook's id.
        webhook: Path<String>,
        /// The message's id.
        delivery: Path<String>,
    ) -> Result<Json<Delivery>, ApiError> {
        let sent = webhooks::redeliver(&core, &caller.0, &webhook, &delivery);
        Ok(Json(sent.await?))
    }
}
