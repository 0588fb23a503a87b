//! Jobs, the store and the settings, for superusers.

use gloo_net::http::Method;
use shared_types::{ScheduledJobs, SettingsInForce, StorageFigures};

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

/// The settings in force.
pub fn settings() -> Call<SettingsInForce> {
    client::get("/administration/settings")
}
