//! When each scheduled job last ran, and how it ended.

use sea_orm_migration::prelude::*;

/// When each scheduled job last ran, and how it ended.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "job_runs";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(TABLE)
            .col(ColumnDef::new("job").text().not_null().primary_key())
            .col(
                ColumnDef::new("started_at")
                    .timestamp_with_time_zone()
                    .not_null(),
            )
            .col(ColumnDef::new("ended_at").timestamp_with_time_zone().null())
            .col(ColumnDef::new("problem").text().null())
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(TABLE).to_owned())
            .await
    }
}
