//! Quotas in bytes: refused by every door, before the bytes flow wherever the client says how many come.

use bytes::Bytes;
use reqwest::Client;
use serde_json::{Value, json};
use sregistry_server::config::Settings;

use crate::{
    common::TestApp,
    seed::{self, answered, read},
    wire_library::{Library, hex_of, image_of_size},
    wire_sregistry::Cli,
};

const PLACE: &str = "/v2/tools/bwa/blobs/uploads/";

/// Every door refuses an image that does not fit, and none of its bytes is kept.
async fn every_door_refuses(app: &TestApp, image: &Bytes, words: &str) {
    let amy = app.user("amy").await;
    seed::collection(app, "amy", "tools", false).await;
    let library = Library::of(app, &amy);
    let hash = format!("sha256.{}", hex_of(image));
    let announced = library.announce("amy/tools/bwa", &hash, "amd64").await;
    let id = announced.unwrap().image;
    for path in [
        format!("/v2/imagefile/{id}"),
        format!("/v2/imagefile/{id}/_multipart"),
    ] {
        let announced = library.post(&path, json!({ "filesize": image.len() }));
        let said = announced.await.refusal(507);
        assert!(said.contains(words), "{said}");
    }
    let api = app.url("/api/v1/uploads");
    let new = json!({
        "collection": "tools", "container": "bwa", "tag": "1.0", "size_bytes": image.len()
    });
    let problem = answered(amy.client.post(api).json(&new), 507).await;
    assert!(
        problem.contains("quota_exceeded") && problem.contains(words),
        "{problem}"
    );
    oci_refuses(app, &amy.client, image).await;
    let answer = Cli::of(app, &amy).push(["tools", "bwa", "v1"], image).await;
    assert_eq!(answer.status, 507);
    assert!(answer.json()["detail"].as_str().unwrap().contains("quota"));
    assert_eq!(app.stored_files(), 0);
}

/// A chunk that is too long is refused by its length, wherever it goes: nothing of it is kept.
async fn oci_refuses(app: &TestApp, client: &Client, image: &Bytes) {
    let begun = client.post(app.url(PLACE)).send().await.unwrap();
    assert_eq!(begun.status(), 202);
    let place = begun.headers()["location"].to_str().unwrap().to_owned();
    let chunk = client.patch(app.url(&place)).body(image.clone());
    let refused: Value = read(chunk, 403).await;
    assert_eq!(refused["errors"][0]["code"], "DENIED");
    let said = refused["errors"][0]["message"].as_str().unwrap();
    assert!(said.contains("quota"), "{said}");
    let state = client.get(app.url(&place)).send().await.unwrap();
    assert_eq!(state.status(), 204);
    assert_eq!(state.headers()["range"], "0-0", "nothing has arrived");
}

#[tokio::test]
async fn what_a_user_may_not_hold_is_refused_by_every_door() {
    let app = TestApp::settings_with(|settings: &mut Settings| {
        settings.registry.user_quota = Some(200_000);
    });
    let (app, image) = (app.await, image_of_size(400_000, 1));
    every_door_refuses(&app, &image, "the quota is used up").await;
}

#[tokio::test]
async fn what_a_collection_may_not_hold_is_refused_by_every_door() {
    let app = TestApp::settings_with(|settings: &mut Settings| {
        settings.registry.collection_quota = Some(200_000);
    });
    let (app, image) = (app.await, image_of_size(400_000, 1));
    every_door_refuses(&app, &image, "the quota of the collection is used up").await;
}

#[tokio::test]
async fn a_full_collection_leaves_the_others_their_room() {
    let app = TestApp::settings_with(|settings: &mut Settings| {
        settings.registry.collection_quota = Some(300_000);
    });
    let app = app.await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let (one, two) = (image_of_size(200_000, 1), image_of_size(200_000, 2));
    library.push("amy/tools/bwa", &["1.0"], "amd64", &one).await;
    let hash = format!("sha256.{}", hex_of(&two));
    let full = library.announce("amy/tools/bwa", &hash, "amd64").await;
    let path = format!("/v2/imagefile/{}", full.unwrap().image);
    let announced = library.post(&path, json!({ "filesize": two.len() }));
    announced.await.refusal(507);
    library
        .push("amy/others/bwa", &["1.0"], "amd64", &two)
        .await;
}
