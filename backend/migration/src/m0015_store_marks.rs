//! What an object store said of bytes when they were verified: its entity tag, with the place that gave it. Other bytes
//! under the same key have another one.

use sea_orm_migration::prelude::*;

/// What an object store said of bytes when they were verified.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Blobs, and the uploads whose bytes are verified but not yet a blob's.
const TABLES: [&str; 2] = ["blobs", "uploads"];

const COLUMN: &str = "store_mark";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            let change = Table::alter()
                .table(table)
                .add_column(ColumnDef::new(COLUMN).text().null())
                .to_owned();
            manager.alter_table(change).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            let change = Table::alter().table(table).drop_column(COLUMN).to_owned();
            manager.alter_table(change).await?;
        }
        Ok(())
    }
}
