//! Transactions: clashes are tried again, failures leave nothing.

use std::sync::atomic::{AtomicU32, Ordering};

use entity::collection;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};
use sregistry_server::db::Db;

use crate::{common::TestApp, db_test};

/// Writers that all read a value first and write it back raised: the classic way to lose updates.
const WRITERS: i64 = 50;

fn row(name: &str, db_now: chrono::DateTime<chrono::Utc>) -> collection::ActiveModel {
    collection::ActiveModel {
        name: Set(name.to_owned()),
        description: Set(String::new()),
        readme: Set(String::new()),
        private: Set(false),
        contributors_may_push: Set(false),
        created_by: Set(None),
        created_at: Set(db_now),
        updated_at: Set(db_now),
        size_bytes: Set(0),
        downloads: Set(0),
        ..Default::default()
    }
}

db_test!(
    writers_at_the_same_time_all_succeed,
    async |app: TestApp| {
        let now = app.core().clock.now();
        let db = app.core().db.clone();
        db.write(async |tx| collection::Entity::insert(row("busy", now)).exec(tx).await)
            .await
            .unwrap();

        let writers = (0..WRITERS).map(|_| {
            let db = db.clone();
            tokio::spawn(async move { raise(&db).await })
        });
        let writers: Vec<_> = writers.collect();
        for writer in writers {
            writer.await.unwrap().unwrap();
        }
        let found = collection::Entity::find()
            .one(db.read())
            .await
            .unwrap()
            .unwrap();
        // PostgreSQL's default isolation lets two read the same value; that every writer ends well is what is asked there.
        if db.backend() == sea_orm::DatabaseBackend::Sqlite {
            assert_eq!(
                found.downloads, WRITERS,
                "on SQLite the write lock is taken before the first read"
            );
        }
        assert!((1..=WRITERS).contains(&found.downloads));
    }
);

async fn raise(db: &Db) -> Result<(), DbErr> {
    db.write(async |tx| {
        let found = collection::Entity::find()
            .one(tx)
            .await?
            .ok_or(DbErr::RecordNotFound("busy".to_owned()))?;
        let change = collection::ActiveModel {
            id: Set(found.id),
            downloads: Set(found.downloads + 1),
            ..Default::default()
        };
        collection::Entity::update(change).exec(tx).await?;
        Ok(())
    })
    .await
}

db_test!(
    a_transaction_that_fails_leaves_nothing,
    async |app: TestApp| {
        let now = app.core().clock.now();
        let db = &app.core().db;
        let attempts = AtomicU32::new(0);
        let result: Result<(), DbErr> = db
            .write(async |tx| {
                attempts.fetch_add(1, Ordering::Relaxed);
                collection::Entity::insert(row("gone", now))
                    .exec(tx)
                    .await?;
                Err(DbErr::Custom("no".to_owned()))
            })
            .await;
        assert!(matches!(result, Err(DbErr::Custom(_))));
        assert_eq!(
            attempts.load(Ordering::Relaxed),
            1,
            "only clashes are tried again"
        );
        let left = collection::Entity::find()
            .filter(collection::Column::Name.eq("gone"))
            .count(db.read())
            .await
            .unwrap();
        assert_eq!(left, 0);
    }
);

db_test!(
    a_second_row_with_a_unique_name_is_told_as_such,
    async |app: TestApp| {
        let now = app.core().clock.now();
        let db = &app.core().db;
        let insert = async || {
            db.write(async |tx| collection::Entity::insert(row("one", now)).exec(tx).await)
                .await
        };
        insert().await.unwrap();
        let error = insert().await.unwrap_err();
        assert!(
            sregistry_server::services::error::is_duplicate(&error),
            "{error}"
        );
    }
);
