//! Webhooks, and the messages to them.

use sea_orm_migration::prelude::*;

use crate::m0001_registry::{id, index, to};

/// Webhooks, and the messages to them.
#[derive(DeriveMigrationName)]
pub struct Migration;

const HOOKS: &str = "webhooks";
const DELIVERIES: &str = "webhook_deliveries";

/// Indexes: table, columns.
const INDEXES: &[(&str, &[&str])] = &[
    (HOOKS, &["collection_id", "id"]),
    (DELIVERIES, &["webhook_id", "id"]),
    (DELIVERIES, &["state", "next_attempt_at"]),
    (DELIVERIES, &["created_at"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(webhooks()).await?;
        manager.create_table(deliveries()).await?;
        for (table, columns) in INDEXES {
            manager.create_index(index(table, columns, false)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [DELIVERIES, HOOKS] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn column(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
}

/// One without a collection is of the whole registry.
fn webhooks() -> TableCreateStatement {
    Table::create()
        .table(HOOKS)
        .col(id())
        .col(column("public_id").text().not_null().unique_key())
        .col(column("collection_id").big_integer().null())
        .col(column("url").text().not_null())
        .col(column("sealed_secret").blob().not_null())
        .col(column("events").text().not_null())
        .col(column("active").boolean().not_null())
        .col(column("created_by").big_integer().null())
        .col(column("created_at").timestamp_with_time_zone().not_null())
        .col(column("updated_at").timestamp_with_time_zone().not_null())
        .foreign_key(&mut to(
            HOOKS,
            "collection_id",
            "collections",
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut to(
            HOOKS,
            "created_by",
            "users",
            ForeignKeyAction::SetNull,
        ))
        .to_owned()
}

/// Written in the transaction of what they tell of, sent afterwards.
fn deliveries() -> TableCreateStatement {
    Table::create()
        .table(DELIVERIES)
        .col(id())
        .col(column("public_id").text().not_null().unique_key())
        .col(column("webhook_id").big_integer().not_null())
        .col(column("event").text().not_null())
        .col(column("message").text().not_null())
        .col(column("state").text().not_null())
        .col(column("created_at").timestamp_with_time_zone().not_null())
        .col(column("attempts").integer().not_null())
        .col(column("attempted_at").timestamp_with_time_zone().null())
        .col(column("next_attempt_at").timestamp_with_time_zone().null())
        .col(column("duration_ms").big_integer().null())
        .col(column("status").integer().null())
        .col(column("answer").text().null())
        .col(column("problem").text().null())
        .col(column("redelivery_of").text().null())
        .foreign_key(&mut to(
            DELIVERIES,
            "webhook_id",
            HOOKS,
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}
