//! Jobs, the store, limits and the settings, for those who run the registry.

use gloo_net::http::Method;
use shared_types::{LimitsInForce, ScheduledJobs, SettingsInForce, StorageFigures};

use super::{Call, client};
use crate::routes::encode;

/// The jobs that run from time to time.
pub fn jobs() -> Call<ScheduledJobs> {
    client::get("/administration/jobs")
}

/// Runs a job now.
pub fn run(job: &str) -> Call<()> {
    client::act_quietly(
        Method::POST,
        &format!("/administration/jobs/{}/run", encode(job)),
    )
}

/// What is in the store.
pub fn storage() -> Call<StorageFigures> {
    client::get("/administration/storage")
}

/// The limits in force, and whose quotas are fullest.
pub fn limits() -> Call<LimitsInForce> {
    client::get("/administration/limits")
}

/// The settings in force.
pub fn settings() -> Call<SettingsInForce> {
    client::get("/administration/settings")
}
