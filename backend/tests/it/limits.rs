//! Download limits by the week: the same by every door, and never in the middle of a transfer.

use chrono::TimeDelta;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use shared_types::{DownloadLimit, LimitRule, NewShareLink, Problem};
use sregistry_server::{
    config::Settings,
    services::{images::ImagePath, limits, pull, shares},
};

use crate::{
    common::{Engine, TestApp, TestUser, eventually},
    db_test, seed,
    seed::{Pushed, answered, read},
};

const CONTAINER: &str = "/api/v1/collections/climate/containers/model/download_limit";
const COLLECTION: &str = "/api/v1/collections/climate/download_limit";
const FILE: &str = "/download/climate/model/1.0.sif";

async fn library(app: &TestApp) -> (TestUser, Pushed) {
    let amy = app.user("amy").await;
    seed::collection(app, "amy", "climate", false).await;
    let pushed = seed::push(app, "amy", "climate/model", "1.0", 1).await;
    (amy, pushed)
}

async fn set(app: &TestApp, amy: &TestUser, path: &str, limit: u64) -> DownloadLimit {
    let change = json!({ "rule": "own", "limit": limit });
    read(amy.client.put(app.url(path)).json(&change), 200).await
}

/// Waits until so many downloads of this week are counted.
async fn used(app: &TestApp, path: &str, count: u64) {
    eventually("the downloads are counted", async || {
        let limit: DownloadLimit = read(app.client().get(app.url(path)), 200).await;
        assert!(limit.used <= count, "{limit:?}");
        (limit.used == count).then_some(())
    })
    .await;
}

async fn get(client: &Client, url: String) -> Response {
    client.get(url).send().await.unwrap()
}

async fn download(app: &TestApp) {
    let response = get(&app.client(), app.url(FILE)).await;
    assert_eq!(response.status(), 200);
    response.bytes().await.unwrap();
}

fn seconds(response: &Response) -> i64 {
    let value = response.headers()["retry-after"].to_str().unwrap();
    value.parse().unwrap()
}

/// Refused with the status, the time and the words of each door.
async fn every_door_refuses(app: &TestApp, shared: &str) {
    let client = app.client();
    let sentence = answered(client.get(app.url(FILE)), 429).await;
    assert!(sentence.contains("in a week"), "{sentence}");
    let api = app.url("/api/v1/collections/climate/containers/model/images/1.0/file");
    let problem: Problem = read(client.get(&api), 429).await;
    assert_eq!(problem.code.as_str(), "download_limit");
    let library = app.url("/v1/imagefile/climate/model:1.0");
    let envelope: Value = read(client.get(&library), 429).await;
    assert_eq!(envelope["error"]["code"], 429);
    let shub = app.url("/api/container/climate/model:1.0");
    let envelope: Value = read(client.get(&shub), 429).await;
    assert!(envelope["detail"].as_str().unwrap().contains("in a week"));
    answered(client.get(app.url(shared)), 429).await;
    for url in [app.url(FILE), api, library, shub, app.url(shared)] {
        let refused = get(&client, url).await;
        assert!((1..=7 * 86_400).contains(&seconds(&refused)));
    }
    // What tells of the image without its bytes goes on.
    let head = client.head(app.url(FILE)).send().await.unwrap();
    assert_eq!(head.status(), 200);
    answered(client.get(app.url("/v1/images/climate/model:1.0")), 200).await;
    answered(client.get(app.url(&format!("{FILE}.sha256"))), 200).await;
}

async fn share(app: &TestApp) -> String {
    let path = ImagePath {
        collection: "climate",
        container: "model",
        reference: "1.0",
        arch: None,
    };
    let new = NewShareLink {
        expires_in_hours: 1000,
        max_uses: None,
        note: None,
    };
    let viewer = seed::viewer(app, "amy").await;
    let issued = shares::create(app.core(), &viewer, path, new).await;
    issued.unwrap().path
}

db_test!(
    a_used_up_limit_closes_every_door_until_monday,
    async |app: TestApp| {
        let (amy, _) = library(&app).await;
        let shared = share(&app).await;
        let before = set(&app, &amy, CONTAINER, 2).await;
        assert_eq!(
            (before.rule, before.limit, before.used),
            (LimitRule::Own, Some(2), 0)
        );
        download(&app).await;
        used(&app, CONTAINER, 1).await;
        let link = get(&app.client(), app.url(&shared)).await;
        assert_eq!(link.status(), 200);
        link.bytes().await.unwrap();
        used(&app, CONTAINER, 2).await;
        every_door_refuses(&app, &shared).await;
        pull::flush(app.core()).await.unwrap();
        every_door_refuses(&app, &shared).await;
        // Another week.
        let limit: DownloadLimit = read(app.client().get(app.url(CONTAINER)), 200).await;
        let monday = limit.resets_at.unix() - app.core().clock.now().timestamp();
        app.clock.advance(TimeDelta::seconds(monday + 1));
        download(&app).await;
        used(&app, CONTAINER, 1).await;
    }
);

#[tokio::test]
async fn a_collections_limit_counts_all_its_containers_and_the_total_stays() {
    let app = TestApp::start().await;
    let (amy, _) = library(&app).await;
    seed::push(&app, "amy", "climate/other", "1.0", 2).await;
    set(&app, &amy, COLLECTION, 1).await;
    download(&app).await;
    used(&app, COLLECTION, 1).await;
    let other = app.url("/download/climate/other/1.0.sif");
    let sentence = answered(app.client().get(&other), 429).await;
    assert!(sentence.contains("collection"), "{sentence}");
    pull::flush(app.core()).await.unwrap();
    assert_eq!(limits::reset(app.core()).await.unwrap(), 1);
    answered_whole(&app, &other).await;
    let shown: Value = read(
        app.client().get(app.url("/api/v1/collections/climate")),
        200,
    )
    .await;
    assert_eq!(shown["collection"]["downloads"], 1);
}

async fn answered_whole(app: &TestApp, url: &str) {
    let response = get(&app.client(), url.to_owned()).await;
    assert_eq!(response.status(), 200);
    response.bytes().await.unwrap();
}

#[tokio::test]
async fn the_registrys_limit_counts_where_owners_have_set_none() {
    let change = |settings: &mut Settings| {
        settings.registry.container_weekly_get_limit = Some(1);
        settings.registry.collection_weekly_get_limit = Some(3);
    };
    let app = TestApp::start_with(Engine::Sqlite, change).await;
    let (amy, _) = library(&app).await;
    let limit: DownloadLimit = read(app.client().get(app.url(CONTAINER)), 200).await;
    assert_eq!((limit.rule, limit.limit), (LimitRule::Default, Some(1)));
    download(&app).await;
    used(&app, CONTAINER, 1).await;
    answered(app.client().get(app.url(FILE)), 429).await;
    let unlimited = json!({ "rule": "unlimited" });
    answered(amy.client.put(app.url(CONTAINER)).json(&unlimited), 200).await;
    download(&app).await;
    download(&app).await;
    used(&app, COLLECTION, 3).await;
    let sentence = answered(app.client().get(app.url(FILE)), 429).await;
    assert!(sentence.contains("collection"), "{sentence}");
    for bad in [
        json!({ "rule": "own" }),
        json!({ "rule": "default", "limit": 3 }),
        json!({ "rule": "own", "limit": 2_000_000_000_000_u64 }),
    ] {
        answered(amy.client.put(app.url(CONTAINER)).json(&bad), 422).await;
    }
}

#[tokio::test]
async fn a_transfer_under_way_goes_on_when_the_limit_is_reached_meanwhile() {
    let app = TestApp::start().await;
    let (amy, pushed) = library(&app).await;
    set(&app, &amy, CONTAINER, 1).await;
    let half = pushed.size / 2;
    let part = |range: String| amy.client.get(app.url(FILE)).header("range", range);
    let ticket = get(&app.client(), app.url("/v1/imagefile/climate/model:1.0")).await;
    assert_eq!(ticket.status(), 303);
    let ticket = ticket.headers()["location"].to_str().unwrap().to_owned();
    let first = part(format!("bytes=0-{}", half - 1)).send().await.unwrap();
    let first = first.bytes().await.unwrap();
    download(&app).await;
    used(&app, CONTAINER, 1).await;
    answered(app.client().get(app.url(FILE)), 429).await;
    let rest = part(format!("bytes={half}-")).send().await.unwrap();
    assert_eq!(rest.status(), 206, "amy had begun");
    let rest = rest.bytes().await.unwrap();
    assert_eq!([first, rest].concat(), pushed.bytes);
    used(&app, CONTAINER, 2).await;
    let again = part("bytes=0-9".to_owned()).send().await.unwrap();
    assert_eq!(again.status(), 429, "and has the whole file now");
    // The ticket was given out in time; it is worth one download.
    answered_whole(&app, &ticket).await;
    used(&app, CONTAINER, 3).await;
    answered(app.client().get(&ticket), 429).await;
}
