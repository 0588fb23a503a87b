//! Uploads that grow at their end: of browsers, and of clients that do not say beforehand what they send.

use sea_orm_migration::prelude::*;

use crate::m0001_registry::{id, index, to};

/// Upload sessions.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "upload_sessions";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(table()).await?;
        for column in ["container_id", "user_id", "expires_at"] {
            manager.create_index(index(TABLE, &[column], false)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(TABLE).to_owned())
            .await
    }
}

/// A row outlives its container and its user: it is what leads to the bytes that are to be removed.
fn table() -> TableCreateStatement {
    Table::create()
        .table(TABLE)
        .col(id())
        .col(ColumnDef::new("public_id").text().not_null().unique_key())
        .col(ColumnDef::new("container_id").big_integer().null())
        .col(ColumnDef::new("user_id").big_integer().null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("size").big_integer().null())
        .col(ColumnDef::new("sha256").text().null())
        .col(ColumnDef::new("tag").text().null())
        .col(ColumnDef::new("description").text().not_null())
        .col(ColumnDef::new("store_key").text().not_null())
        .col(ColumnDef::new("received").big_integer().not_null())
        .col(
            ColumnDef::new("created_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(
            ColumnDef::new("expires_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .foreign_key(&mut to(
            TABLE,
            "container_id",
            "containers",
            ForeignKeyAction::SetNull,
        ))
        .foreign_key(&mut to(
            TABLE,
            "user_id",
            "users",
            ForeignKeyAction::SetNull,
        ))
        .to_owned()
}
