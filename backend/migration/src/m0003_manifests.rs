//! OCI: manifests, and which blobs a container has for their sake.

use sea_orm_migration::prelude::*;

use crate::m0001_registry::{id, index, to};

/// Manifests and the blobs of containers.
#[derive(DeriveMigrationName)]
pub struct Migration;

const MANIFESTS: &str = "manifests";
const MANIFEST_BLOBS: &str = "manifest_blobs";
const CONTAINER_BLOBS: &str = "container_blobs";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [manifests(), manifest_blobs(), container_blobs()] {
            manager.create_table(table).await?;
        }
        for (table, columns, unique) in [
            (MANIFESTS, ["container_id", "sha256"].as_slice(), true),
            (MANIFESTS, &["container_id", "subject_sha256"], false),
            (MANIFESTS, &["image_id"], false),
            (MANIFEST_BLOBS, &["blob_id"], false),
            (CONTAINER_BLOBS, &["blob_id"], false),
        ] {
            manager.create_index(index(table, columns, unique)).await?;
        }
        let mut kind = ColumnDef::new("kind");
        kind.text().not_null().default("sif");
        add_column(manager, "images", kind).await?;
        let mut manifest = ColumnDef::new("manifest_id");
        manifest.big_integer().null();
        // SQLite adds no foreign keys to tables that are there, but columns with one.
        manifest.extra("REFERENCES manifests (id) ON DELETE SET NULL");
        add_column(manager, "tags", manifest).await?;
        manager
            .create_index(index("tags", &["manifest_id"], false))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let ours = Index::drop()
            .name("ix_tags_manifest_id")
            .table("tags")
            .to_owned();
        manager.drop_index(ours).await?;
        for (table, column) in [("tags", "manifest_id"), ("images", "kind")] {
            let change = Table::alter().table(table).drop_column(column).to_owned();
            manager.alter_table(change).await?;
        }
        for table in [CONTAINER_BLOBS, MANIFEST_BLOBS, MANIFESTS] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

async fn add_column(
    manager: &SchemaManager<'_>,
    table: &'static str,
    mut column: ColumnDef,
) -> Result<(), DbErr> {
    let change = Table::alter()
        .table(table)
        .add_column(&mut column)
        .to_owned();
    manager.alter_table(change).await
}

fn manifests() -> TableCreateStatement {
    Table::create()
        .table(MANIFESTS)
        .col(id())
        .col(ColumnDef::new("container_id").big_integer().not_null())
        .col(ColumnDef::new("sha256").text().not_null())
        .col(ColumnDef::new("media_type").text().not_null())
        .col(ColumnDef::new("artifact_type").text().null())
        .col(ColumnDef::new("subject_sha256").text().null())
        .col(ColumnDef::new("image_id").big_integer().null())
        .col(ColumnDef::new("made").boolean().not_null())
        .col(ColumnDef::new("size").big_integer().not_null())
        .col(ColumnDef::new("content").blob().not_null())
        .col(ColumnDef::new("annotations").text().null())
        .col(ColumnDef::new("created_by").big_integer().null())
        .col(
            ColumnDef::new("created_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .foreign_key(&mut to(
            MANIFESTS,
            "container_id",
            "containers",
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut to(
            MANIFESTS,
            "image_id",
            "images",
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut to(
            MANIFESTS,
            "created_by",
            "users",
            ForeignKeyAction::SetNull,
        ))
        .to_owned()
}

fn manifest_blobs() -> TableCreateStatement {
    Table::create()
        .table(MANIFEST_BLOBS)
        .col(ColumnDef::new("manifest_id").big_integer().not_null())
        .col(ColumnDef::new("blob_id").big_integer().not_null())
        .primary_key(Index::create().col("manifest_id").col("blob_id"))
        .foreign_key(&mut to(
            MANIFEST_BLOBS,
            "manifest_id",
            MANIFESTS,
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut to(
            MANIFEST_BLOBS,
            "blob_id",
            "blobs",
            ForeignKeyAction::Restrict,
        ))
        .to_owned()
}

fn container_blobs() -> TableCreateStatement {
    Table::create()
        .table(CONTAINER_BLOBS)
        .col(ColumnDef::new("container_id").big_integer().not_null())
        .col(ColumnDef::new("blob_id").big_integer().not_null())
        .col(
            ColumnDef::new("created_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .primary_key(Index::create().col("container_id").col("blob_id"))
        .foreign_key(&mut to(
            CONTAINER_BLOBS,
            "container_id",
            "containers",
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut to(
            CONTAINER_BLOBS,
            "blob_id",
            "blobs",
            ForeignKeyAction::Restrict,
        ))
        .to_owned()
}
