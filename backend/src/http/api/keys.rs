//! Public keys of the JSON API.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use shared_types::{BroughtKeys, KeyDetail, KeyPage, NewKeys};

use super::{Tag, error::ApiError, reply::Done};
use crate::{
    http::extract::{ApiCaller, Body, SignedIn},
    services::{Core, keyserver::catalog, paging::Window},
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Keys;

#[OpenApi(tag = "Tag::Keys")]
impl Keys {
    /// List public keys
    ///
    /// The keys that people brought to the key server (`/pks`), newest here first. Everybody may see them.
    #[oai(path = "/keys", method = "get", operation_id = "list_keys")]
    async fn list(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// A fingerprint or key id (with `0x` or without), an address, or words of user ids.
        q: Query<Option<String>>,
        /// Only the keys that the caller brought; the words are passed over then.
        mine: Query<Option<bool>>,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<KeyPage>, ApiError> {
        let window = Window {
            cursor: cursor.0,
            limit: limit.0,
        };
        let page = if mine.0 == Some(true) {
            catalog::mine(&core, &caller.0, &window).await?
        } else {
            catalog::list(&core, &caller.0, q.0.as_deref(), &window).await?
        };
        Ok(Json(page))
    }

    /// Bring public keys
    ///
    /// As `/pks/add` does for clients: keys that are here already are merged. Each is bound to the caller where nobody brought it before.
    #[oai(path = "/keys", method = "post", operation_id = "bring_keys")]
    async fn bring(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        new: Body<NewKeys>,
    ) -> Result<Json<BroughtKeys>, ApiError> {
        Ok(Json(catalog::bring(&core, &caller.0, new.0).await?))
    }

    /// Show a public key
    ///
    /// With its text, as `gpg --import` and `key import` read it.
    #[oai(path = "/keys/:fingerprint", method = "get", operation_id = "get_key")]
    async fn get(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// The fingerprint of its primary key: 40 or 64 hexadecimal digits.
        fingerprint: Path<String>,
    ) -> Result<Json<KeyDetail>, ApiError> {
        Ok(Json(catalog::get(&core, &caller.0, &fingerprint).await?))
    }

    /// Remove a public key
    ///
    /// By who brought it, or an administrator. What it signed shows as signed by a key that is not here.
    #[oai(
        path = "/keys/:fingerprint",
        method = "delete",
        operation_id = "delete_key"
    )]
    async fn delete(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The fingerprint of its primary key: 40 or 64 hexadecimal digits.
        fingerprint: Path<String>,
    ) -> Result<Done, ApiError> {
        catalog::remove(&core, &caller.0, &fingerprint).await?;
        Ok(Done::Done)
    }
}
