//! The database: one pool to read, one to write, and the only place where a transaction begins.
//!
//! SQLite has one writer at a time, so its writing pool has one connection and every write transaction takes the
//! write lock at its start: two tasks that read first and write later would otherwise fail with “database is locked”.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection,
    DatabaseTransaction, DbErr, RuntimeErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
    sqlx::{
        self, Executor as _,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

/// How often a transaction is tried when the database says that it clashed with another.
const ATTEMPTS: u32 = 4;

/// Handles to the database.
#[derive(Clone, Debug)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
    statements: Arc<AtomicU64>,
}

/// A pool of connections that write, as the driver has it.
#[derive(Clone, Debug)]
pub enum Pool {
    /// One connection to a SQLite file.
    Sqlite(sqlx::SqlitePool),
    /// Connections to PostgreSQL.
    Postgres(sqlx::PgPool),
}

/// An error that a transaction may end with.
pub trait TransactionError: From<DbErr> {
    /// The database error behind it, if there is one: clashes are tried again.
    fn database(&self) -> Option<&DbErr>;
}

impl TransactionError for DbErr {
    fn database(&self) -> Option<&DbErr> {
        Some(self)
    }
}

impl Db {
    /// Connects to `sqlite://path`, or to `postgres://…`, and brings the schema up to date.
    ///
    /// # Errors
    /// The database cannot be reached, or a migration failed.
    pub async fn open(url: &str) -> Result<Self, DbErr> {
        let db = Self::connect(url).await?;
        db.migrate().await?;
        Ok(db)
    }

    /// Connects without changing the schema.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn connect(url: &str) -> Result<Self, DbErr> {
        let statements = Arc::default();
        let (read, write) = if url.starts_with("sqlite:") {
            let write = counted(Database::connect(sqlite(url, 1)).await?, &statements);
            let read = counted(Database::connect(sqlite(url, 8)).await?, &statements);
            (read, write)
        } else {
            let pool = counted(Database::connect(postgres(url)).await?, &statements);
            (pool.clone(), pool)
        };
        Ok(Self {
            read,
            write,
            statements,
        })
    }

    /// How many statements have been sent to the database since it was opened.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// The address of a SQLite database in a file.
    pub fn sqlite_url(path: &Path) -> String {
        format!("sqlite://{}?mode=rwc", path.display())
    }

    /// For queries outside a transaction.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Which engine this is.
    pub fn backend(&self) -> DatabaseBackend {
        self.read.get_database_backend()
    }

    /// Applies the migrations that are missing. Replicas that start together take turns.
    ///
    /// # Errors
    /// A migration failed; nothing of it stays.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        self.write(async |tx| {
            // On SQLite the transaction holds the write lock from its start. The lock here belongs to the transaction, so
            // it goes with it, however that ends.
            if tx.get_database_backend() == DatabaseBackend::Postgres {
                tx.execute_unprepared("SELECT pg_advisory_xact_lock(7237118)")
                    .await?;
            }
            Migrator::up(tx, None).await
        })
        .await
    }

    /// Runs a closure in one write transaction: committed when it ends well, rolled back when it does not.
    ///
    /// The closure runs again when the database reports a clash, so it must have no effect but the ones on `tx`.
    /// (It is cloned for each attempt: the compiler cannot see that the future of an `AsyncFn` that borrows is `Send`.)
    ///
    /// Write it as `async move |tx|`, and let it own all that it uses: with a borrow inside, the compiler cannot prove that the
    /// future may move between threads (“implementation of `Send` is not general enough”).
    ///
    /// # Errors
    /// What the closure returned, or what the database said.
    pub async fn write<T, E: TransactionError>(
        &self,
        work: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, E> + Clone,
    ) -> Result<T, E> {
        let mut attempt = 1;
        loop {
            let error = match self.attempt(work.clone()).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            if attempt == ATTEMPTS || !error.database().is_some_and(is_clash) {
                return Err(error);
            }
            tracing::debug!(attempt, "transaction clashed with another; trying again");
            tokio::time::sleep(Duration::from_millis(5 << attempt)).await;
            attempt += 1;
        }
    }

    async fn attempt<T, E: TransactionError>(
        &self,
        work: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, E>,
    ) -> Result<T, E> {
        let options = TransactionOptions {
            isolation_level: None,
            access_mode: Some(AccessMode::ReadWrite)
                .filter(|_| self.backend() != DatabaseBackend::Sqlite),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where transactions begin"
        )]
        let tx = self.write.begin_with_options(options).await?;
        match work(&tx).await {
            Ok(value) => {
                tx.commit().await?;
                Ok(value)
            }
            Err(error) => {
                if let Err(problem) = tx.rollback().await {
                    tracing::warn!(error = %problem, "rollback failed; the connection is dropped");
                }
                Err(error)
            }
        }
    }

    /// The pool that writes, for a library that brings its own tables.
    pub fn pool(&self) -> Pool {
        if self.backend() == DatabaseBackend::Sqlite {
            Pool::Sqlite(self.write.get_sqlite_connection_pool().clone())
        } else {
            Pool::Postgres(self.write.get_postgres_connection_pool().clone())
        }
    }

    /// Closes the pools after the work under way has ended.
    ///
    /// # Errors
    /// The database failed while closing.
    pub async fn close(self) -> Result<(), DbErr> {
        self.read.close().await?;
        self.write.close().await
    }
}

/// Counts what is sent by this connection.
fn counted(mut connection: DatabaseConnection, statements: &Arc<AtomicU64>) -> DatabaseConnection {
    let statements = Arc::clone(statements);
    connection.set_metric_callback(move |_| {
        statements.fetch_add(1, Ordering::Relaxed);
    });
    connection
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(10))
        });
    options
}

fn postgres(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(10))
        // A connection in use is there; a round trip before each statement would ask whether it is.
        .test_before_acquire_if_idle_for(Duration::from_secs(1))
        .sqlx_logging(false)
        .map_sqlx_postgres_pool_opts(|pool| {
            pool.after_connect(|connection, _| {
                Box::pin(async move {
                    // Statements are prepared once and find rows by their keys: planned anew for each set of values they take five times
                    // as long, most of it planning.
                    let generic = connection
                        .execute("SET plan_cache_mode = force_generic_plan")
                        .await;
                    if let Err(error) = generic {
                        tracing::debug!(%error, "the database plans each statement anew");
                    }
                    Ok(())
                })
            })
        });
    options
}

/// Whether the database refused because of another transaction: the same work may succeed in a moment.
fn is_clash(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))
    | DbErr::Conn(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    let sqlx::Error::Database(database) = cause.as_ref() else {
        return false;
    };
    // PostgreSQL: serialization failure, deadlock. SQLite: busy, locked, and their extended codes.
    database.code().is_some_and(|code| {
        matches!(
            code.as_ref(),
            "40001" | "40P01" | "5" | "6" | "261" | "262" | "517"
        )
    })
}
