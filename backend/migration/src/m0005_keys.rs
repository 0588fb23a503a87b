//! Keys, and what is known of the signatures inside images.

use sea_orm_migration::prelude::*;

/// Keys, and what is known of the signatures inside images.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Indexes: table, columns.
const INDEXES: &[(&str, &[&str])] = &[
    ("keys", &["user_id"]),
    ("key_parts", &["key_id"]),
    ("key_parts", &["fingerprint"]),
    ("key_parts", &["long_id"]),
    ("key_parts", &["short_id"]),
    ("key_user_ids", &["key_id"]),
    ("key_user_ids", &["email"]),
    ("image_signatures", &["image_id"]),
    ("image_signatures", &["key_id"]),
    ("image_signatures", &["fingerprint"]),
    ("image_signatures", &["signer"]),
    ("image_signatures", &["checked_at"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [keys(), key_parts(), key_user_ids(), image_signatures()] {
            manager.create_table(table).await?;
        }
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
        // Signed images that were read before are read again, for their signatures.
        manager
            .get_connection()
            .execute_unprepared("UPDATE images SET inspected_at = NULL WHERE signed = TRUE")
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["image_signatures", "key_user_ids", "key_parts", "keys"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn id() -> ColumnDef {
    ColumnDef::new("id")
        .big_integer()
        .not_null()
        .auto_increment()
        .primary_key()
        .to_owned()
}

fn column(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
}

fn moment(name: &'static str) -> ColumnDef {
    column(name).timestamp_with_time_zone().to_owned()
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

fn keys() -> TableCreateStatement {
    Table::create()
        .table("keys")
        .col(id())
        .col(column("fingerprint").text().not_null().unique_key())
        .col(column("algorithm").integer().not_null())
        .col(column("bits").integer().not_null())
        .col(column("packets").binary().not_null())
        .col(moment("created_at").not_null())
        .col(moment("expires_at").null())
        .col(column("revoked").boolean().not_null())
        .col(column("user_id").big_integer().null())
        .col(moment("added_at").not_null())
        .col(moment("updated_at").not_null())
        .foreign_key(&mut to(
            "keys",
            "user_id",
            "users",
            ForeignKeyAction::SetNull,
        ))
        .to_owned()
}

fn key_parts() -> TableCreateStatement {
    Table::create()
        .table("key_parts")
        .col(id())
        .col(column("key_id").big_integer().not_null())
        .col(column("fingerprint").text().not_null())
        .col(column("long_id").text().not_null())
        .col(column("short_id").text().not_null())
        .foreign_key(&mut to(
            "key_parts",
            "key_id",
            "keys",
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

fn key_user_ids() -> TableCreateStatement {
    Table::create()
        .table("key_user_ids")
        .col(id())
        .col(column("key_id").big_integer().not_null())
        .col(column("text").text().not_null())
        .col(column("search").text().not_null())
        .col(column("email").text().null())
        .col(moment("created_at").not_null())
        .col(column("revoked").boolean().not_null())
        .foreign_key(&mut to(
            "key_user_ids",
            "key_id",
            "keys",
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

fn image_signatures() -> TableCreateStatement {
    Table::create()
        .table("image_signatures")
        .col(id())
        .col(column("image_id").big_integer().not_null())
        .col(column("object_id").big_integer().not_null())
        .col(column("kind").text().not_null())
        .col(column("fingerprint").text().null())
        .col(column("signer").text().null())
        .col(column("key_id").big_integer().null())
        .col(column("state").text().not_null())
        .col(column("problem").text().null())
        .col(column("file_problem").text().null())
        .col(column("objects").text().not_null())
        .col(column("complete").boolean().not_null())
        .col(column("message").binary().not_null())
        .col(moment("signed_at").null())
        .col(moment("valid_until").null())
        .col(moment("checked_at").null())
        .foreign_key(&mut to(
            "image_signatures",
            "image_id",
            "images",
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut to(
            "image_signatures",
            "key_id",
            "keys",
            ForeignKeyAction::SetNull,
        ))
        .to_owned()
}
