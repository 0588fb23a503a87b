//! The audit log: who did what to which thing, from where and when.

use sea_orm_migration::prelude::*;

use crate::m0001_registry::{id, index};

/// The audit log: who did what to which thing, from where and when.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "audit_entries";

/// What is searched by, each with the id, because the newest come first.
const INDEXES: &[&[&str]] = &[
    &["at"],
    &["actor_id", "id"],
    &["actor", "id"],
    &["action", "id"],
    &["thing", "id"],
    &["collection_id", "id"],
    &["address", "id"],
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(entries()).await?;
        for columns in INDEXES {
            manager.create_index(index(TABLE, columns, false)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(TABLE).to_owned())
            .await
    }
}

fn column(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
}

/// No foreign keys: an entry stays when who did it, and what it was done to, are gone.
fn entries() -> TableCreateStatement {
    Table::create()
        .table(TABLE)
        .col(id())
        .col(column("at").timestamp_with_time_zone().not_null())
        .col(column("action").text().not_null())
        .col(column("actor_id").big_integer().null())
        .col(column("actor").text().null())
        .col(column("actor_kind").text().not_null())
        .col(column("token").text().null())
        .col(column("thing_kind").text().not_null())
        .col(column("thing_id").big_integer().null())
        .col(column("thing").text().not_null())
        .col(column("collection_id").big_integer().null())
        .col(column("collection").text().null())
        .col(column("address").text().null())
        .col(column("request_id").text().null())
        .col(column("door").text().not_null())
        .col(column("details").text().not_null())
        .to_owned()
}
