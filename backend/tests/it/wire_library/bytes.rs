//! The bytes of a push: tickets, lengths, digests, files that are no images, connections that break, quotas.

use std::io::Write;

use bytes::Bytes;
use futures_util::stream;
use serde_json::json;
use sif::Arch;
use tokio::io::AsyncWriteExt;

use super::{
    Answer, Library,
    client::{Announced, hex_of},
    image_for, image_of_size,
};
use crate::{
    common::{TestApp, eventually},
    db_test,
};

/// Announces these bytes.
async fn announce(library: &Library<'_>, bytes: &[u8]) -> Announced {
    let hash = format!("sha256.{}", hex_of(bytes));
    library
        .announce("amy/tools/bwa", &hash, "amd64")
        .await
        .unwrap()
}

/// Opens an upload for these bytes.
async fn open(library: &Library<'_>, image: &str, bytes: &[u8]) -> String {
    let asked = json!({ "filesize": bytes.len(), "sha256sum": hex_of(bytes) });
    let opened = library
        .post(&format!("/v2/imagefile/{image}"), asked)
        .await
        .data();
    opened["uploadURL"].as_str().unwrap().to_owned()
}

/// Sends a body of unknown length.
async fn send_chunked(app: &TestApp, url: &str, bytes: Bytes) -> Answer {
    let chunks = bytes
        .chunks(1000)
        .map(Bytes::copy_from_slice)
        .map(Ok::<_, std::io::Error>)
        .collect::<Vec<_>>();
    let body = reqwest::Body::wrap_stream(stream::iter(chunks));
    Answer::of(app.client().put(url).body(body).send().await.unwrap()).await
}

#[tokio::test]
async fn a_ticket_for_bytes_cannot_be_changed_and_ends() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let (amy, bytes) = (Library::of(&app, &amy), image_for(Arch::Amd64, 1));
    let image = announce(&amy, &bytes).await.image;
    let (url, other) = (
        open(&amy, &image, &bytes).await,
        open(&amy, &image, &bytes).await,
    );
    assert!(url.starts_with(&app.url("/uploads/")), "{url}");
    let id = |url: &str| url.split(['/', '?']).nth(4).unwrap().to_owned();
    let swapped = url.replace(&id(&url), &id(&other));
    let bare = url.split('?').next().unwrap().to_owned();
    for changed in [
        &swapped,
        &bare,
        &format!("{url}0"),
        &url.replace("expires=1", "expires=2"),
        &url.replace('?', "/1?"),
    ] {
        amy.send(changed, bytes.clone()).await.refusal(403);
    }
    app.clock.advance(chrono::Duration::hours(2));
    amy.send(&url, bytes.clone()).await.refusal(403);
    assert_eq!(app.store_files(), 0);
}

#[tokio::test]
async fn an_upload_ends_with_its_time_and_with_its_completion() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let (library, bytes) = (Library::of(&app, &amy), image_for(Arch::Amd64, 1));
    let image = announce(&library, &bytes).await.image;
    let url = open(&library, &image, &bytes).await;
    assert_eq!(library.send(&url, bytes.clone()).await.status, 200);
    library
        .put(&format!("/v2/imagefile/{image}/_complete"), json!({}))
        .await
        .data();
    library.send(&url, bytes.clone()).await.refusal(404);

    // One that was given up is swept, with the bytes that had arrived and the image announced for them.
    let late = image_for(Arch::Amd64, 2);
    let image = announce(&library, &late).await.image;
    let url = open(&library, &image, &late).await;
    assert_eq!(library.send(&url, late.clone()).await.status, 200);
    assert_eq!(app.stored_files(), 2);
    app.clock.advance(chrono::Duration::days(2));
    sregistry_server::services::sweep::uploads(app.core())
        .await
        .unwrap();
    assert_eq!(app.stored_files(), 1);
    library
        .put(&format!("/v2/imagefile/{image}/_complete"), json!({}))
        .await
        .refusal(404);
}

#[tokio::test]
async fn lengths_that_lie_are_refused_and_leave_nothing() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let (amy, bytes) = (Library::of(&app, &amy), image_for(Arch::Amd64, 1));
    let image = announce(&amy, &bytes).await.image;
    let url = open(&amy, &image, &bytes).await;
    let (short, long) = (bytes.slice(1..), Bytes::from([&bytes[..], b"x"].concat()));
    for wrong in [Bytes::new(), short.clone(), long.clone()] {
        assert!(
            amy.send(&url, wrong)
                .await
                .refusal(400)
                .contains("announced")
        );
    }
    for wrong in [short, long] {
        assert!(
            send_chunked(&app, &url, wrong)
                .await
                .refusal(400)
                .contains("announced")
        );
    }
    eventually("the store is empty", async || {
        (app.store_files() == 0).then_some(())
    })
    .await;
    // The upload is still open, for what was announced; its length need not be said.
    assert_eq!(send_chunked(&app, &url, bytes).await.status, 200);
    amy.put(&format!("/v2/imagefile/{image}/_complete"), json!({}))
        .await
        .data();
}

#[tokio::test]
async fn digests_that_lie_are_refused_and_leave_nothing() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let (amy, bytes) = (Library::of(&app, &amy), image_for(Arch::Amd64, 1));
    let image = announce(&amy, &bytes).await.image;
    let asked = json!({ "filesize": bytes.len(), "sha256sum": "ab".repeat(32) });
    amy.post(&format!("/v2/imagefile/{image}"), asked)
        .await
        .refusal(400);
    let url = open(&amy, &image, &bytes).await;
    let mut other = bytes.to_vec();
    other[500] ^= 1;
    assert!(
        amy.send(&url, other.into())
            .await
            .refusal(400)
            .contains("checksum")
    );
    amy.put(&format!("/v2/imagefile/{image}/_complete"), json!({}))
        .await
        .refusal(409);
    amy.get("/v1/imagefile/amy/tools/bwa").await.refusal(404);
    eventually("the store is empty", async || {
        (app.store_files() == 0).then_some(())
    })
    .await;
}

db_test!(
    files_that_are_no_whole_images_are_refused_and_leave_nothing,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let amy = Library::of(&app, &amy);
        let whole = image_of_size(100_000, 1);
        let truncated = whole.slice(..whole.len() / 2);
        let head = whole.slice(..100);
        let text = Bytes::from_static(b"#!/bin/sh\necho this is no image\n");
        for (bytes, sentence) in [
            (truncated, "cut short"),
            (head, "cut short"),
            (text, "not a Singularity image"),
        ] {
            let announced = announce(&amy, &bytes).await;
            let refused = amy.upload(&announced.image, &bytes).await.refusal(400);
            assert!(refused.contains(sentence), "{refused}");
            assert_eq!(app.store_files(), 0);
            let path = format!(
                "/v1/images/amy/tools/bwa:sha256.{}?arch=amd64",
                hex_of(&bytes)
            );
            amy.get(&path).await.refusal(404);
        }
        let collection = amy.get("/v1/collections/amy/tools").await.data();
        assert_eq!(collection["size"], 0);
    }
);

#[tokio::test]
async fn an_empty_or_oversized_file_is_refused_before_its_bytes_flow() {
    let app = TestApp::settings_with(|settings| settings.storage.max_image_size = 1000).await;
    let amy = app.user("amy").await;
    let amy = Library::of(&app, &amy);
    let image = announce(&amy, b"whatever").await.image;
    for path in [
        format!("/v2/imagefile/{image}"),
        format!("/v2/imagefile/{image}/_multipart"),
    ] {
        amy.post(&path, json!({ "filesize": 0 })).await.refusal(400);
        amy.post(&path, json!({ "filesize": -5 }))
            .await
            .refusal(400);
        amy.post(&path, json!({})).await.refusal(400);
        assert!(
            amy.post(&path, json!({ "filesize": 1001 }))
                .await
                .refusal(413)
                .contains("1000 bytes")
        );
    }
}

#[tokio::test]
async fn a_store_without_room_refuses_before_bytes_flow() {
    let app = TestApp::settings_with(|settings| settings.storage.max_image_size = u64::MAX).await;
    let amy = app.user("amy").await;
    let amy = Library::of(&app, &amy);
    let image = announce(&amy, b"whatever").await.image;
    for path in [
        format!("/v2/imagefile/{image}"),
        format!("/v2/imagefile/{image}/_multipart"),
    ] {
        let refused = amy
            .post(&path, json!({ "filesize": 1_i64 << 60 }))
            .await
            .refusal(507);
        assert!(refused.contains("no space"), "{refused}");
    }
    assert_eq!(app.store_files(), 0);
}

db_test!(
    a_quota_is_refused_before_bytes_flow_with_the_figures,
    async |app: TestApp| {
        let app = app
            .restart_with(|settings| settings.registry.user_quota = Some(400_000))
            .await;
        let amy = app.user("amy").await;
        let amy = Library::of(&app, &amy);
        let (first, second) = (image_of_size(200_000, 1), image_of_size(200_000, 2));
        let announced = announce(&amy, &first).await;
        let done = amy.upload(&announced.image, &first).await.data();
        assert_eq!(
            done["quota"],
            json!({ "quotaTotal": 400_000, "quotaUsage": first.len() })
        );
        let image = announce(&amy, &second).await.image;
        for path in [
            format!("/v2/imagefile/{image}"),
            format!("/v2/imagefile/{image}/_multipart"),
        ] {
            let refused = amy
                .post(&path, json!({ "filesize": second.len() }))
                .await
                .refusal(507);
            assert!(
                refused.contains("quota") && refused.contains("390.6 KiB"),
                "{refused}"
            );
        }
        // The same bytes under another name count again, so they are not simply taken over.
        let hash = format!("sha256.{}", hex_of(&first));
        assert!(
            !amy.announce("amy/tools/copy", &hash, "amd64")
                .await
                .unwrap()
                .uploaded
        );
        // Two uploads that each fit alone: the one that is completed second does not.
        let (third, fourth) = (image_of_size(60_000, 3), image_of_size(60_000, 4));
        let (third_image, fourth_image) = (
            announce(&amy, &third).await.image,
            announce(&amy, &fourth).await.image,
        );
        let (third_url, fourth_url) = (
            open(&amy, &third_image, &third).await,
            open(&amy, &fourth_image, &fourth).await,
        );
        assert_eq!(amy.send(&third_url, third.clone()).await.status, 200);
        assert_eq!(amy.send(&fourth_url, fourth.clone()).await.status, 200);
        amy.put(&format!("/v2/imagefile/{third_image}/_complete"), json!({}))
            .await
            .data();
        amy.put(
            &format!("/v2/imagefile/{fourth_image}/_complete"),
            json!({}),
        )
        .await
        .refusal(507);
        assert_eq!(app.store_files(), 2);
    }
);

#[tokio::test]
async fn a_connection_that_breaks_leaves_nothing() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let (amy, bytes) = (Library::of(&app, &amy), image_of_size(2_000_000, 1));
    let image = announce(&amy, &bytes).await.image;
    let url = open(&amy, &image, &bytes).await;
    let path = url.strip_prefix(&app.url("")).unwrap();

    let mut connection = tokio::net::TcpStream::connect(app.address()).await.unwrap();
    let mut head = Vec::new();
    write!(
        head,
        "PUT {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\r\n",
        app.address(),
        bytes.len()
    )
    .unwrap();
    connection.write_all(&head).await.unwrap();
    connection.write_all(&bytes[..1_000_000]).await.unwrap();
    eventually("bytes have arrived", async || {
        (app.store_files() == 1).then_some(())
    })
    .await;
    drop(connection);
    eventually("they are gone", async || {
        (app.store_files() == 0).then_some(())
    })
    .await;

    amy.put(&format!("/v2/imagefile/{image}/_complete"), json!({}))
        .await
        .refusal(409);
    amy.get("/v1/images/amy/tools/bwa:latest")
        .await
        .refusal(404);
    // The next attempt is the client's, from the start.
    amy.upload(&image, &bytes).await.data();
}
