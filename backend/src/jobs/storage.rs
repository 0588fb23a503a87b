//! The queue's tables, and handing jobs in.

use std::{sync::Arc, time::Duration};

use apalis::prelude::{Task, TaskBuilder, TaskSink};
use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use tokio::sync::Notify;

use crate::{
    db::{Db, Pool},
    services::{
        error::Cause,
        queue::{Job, Sink},
    },
};

/// The queue's name in its tables.
const QUEUE: &str = "registry";

/// How often a worker tells that it lives; jobs of one that has not for two of these go to another.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// How many jobs a worker takes at once.
const BATCH: usize = 4;

/// How often a job is tried over restarts of the server. Within one run, the worker tries again with growing pauses.
const ATTEMPTS: usize = 10;

/// What `tidy` does: jobs first, for they name their workers.
const TIDY_SQLITE: [&str; 2] = [
    "DELETE FROM Jobs WHERE (status IN ('Done', 'Killed') OR (status = 'Failed' AND attempts >= max_attempts)) \
     AND done_at < strftime('%s', 'now') - 86400",
    "DELETE FROM Workers WHERE last_seen < strftime('%s', 'now') - 86400 \
     AND id NOT IN (SELECT lock_by FROM Jobs WHERE lock_by IS NOT NULL)",
];

/// The same for the other engine.
const TIDY_POSTGRES: [&str; 2] = [
    "DELETE FROM apalis.jobs WHERE (status IN ('Done', 'Killed') OR (status = 'Failed' AND attempts >= max_attempts)) \
     AND done_at < now() - interval '1 day'",
    "DELETE FROM apalis.workers WHERE last_seen < now() - interval '1 day' \
     AND id NOT IN (SELECT lock_by FROM apalis.jobs WHERE lock_by IS NOT NULL)",
];

/// The durable queue.
#[derive(Clone)]
pub struct Storage {
    pub(super) backend: Backend,
    /// Tells the worker of this process that there is a new job, so that it need not ask often.
    pub(super) news: Arc<Notify>,
}

/// One for each engine.
#[derive(Clone)]
pub(super) enum Backend {
    Sqlite(SqliteStorage<Job>),
    Postgres(PostgresStorage<Job>),
}

impl std::fmt::Debug for Storage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Storage(…)")
    }
}

impl Storage {
    /// The queue in this database; its tables are made or brought up to date.
    ///
    /// # Errors
    /// The tables could not be made.
    pub async fn open(db: &Db) -> Result<Self, Cause> {
        let backend = match db.pool() {
            Pool::Sqlite(pool) => {
                // Not `SqliteStorage::setup`, which would also turn off the syncing of this database to disk.
                // The transaction has the write lock from its start, so that servers and commands take turns.
                let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
                SqliteStorage::migrations().run(&mut *tx).await?;
                tx.commit().await?;
                let config = apalis_sqlite::Config::default()
                    .queue(QUEUE)
                    .batch_size(BATCH)
                    .heartbeat_interval(HEARTBEAT);
                Backend::Sqlite(SqliteStorage::new(&pool).with_config(config))
            }
            Pool::Postgres(pool) => {
                PostgresStorage::migrations().run(&pool).await?;
                let config = apalis_postgres::Config::default()
                    .queue(QUEUE)
                    .batch_size(BATCH)
                    .heartbeat_interval(HEARTBEAT)
                    .missed_heartbeats(2);
                Backend::Postgres(PostgresStorage::new(&pool).with_config(config))
            }
        };
        Ok(Self {
            backend,
            news: Arc::new(Notify::new()),
        })
    }

    /// Hands in a job once for this key, however many replicas try.
    ///
    /// # Errors
    /// The job could not be kept.
    pub async fn put_once(&self, job: Job, key: &str) -> Result<(), Cause> {
        self.push(
            TaskBuilder::new(job)
                .max_attempts(ATTEMPTS)
                .idempotency_key(key)
                .build(),
        )
        .await
    }

    /// Forgets jobs that ended more than a day ago, and workers that are gone.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tidy(&self) -> Result<(), Cause> {
        match &self.backend {
            Backend::Sqlite(storage) => {
                for statement in TIDY_SQLITE {
                    sqlx::query(statement).execute(storage.pool()).await?;
                }
            }
            Backend::Postgres(storage) => {
                for statement in TIDY_POSTGRES {
                    sqlx::query(statement).execute(storage.pool()).await?;
                }
            }
        }
        Ok(())
    }

    async fn push(&self, task: Task<Job>) -> Result<(), Cause> {
        match self.backend.clone() {
            Backend::Sqlite(mut storage) => storage.push_task(task).await?,
            Backend::Postgres(mut storage) => storage.push_task(task).await?,
        }
        self.news.notify_one();
        Ok(())
    }
}

#[async_trait::async_trait]
impl Sink for Storage {
    async fn put(&self, job: Job) -> Result<(), Cause> {
        self.push(TaskBuilder::new(job).max_attempts(ATTEMPTS).build())
            .await
    }
}
