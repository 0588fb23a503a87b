//! Download limits and quotas of the JSON API.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{OpenApi, param::Path, payload::Json};
use shared_types::{CollectionQuota, CollectionQuotaChange, DownloadLimit, DownloadLimitChange};

use super::{Tag, error::ApiError};
use crate::{
    http::extract::{ApiCaller, Body, SignedIn},
    services::{Core, limits, quota},
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Limits;

#[OpenApi]
impl Limits {
    /// Show a collection's download limit
    ///
    /// How many downloads all its containers together give in a week, from Monday to Sunday in UTC, and have given.
    #[oai(
        path = "/collections/:collection/download_limit",
        method = "get",
        operation_id = "get_collection_limit",
        tag = "Tag::Collections"
    )]
    async fn of_collection(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// The collection's name.
        collection: Path<String>,
    ) -> Result<Json<DownloadLimit>, ApiError> {
        let limit = limits::of_collection(&core, &caller.0, &collection);
        Ok(Json(limit.await?))
    }

    /// Set a collection's download limit
    ///
    /// It counts at once, for every door; transfers under way go on.
    #[oai(
        path = "/collections/:collection/download_limit",
        method = "put",
        operation_id = "set_collection_limit",
        tag = "Tag::Collections"
    )]
    async fn set_of_collection(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
        change: Body<DownloadLimitChange>,
    ) -> Result<Json<DownloadLimit>, ApiError> {
        let limit = limits::set_of_collection(&core, &caller.0, &collection, &change.0);
        Ok(Json(limit.await?))
    }

    /// Show a collection's quota
    ///
    /// How many bytes it may hold, and holds. For those who manage it.
    #[oai(
        path = "/collections/:collection/quota",
        method = "get",
        operation_id = "get_collection_quota",
        tag = "Tag::Collections"
    )]
    async fn quota_of_collection(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
    ) -> Result<Json<CollectionQuota>, ApiError> {
        let found = quota::of_collection(&core, &caller.0, &collection);
        Ok(Json(found.await?))
    }

    /// Set a collection's quota
    ///
    /// For administrators alone. It counts at once, for every door, before bytes are sent wherever the client says how many come. What is in
    /// the collection already stays.
    #[oai(
        path = "/collections/:collection/quota",
        method = "put",
        operation_id = "set_collection_quota",
        tag = "Tag::Collections"
    )]
    async fn set_quota_of_collection(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
        change: Body<CollectionQuotaChange>,
    ) -> Result<Json<CollectionQuota>, ApiError> {
        let set = quota::set_of_collection(&core, &caller.0, &collection, &change.0);
        Ok(Json(set.await?))
    }

    /// Show a container's download limit
    ///
    /// How many downloads it gives in a week, from Monday to Sunday in UTC, and has given.
    #[oai(
        path = "/collections/:collection/containers/:container/download_limit",
        method = "get",
        operation_id = "get_container_limit",
        tag = "Tag::Containers"
    )]
    async fn of_container(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// The collection's name.
        collection: Path<String>,
        /// The container's name.
        container: Path<String>,
    ) -> Result<Json<DownloadLimit>, ApiError> {
        let limit = limits::of_container(&core, &caller.0, &collection, &container);
        Ok(Json(limit.await?))
    }

    /// Set a container's download limit
    ///
    /// It counts at once, for every door; transfers under way go on.
    #[oai(
        path = "/collections/:collection/containers/:container/download_limit",
        method = "put",
        operation_id = "set_container_limit",
        tag = "Tag::Containers"
    )]
    async fn set_of_container(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
        /// The container's name.
        container: Path<String>,
        change: Body<DownloadLimitChange>,
    ) -> Result<Json<DownloadLimit>, ApiError> {
        let limit = limits::set_of_container(&core, &caller.0, &collection, &container, &change.0);
        Ok(Json(limit.await?))
    }
}
