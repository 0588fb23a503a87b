//! What was wrong or broken in the original registry and is not here: one test each.

use reqwest::Method;
use serde_json::{Value, json};
use sif::Arch;
use sregistry_server::{config::Settings, services::pull};

use super::Cli;
use crate::{
    common::{TestApp, eventually},
    seed,
    wire_library::{Library, hex_of, image_for},
};

const TACOS: [&str; 3] = ["dinos", "tacos", "v1"];

#[tokio::test]
async fn a_refused_push_says_why_in_json() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    Cli::of(&app, &amy)
        .pushed(TACOS, &image_for(Arch::Amd64, 1))
        .await;
    for answer in [
        Cli::of(&app, &ben).announce(TACOS).await,
        Cli::with_key(&app, "amy", "wrong").announce(TACOS).await,
        Cli::of(&app, &amy).announce_with(TACOS, "").await,
        Cli::of(&app, &amy)
            .announce_with(TACOS, "Bearer wrong")
            .await,
    ] {
        assert_eq!(answer.status, 403);
        assert!(
            answer
                .header("content-type")
                .starts_with("application/json")
        );
        assert!(answer.json()["detail"].as_str().unwrap().len() > 10);
    }
}

#[tokio::test]
async fn a_bad_signature_on_a_pull_is_refused_by_status_not_by_a_number_in_the_body() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    seed::collection(&app, "amy", "dinos", true).await;
    let cli = Cli::of(&app, &amy);
    cli.pushed(TACOS, &image_for(Arch::Amd64, 1)).await;
    let header = Cli::with_key(&app, "amy", "wrong").sign("pull", TACOS);
    let answer = cli
        .ask(Method::GET, "/api/container/dinos/tacos:v1", &header)
        .await;
    assert_eq!(answer.status, 403);
    assert!(answer.json()["detail"].is_string());
}

#[tokio::test]
async fn nothing_that_failed_always_fails_here() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    seed::collection(&app, "amy", "hidden", true).await;
    let cli = Cli::of(&app, &amy);
    cli.pushed(TACOS, &image_for(Arch::Amd64, 1)).await;
    cli.pushed(["hidden", "tacos", "v1"], &image_for(Arch::Amd64, 2))
        .await;
    for path in [
        "/searching?q=tacos",
        "/api/collection/search/tacos",
        "/api/collection/hidden",
        "/sitemap.xml",
        "/tools/sizes",
        "/u/profile",
        "/v1/images/amy/hidden/tacos:v1",
        "/containers/1/download/share/00000000-0000-0000-0000-000000000000",
        "/v2/imagefile/abc/_complete",
    ] {
        let status = cli.get(path).await.status;
        // 503 is the web application, which is not built for these tests.
        assert!(status < 500 || status == 503, "{path}: {status}");
    }
    assert_eq!(cli.delete(TACOS).await.status, 204);
}

#[tokio::test]
async fn pushing_the_same_file_to_its_tag_again_keeps_it() {
    let app = TestApp::start().await;
    let cli = Cli::of(&app, &app.user("amy").await);
    let bytes = image_for(Arch::Amd64, 1);
    for _ in 0..3 {
        cli.pushed(TACOS, &bytes).await;
        assert_eq!(cli.pull(TACOS).await.unwrap(), bytes);
    }
    assert_eq!(app.store_files(), 1);
}

#[tokio::test]
async fn a_push_by_an_administrator_is_stored() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let (first, second) = (image_for(Arch::Amd64, 1), image_for(Arch::Amd64, 2));
    Cli::of(&app, &amy).pushed(TACOS, &first).await;
    let admin = Cli::of(&app, &app.admin().await);
    admin.pushed(TACOS, &second).await;
    assert_eq!(admin.pull(TACOS).await.unwrap(), second);
    // What was replaced is still there by its digest.
    assert_eq!(app.store_files(), 2);
}

#[tokio::test]
async fn what_the_library_takes_this_protocol_gives_and_the_other_way_round() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let (cli, library) = (Cli::of(&app, &amy), Library::of(&app, &amy));
    let (first, second) = (image_for(Arch::Amd64, 1), image_for(Arch::Amd64, 2));
    library
        .push("amy/dinos/tacos", &["v1"], "amd64", &first)
        .await;
    assert_eq!(cli.pull(TACOS).await.unwrap(), first);
    cli.pushed(["dinos", "tacos", "v2"], &second).await;
    let found = library.get("/v1/imagefile/amy/dinos/tacos:v2").await;
    assert_eq!(found.status, 303);
    let file = library.fetch(found.header("location"), &[]).await;
    assert_eq!(file.bytes, second);
}

#[tokio::test]
async fn a_tag_in_capitals_can_be_pulled() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let bytes = image_for(Arch::Amd64, 1);
    library
        .push("amy/dinos/tacos", &["RC1"], "amd64", &bytes)
        .await;
    assert_eq!(
        library.get("/v1/images/amy/dinos/tacos:RC1").await.status,
        200
    );
    let cli = Cli::of(&app, &amy);
    assert_eq!(cli.pull(["dinos", "tacos", "RC1"]).await.unwrap(), bytes);
}

#[tokio::test]
async fn asking_by_digest_finds_and_makes_no_rows() {
    let app = TestApp::start().await;
    let cli = Cli::of(&app, &app.user("amy").await);
    let (first, second) = (image_for(Arch::Amd64, 1), image_for(Arch::Amd64, 2));
    cli.pushed(TACOS, &first).await;
    cli.pushed(TACOS, &second).await;
    let path = format!("/api/container/dinos/tacos:v1@sha256.{}", hex_of(&first));
    for _ in 0..3 {
        assert_eq!(cli.get(&path).await.json()["commit"], hex_of(&first));
        let by_hash = format!("/v1/images/amy/dinos/tacos:sha256.{}", hex_of(&first));
        assert_eq!(Library::anonymous(&app).get(&by_hash).await.status, 200);
    }
    let listed = cli.get("/api/containers/").await;
    assert_eq!(listed.json()["count"], 1);
    assert!(!listed.text().contains("DUMMY"));
}

#[tokio::test]
async fn a_frozen_tag_is_listed_by_its_name() {
    let app = TestApp::start().await;
    let cli = Cli::of(&app, &app.user("amy").await);
    cli.pushed(TACOS, &image_for(Arch::Amd64, 1)).await;
    seed::freeze(&app, "amy", "dinos/tacos", "v1", true).await;
    let listed = cli.get("/api/collection/dinos").await.json();
    assert_eq!(listed["containers"][0]["uri"], "dinos/tacos:v1");
    assert_eq!(
        cli.get("/api/containers/").await.json()["results"][0]["frozen"],
        true
    );
}

#[tokio::test]
async fn the_size_and_the_architecture_are_known() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let bytes = image_for(Arch::Arm64, 1);
    Cli::of(&app, &amy).pushed(TACOS, &bytes).await;
    let image = Library::of(&app, &amy)
        .get("/v1/images/amy/dinos/tacos:v1")
        .await
        .data();
    assert_eq!(image["size"], bytes.len());
    assert_eq!(image["arch"], "arm64");
}

#[tokio::test]
async fn limits_and_privacy_hold_for_collections_that_a_push_makes() {
    let app = TestApp::settings_with(|settings: &mut Settings| {
        settings.registry.user_collection_limit = Some(1);
        settings.registry.private_only = true;
    })
    .await;
    let cli = Cli::of(&app, &app.user("amy").await);
    cli.pushed(TACOS, &image_for(Arch::Amd64, 1)).await;
    let more = cli.announce(["birds", "tacos", "v1"]).await;
    assert!(matches!(more.status, 403 | 409 | 507), "{}", more.text());
    assert!(more.json()["detail"].is_string());
    assert_eq!(cli.get("/api/collections/").await.json()["count"], 0);
    let closed = TestApp::settings_with(|settings: &mut Settings| {
        settings.registry.user_collections = false;
    })
    .await;
    let amy = Cli::of(&closed, &closed.user("amy").await);
    assert_eq!(amy.announce(TACOS).await.status, 403);
    // An owner of a collection that an administrator made may push to it.
    let admin = Cli::of(&closed, &closed.admin().await);
    admin.pushed(TACOS, &image_for(Arch::Amd64, 1)).await;
}

#[tokio::test]
async fn names_that_come_to_nothing_or_come_twice_are_handled() {
    let app = TestApp::start().await;
    let cli = Cli::of(&app, &app.user("amy").await);
    for names in [
        ["---", "x", "y"],
        ["___", "x", "y"],
        ["c", "---", "y"],
        ["c", "x", "---"],
        ["", "x", "y"],
        ["c", "", "y"],
        ["new", "x", "y"],
    ] {
        let answer = cli.announce(names).await;
        assert_eq!(answer.status, 400, "{names:?}: {}", answer.text());
        assert!(answer.json()["detail"].is_string());
    }
    let (one, two) = tokio::join!(cli.announce(TACOS), cli.announce(["Dinos", "tacos", "v1"]));
    assert_eq!(
        (one.status, two.status),
        (200, 200),
        "{} {}",
        one.text(),
        two.text()
    );
    assert_eq!(one.json(), two.json());
    assert_eq!(cli.get("/api/collections/").await.json()["count"], 1);
}

#[tokio::test]
async fn a_pull_counts_once_and_leaves_the_dates_alone() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let cli = Cli::of(&app, &amy);
    let bytes = image_for(Arch::Amd64, 1);
    cli.pushed(TACOS, &bytes).await;
    let dates = async || {
        let home = cli.get("/api/collection/dinos").await.json();
        let entry = cli.get("/api/containers/").await.json()["results"][0].clone();
        (
            home["modify_date"].clone(),
            home["add_date"].clone(),
            entry["add_date"].clone(),
        )
    };
    let before = dates().await;
    app.clock.advance(chrono::TimeDelta::hours(1));
    assert_eq!(cli.pull(TACOS).await.unwrap(), bytes);
    let downloads = eventually("the pull is counted", async || {
        pull::flush(app.core()).await.unwrap();
        let path = "/api/v1/collections/dinos/containers/tacos";
        let container: Value = seed::read(amy.client.get(app.url(path)), 200).await;
        container["downloads"].as_u64().filter(|count| *count > 0)
    })
    .await;
    assert_eq!(downloads, 1, "HEAD does not count");
    assert_eq!(dates().await, before);
}

#[tokio::test]
async fn deleting_leaves_no_bytes_behind_once_the_sweep_has_come() {
    let app = TestApp::settings_with(|settings: &mut Settings| {
        settings.storage.blob_grace = std::time::Duration::from_mins(1);
    })
    .await;
    let amy = app.user("amy").await;
    let cli = Cli::of(&app, &amy);
    cli.pushed(TACOS, &image_for(Arch::Amd64, 1)).await;
    cli.pushed(["dinos", "other", "v1"], &image_for(Arch::Amd64, 1))
        .await;
    let sweep = async || {
        for _ in 0..2 {
            sregistry_server::services::sweep::blobs(app.core())
                .await
                .unwrap();
            app.clock.advance(chrono::TimeDelta::minutes(5));
        }
        app.stored_files()
    };
    assert_eq!(cli.delete(TACOS).await.status, 204);
    assert_eq!(sweep().await, 1, "another image has the same bytes");
    assert_eq!(cli.delete(["dinos", "other", "v1"]).await.status, 204);
    assert_eq!(sweep().await, 0);
}

#[tokio::test]
async fn more_than_ten_collections_come_in_one_answer_with_no_next() {
    let app = TestApp::start().await;
    let cli = Cli::of(&app, &app.user("amy").await);
    for number in 0..12 {
        seed::collection(&app, "amy", &format!("c{number}"), false).await;
    }
    let all = cli.get("/api/collections/").await.json();
    assert_eq!(
        (all["results"].as_array().unwrap().len(), &all["next"]),
        (12, &Value::Null)
    );
}

#[tokio::test]
async fn nobody_meets_the_limit_of_a_day_by_looking() {
    let app = TestApp::start().await;
    let cli = Cli::of(&app, &app.user("amy").await);
    for _ in 0..120 {
        let answer = cli.get("/api/registry/identity").await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(
        cli.get("/api/containers/").await.json()["results"],
        json!([])
    );
}
