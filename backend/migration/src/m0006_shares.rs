//! Download limits by the week, and links that share images.

use sea_orm_migration::prelude::*;

/// Download limits by the week, and links that share images.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// What has a limit of its own.
const LIMITED: &[&str] = &["collections", "containers"];

/// Indexes: table, columns.
const INDEXES: &[(&str, &[&str])] = &[
    ("share_links", &["image_id"]),
    ("share_links", &["created_by", "id"]),
    ("share_links", &["expires_at"]),
    ("share_uses", &["share_link_id", "client"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in LIMITED {
            for mut column in counters() {
                let alter = Table::alter()
                    .table(*table)
                    .add_column(&mut column)
                    .to_owned();
                manager.alter_table(alter).await?;
            }
        }
        manager.create_table(share_links()).await?;
        manager.create_table(share_uses()).await?;
        for (table, columns) in INDEXES {
            let mut index = Index::create();
            index
                .name(format!("ix_{table}_{}", columns.join("_")))
                .table(*table);
            for column in *columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["share_uses", "share_links"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        for table in LIMITED {
            for column in ["week_downloads", "week", "weekly_limit"] {
                let alter = Table::alter().table(*table).drop_column(column).to_owned();
                manager.alter_table(alter).await?;
            }
        }
        Ok(())
    }
}

/// A limit of its own (absent for the registry's, -1 for none), and the downloads of one week.
fn counters() -> [ColumnDef; 3] {
    [
        ColumnDef::new("weekly_limit")
            .big_integer()
            .null()
            .to_owned(),
        ColumnDef::new("week")
            .integer()
            .not_null()
            .default(0)
            .to_owned(),
        ColumnDef::new("week_downloads")
            .big_integer()
            .not_null()
            .default(0)
            .to_owned(),
    ]
}

fn id() -> ColumnDef {
    ColumnDef::new("id")
        .big_integer()
        .not_null()
        .auto_increment()
        .primary_key()
        .to_owned()
}

fn to(
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

fn time(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().to_owned()
}

/// A link outlives what it shares, so that whoever follows it is told that it is gone.
fn share_links() -> TableCreateStatement {
    let table = "share_links";
    Table::create()
        .table(table)
        .col(id())
        .col(ColumnDef::new("public_id").text().not_null().unique_key())
        .col(ColumnDef::new("secret_hash").text().not_null().unique_key())
        .col(ColumnDef::new("image_id").big_integer().null())
        .col(ColumnDef::new("tag").text().null())
        .col(ColumnDef::new("note").text().not_null())
        .col(ColumnDef::new("created_by").big_integer().null())
        .col(time("created_at").not_null())
        .col(time("expires_at").not_null())
        .col(ColumnDef::new("max_uses").big_integer().null())
        .col(ColumnDef::new("uses").big_integer().not_null())
        .col(time("last_used_at").null())
        .col(time("revoked_at").null())
        .foreign_key(&mut to(
            table,
            "image_id",
            "images",
            ForeignKeyAction::SetNull,
        ))
        .foreign_key(&mut to(
            table,
            "created_by",
            "users",
            ForeignKeyAction::SetNull,
        ))
        .to_owned()
}

fn share_uses() -> TableCreateStatement {
    let table = "share_uses";
    Table::create()
        .table(table)
        .col(id())
        .col(ColumnDef::new("share_link_id").big_integer().not_null())
        .col(ColumnDef::new("client").text().not_null())
        .col(time("started_at").not_null())
        .col(ColumnDef::new("bytes").big_integer().not_null())
        .col(time("finished_at").null())
        .foreign_key(&mut to(
            table,
            "share_link_id",
            "share_links",
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}
