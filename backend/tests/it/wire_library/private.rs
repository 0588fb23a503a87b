//! Private is invisible: who may not see a thing gets, byte for byte, what there would be without it.

use serde_json::json;
use sif::Arch;

use super::{Answer, Library, client::hex_of, image_for};
use crate::{common::TestApp, db_test, seed};

/// An answer without what differs from one request to the next by nature.
fn comparable(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date"))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (answer.status, headers, answer.text())
}

type Seen = Vec<(String, (u16, Vec<(String, String)>, String))>;

/// Everything that a caller can ask about things that are, or are not, there.
async fn everything(library: &Library<'_>, hash: &str) -> Seen {
    let mut gets: Vec<String> = [
        "collections/amy/secret",
        "containers/amy/secret/bwa",
        "tags/n1",
        "search?value=secret",
    ]
    .map(|path| format!("/v1/{path}"))
    .to_vec();
    for reference in [
        "amy/secret/bwa:v1",
        "secret/bwa",
        &format!("amy/secret/bwa:{hash}"),
    ] {
        gets.push(format!("/v1/images/{reference}?arch=amd64"));
        gets.push(format!("/v1/imagefile/{reference}?arch=amd64"));
    }
    gets.extend(
        [
            "/v2/tags/n1",
            "/blobs/i1",
            "/api/container/secret/bwa:v1",
            "/amy/api/container/secret/bwa",
        ]
        .map(String::from),
    );
    let mut seen = Vec::new();
    for path in gets {
        let answer = library.get(&path).await;
        seen.push((path, comparable(&answer)));
    }
    let digest = json!({ "hash": hash, "container": "n1" });
    for (path, body) in [
        ("/v1/images", digest),
        (
            "/v1/containers",
            json!({ "name": "other", "collection": "c1" }),
        ),
        (
            "/v2/tags/n1",
            json!({ "Arch": "amd64", "Tag": "v2", "ImageID": "i1" }),
        ),
        ("/v1/tags/n1", json!({ "Tag": "v2", "ImageID": "i1" })),
        ("/v2/imagefile/i1", json!({ "filesize": 100 })),
        ("/v2/imagefile/i1/_multipart", json!({ "filesize": 100 })),
    ] {
        let answer = library.post(path, body).await;
        seen.push((format!("POST {path}"), comparable(&answer)));
    }
    for what in [
        "_complete",
        "_multipart",
        "_multipart_complete",
        "_multipart_abort",
    ] {
        let path = format!("/v2/imagefile/i1/{what}");
        let answer = library
            .put(
                &path,
                json!({ "uploadID": "x", "partNumber": 1, "completedParts": [] }),
            )
            .await;
        seen.push((format!("PUT {path}"), comparable(&answer)));
    }
    let answer = library.delete("/v1/images/secret/bwa:v1?arch=amd64").await;
    seen.push(("DELETE".to_owned(), comparable(&answer)));
    seen
}

db_test!(
    private_things_look_like_no_things_at_all,
    async |app: TestApp| {
        let (amy, ben) = (app.user("amy").await, app.user("ben").await);
        let bytes = image_for(Arch::Amd64, 1);
        let hash = format!("sha256.{}", hex_of(&bytes));
        let strangers = [Library::of(&app, &ben), Library::anonymous(&app)];
        let mut before = Vec::new();
        for stranger in &strangers {
            before.push(everything(stranger, &hash).await);
        }
        seed::collection(&app, "amy", "secret", true).await;
        let amy = Library::of(&app, &amy);
        let pushed = amy
            .push("amy/secret/bwa", &["v1", "latest"], "amd64", &bytes)
            .await;
        assert_eq!(
            (pushed.container.as_str(), pushed.image.as_str()),
            ("n1", "i1"),
            "the ids that strangers try"
        );
        for (stranger, before) in strangers.iter().zip(before) {
            let after = everything(stranger, &hash).await;
            for (before, after) in before.iter().zip(&after) {
                assert_eq!(before, after);
                assert!(
                    before.1.0 >= 400 || before.0.contains("search"),
                    "{before:?}"
                );
            }
        }
        assert_eq!(
            amy.pull("secret/bwa:v1").await,
            bytes,
            "its owner pulls it all the same"
        );
    }
);

#[tokio::test]
async fn contributors_pull_from_a_private_collection_and_push_only_where_it_says_so() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    seed::collection(&app, "amy", "secret", true).await;
    seed::contributor(&app, "secret", "ben").await;
    let bytes = image_for(Arch::Amd64, 1);
    let change = amy
        .client
        .patch(app.url("/api/v1/collections/secret"))
        .json(&json!({ "contributors_may_push": true }));
    let (amy, ben) = (Library::of(&app, &amy), Library::of(&app, &ben));
    amy.push("amy/secret/bwa", &["v1"], "amd64", &bytes).await;
    assert_eq!(ben.pull("amy/secret/bwa:v1").await, bytes);
    let other = image_for(Arch::Amd64, 2);
    let hash = format!("sha256.{}", hex_of(&other));
    ben.announce("amy/secret/bwa", &hash, "amd64")
        .await
        .unwrap_err()
        .refusal(403);
    assert_eq!(change.send().await.unwrap().status(), 200);
    ben.push("amy/secret/bwa", &["v2"], "amd64", &other).await;
    assert_eq!(amy.pull("secret/bwa:v2").await, other);
}

#[tokio::test]
async fn an_image_whose_bytes_have_not_come_is_there_for_pushers_only() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    let hash = format!("sha256.{}", "ab".repeat(32));
    let amy = Library::of(&app, &amy);
    amy.announce("amy/tools/bwa", &hash, "amd64").await.unwrap();
    let path = format!("/v1/images/amy/tools/bwa:{hash}?arch=amd64");
    assert_eq!(amy.get(&path).await.data()["uploaded"], false);
    Library::of(&app, &ben).get(&path).await.refusal(404);
    amy.get(&format!("/v1/imagefile/amy/tools/bwa:{hash}"))
        .await
        .refusal(404);
}
