//! `shub://` from the outside.

use reqwest::Method;
use sif::Arch;

use crate::{
    common::TestApp,
    seed,
    wire_library::{Answer, Library, hex_of, image_for},
};

#[tokio::test]
async fn a_manifest_leads_to_the_image() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let bytes = image_for(Arch::Amd64, 1);
    library
        .push("amy/dinos/tacos", &["v1", "latest"], "amd64", &bytes)
        .await;
    seed::freeze(&app, "amy", "dinos/tacos", "v1", true).await;
    for path in [
        "/api/container/dinos/tacos:v1",
        "/api/container/dinos/tacos:v1/",
        "/api/container/dinos/tacos:v1@0123456789abcdef0123456789abcdef",
        "/amy/api/container/dinos/tacos:v1",
    ] {
        let answer = Library::anonymous(&app).get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let manifest = answer.json();
        assert_eq!(manifest["name"], "tacos");
        assert_eq!(manifest["collection"], "dinos");
        assert_eq!(manifest["tag"], "v1");
        assert_eq!(manifest["frozen"], true);
        // Clients cache under this: without it current ones fail.
        assert_eq!(manifest["commit"], hex_of(&bytes));
        assert_eq!(manifest["version"], format!("sha256.{}", hex_of(&bytes)));
        for field in ["id", "add_date", "metrics", "metadata"] {
            assert!(!manifest[field].is_null(), "{field}");
        }
        let image = manifest["image"].as_str().unwrap();
        let file = library.fetch(image, &[]).await;
        assert_eq!((file.status, &file.bytes), (200, &bytes));
        assert_eq!(file.header("content-length"), bytes.len().to_string());
    }
}

#[tokio::test]
async fn the_tag_is_latest_where_none_is_named_and_a_digest_decides() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let (first, second) = (image_for(Arch::Amd64, 1), image_for(Arch::Amd64, 2));
    library
        .push("amy/dinos/tacos", &["latest"], "amd64", &first)
        .await;
    library
        .push("amy/dinos/tacos", &["v2"], "amd64", &second)
        .await;
    let commit = async |path: String| {
        library.get(&path).await.json()["commit"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        commit("/api/container/dinos/tacos".into()).await,
        hex_of(&first)
    );
    for digest in [
        hex_of(&second),
        format!("sha256.{}", hex_of(&second)),
        format!("sha256:{}", hex_of(&second)),
    ] {
        assert_eq!(
            commit(format!("/api/container/dinos/tacos:latest@{digest}")).await,
            hex_of(&second)
        );
        assert_eq!(
            commit(format!("/api/container/dinos/tacos@{digest}")).await,
            hex_of(&second)
        );
    }
}

#[tokio::test]
async fn what_is_private_or_not_there_is_not_found_in_the_old_words() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    seed::collection(&app, "amy", "secret", true).await;
    let amy = Library::of(&app, &amy);
    amy.push(
        "amy/secret/tacos",
        &["latest"],
        "amd64",
        &image_for(Arch::Amd64, 1),
    )
    .await;
    for path in [
        "/api/container/secret/tacos",
        "/api/container/dinos/tacos",
        "/api/container/dinos/tacos:v9",
    ] {
        for stranger in [Library::anonymous(&app), Library::of(&app, &ben)] {
            let answer = stranger.get(path).await;
            assert_eq!(
                (answer.status, answer.text().as_str()),
                (404, r#"{"detail":"Not found."}"#),
                "{path}"
            );
        }
    }
    assert_eq!(amy.get("/api/container/secret/tacos").await.status, 200);
    let bad = Library::with_token(&app, "sreg_wrong")
        .get("/api/container/secret/tacos")
        .await;
    assert_eq!(bad.status, 403);
    assert!(bad.json()["detail"].is_string());
    let odd = amy.get("/api/container/dinos/tacos:a%20b").await;
    assert_eq!(odd.status, 400);
}

#[tokio::test]
async fn head_is_answered_without_a_body_and_nothing_else_is_there() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let amy = Library::of(&app, &amy);
    amy.push(
        "amy/dinos/tacos",
        &["latest"],
        "amd64",
        &image_for(Arch::Amd64, 1),
    )
    .await;
    let head: Answer = amy
        .ask(Method::HEAD, "/api/container/dinos/tacos", None)
        .await;
    assert_eq!((head.status, head.bytes.len()), (200, 0));
    for method in [Method::POST, Method::PUT, Method::PATCH] {
        let answer = amy.ask(method, "/api/container/dinos/tacos", None).await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (404, r#"{"detail":"Not found."}"#)
        );
    }
}
