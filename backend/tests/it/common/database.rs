//! A database of its own for each test.

use std::path::Path;

use sea_orm::{ConnectionTrait, Database};
use sregistry_server::services::keys;

/// Where `make test` starts a PostgreSQL.
const VARIABLE: &str = "SREGISTRY_TEST_POSTGRES_URL";

/// A database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server that `SREGISTRY_TEST_POSTGRES_URL` names.
    Postgres,
}

impl Engine {
    /// The engines that are here.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Sqlite, Self::Postgres]
            .into_iter()
            .filter(|engine| engine.is_here())
    }

    /// Whether tests can run on it. Says so loudly when not: `make test` always has both.
    pub fn is_here(self) -> bool {
        let here = self == Self::Sqlite || std::env::var(VARIABLE).is_ok();
        if !here {
            eprintln!("NOT RUN on PostgreSQL: {VARIABLE} is not set; `make test` starts one");
        }
        here
    }
}

/// The address of a new, empty database; none where the server's own default will do.
pub async fn fresh_database(engine: Engine, dir: &Path) -> Option<String> {
    match engine {
        Engine::Sqlite => {
            assert!(dir.is_dir());
            None
        }
        Engine::Postgres => {
            let server = std::env::var(VARIABLE).unwrap();
            let name = format!("test_{}", keys::random_text::<8>());
            let db = Database::connect(&server).await.unwrap();
            db.execute_unprepared(&format!("CREATE DATABASE {name}"))
                .await
                .unwrap();
            db.close().await.unwrap();
            let (address, _) = server.rsplit_once('/').unwrap();
            Some(format!("{address}/{name}"))
        }
    }
}
