//! The schema: the same on both engines, what the entities say, and undone to nothing.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeZone, Utc};
use entity::{
    audit_entry, blob, collection, collection_member, container, container_blob, download,
    identity, image, image_signature, job_run, key, key_part, key_user_id, label, manifest,
    manifest_blob, one_time_link, robot, session, share_link, share_use, star, tag, tag_event,
    team, team_invitation, team_member, team_picture, team_request, token, topic, upload,
    upload_session, user, webhook, webhook_delivery,
};
use migration::{Migrator, MigratorTrait, SchemaManager};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseBackend, DatabaseConnection, EntityTrait,
    IdenStatic, IntoActiveModel, Iterable, ModelTrait, Statement,
};
use sregistry_server::{
    app,
    config::{Secret, Settings},
};
use tempfile::TempDir;

use crate::{
    common::{Engine, TestApp, fresh_database},
    db_test,
};

async fn columns(db: &impl ConnectionTrait, table: &str) -> BTreeSet<String> {
    let sql = match db.get_database_backend() {
        DatabaseBackend::Sqlite => format!("SELECT name FROM pragma_table_info('{table}')"),
        _ => format!(
            "SELECT column_name AS name FROM information_schema.columns \
             WHERE table_name = '{table}' AND table_schema = 'public'"
        ),
    };
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.try_get::<String>("", "name").unwrap())
        .collect()
}

async fn same_columns<E: EntityTrait>(db: &impl ConnectionTrait, entity: E) {
    let expected: BTreeSet<_> = E::Column::iter()
        .map(|column| column.as_str().to_owned())
        .collect();
    assert_eq!(
        columns(db, entity.table_name()).await,
        expected,
        "{}",
        entity.table_name()
    );
}

db_test!(
    tables_have_the_columns_of_their_entities_and_no_others,
    async |app: TestApp| {
        let db = app.core().db.read();
        same_columns(db, audit_entry::Entity).await;
        same_columns(db, blob::Entity).await;
        same_columns(db, collection::Entity).await;
        same_columns(db, collection_member::Entity).await;
        same_columns(db, container::Entity).await;
        same_columns(db, download::Entity).await;
        same_columns(db, image::Entity).await;
        same_columns(db, identity::Entity).await;
        same_columns(db, manifest::Entity).await;
        same_columns(db, manifest_blob::Entity).await;
        same_columns(db, container_blob::Entity).await;
        same_columns(db, image_signature::Entity).await;
        same_columns(db, job_run::Entity).await;
        same_columns(db, key::Entity).await;
        same_columns(db, key_part::Entity).await;
        same_columns(db, key_user_id::Entity).await;
        same_columns(db, label::Entity).await;
        same_columns(db, one_time_link::Entity).await;
        same_columns(db, robot::Entity).await;
        same_columns(db, session::Entity).await;
        same_columns(db, share_link::Entity).await;
        same_columns(db, share_use::Entity).await;
        same_columns(db, star::Entity).await;
        same_columns(db, tag::Entity).await;
        same_columns(db, tag_event::Entity).await;
        same_columns(db, team::Entity).await;
        same_columns(db, team_invitation::Entity).await;
        same_columns(db, team_member::Entity).await;
        same_columns(db, team_picture::Entity).await;
        same_columns(db, team_request::Entity).await;
        same_columns(db, token::Entity).await;
        same_columns(db, topic::Entity).await;
        same_columns(db, upload::Entity).await;
        same_columns(db, upload_session::Entity).await;
        same_columns(db, user::Entity).await;
        same_columns(db, webhook::Entity).await;
        same_columns(db, webhook_delivery::Entity).await;
    }
);

/// A moment in whole milliseconds, as the application's clock has them.
fn moment(seconds: i64) -> DateTime<Utc> {
    Utc.timestamp_millis_opt(1_700_000_000_123 + seconds * 1000)
        .unwrap()
}

/// Writes a row, and checks that what comes back is the same to the last field.
async fn round_trip<M>(db: &DatabaseConnection, row: M)
where
    M: ModelTrait
        + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>
        + PartialEq
        + Clone
        + std::fmt::Debug,
    M::Entity: EntityTrait<Model = M>,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + Send,
{
    // `reset_all`: a model's values count as unchanged, and would not be inserted.
    M::Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .unwrap();
    let rows = M::Entity::find().all(db).await.unwrap();
    assert!(rows.contains(&row), "{row:?} is not among {rows:?}");
}

db_test!(
    every_row_comes_back_as_it_was_written,
    async |app: TestApp| {
        let db = app.core().db.read();
        people(db).await;
        content(db).await;
        files(db).await;
        history(db).await;
        keys(db).await;
        shares(db).await;
    }
);

async fn people(db: &DatabaseConnection) {
    round_trip(
        db,
        user::Model {
            id: 901,
            username: "zoë".to_owned(),
            display_name: "Zoë “the” Quoted".to_owned(),
            email: Some("zoe@example.org".to_owned()),
            role: "admin".to_owned(),
            password_hash: Some("$argon2id$".to_owned()),
            disabled_at: Some(moment(1)),
            terms_version: Some("2".to_owned()),
            terms_accepted_at: Some(moment(2)),
            quota_bytes: Some(i64::MAX),
            created_at: moment(0),
            last_login_at: Some(moment(3)),
            kind: "person".to_owned(),
        },
    )
    .await;
    round_trip(
        db,
        session::Model {
            id: 902,
            secret_hash: "h".repeat(64),
            user_id: 901,
            created_at: moment(0),
            expires_at: moment(9),
            last_seen_at: moment(1),
            user_agent: "Firefox".to_owned(),
        },
    )
    .await;
    round_trip(
        db,
        token::Model {
            id: 903,
            public_id: "abc".to_owned(),
            user_id: 901,
            name: "laptop".to_owned(),
            secret_hash: "s".repeat(64),
            sealed_secret: vec![0, 255, 128],
            scope: "push".to_owned(),
            collections: "a,b".to_owned(),
            created_at: moment(0),
            expires_at: Some(moment(5)),
            last_used_at: None,
        },
    )
    .await;
    round_trip(
        db,
        one_time_link::Model {
            id: 904,
            code_hash: "c".repeat(64),
            purpose: "setup".to_owned(),
            created_at: moment(0),
            expires_at: moment(1),
            used_at: Some(moment(1)),
        },
    )
    .await;
}

async fn content(db: &DatabaseConnection) {
    round_trip(
        db,
        collection::Model {
            id: 905,
            name: "climate".to_owned(),
            description: "d".to_owned(),
            readme: "# r\n".to_owned(),
            private: true,
            contributors_may_push: true,
            created_by: Some(901),
            created_at: moment(0),
            updated_at: moment(1),
            size_bytes: i64::MAX,
            downloads: 3,
            stars: 2,
            weekly_limit: Some(-1),
            week: 2_900,
            week_downloads: 1,
            quota_bytes: Some(-1),
        },
    )
    .await;
    round_trip(
        db,
        collection_member::Model {
            collection_id: 905,
            user_id: 901,
            role: "owner".to_owned(),
            created_at: moment(0),
        },
    )
    .await;
    round_trip(
        db,
        container::Model {
            id: 906,
            collection_id: 905,
            name: "cdo".to_owned(),
            description: String::new(),
            created_at: moment(0),
            updated_at: moment(0),
            size_bytes: 1,
            downloads: 0,
            weekly_limit: None,
            week: 0,
            week_downloads: 0,
        },
    )
    .await;
}

async fn files(db: &DatabaseConnection) {
    round_trip(
        db,
        blob::Model {
            id: 907,
            sha256: "a".repeat(64),
            key: "01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned(),
            size: 5 << 40,
            state: "live".to_owned(),
            created_at: moment(0),
            unused_since: Some(moment(1)),
            store_mark: Some("here \"e\"".to_owned()),
        },
    )
    .await;
    round_trip(
        db,
        image::Model {
            id: 908,
            container_id: 906,
            kind: "sif".to_owned(),
            sha256: "a".repeat(64),
            blob_id: Some(907),
            size: 5 << 40,
            arch: Some("amd64".to_owned()),
            description: String::new(),
            signed: true,
            encrypted: false,
            metadata: Some("{}".to_owned()),
            inspected_at: Some(moment(2)),
            problem: Some("p".to_owned()),
            downloads: 9,
            created_by: Some(901),
            created_at: moment(0),
            pushed_at: Some(moment(1)),
        },
    )
    .await;
    round_trip(
        db,
        label::Model {
            image_id: 908,
            key: "org.label-schema.usage".to_owned(),
            value: "é".repeat(250),
        },
    )
    .await;
    round_trip(
        db,
        upload::Model {
            id: 909,
            public_id: "u".to_owned(),
            image_id: 908,
            user_id: Some(901),
            kind: "parts".to_owned(),
            state: "open".to_owned(),
            size: 1,
            sha256: "b".repeat(64),
            part_size: Some(64 << 20),
            total_parts: Some(3),
            store_key: Some("k".to_owned()),
            remote_id: Some("r".to_owned()),
            store_mark: Some("here \"e\"".to_owned()),
            created_at: moment(0),
            expires_at: moment(1),
        },
    )
    .await;
    round_trip(
        db,
        upload_session::Model {
            id: 912,
            public_id: "s".to_owned(),
            container_id: Some(906),
            user_id: Some(901),
            state: "open".to_owned(),
            size: Some(5 << 40),
            sha256: Some("b".repeat(64)),
            tag: Some("V1.0_RC".to_owned()),
            description: "nightly “build”".to_owned(),
            store_key: "01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned(),
            received: 3 << 40,
            created_at: moment(0),
            expires_at: moment(1),
        },
    )
    .await;
}

async fn history(db: &DatabaseConnection) {
    round_trip(
        db,
        manifest::Model {
            id: 920,
            container_id: 906,
            sha256: "b".repeat(64),
            media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
            artifact_type: Some("text/x".to_owned()),
            subject_sha256: Some("c".repeat(64)),
            image_id: Some(908),
            made: true,
            size: 4,
            content: vec![0, 255, 128, b'{'],
            annotations: Some("{}".to_owned()),
            created_by: Some(901),
            created_at: moment(0),
        },
    )
    .await;
    round_trip(
        db,
        manifest_blob::Model {
            manifest_id: 920,
            blob_id: 907,
        },
    )
    .await;
    round_trip(
        db,
        container_blob::Model {
            container_id: 906,
            blob_id: 907,
            created_at: moment(0),
        },
    )
    .await;
    round_trip(
        db,
        tag::Model {
            id: 910,
            container_id: 906,
            name: "V1.0_RC".to_owned(),
            arch: "amd64".to_owned(),
            image_id: 908,
            manifest_id: Some(920),
            frozen: true,
            updated_by: Some(901),
            created_at: moment(0),
            updated_at: moment(1),
        },
    )
    .await;
    round_trip(
        db,
        tag_event::Model {
            id: 911,
            container_id: 906,
            name: "V1.0_RC".to_owned(),
            arch: "amd64".to_owned(),
            action: "moved".to_owned(),
            from_sha256: Some("a".repeat(64)),
            to_sha256: None,
            user_id: Some(901),
            created_at: moment(0),
        },
    )
    .await;
    round_trip(
        db,
        download::Model {
            image_id: 908,
            container_id: 906,
            day: 20_000,
            count: 7,
        },
    )
    .await;
}

async fn keys(db: &DatabaseConnection) {
    round_trip(
        db,
        key::Model {
            id: 920,
            fingerprint: "A".repeat(40),
            algorithm: 22,
            bits: 256,
            packets: vec![0, 255, 7],
            created_at: moment(0),
            expires_at: Some(moment(1)),
            revoked: true,
            user_id: Some(901),
            added_at: moment(2),
            updated_at: moment(3),
        },
    )
    .await;
    round_trip(
        db,
        key_part::Model {
            id: 921,
            key_id: 920,
            fingerprint: "A".repeat(40),
            long_id: "A".repeat(16),
            short_id: "A".repeat(8),
        },
    )
    .await;
    round_trip(
        db,
        key_user_id::Model {
            id: 922,
            key_id: 920,
            text: "Zoë <Zoe@example.org>".to_owned(),
            search: "zoë <zoe@example.org>".to_owned(),
            email: Some("zoe@example.org".to_owned()),
            created_at: moment(0),
            revoked: false,
        },
    )
    .await;
    round_trip(
        db,
        image_signature::Model {
            id: 923,
            image_id: 908,
            object_id: 4,
            kind: "pgp".to_owned(),
            fingerprint: Some("A".repeat(40)),
            signer: Some("A".repeat(16)),
            key_id: Some(920),
            state: "valid".to_owned(),
            problem: None,
            file_problem: None,
            objects: "1,2,3".to_owned(),
            complete: true,
            message: b"-----BEGIN PGP SIGNED MESSAGE-----".to_vec(),
            signed_at: Some(moment(4)),
            valid_until: None,
            checked_at: Some(moment(5)),
        },
    )
    .await;
}

db_test!(
    the_log_comes_back_as_it_was_written,
    async |app: TestApp| {
        let entry = audit_entry::Model {
            id: 930,
            at: moment(1),
            action: "tag.move".to_owned(),
            actor_id: Some(5),
            actor: Some("zoë".to_owned()),
            actor_kind: "person".to_owned(),
            token: Some("laptop".to_owned()),
            thing_kind: "tag".to_owned(),
            thing_id: Some(5 << 40),
            thing: "c/n:t".to_owned(),
            collection_id: Some(6),
            collection: Some("c".to_owned()),
            address: Some("2001:db8::1".to_owned()),
            request_id: Some("r".to_owned()),
            door: "library".to_owned(),
            details: r#"{"to":"sha256:0"}"#.to_owned(),
        };
        round_trip(app.core().db.read(), entry).await;
    }
);

db_test!(
    webhooks_come_back_as_they_were_written,
    async |app: TestApp| {
        let db = app.core().db.read();
        let hook = webhook::Model {
            id: 931,
            public_id: "w".to_owned(),
            collection_id: None,
            url: "https://ci.example.org/höok".to_owned(),
            sealed_secret: vec![0, 255],
            events: "push,tag".to_owned(),
            active: true,
            created_by: None,
            created_at: moment(1),
            updated_at: moment(2),
        };
        round_trip(db, hook).await;
        let delivery = webhook_delivery::Model {
            id: 932,
            public_id: "d".to_owned(),
            webhook_id: 931,
            event: "push".to_owned(),
            message: "{}".to_owned(),
            state: "pending".to_owned(),
            created_at: moment(3),
            attempts: 2,
            attempted_at: Some(moment(4)),
            next_attempt_at: Some(moment(5)),
            duration_ms: Some(5 << 40),
            status: Some(500),
            answer: Some("“no”".to_owned()),
            problem: Some("x".to_owned()),
            redelivery_of: Some("c".to_owned()),
        };
        round_trip(db, delivery).await;
    }
);

async fn shares(db: &DatabaseConnection) {
    round_trip(
        db,
        share_link::Model {
            id: 912,
            public_id: "l".to_owned(),
            secret_hash: "d".repeat(64),
            image_id: Some(908),
            tag: Some("1.0".to_owned()),
            note: "for “Zoë”".to_owned(),
            created_by: Some(901),
            created_at: moment(0),
            expires_at: moment(9),
            max_uses: Some(3),
            uses: 1,
            last_used_at: Some(moment(1)),
            revoked_at: Some(moment(2)),
        },
    )
    .await;
    round_trip(
        db,
        share_use::Model {
            id: 913,
            share_link_id: 912,
            client: "c".to_owned(),
            started_at: moment(1),
            bytes: 5 << 40,
            finished_at: Some(moment(2)),
        },
    )
    .await;
}

db_test!(
    teams_and_robots_come_back_as_they_were_written,
    async |app: TestApp| teams_round_trip(app.core().db.read()).await
);

async fn teams_round_trip(db: &DatabaseConnection) {
    let user = user::Model {
        id: 920,
        username: "robot-ci".to_owned(),
        display_name: "robot-ci".to_owned(),
        email: None,
        role: "user".to_owned(),
        password_hash: None,
        disabled_at: None,
        terms_version: None,
        terms_accepted_at: None,
        quota_bytes: None,
        created_at: moment(0),
        last_login_at: None,
        kind: "robot".to_owned(),
    };
    round_trip(db, user).await;
    let robot = robot::Model {
        user_id: 920,
        description: "Builds “nightly”".to_owned(),
        collection_id: None,
        created_by: Some(920),
    };
    round_trip(db, robot).await;
    let team = team::Model {
        id: 921,
        name: "hpc".to_owned(),
        description: "Hoch & Höher".to_owned(),
        permission: "open".to_owned(),
        created_by: Some(920),
        created_at: moment(1),
        updated_at: moment(2),
    };
    round_trip(db, team).await;
    let picture = team_picture::Model {
        team_id: 921,
        media_type: "image/png".to_owned(),
        sha256: "a".repeat(64),
        bytes: vec![0, 255, 10],
    };
    round_trip(db, picture).await;
    let member = team_member::Model {
        team_id: 921,
        user_id: 920,
        role: "owner".to_owned(),
        created_at: moment(3),
    };
    round_trip(db, member).await;
    let invitation = team_invitation::Model {
        id: 922,
        public_id: "p".to_owned(),
        code_hash: "h".repeat(64),
        team_id: 921,
        note: "for Cara".to_owned(),
        created_by: Some(920),
        created_at: moment(4),
        expires_at: moment(5),
    };
    round_trip(db, invitation).await;
    let request = team_request::Model {
        team_id: 921,
        user_id: 920,
        message: "let me\nin".to_owned(),
        created_at: moment(6),
    };
    round_trip(db, request).await;
}

#[tokio::test]
async fn migrations_are_undone_to_nothing_and_done_again() {
    for engine in Engine::all() {
        let dir = TempDir::new().unwrap();
        let url = fresh_database(engine, dir.path()).await;
        let url =
            url.unwrap_or_else(|| sregistry_server::db::Db::sqlite_url(&dir.path().join("x.db")));
        let db = sea_orm::Database::connect(&url).await.unwrap();
        for _ in 0..2 {
            Migrator::up(&db, None).await.unwrap();
            assert!(SchemaManager::new(&db).has_table("images").await.unwrap());
            Migrator::down(&db, None).await.unwrap();
            for table in [
                "users",
                "images",
                "labels",
                "blobs",
                "tags",
                "uploads",
                "upload_sessions",
                "downloads",
                "collections",
                "keys",
                "image_signatures",
                "audit_entries",
                "webhooks",
            ] {
                assert!(
                    columns(&db, table).await.is_empty(),
                    "{table} is left on {engine:?}"
                );
            }
        }
        db.close().await.unwrap();
    }
}

#[tokio::test]
async fn servers_and_commands_that_start_together_on_nothing_all_start() {
    for engine in Engine::all() {
        let dir = TempDir::new().unwrap();
        let mut settings = Settings::for_tests(dir.path());
        settings.security.secret_key = Secret::new(String::new());
        if let Some(url) = fresh_database(engine, dir.path()).await {
            settings.server.database_url = Secret::new(url);
        }
        let starts = (0..6).map(|_| app::build(settings.clone()));
        let mut keys = BTreeSet::new();
        for start in futures_util::future::join_all(starts).await {
            let built = start.unwrap_or_else(|error| panic!("{engine:?}: {error}"));
            keys.insert(built.core.settings.security.secret_key.reveal().clone());
        }
        assert_eq!(keys.len(), 1, "all have the same secret key");
    }
}
