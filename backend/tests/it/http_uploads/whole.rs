//! Uploads that come to a good end.

use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::json;
use shared_types::{ImageState, Scope, Upload};

use super::{Desk, new};
use crate::{
    common::{TestApp, eventually, with_token},
    db_test,
    http_people::Browser,
    seed::{self, answered, read},
    wire_library::{Library, image_for, image_of_size},
};

db_test!(
    a_file_in_pieces_becomes_an_image_like_any_other,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let desk = Desk::of(&app, &amy);
        let file = image_of_size(200_000, 1);
        let mut wanted = new(file.len());
        wanted["description"] = json!("nightly build");
        let upload: Upload = read(desk.begin_with(&wanted), 201).await;
        assert_eq!((&*upload.collection, &*upload.container), ("tools", "bwa"));
        assert_eq!((&*upload.tag, upload.received_bytes), ("1.0", 0));
        assert_eq!(upload.size_bytes, file.len() as u64);
        assert!(upload.chunk_bytes > 0);

        let mut at = 0;
        for piece in file.chunks(37_000) {
            let sent = desk.send(&upload.id, at, file.slice_ref(piece)).await;
            at += piece.len() as u64;
            assert_eq!(sent.received_bytes, at);
            assert_eq!(desk.state(&upload.id).await, sent);
            assert_eq!(desk.list().await.items, [sent]);
        }
        let image = desk.complete(&upload.id, &file).await;
        assert_eq!(image.tags, ["1.0"]);
        assert_eq!(image.size_bytes, file.len() as u64);
        assert_eq!(image.description, "nightly build");
        assert_eq!(image.pushed_by.as_deref(), Some("amy"));
        assert_eq!(desk.list().await.total, 0);
        assert_eq!((app.stored_files(), app.store_files()), (1, 1));

        // Every other door has it, byte for byte, and the job has read it.
        let library = Library::of(&app, &amy);
        assert!(library.pull("amy/tools/bwa:1.0").await == file);
        let shown = "/api/v1/collections/tools/containers/bwa/images/1.0";
        eventually("the image is read", async || {
            let text = answered(amy.client.get(app.url(shown)), 200).await;
            text.contains(&format!("\"{}\"", ImageState::Ready))
                .then_some(())
        })
        .await;
        let history = "/api/v1/collections/tools/containers/bwa/history";
        let history = answered(amy.client.get(app.url(history)), 200).await;
        assert!(history.contains("\"created\""), "{history}");
        let tools = answered(amy.client.get(app.url("/api/v1/collections/tools")), 200);
        let size = format!("\"size_bytes\":{}", file.len());
        assert!(tools.await.contains(&size));
    }
);

#[tokio::test]
async fn a_browser_uploads_with_its_session_and_the_proof_of_its_page() {
    let app = TestApp::start().await;
    app.user_with_password("amy").await;
    let browser = Browser::signed_in(&app, "amy").await;
    let file = image_for(sif::Arch::Arm64, 1);
    let begin = || browser.request(reqwest::Method::POST, "/uploads");
    let upload: Upload = read(begin().json(&new(file.len())), 201).await;
    let path = format!("/uploads/{}/bytes?offset=0", upload.id);
    let put = || browser.request(reqwest::Method::PUT, &path);
    // What another site sends in the browser's name does not count.
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("x-csrf-token", "guessed"),
    ] {
        let mut foreign = HeaderMap::new();
        foreign.insert(name, HeaderValue::from_static(value));
        let text = answered(put().headers(foreign).body(file.clone()), 403).await;
        assert!(text.contains("cross_site"), "{text}");
    }
    let sent: Upload = read(put().body(file.clone()), 200).await;
    assert_eq!(sent.received_bytes, file.len() as u64);
    let end = json!({ "digest": format!("sha256:{}", crate::wire_library::hex_of(&file)) });
    let path = format!("/uploads/{}/complete", upload.id);
    let end = browser.request(reqwest::Method::POST, &path).json(&end);
    let image: shared_types::Image = read(end, 200).await;
    assert_eq!(image.arch.as_deref(), Some("arm64"), "as the file says");
}

#[tokio::test]
async fn a_token_needs_the_scope_to_push() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    seed::collection(&app, "amy", "tools", false).await;
    let file = image_for(sif::Arch::Amd64, 1);
    for (scope, status) in [(Scope::Pull, 403), (Scope::Push, 201)] {
        let token = app.token("amy", scope, None).await;
        let desk = Desk::with(&app, with_token(&token));
        answered(desk.begin_with(&new(file.len())), status).await;
    }
    seed::collection(&app, "amy", "other", false).await;
    let elsewhere = app
        .token("amy", Scope::Push, Some(vec!["other".to_owned()]))
        .await;
    let desk = Desk::with(&app, with_token(&elsewhere));
    answered(desk.begin_with(&new(file.len())), 403).await;
    // Nor does it go on with what another token of the same person began.
    let upload = Desk::of(&app, &amy).begin(file.len()).await;
    answered(desk.piece(&upload.id, 0, file), 403).await;
}

db_test!(the_same_bytes_are_kept_once, async |app: TestApp| {
    let desk = Desk::of(&app, &app.user("amy").await);
    let file = image_for(sif::Arch::Amd64, 1);
    let mut to = new(file.len());
    for (container, tag) in [("bwa", "1.0"), ("bwa", "1.1"), ("copy", "1.0")] {
        to["container"] = json!(container);
        to["tag"] = json!(tag);
        desk.push(&to, &file).await;
        assert_eq!((app.stored_files(), app.store_files()), (1, 1));
    }
    let image = desk.push(&new(file.len()), &file).await;
    assert_eq!(image.tags, ["1.0", "1.1"]);
});

#[tokio::test]
async fn completing_again_says_the_same() {
    let app = TestApp::start().await;
    let desk = Desk::of(&app, &app.user("amy").await);
    let file = image_for(sif::Arch::Amd64, 1);
    let upload = desk.begin(file.len()).await;
    desk.send(&upload.id, 0, file.clone()).await;
    let (one, two) = tokio::join!(
        desk.complete(&upload.id, &file),
        desk.complete(&upload.id, &file)
    );
    assert_eq!(one.digest, two.digest);
    let again = desk.complete(&upload.id, &file).await;
    assert_eq!(again.digest, one.digest);
    // It is an image now, not an upload: nothing can be added, and giving it up takes nothing away.
    super::refused(desk.piece(&upload.id, 0, "x"), 404, "upload_not_found").await;
    desk.give_up(&upload.id).await;
    assert_eq!(app.stored_files(), 1);
}
