//! The application: built once from the settings, started, and drained when asked to stop.

use std::{future::Future, net::SocketAddr, path::PathBuf, sync::Arc};

use tokio::net::TcpListener;

use crate::{
    config::{Secret, Settings, keep_secret_key, local_address},
    db::Db,
    http::{
        self, serve,
        web::{Brand, Web},
    },
    jobs::{Storage, Workers},
    plugins::auth::{Providers, Sites},
    services::{
        Core,
        clock::Clock,
        error::Cause,
        keys::{self, Keys},
        people, pull,
        queue::{Job, Queue},
        rates, setup, tokens, webhooks,
    },
};

/// Why the application cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be used.
    #[error("the data folder {} cannot be used: {source}", path.display())]
    DataDir {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The secret key cannot be read or made.
    #[error("the secret key: {0}")]
    SecretKey(#[source] std::io::Error),
    /// The database cannot be used.
    #[error("the database: {0}")]
    Database(#[source] sea_orm::DbErr),
    /// The store cannot be used.
    #[error("the store at {url}: {source}")]
    Store {
        /// Its address.
        url: String,
        /// What went wrong.
        source: store::Error,
    },
    /// The job queue cannot be used.
    #[error("the job queue: {0}")]
    Jobs(#[source] Cause),
    /// A way to sign in cannot be set up.
    #[error("signing in with other providers: {0}")]
    Providers(#[source] Cause),
    /// Messages to webhooks cannot be sent.
    #[error("messages to webhooks: {0}")]
    Webhooks(#[source] Cause),
    /// The address of Redis cannot be understood.
    #[error("REDIS_URL: {0}")]
    Redis(#[source] Cause),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something failed after the start.
    #[error("{0}")]
    Service(#[from] crate::services::Error),
}

/// What is around the server and not its settings: tests bring their own.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// What time it is.
    pub clock: Clock,
    /// Where providers are that no setting names.
    pub sites: Sites,
}

/// What commands and the server share, ready to work.
#[derive(Debug)]
pub struct Built {
    /// What use cases take.
    pub core: Arc<Core>,
    /// The job queue.
    pub jobs: Storage,
}

/// Opens database, store and queue, and makes what is missing.
///
/// # Errors
/// Something that the settings name cannot be used.
pub async fn build(settings: Settings) -> Result<Built, StartError> {
    build_with(settings, Surroundings::default()).await
}

/// As `build`, with other surroundings.
///
/// # Errors
/// As `build`.
pub async fn build_with(mut settings: Settings, around: Surroundings) -> Result<Built, StartError> {
    let data_dir = settings.server.data_dir.clone();
    let unusable = |source| StartError::DataDir {
        path: data_dir.clone(),
        source,
    };
    // The database and the secret key are in there: nobody else on the machine has to read them.
    tokio::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&data_dir)
        .await
        .map_err(unusable)?;
    if settings.security.secret_key.reveal().is_empty() {
        let key =
            keep_secret_key(&data_dir, keys::random_text::<32>).map_err(StartError::SecretKey)?;
        settings.security.secret_key = Secret::new(key);
    }
    let db = Db::open(settings.server.database_url.reveal())
        .await
        .map_err(StartError::Database)?;
    let url = settings.storage.url.clone();
    let scratch = settings.server.data_dir.join("incoming");
    let blobs = store::BlobStore::open_url(&url, &settings.storage.access(), scratch)
        .await
        .map_err(|source| StartError::Store { url, source })?;
    let jobs = Storage::open(&db).await.map_err(StartError::Jobs)?;
    let core = Core {
        db,
        blobs,
        keys: Keys::derive(settings.security.secret_key.reveal().as_bytes()),
        queue: Queue::new(jobs.clone()),
        people: people::Memory::default(),
        rates: rates::Limiter::new(&settings.rates).map_err(StartError::Redis)?,
        providers: Providers::build(&settings, &around.sites).map_err(StartError::Providers)?,
        webhooks: webhooks::Sender::build(&settings)
            .map_err(|error| StartError::Webhooks(error.into()))?,
        counters: pull::Counters::default(),
        clock: around.clock,
        settings: Arc::new(settings),
    };
    Ok(Built {
        core: Arc::new(core),
        jobs,
    })
}

/// The server, listening but not yet answering.
#[derive(Debug)]
pub struct App {
    built: Built,
    listener: TcpListener,
    address: SocketAddr,
}

impl App {
    /// Listens first, so that an address in use is known before anything else happens; then builds the rest.
    ///
    /// # Errors
    /// The address is in use, or something that the settings name cannot be used.
    pub async fn bind(settings: Settings) -> Result<Self, StartError> {
        Box::pin(Self::bind_with(settings, Surroundings::default())).await
    }

    /// As `bind`, with other surroundings.
    ///
    /// # Errors
    /// As `bind`.
    pub async fn bind_with(
        mut settings: Settings,
        around: Surroundings,
    ) -> Result<Self, StartError> {
        let wanted = settings.server.listen;
        let failed = |source| StartError::Listen {
            address: wanted,
            source,
        };
        let listener = TcpListener::bind(wanted).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        // With port 0 the system chooses, and only now is the server's own address known.
        if settings.server.domain_name == local_address(wanted) {
            settings.server.domain_name = local_address(address);
        }
        settings.server.listen = address;
        let built = build_with(settings, around).await?;
        built.core.rates.connect().await;
        Ok(Self {
            built,
            listener,
            address,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What use cases take.
    pub fn core(&self) -> &Arc<Core> {
        &self.built.core
    }

    /// The link with which the first administrator signs up, while there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn setup_link(&self) -> Result<Option<String>, StartError> {
        Ok(setup::link(&self.built.core).await?)
    }

    /// Answers requests and does jobs until `stop` is done; then lets both end, and writes what is only in memory.
    ///
    /// # Errors
    /// What was only in memory could not be written, or the database did not close well.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), StartError> {
        let Built { core, jobs } = self.built;
        let grace = core.settings.server.shutdown_grace;
        let web = Web::find(
            core.settings.server.web_dir.clone(),
            Brand::of(&core.settings),
        );
        let workers = Workers::start(&core, &jobs, grace);
        core.queue.send(Job::InspectMissed).await;
        let limits = serve::Limits {
            stall: core.settings.server.stall_timeout,
            grace,
        };
        serve::serve(self.listener, http::endpoint(&core, web), stop, limits).await;
        workers.stop().await;
        pull::flush(&core).await?;
        tokens::flush_uses(&core).await?;
        core.db
            .clone()
            .close()
            .await
            .map_err(StartError::Database)?;
        tracing::info!("stopped");
        Ok(())
    }
}
