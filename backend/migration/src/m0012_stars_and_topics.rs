//! Stars that people give to collections, and topics that containers are found by.

use sea_orm_migration::prelude::*;

/// Stars that people give to collections, and topics that containers are found by.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(stars()).await?;
        manager.create_table(topics()).await?;
        for (name, table, column) in [
            ("ix_stars_collection_id", "stars", "collection_id"),
            ("ix_topics_name", "topics", "name"),
        ] {
            let mut index = Index::create();
            index.name(name).table(table).col(column);
            manager.create_index(index).await?;
        }
        // Kept with each star, so that lists are sorted by it.
        let count = ColumnDef::new("stars")
            .big_integer()
            .not_null()
            .default(0)
            .to_owned();
        let mut add = Table::alter();
        add.table("collections").add_column(count);
        manager.alter_table(add).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut remove = Table::alter();
        remove.table("collections").drop_column("stars");
        manager.alter_table(remove).await?;
        for table in ["topics", "stars"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().to_owned()
}

fn goes_with(
    table: &'static str,
    column: &'static str,
    to: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_{column}"))
        .from(table, column)
        .to(to, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn stars() -> TableCreateStatement {
    Table::create()
        .table("stars")
        .col(id("user_id"))
        .col(id("collection_id"))
        .col(
            ColumnDef::new("created_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .primary_key(Index::create().col("user_id").col("collection_id"))
        .foreign_key(&mut goes_with("stars", "user_id", "users"))
        .foreign_key(&mut goes_with("stars", "collection_id", "collections"))
        .to_owned()
}

fn topics() -> TableCreateStatement {
    Table::create()
        .table("topics")
        .col(id("container_id"))
        .col(ColumnDef::new("name").text().not_null())
        .primary_key(Index::create().col("container_id").col("name"))
        .foreign_key(&mut goes_with("topics", "container_id", "containers"))
        .to_owned()
}
