//! Pushing in one piece, again, twice at once, and after a crash.

use reqwest::Method;
use serde_json::json;
use sif::Arch;

use super::{
    Library,
    client::{Answer, hex_of},
    image_for,
};
use crate::{
    common::{TestApp, TestUser, eventually},
    db_test, seed,
};

db_test!(
    a_push_and_a_pull_as_clients_do_them,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let (amy, bytes) = (Library::of(&app, &amy), image_for(Arch::Amd64, 1));
        let hash = format!("sha256.{}", hex_of(&bytes));
        for path in [
            "collections/amy/tools",
            "containers/amy/tools/bwa",
            "images/amy/tools/bwa:latest",
        ] {
            amy.get(&format!("/v1/{path}")).await.refusal(404);
        }
        let announced = amy.announce("amy/tools/bwa", &hash, "amd64").await.unwrap();
        assert!(!announced.uploaded);
        assert_eq!(
            amy.get(&format!("/v2/tags/{}", announced.container))
                .await
                .data(),
            json!({})
        );
        amy.get("/v1/imagefile/amy/tools/bwa:latest")
            .await
            .refusal(404);

        let done = amy.upload(&announced.image, &bytes).await.data();
        assert_eq!(done["quota"]["quotaTotal"], 0);
        assert_eq!(done["quota"]["quotaUsage"], bytes.len());
        assert_eq!(done["containerUrl"], "/containers/tools/bwa");

        for tag in ["latest", "V1.0_RC"] {
            let tags = amy
                .tag(&announced.container, "amd64", tag, &announced.image)
                .await
                .data();
            assert_eq!(tags["amd64"][tag], announced.image);
        }
        let image = amy
            .get("/v1/images/amy/tools/bwa:latest?arch=amd64")
            .await
            .data();
        assert_eq!(image["hash"], hash);
        assert_eq!(image["size"], bytes.len());
        assert_eq!(image["uploaded"], true);
        assert_eq!(image["tags"], json!(["V1.0_RC", "latest"]));
        let names = (
            &image["entityName"],
            &image["collectionName"],
            &image["containerName"],
        );
        assert_eq!(names, (&json!("amy"), &json!("tools"), &json!("bwa")));
        for reference in [
            "amy/tools/bwa:latest",
            "tools/bwa:V1.0_RC",
            &format!("tools/bwa:{hash}"),
            "amy//tools//bwa",
        ] {
            assert_eq!(amy.pull(reference).await, bytes, "{reference}");
        }
    }
);

#[tokio::test]
async fn what_is_inside_an_image_is_read_after_its_push() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let signed = sif::build::SifBuilder::new()
        .signature([7; 20], b"signature".to_vec())
        .to_bytes()
        .unwrap();
    library
        .push("amy/tools/bwa", &["latest"], "amd64", &signed.into())
        .await;
    let image = eventually("the signature is known", async || {
        let image = library.get("/v1/images/tools/bwa:latest").await.data();
        (image["signed"] == true).then_some(image)
    });
    assert_eq!(image.await["arch"], "amd64");
    let found = library
        .get("/v1/search?value=bwa&arch=amd64&signed=true")
        .await
        .data();
    assert_eq!(found["image"][0]["fingerprints"], json!(["07".repeat(20)]));
}

#[tokio::test]
async fn the_same_push_again_sends_nothing() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let (amy, bytes) = (Library::of(&app, &amy), image_for(Arch::Amd64, 1));
    let first = amy
        .push("amy/tools/bwa", &["latest"], "amd64", &bytes)
        .await;
    let hash = format!("sha256.{}", hex_of(&bytes));
    let again = amy.announce("amy/tools/bwa", &hash, "amd64").await.unwrap();
    assert!(again.uploaded);
    assert_eq!(again.image, first.image);
}

db_test!(
    bytes_that_the_caller_may_read_anyway_are_not_sent_again,
    async |app: TestApp| {
        let (amy, ben) = (app.user("amy").await, app.user("ben").await);
        let (amy, ben) = (Library::of(&app, &amy), Library::of(&app, &ben));
        let bytes = image_for(Arch::Amd64, 1);
        amy.push("amy/tools/bwa", &["latest"], "amd64", &bytes)
            .await;
        let hash = format!("sha256.{}", hex_of(&bytes));
        let copy = ben
            .announce("ben/copies/bwa", &hash, "amd64")
            .await
            .unwrap();
        assert!(copy.uploaded);
        ben.tag(&copy.container, "amd64", "latest", &copy.image)
            .await
            .data();
        assert_eq!(ben.pull("ben/copies/bwa").await, bytes);
        assert_eq!(app.stored_files(), 1);
    }
);

db_test!(
    bytes_of_ones_own_private_collections_are_not_sent_again_and_strangers_send_them,
    async |app: TestApp| {
        let (amy, ben) = (app.user("amy").await, app.user("ben").await);
        let (cat, admin) = (app.user("cat").await, app.admin().await);
        for (owner, name) in [
            ("amy", "secret"),
            ("amy", "other"),
            ("ben", "bens"),
            ("cat", "cats"),
        ] {
            seed::collection(&app, owner, name, true).await;
        }
        seed::contributor(&app, "secret", "ben").await;
        let bytes = image_for(Arch::Amd64, 1);
        let library = |user: &TestUser| Library::of(&app, user);
        library(&amy)
            .push("amy/secret/bwa", &["latest"], "amd64", &bytes)
            .await;
        let hash = format!("sha256.{}", hex_of(&bytes));
        for (user, path, known) in [
            (&amy, "amy/secret/again", true),
            (&amy, "amy/other/bwa", true),
            (&ben, "ben/bens/bwa", true),
            (&cat, "cat/cats/bwa", false),
            (&admin, "admin/admins/bwa", true),
        ] {
            let copy = library(user).announce(path, &hash, "amd64").await.unwrap();
            assert_eq!(copy.uploaded, known, "{path}");
        }
    }
);

db_test!(
    knowing_a_digest_is_no_right_to_what_it_names,
    async |app: TestApp| {
        let (amy, ben) = (app.user("amy").await, app.user("ben").await);
        seed::collection(&app, "amy", "secret", true).await;
        let (amy, ben) = (Library::of(&app, &amy), Library::of(&app, &ben));
        let bytes = image_for(Arch::Amd64, 1);
        amy.push("amy/secret/bwa", &["latest"], "amd64", &bytes)
            .await;
        let hash = format!("sha256.{}", hex_of(&bytes));
        let copy = ben.announce("ben/mine/bwa", &hash, "amd64").await.unwrap();
        assert!(!copy.uploaded, "ben must show that he has the bytes");
        ben.tag(&copy.container, "amd64", "latest", &copy.image)
            .await
            .refusal(409);
        ben.get(&format!("/v1/imagefile/ben/mine/bwa:{hash}"))
            .await
            .refusal(404);
        ben.upload(&copy.image, &bytes).await.data();
        ben.tag(&copy.container, "amd64", "latest", &copy.image)
            .await
            .data();
        assert_eq!(ben.pull("ben/mine/bwa").await, bytes);
        assert_eq!(app.stored_files(), 1, "one copy is kept");
    }
);

db_test!(
    two_pushes_of_one_image_at_once_both_succeed,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let (one, two) = (Library::of(&app, &amy), Library::of(&app, &amy));
        let bytes = image_for(Arch::Amd64, 1);
        let pushes = [one, two].map(|library| {
            let bytes = bytes.clone();
            async move {
                library
                    .push("amy/tools/bwa", &["latest"], "amd64", &bytes)
                    .await
                    .image
            }
        });
        let [first, second] = pushes;
        let (first, second) = tokio::join!(first, second);
        assert_eq!(first, second);
        let amy = Library::of(&app, &amy);
        assert_eq!(amy.pull("tools/bwa").await, bytes);
        assert_eq!(app.stored_files(), 1);
        let collection = amy.get("/v1/collections/amy/tools").await.data();
        assert_eq!(collection["size"], bytes.len(), "counted once");
    }
);

#[tokio::test]
async fn completing_again_is_as_good_as_completing_once() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let (amy, bytes) = (Library::of(&app, &amy), image_for(Arch::Amd64, 1));
    let image = amy
        .push("amy/tools/bwa", &["latest"], "amd64", &bytes)
        .await
        .image;
    let complete = format!("/v2/imagefile/{image}/_complete");
    let first = amy.put(&complete, json!({})).await.data();
    assert_eq!(first, amy.put(&complete, json!({})).await.data());
    assert_eq!(first["quota"]["quotaUsage"], bytes.len());
}

#[tokio::test]
async fn an_image_that_was_sent_many_times_is_completed_once_and_kept_once() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let (library, bytes) = (Library::of(&app, &amy), image_for(Arch::Amd64, 1));
    let hash = format!("sha256.{}", hex_of(&bytes));
    let announced = library.announce("amy/tools/bwa", &hash, "amd64").await;
    let image = announced.unwrap().image;
    for _ in 0..30 {
        let asked = json!({ "filesize": bytes.len(), "sha256sum": hex_of(&bytes) });
        let path = format!("/v2/imagefile/{image}");
        let opened = library.post(&path, asked).await.data();
        let url = opened["uploadURL"].as_str().unwrap().to_owned();
        assert_eq!(library.send(&url, bytes.clone()).await.status, 200);
    }
    assert_eq!(app.stored_files(), 30);
    let complete = format!("/v2/imagefile/{image}/_complete");
    library.put(&complete, json!({})).await.data();
    assert_eq!(app.stored_files(), 1);
}

#[tokio::test]
async fn a_push_that_was_cut_off_goes_on_with_the_same_image() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let (library, bytes) = (Library::of(&app, &amy), image_for(Arch::Amd64, 1));
    let hash = format!("sha256.{}", hex_of(&bytes));
    let first = library
        .announce("amy/tools/bwa", &hash, "amd64")
        .await
        .unwrap();
    let complete = format!("/v2/imagefile/{}/_complete", first.image);
    library.put(&complete, json!({})).await.refusal(409);

    let app = { app }.restart().await;
    let library = Library::of(&app, &amy);
    let again = library
        .announce("amy/tools/bwa", &hash, "amd64")
        .await
        .unwrap();
    assert_eq!(
        (again.image.as_str(), again.uploaded),
        (first.image.as_str(), false)
    );
    // The second attempt gets as far as sending the bytes.
    let asked = json!({ "filesize": bytes.len(), "sha256sum": hex_of(&bytes) });
    let opened = library
        .post(&format!("/v2/imagefile/{}", again.image), asked)
        .await
        .data();
    let url = opened["uploadURL"].as_str().unwrap().to_owned();
    assert_eq!(library.send(&url, bytes.clone()).await.status, 200);
    assert_eq!(
        library.send(&url, bytes.clone()).await.status,
        200,
        "bytes may be sent twice"
    );
    assert_eq!(app.stored_files(), 1);

    let app = { app }.restart().await;
    let library = Library::of(&app, &amy);
    let third = library
        .announce("amy/tools/bwa", &hash, "amd64")
        .await
        .unwrap();
    assert!(!third.uploaded);
    library.put(&complete, json!({})).await.data();
    library
        .tag(&third.container, "amd64", "latest", &third.image)
        .await
        .data();
    assert_eq!(library.pull("tools/bwa").await, bytes);
}

#[tokio::test]
async fn clients_before_3_3_push_and_tag_without_architectures() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let (library, bytes) = (Library::of(&app, &amy), image_for(Arch::Amd64, 1));
    let hash = format!("sha256.{}", hex_of(&bytes));
    let announced = library.announce("amy/tools/bwa", &hash, "").await.unwrap();
    let request = amy
        .client
        .post(app.url(&format!("/v1/imagefile/{}", announced.image)));
    Answer::of(request.body(bytes.clone()).send().await.unwrap())
        .await
        .data();
    let tags = format!("/v1/tags/{}", announced.container);
    assert_eq!(library.get(&tags).await.data(), json!({}));
    let tagged = library
        .post(
            &tags,
            json!({ "Tag": "latest", "ImageID": announced.image }),
        )
        .await;
    assert_eq!(tagged.data(), json!({ "latest": announced.image }));
    assert_eq!(
        library.get(&tags).await.data(),
        json!({ "latest": announced.image })
    );
    // They doubled a slash when they pulled.
    let image = library.get("/v1/images//tools/bwa:latest").await.data();
    assert_eq!(image["hash"], hash);
    assert_eq!(library.pull("/tools/bwa:latest").await, bytes);
}

#[tokio::test]
async fn a_push_is_for_those_who_may() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    seed::collection(&app, "amy", "tools", false).await;
    let hash = format!("sha256.{}", "0".repeat(64));
    let (amy, ben) = (Library::of(&app, &amy), Library::of(&app, &ben));
    amy.announce("amy/tools/bwa", &hash, "amd64").await.unwrap();

    let refused = ben
        .announce("amy/tools/other", &hash, "amd64")
        .await
        .unwrap_err();
    assert!(
        refused
            .refusal(403)
            .contains("ben may not push to collection “tools”")
    );
    let refused = ben
        .announce("amy/new-one/other", &hash, "amd64")
        .await
        .unwrap_err();
    assert!(refused.refusal(403).contains("library://ben/new-one/"));
    let anonymous = Library::anonymous(&app);
    anonymous
        .announce("amy/new-one/other", &hash, "amd64")
        .await
        .unwrap_err()
        .refusal(401);
    anonymous
        .post("/v1/images", json!({ "hash": hash, "container": "n1" }))
        .await
        .refusal(401);

    let pull_only = app.token("amy", shared_types::Scope::Pull, None).await;
    let pull_only = Library::with_token(&app, &pull_only);
    pull_only
        .announce("amy/more/other", &hash, "amd64")
        .await
        .unwrap_err()
        .refusal(403);
    seed::collection(&app, "amy", "elsewhere", false).await;
    let elsewhere = app
        .token(
            "amy",
            shared_types::Scope::Push,
            Some(vec!["elsewhere".to_owned()]),
        )
        .await;
    let elsewhere = Library::with_token(&app, &elsewhere);
    elsewhere
        .announce("amy/tools/other", &hash, "amd64")
        .await
        .unwrap_err()
        .refusal(403);
}

#[tokio::test]
async fn collections_are_made_only_where_the_registry_allows_it_and_as_private_as_it_says() {
    let hash = format!("sha256.{}", "0".repeat(64));
    let app = TestApp::settings_with(|s| s.registry.user_collections = false).await;
    let (amy, admin) = (app.user("amy").await, app.admin().await);
    let refused = Library::of(&app, &amy)
        .announce("amy/tools/bwa", &hash, "amd64")
        .await;
    refused.unwrap_err().refusal(403);
    Library::of(&app, &admin)
        .announce("admin/tools/bwa", &hash, "amd64")
        .await
        .unwrap();

    for private_only in [true, false] {
        let app = TestApp::settings_with(|s| {
            s.registry.private_only = private_only;
            s.registry.default_private = !private_only;
        });
        let app = app.await;
        let amy = app.user("amy").await;
        Library::of(&app, &amy)
            .announce("amy/tools/bwa", &hash, "amd64")
            .await
            .unwrap();
        Library::anonymous(&app)
            .get("/v1/collections/amy/tools")
            .await
            .refusal(404);
    }
}

#[tokio::test]
async fn pushes_stop_and_pulls_go_on_while_the_registry_moves() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let bytes = image_for(Arch::Amd64, 1);
    Library::of(&app, &amy)
        .push("amy/tools/bwa", &["latest"], "amd64", &bytes)
        .await;
    let app = app
        .restart_with(|s| s.registry.disable_building = true)
        .await;
    let amy = Library::of(&app, &amy);
    let hash = format!("sha256.{}", "0".repeat(64));
    let refused = amy
        .announce("amy/tools/bwa", &hash, "amd64")
        .await
        .unwrap_err();
    assert!(refused.refusal(403).contains("no pushes"));
    assert_eq!(amy.pull("tools/bwa").await, bytes);
}

#[tokio::test]
async fn deleting_a_tag_reference_deletes_the_image_behind_it() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    let bytes = image_for(Arch::Amd64, 1);
    let (amy, ben) = (Library::of(&app, &amy), Library::of(&app, &ben));
    amy.push("amy/tools/bwa", &["latest", "v1"], "amd64", &bytes)
        .await;
    let path = "/v1/images/amy/tools/bwa:v1?arch=amd64";
    Library::anonymous(&app).delete(path).await.refusal(401);
    ben.delete(path).await.refusal(403);
    amy.delete("/v1/images/amy/tools/bwa:v2?arch=amd64")
        .await
        .refusal(404);
    seed::freeze(&app, "amy", "tools/bwa", "latest", true).await;
    assert!(amy.delete(path).await.refusal(409).contains("frozen"));
    seed::freeze(&app, "amy", "tools/bwa", "latest", false).await;
    assert_eq!(
        amy.delete(path).await.data()["hash"],
        format!("sha256.{}", hex_of(&bytes))
    );
    amy.get("/v1/images/amy/tools/bwa:latest")
        .await
        .refusal(404);
    amy.ask(Method::DELETE, path, None).await.refusal(404);
}

db_test!(
    bytes_pushed_while_their_blob_is_being_removed_are_kept,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let (library, bytes) = (Library::of(&app, &amy), image_for(Arch::Amd64, 1));
        library
            .push("amy/tools/bwa", &["latest"], "amd64", &bytes)
            .await;
        library.delete("/v1/images/tools/bwa:latest").await.data();
        // The sweep has condemned the blob but has not come to removing it.
        let (core, now) = (app.core(), app.core().clock.now());
        let later = now + chrono::Duration::seconds(1);
        let condemned = core
            .db
            .write(async move |tx| sregistry_server::repo::upkeep::condemn_blobs(tx, later).await);
        let condemned = condemned.await.unwrap();
        assert_eq!(condemned.len(), 1);
        let again = library
            .push("amy/tools/bwa", &["latest"], "amd64", &bytes)
            .await;
        assert!(!again.uploaded, "bytes that may vanish are not relied on");
        // Now the sweep goes on with what it knew.
        core.blobs
            .delete(&condemned[0].key.parse().unwrap())
            .await
            .unwrap();
        let id = condemned[0].id;
        core.db
            .write(async move |tx| sregistry_server::repo::upkeep::delete_blob(tx, id).await)
            .await
            .unwrap();
        assert_eq!(library.pull("tools/bwa").await, bytes);
        assert_eq!(app.stored_files(), 1);
    }
);

#[tokio::test]
async fn a_push_brings_back_bytes_that_the_store_has_lost() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let (library, bytes) = (Library::of(&app, &amy), image_for(Arch::Amd64, 1));
    library
        .push("amy/tools/bwa", &["latest"], "amd64", &bytes)
        .await;
    for file in app.blob_files() {
        std::fs::remove_file(file).unwrap();
    }
    let copy = library
        .push("amy/tools/copy", &["latest"], "amd64", &bytes)
        .await;
    assert!(!copy.uploaded);
    assert_eq!(library.pull("tools/copy").await, bytes);
    assert_eq!(library.pull("tools/bwa").await, bytes);
}
