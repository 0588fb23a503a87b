//! Labels of images in a table of their own, to search by; those of images that were read before are taken from their metadata.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Labels to search by.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(labels()).await?;
        for columns in [&["key", "value"][..], &["value"]] {
            manager.create_index(index(columns)).await?;
        }
        let db = manager.get_connection();
        db.execute_unprepared(known(manager.get_database_backend()))
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("labels").to_owned())
            .await
    }
}

fn labels() -> TableCreateStatement {
    let image = ForeignKey::create()
        .name("fk_labels_image_id")
        .from("labels", "image_id")
        .to("images", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned();
    Table::create()
        .table("labels")
        .col(ColumnDef::new("image_id").big_integer().not_null())
        .col(ColumnDef::new("key").text().not_null())
        .col(ColumnDef::new("value").text().not_null())
        .primary_key(Index::create().col("image_id").col("key"))
        .foreign_key(&mut image.clone())
        .to_owned()
}

fn index(columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create()
        .name(format!("ix_labels_{}", columns.join("_")))
        .table("labels")
        .to_owned();
    for column in columns {
        index.col(*column);
    }
    index
}

/// What is known from reading images before this change. Text with the one letter that PostgreSQL cannot hold is passed over.
fn known(engine: DbBackend) -> &'static str {
    match engine {
        DbBackend::Postgres => {
            "INSERT INTO labels (image_id, key, value) \
             SELECT i.id, left(l.key, 250), left(l.value, 250) FROM images i, \
             LATERAL json_each_text(i.metadata::json -> 'labels') AS l(key, value) \
             WHERE i.metadata IS NOT NULL AND i.metadata NOT LIKE '%\\u0000%' AND l.key <> '' \
             ON CONFLICT DO NOTHING"
        }
        _ => {
            "INSERT INTO labels (image_id, key, value) \
             SELECT i.id, substr(l.key, 1, 250), substr(l.value, 1, 250) \
             FROM images i, json_each(i.metadata, '$.labels') l \
             WHERE i.metadata IS NOT NULL AND l.key <> '' ON CONFLICT DO NOTHING"
        }
    }
}
