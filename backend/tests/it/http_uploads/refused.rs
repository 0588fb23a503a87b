//! What is refused: at the beginning where that is possible, at the end where it is not.

use bytes::Bytes;
use serde_json::{Value, json};
use sregistry_server::services::{
    Error,
    uploads::sessions::{self, NewSession},
};

use super::{Desk, new, refused};
use crate::{
    common::TestApp,
    db_test,
    seed::{self, answered, read, viewer},
    wire_library::{hex_of, image_for, image_of_size},
};

/// `new` with one field changed.
fn with(field: &str, value: Value) -> Value {
    let mut new = new(1000);
    new[field] = value;
    new
}

#[tokio::test]
async fn bad_fields_are_named_before_anything_is_made() {
    let app = TestApp::start().await;
    let desk = Desk::of(&app, &app.user("amy").await);
    for (field, value, status) in [
        ("tag", json!("no spaces"), 422),
        ("tag", json!(format!("sha256.{}", "a".repeat(64))), 422),
        ("digest", json!("sha256:short"), 422),
        ("digest", json!("md5:abc"), 422),
        ("description", json!("x".repeat(100_000)), 422),
        ("size_bytes", json!(0), 422),
        ("size_bytes", json!(-1), 400),
        ("size_bytes", json!(1.5), 400),
        ("size_bytes", Value::Null, 400),
        ("surprise", json!(1), 400),
        ("size_bytes", json!(u64::MAX), 422),
    ] {
        let text = answered(desk.begin_with(&with(field, value.clone())), status).await;
        assert!(text.contains("\"code\""), "{text}");
    }
    for (field, value) in [("collection", json!("")), ("container", json!(""))] {
        answered(desk.begin_with(&with(field, value)), 422).await;
    }
    assert_eq!(app.store_files(), 0);
    assert_eq!(desk.list().await.total, 0);
}

db_test!(wrong_bytes_leave_nothing, async |app: TestApp| {
    let desk = Desk::of(&app, &app.user("amy").await);
    let file = image_for(sif::Arch::Amd64, 1);
    let upload = desk.begin(file.len()).await;
    desk.send(&upload.id, 0, file.clone()).await;
    let problem = refused(desk.end(&upload.id, b"other"), 422, "digest_mismatch").await;
    assert!(
        problem.message.contains(&hex_of(&file)),
        "{}",
        problem.message
    );
    refused(desk.end(&upload.id, &file), 404, "upload_not_found").await;
    assert_eq!(app.store_files(), 0);
    assert_eq!(desk.list().await.total, 0);
});

#[tokio::test]
async fn a_digest_that_was_announced_is_the_one_that_counts() {
    let app = TestApp::start().await;
    let desk = Desk::of(&app, &app.user("amy").await);
    let file = image_for(sif::Arch::Amd64, 1);
    let mut wanted = new(file.len());
    wanted["digest"] = json!(format!("sha256:{}", hex_of(b"other")));
    let upload: shared_types::Upload = read(desk.begin_with(&wanted), 201).await;
    assert_eq!(upload.digest.as_deref(), wanted["digest"].as_str());
    desk.send(&upload.id, 0, file.clone()).await;
    refused(desk.end(&upload.id, &file), 422, "digest_mismatch").await;
    refused(desk.end(&upload.id, b"other"), 422, "digest_mismatch").await;
    assert_eq!(app.store_files(), 0);
}

#[tokio::test]
async fn what_is_no_image_is_refused_and_leaves_nothing() {
    let app = TestApp::start().await;
    let desk = Desk::of(&app, &app.user("amy").await);
    let mut cut = image_of_size(100_000, 1).to_vec();
    cut.truncate(5000);
    for bytes in [Bytes::from_static(b"just text"), cut.into()] {
        let upload = desk.begin(bytes.len()).await;
        desk.send(&upload.id, 0, bytes.clone()).await;
        refused(desk.end(&upload.id, &bytes), 422, "not_an_image").await;
        refused(desk.end(&upload.id, &bytes), 404, "upload_not_found").await;
        assert_eq!(app.store_files(), 0);
    }
}

#[tokio::test]
async fn an_upload_with_bytes_missing_is_not_complete() {
    let app = TestApp::start().await;
    let desk = Desk::of(&app, &app.user("amy").await);
    let file = image_for(sif::Arch::Amd64, 1);
    let upload = desk.begin(file.len()).await;
    desk.send(&upload.id, 0, file.slice(..1000)).await;
    let end = || desk.end(&upload.id, &file);
    let problem = refused(end(), 409, "conflict").await;
    assert!(problem.message.contains("1000 of"), "{}", problem.message);
    desk.send(&upload.id, 1000, file.slice(1000..)).await;
    desk.complete(&upload.id, &file).await;
}

db_test!(
    a_frozen_tag_is_refused_at_the_beginning,
    async |app: TestApp| {
        let desk = Desk::of(&app, &app.user("amy").await);
        let file = image_for(sif::Arch::Amd64, 1);
        desk.push(&new(file.len()), &file).await;
        seed::freeze(&app, "amy", "tools/bwa", "1.0", true).await;
        let other = image_for(sif::Arch::Amd64, 2);
        refused(desk.begin_with(&new(other.len())), 409, "frozen").await;
        let mut wanted = new(other.len());
        wanted["arch"] = json!("amd64");
        refused(desk.begin_with(&wanted), 409, "frozen").await;
        wanted["digest"] = json!(format!("sha256:{}", hex_of(&other)));
        refused(desk.begin_with(&wanted), 409, "frozen").await;
        // What it points at may come again, and another architecture has a tag of its own.
        wanted["digest"] = json!(format!("sha256:{}", hex_of(&file)));
        wanted["size_bytes"] = json!(file.len());
        desk.push(&wanted, &file).await;
        let arm = image_for(sif::Arch::Arm64, 3);
        let mut wanted = new(arm.len());
        wanted["arch"] = json!("arm64");
        desk.push(&wanted, &arm).await;
        assert_eq!(app.stored_files(), 2);
    }
);

#[tokio::test]
async fn a_tag_frozen_meanwhile_does_not_move_and_the_upload_waits() {
    let app = TestApp::start().await;
    let desk = Desk::of(&app, &app.user("amy").await);
    let (file, other) = (
        image_for(sif::Arch::Amd64, 1),
        image_for(sif::Arch::Amd64, 2),
    );
    let first = desk.push(&new(file.len()), &file).await;
    let upload = desk.begin(other.len()).await;
    desk.send(&upload.id, 0, other.clone()).await;
    seed::freeze(&app, "amy", "tools/bwa", "1.0", true).await;
    for _ in 0..2 {
        refused(desk.end(&upload.id, &other), 409, "frozen").await;
        assert_eq!(
            desk.list().await.items[0].received_bytes,
            other.len() as u64
        );
    }
    seed::freeze(&app, "amy", "tools/bwa", "1.0", false).await;
    let image = desk.complete(&upload.id, &other).await;
    assert_eq!(image.tags, ["1.0"]);
    assert_ne!(image.digest, first.digest);
}

#[tokio::test]
async fn nobody_else_sees_or_touches_an_upload() {
    let app = TestApp::start().await;
    let (amy, bob, root) = (
        app.user("amy").await,
        app.user("bob").await,
        app.superuser().await,
    );
    let desk = Desk::of(&app, &amy);
    let file = image_for(sif::Arch::Amd64, 1);
    let upload = desk.begin(file.len()).await;
    for other in [&bob, &root] {
        let desk = Desk::of(&app, other);
        let path = format!("/{}", upload.id);
        let get = desk.ask(reqwest::Method::GET, &path);
        let delete = desk.ask(reqwest::Method::DELETE, &path);
        for request in [
            get,
            delete,
            desk.piece(&upload.id, 0, file.clone()),
            desk.end(&upload.id, &file),
        ] {
            refused(request, 404, "upload_not_found").await;
        }
        assert_eq!(desk.list().await.total, 0);
    }
    let nobody = Desk::with(&app, app.client());
    refused(
        nobody.piece(&upload.id, 0, file.clone()),
        401,
        "unauthenticated",
    )
    .await;
    refused(nobody.begin_with(&new(10)), 401, "unauthenticated").await;
    desk.send(&upload.id, 0, file.clone()).await;
    desk.complete(&upload.id, &file).await;
}

#[tokio::test]
async fn an_upload_to_what_the_caller_may_not_push_to_is_refused() {
    let app = TestApp::start().await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    seed::collection(&app, "amy", "tools", true).await;
    let desk = Desk::of(&app, &bob);
    // As for every push: the name is in use, and that is all there is to learn.
    refused(desk.begin_with(&new(1000)), 409, "name_taken").await;
    seed::contributor(&app, "tools", "bob").await;
    refused(desk.begin_with(&new(1000)), 403, "forbidden").await;
    let contribute = json!({ "contributors_may_push": true });
    let path = app.url("/api/v1/collections/tools");
    answered(amy.client.patch(&path).json(&contribute), 200).await;
    let file = image_for(sif::Arch::Amd64, 1);
    let upload = desk.begin(file.len()).await;
    desk.send(&upload.id, 0, file.slice(..10)).await;
    // The right ends: so does the upload, and nothing of it shows.
    answered(
        amy.client
            .patch(&path)
            .json(&json!({ "contributors_may_push": false })),
        200,
    )
    .await;
    refused(
        desk.piece(&upload.id, 10, file.slice(10..)),
        403,
        "forbidden",
    )
    .await;
    dismiss(&app).await;
    refused(
        desk.piece(&upload.id, 10, file.slice(10..)),
        404,
        "upload_not_found",
    )
    .await;
    assert_eq!(desk.list().await.total, 0);
    desk.give_up(&upload.id).await;
    assert_eq!(app.store_files(), 0);
}

async fn dismiss(app: &TestApp) {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let db = app.core().db.read();
    entity::collection_member::Entity::delete_many()
        .filter(entity::collection_member::Column::Role.eq("contributor"))
        .exec(db)
        .await
        .unwrap();
}

db_test!(what_exceeds_the_quota_is_refused, async |app: TestApp| {
    let app = app
        .restart_with(|settings| settings.registry.user_quota = Some(200_000))
        .await;
    let amy = app.user("amy").await;
    let desk = Desk::of(&app, &amy);
    refused(desk.begin_with(&new(200_001)), 507, "quota_exceeded").await;
    // Two that fit alone and not together: the second is refused in the transaction.
    let (one, two) = (image_of_size(100_000, 1), image_of_size(100_000, 2));
    let (first, second) = (desk.begin(one.len()).await, desk.begin(two.len()).await);
    desk.send(&first.id, 0, one.clone()).await;
    desk.send(&second.id, 0, two.clone()).await;
    desk.complete(&first.id, &one).await;
    refused(desk.end(&second.id, &two), 507, "quota_exceeded").await;
    assert_eq!((app.stored_files(), app.store_files()), (1, 1));
    let shown = read::<shared_types::ImageDetail>(
        amy.client
            .get(app.url("/api/v1/collections/tools/containers/bwa/images/1.0")),
        200,
    );
    assert_eq!(shown.await.image.digest, format!("sha256:{}", hex_of(&one)));
});

/// Where the length is not known the quota and the largest size end the stream.
#[tokio::test]
async fn what_comes_without_a_length_is_limited_on_the_way() {
    for (quota, size, code) in [
        (Some(50_000), 1 << 30, "quota_exceeded"),
        (None, 60_000, "too_large"),
    ] {
        let app = TestApp::settings_with(|settings| {
            settings.registry.user_quota = quota;
            settings.storage.max_image_size = size;
        })
        .await;
        app.user("amy").await;
        seed::collection(&app, "amy", "tools", false).await;
        let (core, amy) = (app.core(), viewer(&app, "amy").await);
        let home = sregistry_server::services::push::find_collection(core, &amy, "tools").await;
        let place = sregistry_server::services::push::ensure_container(
            core,
            &amy,
            home.unwrap().id,
            "bwa",
            "",
        );
        let new = NewSession {
            container_id: place.await.unwrap().id,
            ..NewSession::default()
        };
        let session = sessions::begin(core, &amy, new).await.unwrap();
        let body = || {
            let frames = (0..100).map(|_| Ok(Bytes::from(vec![1; 1000])));
            futures_util::stream::iter(frames)
        };
        let error = sessions::append(core, &amy, &session.id, None, None, body())
            .await
            .unwrap_err();
        assert_eq!(error.code().as_str(), code, "{error}");
        let state = sessions::state(core, &amy, &session.id).await.unwrap();
        let most = quota.unwrap_or(60_000);
        assert!(state.received <= most, "{}", state.received);
        let wrong = Some(state.received + 1);
        let error = sessions::append(core, &amy, &session.id, wrong, None, body())
            .await
            .unwrap_err();
        let told = matches!(error, Error::Offset { expected } if expected == state.received);
        assert!(told, "{error:?}");
    }
}
