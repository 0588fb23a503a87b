//! Handing in jobs: work that a request does not wait for.
//!
//! Rule: a job is a small value of ids and is safe to run twice. The fact that it is needed is in a row as well
//! (`images.inspected_at is null`), so a job that is lost is found again by a sweep.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use super::error::Cause;

/// Work to do outside a request.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// Read what is inside an image that has just arrived.
    InspectImage {
        /// The image's row.
        image_id: i64,
    },
    /// Hand in `InspectImage` for images that were never read.
    InspectMissed,
    /// Check the signatures inside images that wait for it: they are new, or a key came or changed.
    VerifySignatures,
    /// Remove uploads that were given up.
    SweepUploads,
    /// Remove bytes that no image uses any more.
    CollectBlobs,
    /// Remove sessions, links and invitations that have ended, and what is kept for a time only.
    SweepSessions,
}

/// Jobs that run from time to time, and how often. One replica does each for all.
pub const SCHEDULE: [(Job, Duration); 5] = [
    (Job::InspectMissed, Duration::from_mins(10)),
    (Job::VerifySignatures, Duration::from_mins(10)),
    (Job::SweepUploads, Duration::from_mins(10)),
    (Job::CollectBlobs, Duration::from_hours(1)),
    (Job::SweepSessions, Duration::from_hours(1)),
];

impl Job {
    /// What it does, for people.
    pub fn description(&self) -> &'static str {
        match self {
            Self::InspectImage { .. } => "Read what is inside an image that has just arrived.",
            Self::InspectMissed => "Read images that were missed when they arrived.",
            Self::VerifySignatures => "Check the signatures inside images that wait for it.",
            Self::SweepUploads => "Remove uploads that were given up.",
            Self::CollectBlobs => "Remove bytes that nothing uses any more.",
            Self::SweepSessions => {
                "Remove sessions, links and invitations that have ended, and old entries of the audit log and messages to webhooks."
            }
        }
    }

    /// What it is called in logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::InspectImage { .. } => "inspect_image",
            Self::InspectMissed => "inspect_missed",
            Self::VerifySignatures => "verify_signatures",
            Self::SweepUploads => "sweep_uploads",
            Self::CollectBlobs => "collect_blobs",
            Self::SweepSessions => "sweep_sessions",
        }
    }
}

/// Where jobs go; `jobs` has the real one.
#[async_trait::async_trait]
pub trait Sink: Send + Sync {
    /// Keeps a job until a worker has done it.
    ///
    /// # Errors
    /// The job could not be kept.
    async fn put(&self, job: Job) -> Result<(), Cause>;
}

/// Hands in jobs.
#[derive(Clone)]
pub struct Queue(Arc<dyn Sink>);

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Queue(…)")
    }
}

impl Queue {
    /// A queue that leads here.
    pub fn new(sink: impl Sink + 'static) -> Self {
        Self(Arc::new(sink))
    }

    /// Hands in a job. A failure is logged, not returned: what was asked for has happened, and a sweep finds what was missed.
    pub async fn send(&self, job: Job) {
        let name = job.name();
        if let Err(error) = self.0.put(job).await {
            tracing::error!(job = name, %error, "job could not be handed in; a sweep will find it");
        }
    }
}
