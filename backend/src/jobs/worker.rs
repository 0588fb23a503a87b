//! The workers: one for the queue, one for each schedule, all of them stopped together.

use std::{sync::Arc, time::Duration};

use apalis::{
    layers::{
        WorkerBuilderExt,
        retry::{
            HasherRng, RetryPolicy,
            backoff::{ExponentialBackoff, ExponentialBackoffMaker, MakeBackoff},
        },
    },
    prelude::{BackendExt, BoxDynError, Data, Event, Monitor, Strategy, WorkerBuilder},
};
use apalis_cron::{CronScheduler, Tick};
use futures_util::stream;
use tokio::sync::{Notify, oneshot};

use super::{
    schedule::{self, Every},
    storage::{Backend, Storage},
};
use crate::services::{
    Core, Result, administration, inspect, keys, keyserver, pull,
    queue::{Job, SCHEDULE},
    sweep, tokens, webhooks,
};

/// How often a worker asks for jobs that other replicas handed in; those of its own process it hears of at once.
const POLL: Duration = Duration::from_secs(5);

/// How many jobs run at once.
const CONCURRENCY: usize = 2;

/// How often a job that failed is tried again before it is left for a later start of the server.
const RETRIES: usize = 4;

/// The workers at work.
#[derive(Debug)]
pub struct Workers {
    stop: oneshot::Sender<()>,
    done: tokio::task::JoinHandle<()>,
}

impl Workers {
    /// Starts them.
    pub fn start(core: &Arc<Core>, storage: &Storage, grace: Duration) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let monitor = monitor(core, storage).shutdown_timeout(grace);
        let done = tokio::spawn(async move {
            let signal = async move {
                // The sender gone without a word means the same.
                let _ = stopped.await;
                Ok(())
            };
            if let Err(error) = monitor.run_with_signal(signal).await {
                tracing::error!(%error, "a worker ended with an error");
            }
        });
        Self { stop, done }
    }

    /// Lets the jobs under way end, then returns.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        if let Err(error) = self.done.await {
            tracing::error!(%error, "the workers did not end well");
        }
    }
}

/// The worker of the queue. A macro, for the two engines' workers are of different types with bounds no one wants to read.
macro_rules! queue_worker {
    ($monitor:expr, $backend:expr, $name:expr, $core:expr, $storage:expr) => {{
        let (name, core, news) = ($name.clone(), Arc::clone($core), Arc::clone(&$storage.news));
        let backend = $backend;
        $monitor.register(move |restarts| {
            WorkerBuilder::new(format!("{name}-queue-{restarts}"))
                .backend(backend.clone().poll_with_strategy(polling(&news)))
                .data(Arc::clone(&core))
                .concurrency(CONCURRENCY)
                .retry(RetryPolicy::retries(RETRIES).with_backoff(backoff()))
                .catch_panic()
                .build(run)
        })
    }};
}

fn monitor(core: &Arc<Core>, storage: &Storage) -> Monitor {
    // A name for this process: the queue tells by it which jobs a dead worker held.
    let name = keys::random_text::<6>();
    let mut monitor = Monitor::new()
        .should_restart(|worker, error| {
            tracing::error!(worker = worker.name(), %error, "a worker failed; it is started again");
            true
        })
        .on_event(|worker, event| match event {
            Event::Error(error) => tracing::error!(worker = worker.name(), %error, "a job failed"),
            event => tracing::trace!(worker = worker.name(), ?event, "worker"),
        });
    monitor = match storage.backend.clone() {
        Backend::Sqlite(backend) => queue_worker!(monitor, backend, name, core, storage),
        Backend::Postgres(backend) => queue_worker!(monitor, backend, name, core, storage),
    };
    for (job, every) in SCHEDULE {
        let (storage, name) = (storage.clone(), name.clone());
        monitor = monitor.register(move |restarts| {
            WorkerBuilder::new(format!("{name}-{}-{restarts}", job.name()))
                .backend(CronScheduler::new(Every::new(every)))
                .data(storage.clone())
                .data(job.clone())
                .build(hand_in)
        });
    }
    let (queue, prefix) = (storage.clone(), name.clone());
    monitor = monitor.register(move |restarts| {
        WorkerBuilder::new(format!("{prefix}-tidy-{restarts}"))
            .backend(CronScheduler::new(Every::new(schedule::TIDY)))
            .data(queue.clone())
            .build(tidy)
    });
    let (sender, prefix) = (Arc::clone(core), name.clone());
    monitor = monitor.register(move |restarts| {
        WorkerBuilder::new(format!("{prefix}-deliver-{restarts}"))
            .backend(CronScheduler::new(Every::new(schedule::DELIVER)))
            .data(Arc::clone(&sender))
            .build(deliver)
    });
    let core = Arc::clone(core);
    monitor.register(move |restarts| {
        WorkerBuilder::new(format!("{name}-flush-{restarts}"))
            .backend(CronScheduler::new(Every::new(schedule::FLUSH)))
            .data(Arc::clone(&core))
            .build(flush)
    })
}

/// Asks for jobs when told of one, and from time to time.
fn polling(news: &Arc<Notify>) -> Strategy {
    let news = stream::unfold(Arc::clone(news), |news| async {
        news.notified().await;
        Some(((), news))
    });
    Strategy::new().stream(Box::pin(news)).interval(POLL)
}

/// Pauses that double from half a second to a minute, with a little chance in them.
fn backoff() -> ExponentialBackoff {
    let (shortest, longest) = (Duration::from_millis(500), Duration::from_mins(1));
    ExponentialBackoffMaker::new(shortest, longest, 0.2, HasherRng::new())
        .unwrap_or_default()
        .make_backoff()
}

/// Does one job.
async fn run(job: Job, core: Data<Arc<Core>>) -> Result<(), BoxDynError> {
    administration::started(&core, &job).await;
    let done = work(&core, &job).await;
    let problem = done.as_ref().err().map(ToString::to_string);
    administration::ended(&core, &job, problem).await;
    tracing::debug!(job = job.name(), "job done");
    Ok(done?)
}

async fn work(core: &Arc<Core>, job: &Job) -> Result<()> {
    match job {
        Job::InspectImage { image_id } => inspect::run(core, *image_id).await,
        Job::InspectMissed => inspect::missed(core).await,
        Job::VerifySignatures => keyserver::verify::pending(core).await,
        Job::SweepUploads => sweep::uploads(core).await,
        Job::CollectBlobs => sweep::blobs(core).await,
        Job::SweepSessions => sweep::sessions(core).await,
    }
}

/// Hands in a scheduled job, once for all replicas.
async fn hand_in(tick: Tick, job: Data<Job>, storage: Data<Storage>) -> Result<(), BoxDynError> {
    let key = format!("{}:{}", job.name(), tick.get_timestamp());
    storage.put_once((*job).clone(), &key).await
}

/// Writes what this process has counted in memory.
async fn flush(_: Tick, core: Data<Arc<Core>>) -> Result<(), BoxDynError> {
    pull::flush(&core).await?;
    Ok(tokens::flush_uses(&core).await?)
}

/// Sends messages to webhooks.
async fn deliver(_: Tick, core: Data<Arc<Core>>) -> Result<(), BoxDynError> {
    webhooks::deliver(&core).await?;
    Ok(())
}

/// Forgets jobs that were done long ago.
async fn tidy(_: Tick, storage: Data<Storage>) -> Result<(), BoxDynError> {
    storage.tidy().await
}
