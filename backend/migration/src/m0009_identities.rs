//! Logins at other providers that open an account.

use sea_orm_migration::prelude::*;

/// Logins at other providers that open an account.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "identities";

/// Indexes: name, columns, whether the values together are unique.
const INDEXES: &[(&str, &[&str], bool)] = &[
    (
        "ux_identities_provider_subject",
        &["provider", "subject"],
        true,
    ),
    ("ix_identities_user_id", &["user_id"], false),
    ("ix_identities_email", &["email"], false),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(identities()).await?;
        for (name, columns, unique) in INDEXES {
            let mut index = Index::create();
            index.name(*name).table(TABLE);
            for column in *columns {
                index.col(*column);
            }
            if *unique {
                index.unique();
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(TABLE).to_owned())
            .await
    }
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

fn identities() -> TableCreateStatement {
    Table::create()
        .table(TABLE)
        .col(
            ColumnDef::new("id")
                .big_integer()
                .not_null()
                .auto_increment()
                .primary_key(),
        )
        .col(ColumnDef::new("user_id").big_integer().not_null())
        .col(text("provider"))
        .col(text("subject"))
        .col(text("login"))
        .col(ColumnDef::new("email").text().null())
        .col(ColumnDef::new("email_verified").boolean().not_null())
        .col(time("created_at"))
        .col(time("last_used_at"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_identities_user_id")
                .from(TABLE, "user_id")
                .to("users", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}
