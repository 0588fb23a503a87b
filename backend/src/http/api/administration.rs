//! Jobs, the store, limits and the settings, of the JSON API, for those who run the registry.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{ApiResponse, OpenApi, param::Path, payload::Json};
use shared_types::{LimitsInForce, ScheduledJobs, SettingsInForce, StorageFigures};

use super::{Tag, error::ApiError};
use crate::{
    http::extract::SignedIn,
    services::{Core, administration},
};

/// Something will be done.
#[derive(Debug, ApiResponse)]
pub enum HandedIn {
    /// Handed in: a worker takes it up at once, or as soon as one is free.
    #[oai(status = 202)]
    HandedIn,
}

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Administration;

#[OpenApi(tag = "Tag::Administration")]
impl Administration {
    /// List the jobs that run from time to time
    ///
    /// With when each last ran, and how that ended.
    #[oai(
        path = "/administration/jobs",
        method = "get",
        operation_id = "list_jobs"
    )]
    async fn jobs(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
    ) -> Result<Json<ScheduledJobs>, ApiError> {
        Ok(Json(administration::jobs(&core, &caller.0).await?))
    }

    /// Run a job now
    ///
    /// One of those that run from time to time.
    #[oai(
        path = "/administration/jobs/:job/run",
        method = "post",
        operation_id = "run_job"
    )]
    async fn run(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The job's name.
        job: Path<String>,
    ) -> Result<HandedIn, ApiError> {
        administration::run_job(&core, &caller.0, &job).await?;
        Ok(HandedIn::HandedIn)
    }

    /// Show what is in the store
    #[oai(
        path = "/administration/storage",
        method = "get",
        operation_id = "get_storage"
    )]
    async fn storage(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
    ) -> Result<Json<StorageFigures>, ApiError> {
        Ok(Json(administration::storage(&core, &caller.0).await?))
    }

    /// Show the limits in force
    ///
    /// For administrators: what limits requests, sign-ins, downloads and bytes where nothing else is said, with where each came from; whose
    /// quotas are fullest, of users for superusers alone; and how many requests were refused.
    #[oai(
        path = "/administration/limits",
        method = "get",
        operation_id = "get_limits"
    )]
    async fn limits(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
    ) -> Result<Json<LimitsInForce>, ApiError> {
        Ok(Json(administration::limits(&core, &caller.0).await?))
    }

    /// List the settings in force
    ///
    /// With where each value came from. Secrets stay hidden.
    #[oai(
        path = "/administration/settings",
        method = "get",
        operation_id = "list_settings"
    )]
    #[expect(clippy::unused_async, reason = "operations are asynchronous")]
    async fn settings(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
    ) -> Result<Json<SettingsInForce>, ApiError> {
        Ok(Json(administration::settings(&core, &caller.0)?))
    }
}
