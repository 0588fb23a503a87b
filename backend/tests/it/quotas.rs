//! Quotas in bytes: refused by every door, before the bytes flow wherever the client says how many come.

use bytes::Bytes;
use reqwest::Client;
use serde_json::{Value, json};
use shared_types::{CollectionPage, CollectionQuota, LimitRule};
use sregistry_server::config::Settings;

use crate::{
    common::{TestApp, TestUser},
    db_test,
    seed::{self, answered, read},
    wire_library::{Library, hex_of, image_of_size},
    wire_sregistry::Cli,
};

const PLACE: &str = "/v2/tools/bwa/blobs/uploads/";
/// What is said where the collection has no room.
const FULL: &str = "the quota of the collection is used up";

/// `tools` of `amy`.
async fn tools(app: &TestApp) -> TestUser {
    let amy = app.user("amy").await;
    seed::collection(app, "amy", "tools", false).await;
    amy
}

/// Every door refuses an image that does not fit, and none of its bytes is kept.
async fn every_door_refuses(app: &TestApp, amy: &TestUser, image: &Bytes, words: &str) {
    let library = Library::of(app, amy);
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
    let answer = Cli::of(app, amy).push(["tools", "bwa", "v1"], image).await;
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
    let amy = tools(&app).await;
    every_door_refuses(&app, &amy, &image, "the quota is used up").await;
}

#[tokio::test]
async fn what_a_collection_may_not_hold_is_refused_by_every_door() {
    let app = TestApp::settings_with(|settings: &mut Settings| {
        settings.registry.collection_quota = Some(200_000);
    });
    let (app, image) = (app.await, image_of_size(400_000, 1));
    let amy = tools(&app).await;
    every_door_refuses(&app, &amy, &image, FULL).await;
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

/// Sets the quota of `tools`, as this administrator.
async fn allot(app: &TestApp, admin: &TestUser, quota: Value) -> CollectionQuota {
    let url = app.url("/api/v1/collections/tools/quota");
    read(admin.client.put(url).json(&quota), 200).await
}

db_test!(
    a_collections_own_quota_is_in_force_by_every_door,
    async |app: TestApp| {
        let (amy, admin) = (tools(&app).await, app.admin().await);
        let set = allot(
            &app,
            &admin,
            json!({ "rule": "own", "limit_bytes": 200_000 }),
        )
        .await;
        assert_eq!(
            (set.rule, set.limit_bytes, set.used_bytes),
            (LimitRule::Own, Some(200_000), 0)
        );
        let image = image_of_size(400_000, 1);
        every_door_refuses(&app, &amy, &image, FULL).await;
        // Nothing may come at all with a quota of nothing.
        allot(&app, &admin, json!({ "rule": "own", "limit_bytes": 0 })).await;
        every_door_refuses(&app, &amy, &image_of_size(1, 2), FULL).await;
        // Other collections have the room that they had.
        let library = Library::of(&app, &amy);
        library
            .push("amy/others/bwa", &["1.0"], "amd64", &image)
            .await;
    }
);

db_test!(
    a_collections_own_quota_counts_in_place_of_the_registrys,
    async |app: TestApp| {
        let app = app
            .restart_with(|settings| settings.registry.collection_quota = Some(300_000))
            .await;
        let (amy, admin) = (tools(&app).await, app.admin().await);
        let library = Library::of(&app, &amy);
        let url = app.url("/api/v1/collections/tools/quota");
        let shown: CollectionQuota = read(amy.client.get(&url), 200).await;
        assert_eq!(
            (shown.rule, shown.limit_bytes),
            (LimitRule::Default, Some(300_000))
        );
        let (one, two) = (image_of_size(400_000, 1), image_of_size(400_000, 2));
        for (rule, fits) in [
            (json!({ "rule": "default" }), false),
            (json!({ "rule": "own", "limit_bytes": 1_000_000 }), true),
        ] {
            allot(&app, &admin, rule).await;
            let hash = format!("sha256.{}", hex_of(&one));
            let image = library
                .announce("amy/tools/bwa", &hash, "amd64")
                .await
                .unwrap()
                .image;
            let answer = library.upload(&image, &one).await;
            if fits {
                // The client is told of the quota that leaves less.
                let told = json!({ "quotaTotal": 1_000_000, "quotaUsage": one.len() });
                assert_eq!(answer.data()["quota"], told);
            } else {
                assert!(answer.refusal(507).contains(FULL));
            }
        }
        // What is there stays where the quota becomes smaller; the next does not come.
        let shown = allot(&app, &admin, json!({ "rule": "own", "limit_bytes": 10 })).await;
        assert_eq!(shown.used_bytes, one.len() as u64);
        assert_eq!(
            library.get("/v1/containers/amy/tools/bwa").await.status,
            200
        );
        let hash = format!("sha256.{}", hex_of(&two));
        let image = library
            .announce("amy/tools/bwa", &hash, "amd64")
            .await
            .unwrap()
            .image;
        assert!(
            library
                .upload(&image, &two)
                .await
                .refusal(507)
                .contains(FULL)
        );
        let set = allot(&app, &admin, json!({ "rule": "unlimited" })).await;
        assert_eq!((set.rule, set.limit_bytes), (LimitRule::Unlimited, None));
        library.upload(&image, &two).await.data();
        // It stays with the collection under another name.
        let rename = amy.client.post(app.url("/api/v1/collections/tools/rename"));
        answered(rename.json(&json!({ "name": "kit" })), 200).await;
        let url = app.url("/api/v1/collections/kit/quota");
        let shown: CollectionQuota = read(amy.client.get(&url), 200).await;
        assert_eq!(shown.rule, LimitRule::Unlimited);
    }
);

#[tokio::test]
async fn what_comes_while_the_quota_shrinks_is_refused_at_the_end() {
    let app = TestApp::start().await;
    let (amy, admin) = (tools(&app).await, app.admin().await);
    let library = Library::of(&app, &amy);
    let image = image_of_size(400_000, 1);
    let hash = format!("sha256.{}", hex_of(&image));
    let id = library
        .announce("amy/tools/bwa", &hash, "amd64")
        .await
        .unwrap()
        .image;
    let asked = json!({ "filesize": image.len(), "sha256sum": hex_of(&image) });
    let opened = library
        .post(&format!("/v2/imagefile/{id}"), asked)
        .await
        .data();
    let url = opened["uploadURL"].as_str().unwrap();
    assert_eq!(library.send(url, image.clone()).await.status, 200);
    allot(&app, &admin, json!({ "rule": "own", "limit_bytes": 100 })).await;
    let complete = format!("/v2/imagefile/{id}/_complete");
    let end = library.put(&complete, json!({})).await;
    assert!(end.refusal(507).contains(FULL));
}

#[tokio::test]
async fn a_quota_that_makes_no_sense_is_refused_with_a_sentence() {
    let app = TestApp::start().await;
    let (amy, admin) = (tools(&app).await, app.admin().await);
    let url = app.url("/api/v1/collections/tools/quota");
    for (quota, words) in [
        (json!({ "rule": "own" }), "say how many bytes"),
        (
            json!({ "rule": "default", "limit_bytes": 1 }),
            "with the rule “own” only",
        ),
        (
            json!({ "rule": "own", "limit_bytes": u64::MAX }),
            "larger than any store",
        ),
    ] {
        let said = answered(admin.client.put(&url).json(&quota), 422).await;
        assert!(said.contains(words), "{said}");
    }
    for quota in [
        json!({}),
        json!({ "rule": "some" }),
        json!({ "rule": "own", "limit_bytes": -1 }),
    ] {
        answered(admin.client.put(&url).json(&quota), 400).await;
    }
    let said = answered(
        amy.client.put(&url).json(&json!({ "rule": "unlimited" })),
        403,
    )
    .await;
    assert!(said.contains("administrators alone"), "{said}");
}

db_test!(
    the_list_of_collections_tells_quotas_to_those_who_manage_them,
    async |app: TestApp| {
        let (amy, ben, admin) = (tools(&app).await, app.user("ben").await, app.admin().await);
        seed::collection(&app, "ben", "hidden", true).await;
        let quota = json!({ "rule": "own", "limit_bytes": 200_000 });
        let set = allot(&app, &admin, quota).await;
        let url = app.url("/api/v1/collections?sort=name");
        let told = async |client: &Client| -> Vec<(String, Option<CollectionQuota>)> {
            let page: CollectionPage = read(client.get(&url), 200).await;
            let items = page.items.into_iter();
            items.map(|item| (item.name, item.quota)).collect()
        };
        let none = CollectionQuota {
            rule: LimitRule::Default,
            limit_bytes: None,
            used_bytes: 0,
        };
        let (hidden, tools) = (|quota| ("hidden".to_owned(), quota), "tools".to_owned());
        let mine = (tools.clone(), Some(set));
        let others = (tools, None);
        assert_eq!(told(&amy.client).await, std::slice::from_ref(&mine));
        assert_eq!(
            told(&admin.client).await,
            [hidden(Some(none.clone())), mine]
        );
        assert_eq!(
            told(&ben.client).await,
            [hidden(Some(none)), others.clone()]
        );
        assert_eq!(told(&app.client()).await, [others]);
    }
);
