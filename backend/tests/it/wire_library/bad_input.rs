//! Requests that make no sense: each has its status and a sentence in the envelope, and changes nothing.

use reqwest::Method;
use serde_json::json;
use sif::Arch;

use super::{Answer, Library, image_for};
use crate::{common::TestApp, seed};

/// Every operation that takes JSON.
const WITH_JSON: &[(&str, &str)] = &[
    ("POST", "/v1/entities"),
    ("POST", "/v1/collections"),
    ("POST", "/v1/containers"),
    ("POST", "/v1/images"),
    ("POST", "/v2/imagefile/i1"),
    ("POST", "/v2/imagefile/i1/_multipart"),
    ("PUT", "/v2/imagefile/i1/_multipart"),
    ("PUT", "/v2/imagefile/i1/_multipart_complete"),
    ("PUT", "/v2/imagefile/i1/_multipart_abort"),
    ("POST", "/v1/tags/n1"),
    ("POST", "/v2/tags/n1"),
];

#[tokio::test]
async fn bodies_that_are_not_json_or_do_not_fit_are_refused() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    Library::of(&app, &amy)
        .push(
            "amy/tools/bwa",
            &["v1"],
            "amd64",
            &image_for(Arch::Amd64, 1),
        )
        .await;
    for (method, path) in WITH_JSON {
        let method: Method = method.parse().unwrap();
        let send = async |body: Vec<u8>| {
            let request = amy.client.request(method.clone(), app.url(path)).body(body);
            Answer::of(request.send().await.unwrap()).await
        };
        for body in ["not json", "{", "[1]", "\"text\"", "\u{0}", "null"] {
            let refused = send(body.into()).await.refusal(400);
            assert!(refused.contains("body"), "{path} {body}: {refused}");
        }
        send(b"\xff\xfe".to_vec()).await.refusal(400);
        // An empty body is an empty object, in which something is missing.
        send(Vec::new()).await.refusal(400);
        send(b"{}".to_vec()).await.refusal(400);
        let vast = format!("{{\"name\":\"{}\"}}", "x".repeat(1024 * 1024));
        send(vast.into_bytes()).await.refusal(413);
    }
}

#[tokio::test]
async fn fields_of_a_wrong_kind_are_refused() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let amy = Library::of(&app, &amy);
    amy.push(
        "amy/tools/bwa",
        &["v1"],
        "amd64",
        &image_for(Arch::Amd64, 1),
    )
    .await;
    for (path, body) in [
        ("/v1/collections", json!({ "name": 5, "entity": "e-amy" })),
        ("/v1/collections", json!({ "name": "x", "entity": "7" })),
        ("/v1/collections", json!({ "name": "x", "entity": null })),
        ("/v1/containers", json!({ "name": "x", "collection": "n1" })),
        (
            "/v1/containers",
            json!({ "name": "x", "collection": "c01" }),
        ),
        (
            "/v1/images",
            json!({ "hash": "sha256.12", "container": "n1" }),
        ),
        ("/v1/images", json!({ "hash": "latest", "container": "n1" })),
        (
            "/v1/images",
            json!({ "hash": format!("sha256.{}", "g".repeat(64)), "container": "n1" }),
        ),
        ("/v2/imagefile/i1", json!({ "filesize": "100" })),
        ("/v2/imagefile/i1", json!({ "filesize": 1.5 })),
        ("/v2/tags/n1", json!({ "Tag": "v1", "ImageID": "1" })),
        ("/v2/tags/n1", json!({ "Tag": "v1", "ImageID": "n1" })),
        ("/v2/tags/n1", json!({ "Tag": 1, "ImageID": "i1" })),
        (
            "/v2/tags/n1",
            json!({ "Arch": "AMD 64", "Tag": "v1", "ImageID": "i1" }),
        ),
    ] {
        amy.post(path, body).await.refusal(400);
    }
    // Ids that are well formed but of nothing.
    amy.post(
        "/v1/containers",
        json!({ "name": "x", "collection": "c99" }),
    )
    .await
    .refusal(404);
    amy.post("/v2/imagefile/i99", json!({ "filesize": 100 }))
        .await
        .refusal(404);
    amy.post("/v2/imagefile/1", json!({ "filesize": 100 }))
        .await
        .refusal(404);
    amy.post("/v2/tags/n1", json!({ "Tag": "v1", "ImageID": "i99" }))
        .await
        .refusal(404);
    amy.get("/v2/tags/i1").await.refusal(404);
}

#[tokio::test]
async fn names_that_break_the_rules_are_refused_with_the_rule() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let amy = Library::of(&app, &amy);
    let announced = amy
        .push(
            "amy/tools/bwa",
            &["v1"],
            "amd64",
            &image_for(Arch::Amd64, 1),
        )
        .await;
    let long = "x".repeat(129);
    for name in ["--", "new", &long] {
        amy.post(
            "/v1/collections",
            json!({ "name": name, "entity": "e-amy" }),
        )
        .await
        .refusal(400);
    }
    for name in ["a/b", "-a", "a..b", "ä", &long] {
        let refused = amy
            .post(
                "/v1/containers",
                json!({ "name": name, "collection": "c1" }),
            )
            .await
            .refusal(400);
        assert!(refused.contains("name"), "{refused}");
    }
    let lookalike = format!("sha256.{}", "0".repeat(64));
    for tag in ["-a", ".a", "a b", "a/b", "é", &long, &lookalike] {
        let refused = amy
            .tag(&announced.container, "amd64", tag, &announced.image)
            .await
            .refusal(400);
        assert!(refused.contains("tag"), "{refused}");
    }
    for reference in [
        "a/b/c/d:x",
        "tools/bwa:",
        "tools/bwa:a b",
        "tools/bwa:sha256.12",
        "tools/-:x",
        ":x",
    ] {
        for door in ["images", "imagefile"] {
            amy.get(&format!("/v1/{door}/{}", reference.replace(' ', "%20")))
                .await
                .refusal(400);
        }
    }
    amy.get("/v1/entities/-a").await.refusal(400);
    // Names from old clients become good ones, and are found again under the old spelling.
    let made = amy
        .post(
            "/v1/collections",
            json!({ "name": "My.Tools", "entity": "e-amy" }),
        )
        .await
        .data();
    assert_eq!(made["name"], "my-tools");
    assert_eq!(
        amy.get("/v1/collections/amy/My.Tools").await.data()["id"],
        made["id"]
    );
}

#[tokio::test]
async fn an_architecture_that_is_not_the_images_own_is_refused() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let amy = Library::of(&app, &amy);
    let announced = amy
        .push("amy/tools/bwa", &[], "arm64", &image_for(Arch::Arm64, 1))
        .await;
    let refused = amy
        .tag(&announced.container, "amd64", "v1", &announced.image)
        .await
        .refusal(400);
    assert!(
        refused.contains("arm64") && refused.contains("amd64"),
        "{refused}"
    );
    // Without one, it is the image's own.
    let untold = json!({ "Tag": "v1", "ImageID": announced.image });
    let tagged = amy
        .post(&format!("/v2/tags/{}", announced.container), untold)
        .await;
    assert_eq!(tagged.data()["arm64"]["v1"], announced.image);
}

#[tokio::test]
async fn a_frozen_tag_does_not_move() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let amy = Library::of(&app, &amy);
    let (first, second) = (image_for(Arch::Amd64, 1), image_for(Arch::Amd64, 2));
    let frozen = amy.push("amy/tools/bwa", &["v1"], "amd64", &first).await;
    seed::freeze(&app, "amy", "tools/bwa", "v1", true).await;
    let newer = amy.push("amy/tools/bwa", &["v2"], "amd64", &second).await;
    let refused = amy
        .tag(&newer.container, "amd64", "v1", &newer.image)
        .await
        .refusal(409);
    assert!(refused.contains("frozen"), "{refused}");
    assert_eq!(amy.pull("tools/bwa:v1").await, first);
    // To point it where it points already is no change.
    amy.tag(&frozen.container, "amd64", "v1", &frozen.image)
        .await
        .data();
}

#[tokio::test]
async fn a_tag_stays_within_its_container() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let amy = Library::of(&app, &amy);
    let one = amy
        .push(
            "amy/tools/one",
            &["v1"],
            "amd64",
            &image_for(Arch::Amd64, 1),
        )
        .await;
    let two = amy
        .push(
            "amy/tools/two",
            &["v1"],
            "amd64",
            &image_for(Arch::Amd64, 2),
        )
        .await;
    amy.tag(&one.container, "amd64", "v2", &two.image)
        .await
        .refusal(404);
}
