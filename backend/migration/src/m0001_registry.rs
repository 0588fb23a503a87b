//! The first schema: people, collections, containers, images, tags, blobs, uploads, downloads.

use sea_orm_migration::prelude::*;

/// The first schema.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Indexes: table, columns, unique.
const INDEXES: &[(&str, &[&str], bool)] = &[
    ("sessions", &["user_id"], false),
    ("sessions", &["expires_at"], false),
    ("tokens", &["user_id"], false),
    ("collections", &["updated_at"], false),
    ("collections", &["created_by"], false),
    ("collection_members", &["user_id"], false),
    ("containers", &["collection_id", "name"], true),
    ("containers", &["updated_at"], false),
    ("containers", &["downloads"], false),
    ("blobs", &["unused_since"], false),
    ("images", &["container_id", "sha256"], true),
    ("images", &["blob_id"], false),
    ("images", &["sha256"], false),
    ("images", &["inspected_at"], false),
    ("tags", &["container_id", "name", "arch"], true),
    ("tags", &["image_id"], false),
    ("tag_events", &["container_id", "id"], false),
    ("uploads", &["image_id"], false),
    ("uploads", &["expires_at"], false),
    ("downloads", &["day"], false),
    ("downloads", &["container_id", "day"], false),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for (table, columns, unique) in INDEXES {
            manager.create_index(index(table, columns, *unique)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables().into_iter().rev() {
            if let Some(name) = table.get_table_name() {
                manager
                    .drop_table(Table::drop().table(name.clone()).to_owned())
                    .await?;
            }
        }
        Ok(())
    }
}

/// The column that numbers rows.
pub(crate) fn id() -> ColumnDef {
    ColumnDef::new("id")
        .big_integer()
        .not_null()
        .auto_increment()
        .primary_key()
        .to_owned()
}

/// A column that points at a row of another table.
pub(crate) fn to(
    table: &'static str,
    column: &'static str,
    target: &'static str,
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_{column}"))
        .from(table, column)
        .to(target, "id")
        .on_delete(on_delete)
        .to_owned()
}

/// An index with a name made of the table's and the columns'.
pub(crate) fn index(
    table: &'static str,
    columns: &[&'static str],
    unique: bool,
) -> IndexCreateStatement {
    let mut index = Index::create();
    index
        .name(format!("ix_{table}_{}", columns.join("_")))
        .table(table);
    for column in columns {
        index.col(*column);
    }
    if unique {
        index.unique();
    }
    index
}

#[expect(clippy::too_many_lines, reason = "a schema reads best in one piece")]
fn tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("users")
            .col(id())
            .col(ColumnDef::new("username").text().not_null().unique_key())
            .col(ColumnDef::new("display_name").text().not_null())
            .col(ColumnDef::new("email").text().null())
            .col(ColumnDef::new("role").text().not_null())
            .col(ColumnDef::new("password_hash").text().null())
            .col(
                ColumnDef::new("disabled_at")
                    .timestamp_with_time_zone()
                    .null(),
            )
            .col(ColumnDef::new("terms_version").text().null())
            .col(
                ColumnDef::new("terms_accepted_at")
                    .timestamp_with_time_zone()
                    .null(),
            )
            .col(ColumnDef::new("quota_bytes").big_integer().null())
            .col(
                ColumnDef::new("created_at")
                    .timestamp_with_time_zone()
                    .not_null(),
            )
            .col(
                ColumnDef::new("last_login_at")
                    .timestamp_with_time_zone()
                    .null(),
            )
            .to_owned(),
        Table::create()
            .table("sessions")
            .col(id())
            .col(ColumnDef::new("secret_hash").text().not_null().unique_key())
            .col(ColumnDef::new("user_id").big_integer().not_null())
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
            .col(
                ColumnDef::new("last_seen_at")
                    .timestamp_with_time_zone()
                    .not_null(),
            )
            .col(ColumnDef::new("user_agent").text().not_null())
            .foreign_key(&mut to(
                "sessions",
                "user_id",
                "users",
                ForeignKeyAction::Cascade,
            ))
            .to_owned(),
        Table::create()
            .table("tokens")
            .col(id())
            .col(ColumnDef::new("public_id").text().not_null().unique_key())
            .col(ColumnDef::new("user_id").big_integer().not_null())
            .col(ColumnDef::new("name").text().not_null())
            .col(ColumnDef::new("secret_hash").text().not_null().unique_key())
            .col(ColumnDef::new("sealed_secret").blob().not_null())
            .col(ColumnDef::new("scope").text().not_null())
            .col(ColumnDef::new("collections").text().not_null())
            .col(
                ColumnDef::new("created_at")
                    .timestamp_with_time_zone()
                    .not_null(),
            )
            .col(
                ColumnDef::new("expires_at")
                    .timestamp_with_time_zone()
                    .null(),
            )
            .col(
                ColumnDef::new("last_used_at")
                    .timestamp_with_time_zone()
                    .null(),
            )
            .foreign_key(&mut to(
                "tokens",
                "user_id",
                "users",
                ForeignKeyAction::Cascade,
            ))
            .to_owned(),
        Table::create()
            .table("one_time_links")
            .col(id())
            .col(ColumnDef::new("code_hash").text().not_null().unique_key())
            .col(ColumnDef::new("purpose").text().not_null())
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
            .col(ColumnDef::new("used_at").timestamp_with_time_zone().null())
            .to_owned(),
        Table::create()
            .table("collections")
            .col(id())
            .col(ColumnDef::new("name").text().not_null().unique_key())
            .col(ColumnDef::new("description").text().not_null())
            .col(ColumnDef::new("readme").text().not_null())
            .col(ColumnDef::new("private").boolean().not_null())
            .col(ColumnDef::new("contributors_may_push").boolean().not_null())
            .col(ColumnDef::new("created_by").big_integer().null())
            .col(
                ColumnDef::new("created_at")
                    .timestamp_with_time_zone()
                    .not_null(),
            )
            .col(
                ColumnDef::new("updated_at")
                    .timestamp_with_time_zone()
                    .not_null(),
            )
            .col(ColumnDef::new("size_bytes").big_integer().not_null())
            .col(ColumnDef::new("downloads").big_integer().not_null())
            .foreign_key(&mut to(
                "collections",
                "created_by",
                "users",
                ForeignKeyAction::SetNull,
            ))
            .to_owned(),
        Table::create()
            .table("collection_members")
            .col(ColumnDef::new("collection_id").big_integer().not_null())
            .col(ColumnDef::new("user_id").big_integer().not_null())
            .col(ColumnDef::new("role").text().not_null())
            .col(
                ColumnDef::new("created_at")
                    .timestamp_with_time_zone()
                    .not_null(),
            )
            .primary_key(Index::create().col("collection_id").col("user_id"))
            .foreign_key(&mut to(
                "collection_members",
                "collection_id",
                "collections",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut to(
                "collection_members",
                "user_id",
                "users",
                ForeignKeyAction::Cascade,
            ))
            .to_owned(),
        Table::create()
            .table("containers")
            .col(id())
            .col(ColumnDef::new("collection_id").big_integer().not_null())
            .col(ColumnDef::new("name").text().not_null())
            .col(ColumnDef::new("description").text().not_null())
            .col(
                ColumnDef::new("created_at")
                    .timestamp_with_time_zone()
                    .not_null(),
            )
            .col(
                ColumnDef::new("updated_at")
                    .timestamp_with_time_zone()
                    .not_null(),
            )
            .col(ColumnDef::new("size_bytes").big_integer().not_null())
            .col(ColumnDef::new("downloads").big_integer().not_null())
            .foreign_key(&mut to(
                "containers",
                "collection_id",
                "collections",
                ForeignKeyAction::Cascade,
            ))
            .to_owned(),
        Table::create()
            .table("blobs")
            .col(id())
            .col(ColumnDef::new("sha256").text().not_null().unique_key())
            .col(ColumnDef::new("key").text().not_null().unique_key())
            .col(ColumnDef::new("size").big_integer().not_null())
            .col(ColumnDef::new("state").text().not_null())
            .col(
                ColumnDef::new("created_at")
                    .timestamp_with_time_zone()
                    .not_null(),
            )
            .col(
                ColumnDef::new("unused_since")
                    .timestamp_with_time_zone()
                    .null(),
            )
            .to_owned(),
        Table::create()
            .table("images")
            .col(id())
            .col(ColumnDef::new("container_id").big_integer().not_null())
            .col(ColumnDef::new("sha256").text().not_null())
            .col(ColumnDef::new("blob_id").big_integer().null())
            .col(ColumnDef::new("size").big_integer().not_null())
            .col(ColumnDef::new("arch").text().null())
            .col(ColumnDef::new("description").text().not_null())
            .col(ColumnDef::new("signed").boolean().not_null())
            .col(ColumnDef::new("encrypted").boolean().not_null())
            .col(ColumnDef::new("metadata").text().null())
            .col(
                ColumnDef::new("inspected_at")
                    .timestamp_with_time_zone()
                    .null(),
            )
            .col(ColumnDef::new("problem").text().null())
            .col(ColumnDef::new("downloads").big_integer().not_null())
            .col(ColumnDef::new("created_by").big_integer().null())
            .col(
                ColumnDef::new("created_at")
                    .timestamp_with_time_zone()
                    .not_null(),
            )
            .col(
                ColumnDef::new("pushed_at")
                    .timestamp_with_time_zone()
                    .null(),
            )
            .foreign_key(&mut to(
                "images",
                "container_id",
                "containers",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut to(
                "images",
                "blob_id",
                "blobs",
                ForeignKeyAction::Restrict,
            ))
            .foreign_key(&mut to(
                "images",
                "created_by",
                "users",
                ForeignKeyAction::SetNull,
            ))
            .to_owned(),
        Table::create()
            .table("tags")
            .col(id())
            .col(ColumnDef::new("container_id").big_integer().not_null())
            .col(ColumnDef::new("name").text().not_null())
            .col(ColumnDef::new("arch").text().not_null())
            .col(ColumnDef::new("image_id").big_integer().not_null())
            .col(ColumnDef::new("frozen").boolean().not_null())
            .col(ColumnDef::new("updated_by").big_integer().null())
            .col(
                ColumnDef::new("created_at")
                    .timestamp_with_time_zone()
                    .not_null(),
            )
            .col(
                ColumnDef::new("updated_at")
                    .timestamp_with_time_zone()
                    .not_null(),
            )
            .foreign_key(&mut to(
                "tags",
                "container_id",
                "containers",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut to(
                "tags",
                "image_id",
                "images",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut to(
                "tags",
                "updated_by",
                "users",
                ForeignKeyAction::SetNull,
            ))
            .to_owned(),
        Table::create()
            .table("tag_events")
            .col(id())
            .col(ColumnDef::new("container_id").big_integer().not_null())
            .col(ColumnDef::new("name").text().not_null())
            .col(ColumnDef::new("arch").text().not_null())
            .col(ColumnDef::new("action").text().not_null())
            .col(ColumnDef::new("from_sha256").text().null())
            .col(ColumnDef::new("to_sha256").text().null())
            .col(ColumnDef::new("user_id").big_integer().null())
            .col(
                ColumnDef::new("created_at")
                    .timestamp_with_time_zone()
                    .not_null(),
            )
            .foreign_key(&mut to(
                "tag_events",
                "container_id",
                "containers",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut to(
                "tag_events",
                "user_id",
                "users",
                ForeignKeyAction::SetNull,
            ))
            .to_owned(),
        Table::create()
            .table("uploads")
            .col(id())
            .col(ColumnDef::new("public_id").text().not_null().unique_key())
            .col(ColumnDef::new("image_id").big_integer().not_null())
            .col(ColumnDef::new("user_id").big_integer().null())
            .col(ColumnDef::new("kind").text().not_null())
            .col(ColumnDef::new("state").text().not_null())
            .col(ColumnDef::new("size").big_integer().not_null())
            .col(ColumnDef::new("sha256").text().not_null())
            .col(ColumnDef::new("part_size").big_integer().null())
            .col(ColumnDef::new("total_parts").integer().null())
            .col(ColumnDef::new("store_key").text().null())
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
                "uploads",
                "image_id",
                "images",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut to(
                "uploads",
                "user_id",
                "users",
                ForeignKeyAction::SetNull,
            ))
            .to_owned(),
        Table::create()
            .table("downloads")
            .col(ColumnDef::new("image_id").big_integer().not_null())
            .col(ColumnDef::new("container_id").big_integer().not_null())
            .col(ColumnDef::new("day").integer().not_null())
            .col(ColumnDef::new("count").big_integer().not_null())
            .primary_key(Index::create().col("image_id").col("day"))
            .foreign_key(&mut to(
                "downloads",
                "image_id",
                "images",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut to(
                "downloads",
                "container_id",
                "containers",
                ForeignKeyAction::Cascade,
            ))
            .to_owned(),
    ]
}
