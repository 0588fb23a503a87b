//! Teams and how people come into them; robots.

use sea_orm_migration::prelude::*;

use crate::m0001_registry::{id, index, to};

/// Teams and how people come into them; robots.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Indexes: table, columns.
const INDEXES: &[(&str, &[&str])] = &[
    ("teams", &["updated_at"]),
    ("team_members", &["user_id"]),
    ("team_invitations", &["team_id", "id"]),
    ("team_invitations", &["expires_at"]),
    ("team_requests", &["user_id"]),
    ("robots", &["collection_id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let kind = ColumnDef::new("kind")
            .text()
            .not_null()
            .default("person")
            .to_owned();
        let alter = Table::alter().table("users").add_column(kind).to_owned();
        manager.alter_table(alter).await?;
        for table in tables() {
            manager.create_table(table).await?;
        }
        for (table, columns) in INDEXES {
            manager.create_index(index(table, columns, false)).await?;
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
        let alter = Table::alter().table("users").drop_column("kind").to_owned();
        manager.alter_table(alter).await
    }
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().to_owned()
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().to_owned()
}

fn time(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
        .timestamp_with_time_zone()
        .not_null()
        .to_owned()
}

/// What goes with the row that it belongs to.
fn of(
    table: &'static str,
    column: &'static str,
    target: &'static str,
) -> ForeignKeyCreateStatement {
    to(table, column, target, ForeignKeyAction::Cascade)
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        teams(),
        team_pictures(),
        team_members(),
        team_invitations(),
        team_requests(),
        robots(),
    ]
}

fn teams() -> TableCreateStatement {
    Table::create()
        .table("teams")
        .col(id())
        .col(ColumnDef::new("name").text().not_null().unique_key())
        .col(text("description"))
        .col(text("permission"))
        .col(number("created_by").null())
        .col(time("created_at"))
        .col(time("updated_at"))
        .foreign_key(&mut to(
            "teams",
            "created_by",
            "users",
            ForeignKeyAction::SetNull,
        ))
        .to_owned()
}

/// Apart from the teams, so that lists do not carry the bytes.
fn team_pictures() -> TableCreateStatement {
    let table = "team_pictures";
    Table::create()
        .table(table)
        .col(number("team_id").not_null().primary_key())
        .col(text("media_type"))
        .col(text("sha256"))
        .col(ColumnDef::new("bytes").blob().not_null())
        .foreign_key(&mut of(table, "team_id", "teams"))
        .to_owned()
}

fn team_members() -> TableCreateStatement {
    let table = "team_members";
    Table::create()
        .table(table)
        .col(number("team_id").not_null())
        .col(number("user_id").not_null())
        .col(text("role"))
        .col(time("created_at"))
        .primary_key(Index::create().col("team_id").col("user_id"))
        .foreign_key(&mut of(table, "team_id", "teams"))
        .foreign_key(&mut of(table, "user_id", "users"))
        .to_owned()
}

/// An invitation that was taken, declined or revoked is gone: its row is the right to use it.
fn team_invitations() -> TableCreateStatement {
    let table = "team_invitations";
    Table::create()
        .table(table)
        .col(id())
        .col(ColumnDef::new("public_id").text().not_null().unique_key())
        .col(ColumnDef::new("code_hash").text().not_null().unique_key())
        .col(number("team_id").not_null())
        .col(text("note"))
        .col(number("created_by").null())
        .col(time("created_at"))
        .col(time("expires_at"))
        .foreign_key(&mut of(table, "team_id", "teams"))
        .foreign_key(&mut to(
            table,
            "created_by",
            "users",
            ForeignKeyAction::SetNull,
        ))
        .to_owned()
}

fn team_requests() -> TableCreateStatement {
    let table = "team_requests";
    Table::create()
        .table(table)
        .col(number("team_id").not_null())
        .col(number("user_id").not_null())
        .col(text("message"))
        .col(time("created_at"))
        .primary_key(Index::create().col("team_id").col("user_id"))
        .foreign_key(&mut of(table, "team_id", "teams"))
        .foreign_key(&mut of(table, "user_id", "users"))
        .to_owned()
}

/// What a user of the kind `robot` has more than a person. One of a collection goes with it.
fn robots() -> TableCreateStatement {
    let table = "robots";
    Table::create()
        .table(table)
        .col(number("user_id").not_null().primary_key())
        .col(text("description"))
        .col(number("collection_id").null())
        .col(number("created_by").null())
        .foreign_key(&mut of(table, "user_id", "users"))
        .foreign_key(&mut of(table, "collection_id", "collections"))
        .foreign_key(&mut to(
            table,
            "created_by",
            "users",
            ForeignKeyAction::SetNull,
        ))
        .to_owned()
}
