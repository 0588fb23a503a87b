//! Bytes that somebody else changed in the bucket: no door gives them out, and nothing but a check tells them from the rest.

use futures_util::TryStreamExt;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use sregistry_server::services::relocate;
use store::{BlobKey, BlobStore, Digest};

use super::{app, service};
use crate::{
    common::{TestApp, TestUser},
    wire_library::{Library, hex_of, image_of_size},
};

/// Writes other bytes of the same length under the keys of all blobs, with the bucket's keys and without the database.
pub async fn alter(store: &BlobStore) {
    let there: Vec<(BlobKey, u64, _)> = store.list().try_collect().await.unwrap();
    assert!(!there.is_empty());
    for (key, size, _) in there {
        let reader = store.open(&key, None).await.unwrap();
        let mut bytes = reader.try_collect::<Vec<_>>().await.unwrap().concat();
        *bytes.last_mut().unwrap() ^= 1;
        let mut writer = store.begin_copy(&key, size).await.unwrap();
        writer.write(bytes.into()).await.unwrap();
        writer.finish(None).await.unwrap();
    }
}

/// Sends a blob to a repository, as clients do that do not ask whether it is there.
async fn send(app: &TestApp, user: &TestUser, repository: &str, bytes: &bytes::Bytes) {
    let at = app.url(&format!("/v2/{repository}/blobs/uploads/"));
    let started = user.client.post(at).send().await.unwrap();
    let location = app.url(started.headers()["location"].to_str().unwrap());
    let mark = if location.contains('?') { '&' } else { '?' };
    let whole = format!("{location}{mark}digest=sha256:{}", hex_of(bytes));
    let sent = user.client.put(whole).body(bytes.clone()).send().await;
    assert_eq!(sent.unwrap().status().as_u16(), 201);
}

#[tokio::test]
async fn other_bytes_leave_by_no_door_until_the_right_ones_are_pushed_again() {
    let Some(service) = service() else { return };
    let app = app(&service, |_| {}).await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    for (name, size) in [("small", 1 << 10), ("large", 9 << 20)] {
        let image = image_of_size(size, 1);
        let reference = format!("amy/tools/{name}");
        library.push(&reference, &["v1"], "amd64", &image).await;
        let ticket = library.ticket(&format!("{reference}:v1")).await;
        assert!(library.fetch(&ticket, &[]).await.bytes == image);
        alter(&app.core().blobs).await;

        for range in [None, Some("bytes=0-9"), Some("bytes=-10")] {
            let headers = range.map(|range| ("range", range));
            let refused = library.fetch(&ticket, headers.as_slice()).await;
            let said = refused.refusal(503);
            assert!(said.contains("storage"), "{said}");
        }
        let digest = format!("sha256:{}", hex_of(&image));
        let blob = app.url(&format!("/v2/tools/{name}/blobs/{digest}"));
        let refused = amy.client.get(&blob).send().await.unwrap();
        assert_eq!(refused.status().as_u16(), 503);
        let body: serde_json::Value = refused.json().await.unwrap();
        let said = body["errors"][0]["message"].as_str().unwrap();
        assert!(said.contains("storage"), "{said}");
        let plain = format!("/api/v1/collections/tools/containers/{name}/images/{digest}/file");
        let refused = amy.client.get(app.url(&plain)).send().await.unwrap();
        assert_eq!(refused.status().as_u16(), 503);

        // Whoever pushes the same brings the bytes, although the registry thought that it had them.
        send(&app, &amy, &format!("tools/{name}-again"), &image).await;
        assert!(library.pull(&format!("{reference}:v1")).await == image);
        let other = format!("amy/tools/{name}-other");
        library.push(&other, &["v1"], "amd64", &image).await;
        assert!(library.pull(&format!("{other}:v1")).await == image);
    }
}

#[tokio::test]
async fn a_push_of_altered_bytes_elsewhere_sends_them_again() {
    let Some(service) = service() else { return };
    let app = app(&service, |_| {}).await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let image = image_of_size(1 << 10, 2);
    library
        .push("amy/tools/one", &["v1"], "amd64", &image)
        .await;
    alter(&app.core().blobs).await;
    let hash = format!("sha256.{}", hex_of(&image));
    let announced = library.announce("amy/tools/two", &hash, "amd64").await;
    assert!(!announced.unwrap().uploaded);
    library
        .push("amy/tools/two", &["v1"], "amd64", &image)
        .await;
    for name in ["one", "two"] {
        assert!(library.pull(&format!("amy/tools/{name}:v1")).await == image);
    }
}

#[tokio::test]
async fn copying_a_store_to_itself_finds_what_was_altered_and_takes_what_was_restored() {
    let Some(service) = service() else { return };
    let app = app(&service, |_| {}).await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let image = image_of_size(1 << 10, 3);
    library.push("amy/tools/x", &["v1"], "amd64", &image).await;
    let (db, blobs) = (&app.core().db, &app.core().blobs);
    let check = async || relocate::copy(db, blobs, blobs, |_| {}).await.unwrap();
    let well = check().await;
    assert_eq!((well.present, well.copied, well.lost.len()), (1, 0, 0));

    alter(blobs).await;
    let found = check().await;
    assert_eq!((found.present, found.copied), (0, 0));
    assert_eq!(found.lost, [format!("sha256:{}", hex_of(&image))]);
    let ticket = library.ticket("amy/tools/x:v1").await;
    library.fetch(&ticket, &[]).await.refusal(503);

    // The same bytes put there anew have another mark, as with a backup that was brought back.
    alter(blobs).await;
    let row = entity::blob::Entity::find().one(db.read()).await;
    let row = row.unwrap().unwrap();
    let mark = row.store_mark.clone().unwrap();
    let (place, _) = mark.split_once(' ').unwrap();
    let mut other = row.into_active_model();
    other.store_mark = Set(Some(format!("{place} \"another\"")));
    other.update(db.read()).await.unwrap();
    library.fetch(&ticket, &[]).await.refusal(503);
    let restored = check().await;
    assert_eq!((restored.present, restored.lost.len()), (1, 0));
    let fetched = library.fetch(&ticket, &[]).await.bytes;
    assert_eq!(Digest::of(&fetched), Digest::of(&image));
}
