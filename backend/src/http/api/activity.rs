//! What happened lately, of the JSON API.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use shared_types::Activity;

use super::{Tag, error::ApiError};
use crate::{
    http::extract::ApiCaller,
    services::{Core, activity},
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Activities;

#[OpenApi]
impl Activities {
    /// Show what happened in a collection
    ///
    /// Pushes and downloads, day by day, up to today.
    #[oai(
        path = "/collections/:collection/activity",
        method = "get",
        operation_id = "get_collection_activity",
        tag = "Tag::Collections"
    )]
    async fn of_collection(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// The collection's name.
        collection: Path<String>,
        /// How many days; 90 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "366")))]
        days: Query<Option<u32>>,
    ) -> Result<Json<Activity>, ApiError> {
        let found = activity::get(&core, &caller.0, &collection, None, days.0);
        Ok(Json(found.await?))
    }

    /// Show what happened in a container
    ///
    /// Pushes and downloads, day by day, up to today.
    #[oai(
        path = "/collections/:collection/containers/:container/activity",
        method = "get",
        operation_id = "get_container_activity",
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
        /// How many days; 90 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "366")))]
        days: Query<Option<u32>>,
    ) -> Result<Json<Activity>, ApiError> {
        let found = activity::get(&core, &caller.0, &collection, Some(&container), days.0);
        Ok(Json(found.await?))
    }
}
