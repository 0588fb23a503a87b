//! What the people who run a registry look at, without a shell: jobs, the store, the limits and the settings in force.
//!
//! Rule: superusers alone, but for limits.

mod limits;

use std::collections::HashMap;

use sea_orm::DbErr;
use shared_types::{
    AuditAction, AuditThing, ScheduledJob, ScheduledJobs, SettingInForce, SettingsInForce,
    StorageFigures,
};

use super::{
    Core, Error, Result, access,
    audit::{Actor, Entry},
    error::Resource,
    paging::unsigned,
    queue::{Job, SCHEDULE},
};
use crate::{domain::access::Viewer, repo};

pub use limits::limits;

/// Longest problem that is kept of a job that failed, in characters.
const LONGEST_PROBLEM: usize = 500;

fn check(viewer: &Viewer) -> Result<()> {
    access::person(viewer)?;
    if viewer.can_administer() {
        return Ok(());
    }
    Err(Error::Forbidden(
        "only superusers look after the registry".to_owned(),
    ))
}

/// The jobs that run from time to time, with their last runs.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`.
pub async fn jobs(core: &Core, viewer: &Viewer) -> Result<ScheduledJobs> {
    check(viewer)?;
    let rows = repo::job_run::all(core.db.read()).await?;
    let mut runs: HashMap<_, _> = rows.into_iter().map(|row| (row.job.clone(), row)).collect();
    let shown = SCHEDULE.iter().map(|(job, every)| {
        let run = runs.remove(job.name());
        ScheduledJob {
            name: job.name().to_owned(),
            description: job.description().to_owned(),
            every_seconds: every.as_secs(),
            started_at: run.as_ref().map(|run| run.started_at.into()),
            ended_at: run.as_ref().and_then(|run| run.ended_at).map(Into::into),
            problem: run.and_then(|run| run.problem),
        }
    });
    let mut items: Vec<_> = shown.collect();
    items.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(ScheduledJobs { items })
}

/// Hands in a job now.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn run_job(core: &Core, viewer: &Viewer, name: &str) -> Result<()> {
    check(viewer)?;
    let found = SCHEDULE.iter().find(|(job, _)| job.name() == name);
    let (job, _) = found.ok_or_else(|| Error::NotFound(Resource::Job(name.to_owned())))?;
    let by = Actor::of(core, viewer);
    let entry = Entry::new(AuditAction::JobRun, AuditThing::Job, None, name);
    core.db
        .write(async move |tx| entry.record(tx, &by).await)
        .await?;
    core.queue.send(job.clone()).await;
    Ok(())
}

/// Notes that a job begins, where it is one that runs from time to time.
pub async fn started(core: &Core, job: &Job) {
    if scheduled(job) {
        let (name, now) = (job.name(), core.clock.now());
        let noted = core
            .db
            .write(async move |tx| repo::job_run::started(tx, name, now).await);
        unimportant(noted.await);
    }
}

/// Notes how a job ended, where it is one that runs from time to time.
pub async fn ended(core: &Core, job: &Job, problem: Option<String>) {
    if scheduled(job) {
        let (name, now) = (job.name(), core.clock.now());
        let problem = problem.map(|text| text.chars().take(LONGEST_PROBLEM).collect::<String>());
        let noted = core
            .db
            .write(async move |tx| repo::job_run::ended(tx, name, problem.as_deref(), now).await);
        unimportant(noted.await);
    }
}

fn scheduled(job: &Job) -> bool {
    SCHEDULE.iter().any(|(scheduled, _)| scheduled == job)
}

/// A job is worth more than the note of it.
fn unimportant(noted: Result<(), DbErr>) {
    if let Err(error) = noted {
        tracing::warn!(%error, "the run of a job could not be noted");
    }
}

/// What is in the store.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`.
pub async fn storage(core: &Core, viewer: &Viewer) -> Result<StorageFigures> {
    check(viewer)?;
    let db = core.db.read();
    let all = repo::storage::blobs(db, false).await?;
    let unused = repo::storage::blobs(db, true).await?;
    let totals = repo::collection::totals(db, viewer).await?;
    let scheme = core.settings.storage.url.split(':').next();
    Ok(StorageFigures {
        kind: match scheme.unwrap_or_default() {
            "file" => "folder".to_owned(),
            other => other.to_owned(),
        },
        blobs: unsigned(all.count),
        size_bytes: unsigned(all.size_bytes),
        referenced_bytes: unsigned(totals.size_bytes),
        unused_blobs: unsigned(unused.count),
        unused_bytes: unsigned(unused.size_bytes),
        uploads: unsigned(repo::storage::uploads(db).await?),
        free_bytes: core.blobs.free_space().await?,
    })
}

/// The settings in force.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`.
pub fn settings(core: &Core, viewer: &Viewer) -> Result<SettingsInForce> {
    check(viewer)?;
    let items = core.settings.shown.iter().map(|shown| SettingInForce {
        name: shown.name.to_owned(),
        value: shown.value.clone(),
        source: shown.source.clone(),
        changed: shown.changed,
    });
    Ok(SettingsInForce {
        items: items.collect(),
    })
}
