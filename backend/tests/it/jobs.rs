//! Jobs: what is inside an image is read at once, what was missed is found, what was given up goes away.

use std::path::Path;

use entity::{blob, collection, container, image, session, upload, user};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseBackend, EntityTrait, IntoActiveModel};
use shared_types::ImageMetadata;
use sif::build::SifBuilder;
use sregistry_server::services::{queue::Job, sweep};

use crate::{
    common::{TestApp, eventually},
    db_test,
};

const DEFFILE: &str =
    "Bootstrap: docker\nFrom: debian:12\n\n%runscript\n    exec samtools \"$@\"\n";

fn sif() -> Vec<u8> {
    SifBuilder::new()
        .arch(sif::Arch::Arm64)
        .deffile(DEFFILE)
        .labels([("maintainer", "amy")])
        .to_bytes()
        .unwrap()
}

/// Stores bytes as an upload does, without any rows.
async fn store(app: &TestApp, bytes: Vec<u8>) -> store::Stored {
    let mut writer = app.core().blobs.begin(1 << 30).await.unwrap();
    writer.write(bytes.into()).await.unwrap();
    writer.finish(None).await.unwrap()
}

async fn container(app: &TestApp) -> i64 {
    let now = app.core().clock.now();
    let db = app.core().db.read();
    let row = collection::ActiveModel {
        name: Set("climate".to_owned()),
        description: Set(String::new()),
        readme: Set(String::new()),
        private: Set(false),
        contributors_may_push: Set(false),
        created_at: Set(now),
        updated_at: Set(now),
        size_bytes: Set(0),
        downloads: Set(0),
        ..Default::default()
    };
    let collection = collection::Entity::insert(row)
        .exec(db)
        .await
        .unwrap()
        .last_insert_id;
    let row = container::ActiveModel {
        collection_id: Set(collection),
        name: Set("samtools".to_owned()),
        description: Set(String::new()),
        created_at: Set(now),
        updated_at: Set(now),
        size_bytes: Set(0),
        downloads: Set(0),
        ..Default::default()
    };
    container::Entity::insert(row)
        .exec(db)
        .await
        .unwrap()
        .last_insert_id
}

async fn blob(app: &TestApp, stored: &store::Stored) -> i64 {
    let row = blob::ActiveModel {
        sha256: Set(stored.sha256.to_hex()),
        key: Set(stored.key.to_string()),
        size: Set(i64::try_from(stored.size).unwrap()),
        state: Set("live".to_owned()),
        created_at: Set(app.core().clock.now()),
        unused_since: Set(None),
        ..Default::default()
    };
    blob::Entity::insert(row)
        .exec(app.core().db.read())
        .await
        .unwrap()
        .last_insert_id
}

/// An image as it is right after a push: the bytes are there, nobody has looked inside.
async fn image(app: &TestApp, container: i64, sha256: String, blob_id: Option<i64>) -> i64 {
    let now = app.core().clock.now();
    let row = image::ActiveModel {
        container_id: Set(container),
        sha256: Set(sha256),
        blob_id: Set(blob_id),
        size: Set(1),
        arch: Set(Some("amd64".to_owned())),
        description: Set(String::new()),
        signed: Set(false),
        encrypted: Set(false),
        downloads: Set(0),
        created_at: Set(now),
        pushed_at: Set(Some(now)),
        ..Default::default()
    };
    image::Entity::insert(row)
        .exec(app.core().db.read())
        .await
        .unwrap()
        .last_insert_id
}

async fn pushed(app: &TestApp, bytes: Vec<u8>) -> i64 {
    let stored = store(app, bytes).await;
    let container = container(app).await;
    let blob = blob(app, &stored).await;
    image(app, container, stored.sha256.to_hex(), Some(blob)).await
}

async fn find(app: &TestApp, id: i64) -> Option<image::Model> {
    image::Entity::find_by_id(id)
        .one(app.core().db.read())
        .await
        .unwrap()
}

async fn inspected(app: &TestApp, id: i64) -> image::Model {
    eventually("the image is read", async || {
        find(app, id)
            .await
            .filter(|image| image.inspected_at.is_some())
    })
    .await
}

db_test!(
    an_image_is_read_right_after_its_push,
    async |app: TestApp| {
        let id = pushed(&app, sif()).await;
        app.core()
            .queue
            .send(Job::InspectImage { image_id: id })
            .await;
        let image = inspected(&app, id).await;
        assert_eq!(image.problem, None);
        assert_eq!(
            image.arch.as_deref(),
            Some("arm64"),
            "the file knows better than the client"
        );
        assert!(!image.signed && !image.encrypted);
        let metadata: ImageMetadata = serde_json::from_str(&image.metadata.unwrap()).unwrap();
        assert_eq!(metadata.from.as_deref(), Some("debian:12"));
        assert_eq!(
            metadata.deffile.as_deref().map(str::trim_end),
            Some(DEFFILE.trim_end())
        );
        assert_eq!(metadata.labels["maintainer"], "amy");
        let kinds: Vec<_> = metadata
            .objects
            .iter()
            .map(|object| object.kind.as_str())
            .collect();
        assert!(kinds.contains(&"FS (Squashfs/*System/arm64)"), "{kinds:?}");
    }
);

db_test!(
    a_damaged_image_has_a_problem_and_is_not_read_again,
    async |app: TestApp| {
        let mut bytes = sif();
        bytes.truncate(5000);
        let id = pushed(&app, bytes).await;
        app.core()
            .queue
            .send(Job::InspectImage { image_id: id })
            .await;
        let image = inspected(&app, id).await;
        assert!(
            image
                .problem
                .is_some_and(|problem| problem.contains("cut short"))
        );
        assert_eq!(image.metadata, None);
    }
);

db_test!(
    an_image_that_was_missed_is_read_at_the_next_start,
    async |app: TestApp| {
        let id = pushed(&app, sif()).await;
        assert!(find(&app, id).await.unwrap().inspected_at.is_none());
        let app = app.restart().await;
        assert_eq!(inspected(&app, id).await.problem, None);
    }
);

db_test!(
    a_job_that_fails_is_tried_again_until_it_works,
    async |app: TestApp| {
        let bytes = sif();
        let id = pushed(&app, bytes.clone()).await;
        let blob = blob::Entity::find()
            .one(app.core().db.read())
            .await
            .unwrap()
            .unwrap();
        let key: store::BlobKey = blob.key.parse().unwrap();
        let path = find_file(app.data_dir(), key.as_str());
        let hidden = path.with_extension("away");
        std::fs::rename(&path, &hidden).unwrap();
        app.core()
            .queue
            .send(Job::InspectImage { image_id: id })
            .await;
        eventually("the job has failed once", async || {
            attempts(&app).await.filter(|attempts| *attempts >= 1)
        })
        .await;
        assert!(find(&app, id).await.unwrap().inspected_at.is_none());
        std::fs::rename(&hidden, &path).unwrap();
        assert_eq!(inspected(&app, id).await.problem, None);
    }
);

/// How often a worker of this server has begun a job that has not ended.
async fn attempts(app: &TestApp) -> Option<i64> {
    let sql = match app.core().db.backend() {
        DatabaseBackend::Sqlite => {
            "SELECT COUNT(*) AS n FROM Jobs WHERE status = 'Running' AND CAST(job AS TEXT) LIKE '%InspectImage%'"
        }
        _ => {
            "SELECT COUNT(*) AS n FROM apalis.jobs WHERE status = 'Running' AND convert_from(job, 'UTF8') LIKE '%InspectImage%'"
        }
    };
    let row = app
        .core()
        .db
        .read()
        .query_one_raw(sea_orm::Statement::from_string(
            app.core().db.backend(),
            sql,
        ))
        .await
        .unwrap();
    row.map(|row| row.try_get("", "n").unwrap())
}

fn find_file(dir: &Path, name: &str) -> std::path::PathBuf {
    files(dir)
        .into_iter()
        .find(|path| path.ends_with(name))
        .unwrap()
}

fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

async fn upload(app: &TestApp, image: i64, kind: &str, state: &str, key: Option<String>) -> i64 {
    let now = app.core().clock.now();
    let row = upload::ActiveModel {
        public_id: Set(format!(
            "{kind}-{state}-{}",
            key.as_deref().unwrap_or("none")
        )),
        image_id: Set(image),
        kind: Set(kind.to_owned()),
        state: Set(state.to_owned()),
        size: Set(10),
        sha256: Set("a".repeat(64)),
        store_key: Set(key),
        created_at: Set(now),
        expires_at: Set(now + chrono::Duration::hours(1)),
        ..Default::default()
    };
    upload::Entity::insert(row)
        .exec(app.core().db.read())
        .await
        .unwrap()
        .last_insert_id
}

async fn uploads(app: &TestApp) -> usize {
    upload::Entity::find()
        .all(app.core().db.read())
        .await
        .unwrap()
        .len()
}

db_test!(
    an_upload_that_was_given_up_leaves_nothing_behind,
    async |app: TestApp| {
        let container = container(&app).await;
        let never = image(&app, container, "b".repeat(64), None).await;
        let parts = app
            .core()
            .blobs
            .begin_parts(10 << 20, 5 << 20)
            .await
            .unwrap();
        let stored = store(&app, b"never completed".to_vec()).await;
        upload(
            &app,
            never,
            "parts",
            "open",
            Some(parts.as_str().to_owned()),
        )
        .await;
        upload(
            &app,
            never,
            "single",
            "stored",
            Some(stored.key.to_string()),
        )
        .await;
        upload(&app, never, "single", "open", None).await;

        sweep::uploads(app.core()).await.unwrap();
        assert_eq!(uploads(&app).await, 3, "their time is not over");
        assert!(app.core().blobs.size(&stored.key).await.unwrap().is_some());

        app.clock.advance(chrono::Duration::days(2));
        sweep::uploads(app.core()).await.unwrap();
        assert_eq!(uploads(&app).await, 0);
        assert_eq!(app.core().blobs.size(&stored.key).await.unwrap(), None);
        assert!(app.core().blobs.list_parts(&parts).await.is_err());
        assert!(
            find(&app, never).await.is_none(),
            "an image whose bytes never came"
        );
    }
);

db_test!(
    an_upload_that_was_completed_keeps_its_bytes,
    async |app: TestApp| {
        let id = pushed(&app, sif()).await;
        let blob = blob::Entity::find()
            .one(app.core().db.read())
            .await
            .unwrap()
            .unwrap();
        upload(&app, id, "single", "done", Some(blob.key.clone())).await;
        // As after a crash between the blob's row and the upload's.
        upload(&app, id, "parts", "stored", Some(blob.key.clone())).await;
        app.clock.advance(chrono::Duration::days(2));
        sweep::uploads(app.core()).await.unwrap();
        assert_eq!(uploads(&app).await, 0);
        assert!(
            app.core()
                .blobs
                .size(&blob.key.parse().unwrap())
                .await
                .unwrap()
                .is_some()
        );
        assert!(find(&app, id).await.is_some());
    }
);

db_test!(
    bytes_that_no_image_uses_go_after_the_grace_period,
    async |app: TestApp| {
        let used = pushed(&app, sif()).await;
        let unused = store(&app, b"unused".to_vec()).await;
        blob(&app, &unused).await;
        let size = async || app.core().blobs.size(&unused.key).await.unwrap();

        sweep::blobs(app.core()).await.unwrap();
        assert!(size().await.is_some(), "unused for a moment only");
        app.clock.advance(chrono::Duration::hours(23));
        sweep::blobs(app.core()).await.unwrap();
        assert!(size().await.is_some());
        app.clock.advance(chrono::Duration::hours(2));
        sweep::blobs(app.core()).await.unwrap();
        assert!(size().await.is_none());
        let left = blob::Entity::find()
            .all(app.core().db.read())
            .await
            .unwrap();
        assert_eq!(left.len(), 1, "the row went with the bytes");
        assert_eq!(find(&app, used).await.unwrap().blob_id, Some(left[0].id));
        assert_eq!(left[0].unused_since, None);
    }
);

db_test!(
    bytes_that_are_used_again_in_time_stay,
    async |app: TestApp| {
        let container = container(&app).await;
        let stored = store(&app, sif()).await;
        let blob = blob(&app, &stored).await;
        sweep::blobs(app.core()).await.unwrap();
        app.clock.advance(chrono::Duration::hours(23));
        image(&app, container, stored.sha256.to_hex(), Some(blob)).await;
        app.clock.advance(chrono::Duration::hours(5));
        sweep::blobs(app.core()).await.unwrap();
        assert!(app.core().blobs.size(&stored.key).await.unwrap().is_some());
    }
);

db_test!(
    a_removal_that_was_cut_off_is_finished,
    async |app: TestApp| {
        let stored = store(&app, b"half removed".to_vec()).await;
        let id = blob(&app, &stored).await;
        let db = app.core().db.read();
        let mut row = blob::Entity::find_by_id(id)
            .one(db)
            .await
            .unwrap()
            .unwrap()
            .into_active_model();
        row.state = Set("deleting".to_owned());
        blob::Entity::update(row).exec(db).await.unwrap();
        app.core().blobs.delete(&stored.key).await.unwrap();
        sweep::blobs(app.core()).await.unwrap();
        assert!(
            blob::Entity::find_by_id(id)
                .one(db)
                .await
                .unwrap()
                .is_none()
        );
    }
);

db_test!(
    sessions_that_have_ended_are_forgotten,
    async |app: TestApp| {
        let (db, now) = (app.core().db.read(), app.core().clock.now());
        let person = user::ActiveModel {
            username: Set("amy".to_owned()),
            display_name: Set("Amy".to_owned()),
            role: Set("user".to_owned()),
            created_at: Set(now),
            ..Default::default()
        };
        let user_id = user::Entity::insert(person)
            .exec(db)
            .await
            .unwrap()
            .last_insert_id;
        for (secret, hours) in [("short", 1), ("long", 50)] {
            let row = session::ActiveModel {
                secret_hash: Set(secret.to_owned()),
                user_id: Set(user_id),
                created_at: Set(now),
                expires_at: Set(now + chrono::Duration::hours(hours)),
                last_seen_at: Set(now),
                user_agent: Set(String::new()),
                ..Default::default()
            };
            session::Entity::insert(row).exec(db).await.unwrap();
        }
        app.clock.advance(chrono::Duration::hours(2));
        sweep::sessions(app.core()).await.unwrap();
        let left = session::Entity::find().all(db).await.unwrap();
        assert_eq!(
            left.iter()
                .map(|row| row.secret_hash.as_str())
                .collect::<Vec<_>>(),
            ["long"]
        );
    }
);

#[tokio::test]
async fn stopping_waits_for_a_request_under_way_and_takes_no_new_ones() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let mut app = TestApp::start().await;
    let address = app.address();
    let mut slow = tokio::net::TcpStream::connect(address).await.unwrap();
    // The head is complete, so the request is under way; its body is not.
    slow.write_all(b"POST /api/v1/login/local HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{")
        .await
        .unwrap();
    // The server must have read it before it is asked to stop: another request on the same connection order proves nothing,
    // so wait until the socket's bytes are gone by asking for something that comes after.
    assert_eq!(app.get("/healthz").await.status(), 200);
    let finish = async {
        eventually("no new connections", async || {
            tokio::net::TcpStream::connect(address)
                .await
                .is_err()
                .then_some(())
        })
        .await;
        slow.write_all(b"}").await.unwrap();
        let mut answer = Vec::new();
        slow.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    let ((), answer) = tokio::join!(app.stop(), finish);
    assert!(
        answer.starts_with("HTTP/1.1 4"),
        "the request was answered: {answer}"
    );
}

db_test!(
    jobs_that_ended_long_ago_are_forgotten_and_others_are_not,
    async |app: TestApp| {
        let id = pushed(&app, sif()).await;
        app.core()
            .queue
            .send(Job::InspectImage { image_id: id })
            .await;
        inspected(&app, id).await;
        eventually("the job is done", async || {
            (count(&app, "Done").await > 0).then_some(())
        })
        .await;
        let jobs = sregistry_server::jobs::Storage::open(&app.core().db)
            .await
            .unwrap();
        let before = count(&app, "Done").await;
        jobs.tidy().await.unwrap();
        assert!(
            count(&app, "Done").await >= before,
            "they ended a moment ago"
        );
        let old = match app.core().db.backend() {
            DatabaseBackend::Sqlite => {
                "UPDATE Jobs SET done_at = done_at - 90000 WHERE status = 'Done'"
            }
            _ => {
                "UPDATE apalis.jobs SET done_at = done_at - interval '25 hours' WHERE status = 'Done'"
            }
        };
        app.core().db.read().execute_unprepared(old).await.unwrap();
        jobs.tidy().await.unwrap();
        assert!(count(&app, "Done").await < before);
    }
);

async fn count(app: &TestApp, status: &str) -> i64 {
    let table = match app.core().db.backend() {
        DatabaseBackend::Sqlite => "Jobs",
        _ => "apalis.jobs",
    };
    let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE status = '{status}'");
    let statement = sea_orm::Statement::from_string(app.core().db.backend(), sql);
    let row = app
        .core()
        .db
        .read()
        .query_one_raw(statement)
        .await
        .unwrap()
        .unwrap();
    row.try_get("", "n").unwrap()
}
