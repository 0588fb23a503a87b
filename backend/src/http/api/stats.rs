//! Live figures of the JSON API.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{OpenApi, payload::Json};
use shared_types::RegistryStats;

use super::{Tag, error::ApiError};
use crate::{
    http::extract::ApiCaller,
    services::{Core, stats},
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Stats;

#[OpenApi(tag = "Tag::Registry")]
impl Stats {
    /// Show what the registry holds
    ///
    /// Numbers over what the caller may see.
    #[oai(path = "/stats", method = "get", operation_id = "get_stats")]
    async fn get(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
    ) -> Result<Json<RegistryStats>, ApiError> {
        Ok(Json(stats::get(&core, &caller.0).await?))
    }
}
