//! The audit log of the JSON API.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use shared_types::{AuditPage, Timestamp};

use super::{Tag, error::ApiError};
use crate::{
    http::extract::SignedIn,
    services::{
        Core,
        audit::{self, Listing},
        paging::Window,
    },
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Audit;

#[OpenApi(tag = "Tag::Audit")]
impl Audit {
    /// Read the audit log
    ///
    /// Newest first, for administrators. Filters narrow it down together; names are compared as they were when it happened.
    #[expect(clippy::too_many_arguments, reason = "one for each parameter")]
    #[oai(path = "/audit", method = "get", operation_id = "list_audit")]
    async fn list(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The user name of who did it.
        actor: Query<Option<String>>,
        /// What was done, such as `tag.move`; or what comes before the dot, such as `tag`.
        action: Query<Option<String>>,
        /// The name of the thing, such as `climate/model:v2`.
        thing: Query<Option<String>>,
        /// The name of the collection.
        collection: Query<Option<String>>,
        /// The address of who did it.
        address: Query<Option<String>>,
        /// Not older than this.
        since: Query<Option<Timestamp>>,
        /// Older than this.
        until: Query<Option<Timestamp>>,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<AuditPage>, ApiError> {
        let listing = Listing {
            actor: actor.0,
            action: action.0,
            thing: thing.0,
            collection: collection.0,
            address: address.0,
            since: since.0,
            until: until.0,
            window: Window {
                cursor: cursor.0,
                limit: limit.0,
            },
        };
        Ok(Json(audit::list(&core, &caller.0, &listing).await?))
    }

    /// Read the audit log of a collection
    ///
    /// Newest first, for its owners: what was done in it and to it, without addresses.
    #[expect(clippy::too_many_arguments, reason = "one for each parameter")]
    #[oai(
        path = "/collections/:collection/audit",
        method = "get",
        operation_id = "list_collection_audit"
    )]
    async fn of_collection(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
        /// The user name of who did it.
        actor: Query<Option<String>>,
        /// What was done, such as `tag.move`; or what comes before the dot, such as `tag`.
        action: Query<Option<String>>,
        /// The name of the thing, such as `climate/model:v2`.
        thing: Query<Option<String>>,
        /// Not older than this.
        since: Query<Option<Timestamp>>,
        /// Older than this.
        until: Query<Option<Timestamp>>,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<AuditPage>, ApiError> {
        let listing = Listing {
            actor: actor.0,
            action: action.0,
            thing: thing.0,
            since: since.0,
            until: until.0,
            window: Window {
                cursor: cursor.0,
                limit: limit.0,
            },
            ..Listing::default()
        };
        let page = audit::of_collection(&core, &caller.0, &collection, &listing).await?;
        Ok(Json(page))
    }
}
