//! How many bytes one collection may hold.

use sea_orm_migration::prelude::*;

/// How many bytes one collection may hold.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let quota = ColumnDef::new("quota_bytes")
            .big_integer()
            .null()
            .to_owned();
        let mut add = Table::alter();
        add.table("collections").add_column(quota);
        manager.alter_table(add).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut remove = Table::alter();
        remove.table("collections").drop_column("quota_bytes");
        manager.alter_table(remove).await
    }
}
