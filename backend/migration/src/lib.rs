//! Database schema of the registry, one change a file, never edited after a release.
//!
//! Rule: both engines, SQLite and PostgreSQL, from the same statements.

pub use sea_orm_migration::{MigratorTrait, prelude::SchemaManager};

mod m0001_registry;
mod m0002_upload_sessions;
mod m0003_manifests;
mod m0004_labels;
mod m0005_keys;
mod m0006_shares;
mod m0007_direct_uploads;
mod m0008_teams;
mod m0009_identities;
mod m0010_audit;
mod m0011_webhooks;
mod m0012_stars_and_topics;
mod m0013_job_runs;
mod m0014_collection_quota;
mod m0015_store_marks;

/// All changes in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn sea_orm_migration::MigrationTrait>> {
        vec![
            Box::new(m0001_registry::Migration),
            Box::new(m0002_upload_sessions::Migration),
            Box::new(m0003_manifests::Migration),
            Box::new(m0004_labels::Migration),
            Box::new(m0005_keys::Migration),
            Box::new(m0006_shares::Migration),
            Box::new(m0007_direct_uploads::Migration),
            Box::new(m0008_teams::Migration),
            Box::new(m0009_identities::Migration),
            Box::new(m0010_audit::Migration),
            Box::new(m0011_webhooks::Migration),
            Box::new(m0012_stars_and_topics::Migration),
            Box::new(m0013_job_runs::Migration),
            Box::new(m0014_collection_quota::Migration),
            Box::new(m0015_store_marks::Migration),
        ]
    }
}
