//! A real server for each test: its own data folder, database and port, and a clock that the test moves.
//!
//! Rule: no sleeping; `eventually` waits for what must come.

mod database;
mod people;

use std::{future::Future, net::SocketAddr, path::Path, sync::Arc, time::Duration};

pub use database::{Engine, fresh_database};
pub use people::{PASSWORD, TestUser, with_token};
use sregistry_server::{
    app::{App, Surroundings},
    config::{Secret, Settings},
    plugins::auth::Sites,
    services::{Core, clock::Clock},
};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

/// How long something may take that should be there in a moment, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_mins(2);

/// A server that runs for one test.
pub struct TestApp {
    core: Arc<Core>,
    address: SocketAddr,
    /// Moves the server's time: `app.clock.advance(…)`.
    pub clock: Clock,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
    dir: TempDir,
}

impl TestApp {
    /// Starts one on SQLite.
    pub async fn start() -> Self {
        Self::start_with(Engine::Sqlite, |_| {}).await
    }

    /// Starts one on this engine.
    pub async fn start_on(engine: Engine) -> Self {
        Self::start_with(engine, |_| {}).await
    }

    /// Starts one with changed settings.
    pub async fn settings_with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::start_with(Engine::Sqlite, change).await
    }

    /// Starts one on this engine, with changed settings.
    pub async fn start_with(engine: Engine, change: impl FnOnce(&mut Settings)) -> Self {
        Self::start_at(Sites::default(), engine, change).await
    }

    /// Starts one whose providers without a setting for their address are at these sites.
    pub async fn start_at(
        sites: Sites,
        engine: Engine,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let dir = TempDir::new().unwrap();
        let mut settings = Settings::for_tests(dir.path());
        settings.server.shutdown_grace = Duration::from_secs(5);
        if let Some(url) = fresh_database(engine, dir.path()).await {
            settings.server.database_url = Secret::new(url);
        }
        change(&mut settings);
        Self::run(dir, settings, sites).await
    }

    async fn run(dir: TempDir, settings: Settings, sites: Sites) -> Self {
        let clock = Clock::system();
        let around = Surroundings {
            clock: clock.clone(),
            sites,
        };
        let app = Box::pin(App::bind_with(settings, around));
        let app = app.await.unwrap();
        let (core, address) = (Arc::clone(app.core()), app.address());
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(async move {
            app.run(async {
                let _ = stopped.await;
            })
            .await
            .unwrap();
        });
        Self {
            core,
            address,
            clock,
            stop: Some(stop),
            server: Some(server),
            dir,
        }
    }

    /// Stops the server as a supervisor would and waits until it has ended. The data stays until the test ends.
    pub async fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(server) = self.server.take() {
            server.await.unwrap();
        }
    }

    /// Stops it and starts it again on the same data.
    pub async fn restart(self) -> Self {
        self.restart_with(|_| {}).await
    }

    /// As `restart`, with changed settings.
    pub async fn restart_with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        self.stop().await;
        let mut settings = (*self.core.settings).clone();
        change(&mut settings);
        settings.server.listen.set_port(0);
        settings.server.domain_name = format!("http://{}", settings.server.listen);
        let Self { dir, .. } = self;
        Self::run(dir, settings, Sites::default()).await
    }

    /// What use cases take.
    pub fn core(&self) -> &Core {
        &self.core
    }

    /// The folder with all its data.
    pub fn data_dir(&self) -> &Path {
        self.dir.path()
    }

    /// The address of a path on this server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client without credentials. It does not follow redirects: what a client is sent to is what tests look at.
    #[expect(
        clippy::unused_self,
        reason = "reads as what it is: a client of this server"
    )]
    pub fn client(&self) -> reqwest::Client {
        client(reqwest::header::HeaderMap::new())
    }

    /// Asks for a path without credentials.
    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client().get(self.url(path)).send().await.unwrap()
    }
}

/// A client with these headers on every request.
pub fn client(headers: reqwest::header::HeaderMap) -> reqwest::Client {
    let builder = client_builder().timeout(Duration::from_mins(1));
    builder.default_headers(headers).build().unwrap()
}

/// A client that follows no redirect and trusts nobody's certificates: reading those of the machine for each client is a good part
/// of what a short test costs, and no test needs them.
pub fn client_builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .tls_certs_only([])
}

/// Waits until something holds that other tasks bring about.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let look = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    within(what, look).await
}

/// Waits for a future that must end soon.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}

/// Runs a test on both engines: `db_test!(name, async |app: TestApp| { … })` makes `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! db_test {
    ($name:ident, $test:expr) => {
        mod $name {
            use super::*;

            #[tokio::test]
            async fn sqlite() {
                let test = $test;
                test($crate::common::TestApp::start_on($crate::common::Engine::Sqlite).await).await;
            }

            #[tokio::test]
            async fn postgres() {
                if !$crate::common::Engine::Postgres.is_here() {
                    return;
                }
                let test = $test;
                test($crate::common::TestApp::start_on($crate::common::Engine::Postgres).await)
                    .await;
            }
        }
    };
}
