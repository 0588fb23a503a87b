//! Jobs, the store and the settings, for superusers.

use std::future::Future;

use gloo_net::http::Method;
use shared_types::{ScheduledJobs, SettingsInForce, StorageFigures};

use super::{ApiResult, client};
use crate::routes::encode;

/// The jobs that run from time to time.
pub fn jobs() -> impl Future<Output = ApiResult<ScheduledJobs>> {
    client::get("/administration/jobs")
}

/// Runs a job now.
pub async fn run(job: &str) -> ApiResult<()> {
    client::act_quietly(
        Method::POST,
        &format!("/administration/jobs/{}/run", encode(job)),
    )
    .await
}

/// What is in the store.
pub fn storage() -> impl Future<Output = ApiResult<StorageFigures>> {
    client::get("/administration/storage")
}

/// The settings in force.
pub fn settings() -> impl Future<Output = ApiResult<SettingsInForce>> {
    client::get("/administration/settings")
}
