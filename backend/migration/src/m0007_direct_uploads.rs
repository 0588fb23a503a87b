//! Uploads that clients make with the object store itself: what it calls an upload in parts.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let change = Table::alter()
            .table("uploads")
            .add_column(ColumnDef::new("remote_id").text().null())
            .to_owned();
        manager.alter_table(change).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let change = Table::alter()
            .table("uploads")
            .drop_column("remote_id")
            .to_owned();
        manager.alter_table(change).await
    }
}
