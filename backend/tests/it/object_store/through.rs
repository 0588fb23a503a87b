//! Bytes through the server: what every door does, with the bytes in S3.

use bytes::Bytes;
use sif::Arch;
use sregistry_server::repo;

use super::{app, blobs, service};
use crate::{
    common::eventually,
    wire_library::{Library, hex_of, image_for, image_of_size},
};

#[tokio::test]
async fn a_push_is_pulled_again_whole_and_in_ranges() {
    let Some(service) = service() else { return };
    let app = app(&service, |_| {}).await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let image = image_of_size(20 << 20, 1);
    library
        .push("amy/tools/big", &["latest"], "amd64", &image)
        .await;
    assert!(library.pull("amy/tools/big:latest").await == image);
    assert_eq!(blobs(&app).await, 1);
    assert_eq!(app.store_files(), 0, "nothing is on the server's own disk");

    let ticket = library.ticket("amy/tools/big:latest").await;
    let part = library
        .fetch(&ticket, &[("range", "bytes=1000-16000000")])
        .await;
    assert_eq!(part.status, 206);
    assert!(part.bytes == image.slice(1000..=16_000_000));
    let outside = format!("bytes={}-", image.len());
    let refused = library.fetch(&ticket, &[("range", &outside)]).await;
    assert_eq!(refused.status, 416);
    let tail = library.fetch(&ticket, &[("range", "bytes=-10")]).await;
    assert!(tail.bytes == image.slice(image.len() - 10..));
}

#[tokio::test]
async fn what_is_inside_an_image_is_read_from_the_service() {
    let Some(service) = service() else { return };
    let app = app(&service, |_| {}).await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let image = image_for(Arch::Arm64, 2);
    let pushed = library
        .push("amy/tools/small", &["one"], "arm64", &image)
        .await;
    let id = pushed.image.trim_start_matches('i').parse().unwrap();
    eventually("the image has been read", async || {
        let row = repo::image::by_id(app.core().db.read(), id).await.unwrap();
        row.unwrap().metadata
    })
    .await;
}

#[tokio::test]
async fn equal_bytes_are_one_object_and_go_when_nobody_uses_them() {
    let Some(service) = service() else { return };
    let app = app(&service, |settings| {
        settings.storage.blob_grace = std::time::Duration::from_mins(1);
    })
    .await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let image = image_for(Arch::Amd64, 3);
    library.push("amy/tools/one", &["a"], "amd64", &image).await;
    library.push("amy/tools/two", &["b"], "amd64", &image).await;
    assert_eq!(blobs(&app).await, 1);
    for name in ["one", "two"] {
        let hash = hex_of(&image);
        let path = format!("/v1/images/amy/tools/{name}:sha256.{hash}");
        assert_eq!(library.delete(&path).await.status, 200);
    }
    sregistry_server::services::sweep::blobs(app.core())
        .await
        .unwrap();
    app.clock.advance(chrono::Duration::minutes(2));
    sregistry_server::services::sweep::blobs(app.core())
        .await
        .unwrap();
    assert_eq!(blobs(&app).await, 0);
}

#[tokio::test]
async fn other_bytes_than_announced_are_refused_and_leave_nothing() {
    let Some(service) = service() else { return };
    let app = app(&service, |_| {}).await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let (announced, sent) = (image_of_size(9 << 20, 4), image_of_size(9 << 20, 5));
    assert_eq!(announced.len(), sent.len());
    let hash = format!("sha256.{}", hex_of(&announced));
    let image = library
        .announce("amy/tools/lie", &hash, "amd64")
        .await
        .unwrap();
    let asked = serde_json::json!({ "filesize": announced.len() });
    let path = format!("/v2/imagefile/{}", image.image);
    let opened = library.post(&path, asked).await.data();
    let url = opened["uploadURL"].as_str().unwrap();
    let said = library.send(url, sent).await.refusal(400);
    assert!(said.contains("checksum"), "{said}");
    app.core().blobs.idle().await;
    assert_eq!(blobs(&app).await, 0);
}

/// The chunked upload of the OCI protocol: pieces of any size, put together on the way.
#[tokio::test]
async fn an_upload_that_grows_becomes_one_object() {
    let Some(service) = service() else { return };
    let app = app(&service, |_| {}).await;
    let amy = app.user("amy").await;
    let bytes: Bytes = image_of_size(11 << 20, 6);
    let digest = format!("sha256:{}", hex_of(&bytes));
    let start = amy
        .client
        .post(app.url("/v2/tools/grown/blobs/uploads/"))
        .send()
        .await
        .unwrap();
    let at = |answer: &reqwest::Response| app.url(answer.headers()["location"].to_str().unwrap());
    let mut location = at(&start);
    for piece in bytes.chunks(4 << 20) {
        let sent = amy
            .client
            .patch(&location)
            .body(bytes.slice_ref(piece))
            .send()
            .await
            .unwrap();
        assert_eq!(sent.status().as_u16(), 202);
        location = at(&sent);
    }
    let mark = if location.contains('?') { '&' } else { '?' };
    let ended = amy
        .client
        .put(format!("{location}{mark}digest={digest}"))
        .send()
        .await
        .unwrap();
    assert_eq!(ended.status().as_u16(), 201);
    let blob = app.url(&format!("/v2/tools/grown/blobs/{digest}"));
    let got = amy.client.get(blob).send().await.unwrap();
    assert!(got.bytes().await.unwrap() == bytes);
}
