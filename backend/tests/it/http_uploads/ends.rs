//! Uploads that end: by their time, with their container, and what is left of a server that was killed.

use std::{
    fs::{self, File},
    path::Path,
    time::{Duration, SystemTime},
};

use chrono::TimeDelta;
use serde_json::json;
use shared_types::Timestamp;
use sregistry_server::services::sweep;

use super::{Desk, refused};
use crate::{
    common::TestApp,
    db_test,
    seed::{self, answered},
    wire_library::{Library, hex_of, image_for},
};

db_test!(
    an_upload_ends_with_its_time_and_each_piece_moves_it,
    async |app: TestApp| {
        let desk = Desk::of(&app, &app.user("amy").await);
        let file = image_for(sif::Arch::Amd64, 1);
        let upload = desk.begin(file.len()).await;
        app.clock.advance(TimeDelta::hours(23));
        let sent = desk.send(&upload.id, 0, file.slice(..1000)).await;
        assert!(sent.expires_at > upload.expires_at);
        app.clock.advance(TimeDelta::hours(23));
        sweep::uploads(app.core()).await.unwrap();
        assert_eq!(desk.state(&upload.id).await.received_bytes, 1000);
        app.clock.advance(TimeDelta::hours(2));
        let late = desk.piece(&upload.id, 1000, file.slice(1000..));
        refused(late, 404, "upload_not_found").await;
        refused(desk.end(&upload.id, &file), 404, "upload_not_found").await;
        assert_eq!(desk.list().await.total, 0);
        assert_eq!(app.store_files(), 1);
        sweep::uploads(app.core()).await.unwrap();
        assert_eq!(app.store_files(), 0);
        assert!(Timestamp::from(app.core().clock.now()) > sent.expires_at);
    }
);

db_test!(an_upload_ends_with_its_container, async |app: TestApp| {
    let amy = app.user("amy").await;
    let desk = Desk::of(&app, &amy);
    let file = image_for(sif::Arch::Amd64, 1);
    for path in ["/collections/tools/containers/bwa", "/collections/tools"] {
        let upload = desk.begin(file.len()).await;
        desk.send(&upload.id, 0, file.clone()).await;
        answered(amy.client.delete(app.url(&format!("/api/v1{path}"))), 204).await;
        refused(desk.end(&upload.id, &file), 404, "upload_not_found").await;
        let get = desk.ask(reqwest::Method::GET, &format!("/{}", upload.id));
        refused(get, 404, "upload_not_found").await;
        assert_eq!(desk.list().await.total, 0);
        // What arrived goes with the next sweep, not after a day.
        sweep::uploads(app.core()).await.unwrap();
        assert_eq!(app.store_files(), 0, "{path}");
    }
});

db_test!(
    the_container_goes_between_the_last_byte_and_the_end,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let desk = Desk::of(&app, &amy);
        let file = image_for(sif::Arch::Amd64, 1);
        let upload = desk.begin(file.len()).await;
        desk.send(&upload.id, 0, file.clone()).await;
        // Complete in the store, as after a crash before the transaction.
        let row = sregistry_server::repo::upkeep::upload_keys(app.core().db.read()).await;
        let id: store::AppendId = row.unwrap()[0].parse().unwrap();
        app.core().blobs.finish_append(&id, None).await.unwrap();
        assert_eq!(app.stored_files(), 1);
        let shown = desk.state(&upload.id).await;
        assert_eq!(shown.received_bytes, file.len() as u64);
        answered(amy.client.delete(app.url("/api/v1/collections/tools")), 204).await;
        sweep::uploads(app.core()).await.unwrap();
        assert_eq!(app.store_files(), 0);
    }
);

db_test!(
    bytes_of_a_push_that_was_not_completed_go_with_its_container,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let library = Library::of(&app, &amy);
        let file = image_for(sif::Arch::Amd64, 1);
        for path in ["/collections/tools/containers/bwa", "/collections/tools"] {
            let hash = format!("sha256.{}", hex_of(&file));
            let announced = library.announce("amy/tools/bwa", &hash, "amd64").await;
            let image = announced.unwrap().image;
            // One in a piece whose bytes are there, one in parts that has only begun.
            let asked = json!({ "filesize": file.len(), "sha256sum": hex_of(&file) });
            let opened = library.post(&format!("/v2/imagefile/{image}"), asked).await;
            let url = opened.data()["uploadURL"].as_str().unwrap().to_owned();
            assert_eq!(library.send(&url, file.clone()).await.status, 200);
            let parts = json!({ "filesize": file.len() });
            let opened = library
                .post(&format!("/v2/imagefile/{image}/_multipart"), parts)
                .await;
            opened.data();
            assert_eq!(app.store_files(), 3, "a blob, the parts and their journal");
            answered(amy.client.delete(app.url(&format!("/api/v1{path}"))), 204).await;
            sweep::uploads(app.core()).await.unwrap();
            assert_eq!(app.store_files(), 0, "{path}");
        }
    }
);

/// A file that was last written so long ago.
fn leave(folder: &Path, name: &str, hours: u64) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(name), "left").unwrap();
    let file = File::options().write(true).open(folder.join(name)).unwrap();
    let then = SystemTime::now() - Duration::from_hours(hours);
    file.set_modified(then).unwrap();
}

#[tokio::test]
async fn what_a_killed_server_left_is_removed_by_its_age() {
    let app = TestApp::start().await;
    let store = app.data_dir().join("images");
    let (old, young) = ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "01BX5ZZKBKACTAV9WEVGEMMVRZ");
    for folder in ["tmp", "parts", "append"] {
        leave(&store.join(folder), old, 25);
        leave(&store.join(folder), young, 23);
    }
    leave(&store.join("parts"), &format!("{old}.journal"), 25);
    assert_eq!(app.store_files(), 7);
    sweep::uploads(app.core()).await.unwrap();
    assert_eq!(app.store_files(), 3);
    for folder in ["tmp", "parts", "append"] {
        assert!(store.join(folder).join(young).exists(), "{folder}");
    }
}

/// Nor does it take what somebody is still uploading, however slowly.
#[tokio::test]
async fn what_a_session_holds_is_not_removed_by_its_age() {
    let app = TestApp::start().await;
    let desk = Desk::of(&app, &app.user("amy").await);
    let file = image_for(sif::Arch::Amd64, 1);
    let upload = desk.begin(file.len()).await;
    desk.send(&upload.id, 0, file.slice(..1000)).await;
    seed::collection(&app, "amy", "other", false).await;
    let folder = app.data_dir().join("images/append");
    for entry in fs::read_dir(&folder).unwrap() {
        let file = File::options().write(true).open(entry.unwrap().path());
        let then = SystemTime::now() - Duration::from_hours(48);
        file.unwrap().set_modified(then).unwrap();
    }
    sweep::uploads(app.core()).await.unwrap();
    desk.send(&upload.id, 1000, file.slice(1000..)).await;
    desk.complete(&upload.id, &file).await;
}
