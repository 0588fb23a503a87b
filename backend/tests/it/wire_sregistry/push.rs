//! Push, pull and delete with the older client.

use bytes::Bytes;
use futures_util::stream;
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::json;
use shared_types::Scope;
use sif::Arch;
use sregistry_server::config::Settings;

use super::Cli;
use crate::{
    common::{TestApp, eventually, with_token},
    db_test, seed,
    wire_library::{Answer, Library, hex_of, image_for, image_of_size},
};

const TACOS: [&str; 3] = ["dinos", "tacos", "v1"];

fn detail(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    answer.json()["detail"].as_str().unwrap().to_owned()
}

db_test!(what_is_pushed_comes_back, async |app: TestApp| {
    let cli = Cli::of(&app, &app.user("amy").await);
    let bytes = image_for(Arch::Amd64, 1);
    cli.pushed(TACOS, &bytes).await;
    assert_eq!(cli.pull(TACOS).await.unwrap(), bytes);
    let answer = cli.delete(TACOS).await;
    assert_eq!((answer.status, answer.bytes.len()), (204, 0));
    assert_eq!(cli.manifest(TACOS).await.status, 404);
    assert_eq!(detail(&cli.delete(TACOS).await, 404), "Container Not Found");
});

#[tokio::test]
async fn a_client_given_the_registry_in_the_name_asks_without_api() {
    let app = TestApp::start().await;
    let cli = Cli::of(&app, &app.user("amy").await).unprefixed();
    let bytes = image_for(Arch::Amd64, 1);
    cli.pushed(TACOS, &bytes).await;
    assert_eq!(cli.pull(TACOS).await.unwrap(), bytes);
    assert_eq!(cli.delete(TACOS).await.status, 204);
    // The page of that address is the web application's.
    let page = app.get("/upload").await;
    let kind = page.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("text/html"), "{kind}");
}

#[tokio::test]
async fn names_that_are_kept_in_another_spelling_go_in_and_come_out() {
    let app = TestApp::start().await;
    let cli = Cli::of(&app, &app.user("amy").await);
    for (number, collection) in ["my_coll", "a.b.c", "_x__y_"].into_iter().enumerate() {
        let names = [collection, "tacos", "v1"];
        let bytes = image_for(Arch::Amd64, number as u64);
        cli.pushed(names, &bytes).await;
        assert_eq!(cli.pull(names).await.unwrap(), bytes, "{collection}");
        assert_eq!(cli.delete(names).await.status, 204, "{collection}");
    }
    let listed = cli.get("/api/collections/").await.json();
    let names = listed["results"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|c| c["name"].clone()).collect();
    assert_eq!(names, ["my-coll", "a-b-c", "x-y"]);
}

#[tokio::test]
async fn the_collection_belongs_to_who_pushed_first_and_stays_as_it_is() {
    let app =
        TestApp::settings_with(|settings: &mut Settings| settings.registry.default_private = true)
            .await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    let (amy, ben) = (Cli::of(&app, &amy), Cli::of(&app, &ben));
    amy.pushed(TACOS, &image_for(Arch::Amd64, 1)).await;
    amy.pushed(["dinos", "tacos", "v2"], &image_for(Arch::Amd64, 2))
        .await;
    assert_eq!(ben.pull(TACOS).await.unwrap_err().status, 404);
    assert!(amy.pull(TACOS).await.is_ok());
    // The name is taken, whoever may see it.
    detail(&ben.push(TACOS, &image_for(Arch::Amd64, 3)).await, 409);
    assert_eq!(app.stored_files(), 2);
}

#[tokio::test]
async fn strangers_contributors_and_tokens_that_only_pull_are_refused_before_bytes_flow() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    let cli = Cli::of(&app, &amy);
    cli.pushed(TACOS, &image_for(Arch::Amd64, 1)).await;
    let cid = cli.announce(TACOS).await.json()["cid"].to_string();
    seed::contributor(&app, "dinos", "ben").await;
    let pull = app.token("amy", Scope::Pull, None).await;
    let elsewhere = app.token("amy", Scope::Push, None).await;
    seed::collection(&app, "amy", "other", false).await;
    let limited = app
        .token("amy", Scope::Push, Some(vec!["other".to_owned()]))
        .await;
    let other = image_for(Arch::Amd64, 2);
    for (who, cli) in [
        ("contributor", Cli::of(&app, &ben)),
        ("pull", Cli::with_key(&app, "amy", &pull)),
        ("limited", Cli::with_key(&app, "amy", &limited)),
    ] {
        detail(&cli.announce(TACOS).await, 403);
        let answer = cli.upload(&cid, TACOS, other.clone()).await;
        assert!(!detail(&answer, 403).is_empty(), "{who}");
        detail(&cli.delete(TACOS).await, 403);
    }
    assert_eq!(app.stored_files(), 1);
    Cli::with_key(&app, "amy", &elsewhere)
        .pushed(TACOS, &other)
        .await;
}

#[tokio::test]
async fn a_token_in_the_header_does_as_well_as_a_signature() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let cli = Cli::of(&app, &amy);
    let bytes = image_for(Arch::Amd64, 1);
    for scheme in ["Bearer", "Token"] {
        let header = format!("{scheme} {}", amy.token);
        let cid = cli.announce_with(TACOS, &header).await.json()["cid"].to_string();
        let answer = cli.upload_with(&cid, TACOS, &header, bytes.clone()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(cli.delete_with(TACOS, &header).await.status, 204);
    }
}

#[tokio::test]
async fn a_frozen_tag_is_refused_at_the_first_step_and_at_the_last() {
    let app = TestApp::start().await;
    let cli = Cli::of(&app, &app.user("amy").await);
    let bytes = image_for(Arch::Amd64, 1);
    cli.pushed(TACOS, &bytes).await;
    let cid = cli.announce(TACOS).await.json()["cid"].to_string();
    seed::freeze(&app, "amy", "dinos/tacos", "v1", true).await;
    let other = image_for(Arch::Amd64, 2);
    assert!(detail(&cli.announce(TACOS).await, 403).contains("frozen"));
    let answer = cli.upload(&cid, TACOS, other).await;
    assert!(detail(&answer, 403).contains("frozen"));
    assert!(detail(&cli.delete(TACOS).await, 403).contains("frozen"));
    assert_eq!(app.stored_files(), 1);
    assert_eq!(cli.pull(TACOS).await.unwrap(), bytes);
}

#[tokio::test]
async fn deleting_one_of_two_tags_leaves_the_image_with_the_other() {
    let app = TestApp::start().await;
    let cli = Cli::of(&app, &app.user("amy").await);
    let bytes = image_for(Arch::Amd64, 1);
    let latest = ["dinos", "tacos", "latest"];
    cli.pushed(TACOS, &bytes).await;
    cli.pushed(latest, &bytes).await;
    assert_eq!(cli.delete(TACOS).await.status, 204);
    assert_eq!(cli.pull(latest).await.unwrap(), bytes);
    assert_eq!(cli.delete(latest).await.status, 204);
    let library = Library::anonymous(&app);
    let digest = format!("/v1/images/amy/dinos/tacos:sha256.{}", hex_of(&bytes));
    assert_eq!(library.get(&digest).await.status, 404);
    // Without a tag nothing is meant.
    let header = cli.sign("delete", latest);
    let answer = cli
        .ask(Method::DELETE, "/api/container/dinos/tacos", &header)
        .await;
    assert_eq!(detail(&answer, 404), "Container Not Found");
}

#[tokio::test]
async fn a_form_that_is_not_right_leaves_nothing() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let cli = Cli::of(&app, &amy);
    let cid = cli.announce(TACOS).await.json()["cid"].to_string();
    let header = cli.sign("upload", TACOS);
    let bytes = image_for(Arch::Amd64, 1);
    let file = || Part::stream(bytes.clone()).file_name("x.sif");
    let fields = || {
        Form::new()
            .text("name", "tacos")
            .text("collection", cid.clone())
            .text("tag", "v1")
    };
    for (what, form, status) in [
        ("no file", fields(), 400),
        (
            "file first",
            Form::new()
                .part("file1", file())
                .text("collection", cid.clone()),
            400,
        ),
        (
            "no name",
            Form::new()
                .text("collection", cid.clone())
                .part("file1", file()),
            400,
        ),
        (
            "long field",
            fields().text("tag", "x".repeat(5000)).part("file1", file()),
            400,
        ),
        (
            "odd collection",
            Form::new()
                .text("name", "tacos")
                .text("collection", "x")
                .part("file1", file()),
            400,
        ),
        (
            "other collection",
            Form::new()
                .text("name", "tacos")
                .text("collection", "999")
                .text("tag", "v1")
                .part("file1", file()),
            403,
        ),
        (
            "no image",
            fields().part("file1", Part::bytes(b"no image".to_vec())),
            400,
        ),
        (
            "empty",
            fields().part("file1", Part::bytes(Vec::new())),
            400,
        ),
        (
            "many fields",
            (0..400)
                .fold(Form::new(), |form, _| form.text("x", "y".repeat(4000)))
                .part("file1", file()),
            400,
        ),
    ] {
        let answer = cli.form(&header, form).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        detail(&answer, status);
    }
    let not_a_form = cli
        .send(Method::POST, "/upload", &header, Some(json!({})))
        .await;
    detail(&not_a_form, 400);
    for form in [fields().part("file1", file()), Form::new()] {
        detail(&cli.form("", form).await, 403);
    }
    assert_eq!(app.store_files(), 0);
    let answer = cli.upload(&cid, TACOS, bytes.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn a_sender_that_dies_leaves_nothing() {
    let app = TestApp::start().await;
    let cli = Cli::of(&app, &app.user("amy").await);
    let cid = cli.announce(TACOS).await.json()["cid"].to_string();
    let half = stream::iter([
        Ok(image_of_size(1 << 20, 1).slice(..500_000)),
        Err(std::io::Error::other("dead")),
    ]);
    let file = Part::stream(reqwest::Body::wrap_stream(half)).file_name("x.sif");
    let form = Form::new()
        .text("name", "tacos")
        .text("collection", cid)
        .text("tag", "v1")
        .part("file1", file);
    let request = app.client().post(app.url("/upload")).multipart(form);
    let request = request.header("authorization", cli.sign("upload", TACOS));
    assert!(request.send().await.is_err());
    eventually("nothing is left", async || {
        (app.store_files() == 0).then_some(())
    })
    .await;
    assert_eq!(cli.manifest(TACOS).await.status, 404);
}

#[tokio::test]
async fn what_is_too_large_or_above_the_quota_is_refused() {
    let app = TestApp::settings_with(|settings: &mut Settings| {
        settings.storage.max_image_size = 2 << 20;
        settings.registry.user_quota = Some(1 << 20);
    })
    .await;
    let cli = Cli::of(&app, &app.user("amy").await);
    detail(&cli.push(TACOS, &image_of_size(3 << 20, 1)).await, 507);
    let app = TestApp::settings_with(|settings: &mut Settings| {
        settings.storage.max_image_size = 2 << 20;
    })
    .await;
    let cli = Cli::of(&app, &app.user("amy").await);
    detail(&cli.push(TACOS, &image_of_size(3 << 20, 1)).await, 413);
    assert_eq!(app.store_files(), 0);
    cli.pushed(TACOS, &image_of_size(1 << 20, 1)).await;
}

#[tokio::test]
async fn a_registry_that_takes_no_pushes_says_so() {
    let app =
        TestApp::settings_with(|settings: &mut Settings| settings.registry.disable_building = true)
            .await;
    let cli = Cli::of(&app, &app.user("amy").await);
    detail(&cli.announce(TACOS).await, 403);
    detail(&cli.upload("1", TACOS, Bytes::from_static(b"x")).await, 403);
}

#[tokio::test]
async fn what_one_door_takes_every_other_gives() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let (cli, library) = (Cli::of(&app, &amy), Library::of(&app, &amy));
    let (first, second) = (image_for(Arch::Amd64, 1), image_for(Arch::Amd64, 2));
    cli.pushed(TACOS, &first).await;
    library
        .push("amy/dinos/tacos", &["V2"], "amd64", &second)
        .await;
    let image = library.get("/v1/images/amy/dinos/tacos:v1").await.data();
    assert_eq!(image["hash"], format!("sha256.{}", hex_of(&first)));
    assert_eq!(image["size"], first.len());
    assert_eq!(cli.pull(["dinos", "tacos", "V2"]).await.unwrap(), second);
    let api = with_token(&amy.token)
        .get(app.url("/api/v1/collections/dinos/containers/tacos/images/v1/file"))
        .send()
        .await
        .unwrap();
    assert_eq!(api.bytes().await.unwrap(), first);
}
