//! What the server says of signatures.

use chrono::Duration;
use pgp::packet::RevocationCode;
use serde_json::json;
use sregistry_server::services::keyserver::verify;

use super::{becomes, detail, image, push, signature, signed, text_of, together, with};
use crate::{
    common::TestApp,
    db_test,
    signer::{Signer, from_now},
    wire_hkp::{add, lookup},
    wire_library::Library,
};

const ADA: &str = "Ada <ada@example.org>";

db_test!(
    a_signature_is_checked_when_its_image_comes_and_when_its_key_comes,
    async |app: TestApp| {
        let (amy, ben) = (app.user("amy").await, app.user("ben").await);
        let mut ada = Signer::new(1, &[ADA, "Ada at work <ada@work.example>"]);
        let mut bob = Signer::new(2, &["Bob <bob@example.org>"]);
        assert_eq!(add(&app, &ben.client, &ada.armored()).await.status, 200);
        push(&app, &amy, "ada", signed(image("one"), &mut ada)).await;
        push(&app, &amy, "bob", signed(image("two"), &mut bob)).await;
        let found = becomes(&app, "ada", "valid").await;
        assert_eq!(found["problem"], json!(null));
        assert_eq!(found["kind"], "pgp");
        assert_eq!(found["fingerprint"], ada.fingerprint());
        let signer = json!({
            "fingerprint": ada.fingerprint(),
            "user_ids": [ADA, "Ada at work <ada@work.example>"],
            "username": "ben",
        });
        assert_eq!(found["signer"], signer);
        assert_eq!(found["objects"], json!([1, 2]));
        assert_eq!(found["complete"], true);
        assert!(found["signed_at"].is_string());
        let unknown = becomes(&app, "bob", "unknown_key").await;
        assert_eq!(unknown["fingerprint"], bob.fingerprint());
        let said = together(&app, "bob").await;
        assert_eq!(said, json!({ "state": "unknown_key", "complete": true }));
        assert_eq!(unknown["signer"], json!(null));
        assert_eq!(add(&app, &ben.client, &bob.armored()).await.status, 200);
        let found = becomes(&app, "bob", "valid").await;
        assert_eq!(together(&app, "bob").await["state"], "valid");
        assert_eq!(
            found["signer"]["user_ids"],
            json!(["Bob <bob@example.org>"])
        );
        // Who signed is what the clients' search shows.
        let library = Library::of(&app, &amy);
        let hits = library
            .get("/v1/search?value=tool&signed=true")
            .await
            .data();
        let mut prints: Vec<_> = hits["image"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hit| (hit["signed"].clone(), hit["fingerprints"].clone()))
            .collect();
        prints.reverse();
        let expected = [&ada, &bob].map(|signer| (json!(true), json!([signer.fingerprint()])));
        assert_eq!(prints, expected);
    }
);

#[tokio::test]
async fn a_file_that_was_changed_after_it_was_signed_is_told() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let mut ada = Signer::new(1, &[ADA]);
    add(&app, &amy.client, &ada.armored()).await;
    let message = ada.clearsign(&text_of(&image("one")));
    push(
        &app,
        &amy,
        "changed",
        with(image("two"), ada.fingerprint_bytes(), message.clone()),
    )
    .await;
    let found = becomes(&app, "changed", "invalid").await;
    assert_eq!(
        found["problem"],
        "The data of object 1 is not what was signed."
    );
    assert_eq!(found["complete"], false);
    // The list of digests was changed with the file: then the key did not sign the list.
    let text = String::from_utf8(message).unwrap();
    let forged = text.replace(&text_of(&image("one")), &text_of(&image("six")));
    push(
        &app,
        &amy,
        "forged",
        with(image("six"), ada.fingerprint_bytes(), forged.into()),
    )
    .await;
    let found = becomes(&app, "forged", "invalid").await;
    assert_eq!(found["problem"], "The key did not sign this text.");
    // What was added later is nobody's.
    let part = ada.clearsign(&text_of(&image("one")));
    let more = image("one").data_padding(100);
    push(
        &app,
        &amy,
        "more",
        with(more, ada.fingerprint_bytes(), part),
    )
    .await;
    let found = becomes(&app, "more", "valid").await;
    assert_eq!(found["complete"], false);
    assert_eq!(
        found["problem"],
        "It does not cover every object of the image."
    );
}

#[tokio::test]
async fn a_changed_file_is_told_even_where_the_key_is_not_here() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let mut ada = Signer::new(1, &[ADA]);
    let message = ada.clearsign(&text_of(&image("one")));
    push(
        &app,
        &amy,
        "changed",
        with(image("two"), ada.fingerprint_bytes(), message),
    )
    .await;
    assert_eq!(
        becomes(&app, "changed", "invalid").await["signer"],
        json!(null)
    );
}

#[tokio::test]
async fn a_key_that_is_taken_back_takes_its_signatures_along() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    for (n, why, state) in [
        (1, RevocationCode::KeyCompromised, "key_revoked"),
        (2, RevocationCode::NoReason, "key_revoked"),
    ] {
        let mut signer = Signer::new(n, &[ADA]);
        let tag = format!("v{n}");
        add(&app, &amy.client, &signer.armored()).await;
        push(&app, &amy, &tag, signed(image(&tag), &mut signer)).await;
        becomes(&app, &tag, "valid").await;
        signer.revoke(why);
        add(&app, &amy.client, &signer.armored()).await;
        let found = becomes(&app, &tag, state).await;
        assert_eq!(found["signer"]["fingerprint"], signer.fingerprint());
    }
}

#[tokio::test]
async fn a_key_that_was_retired_still_stands_for_what_it_signed_before() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let mut ada = Signer::new(1, &[ADA]);
    let before = ada.clearsign_at(&text_of(&image("old")), from_now(-1800));
    let after = ada.clearsign_at(&text_of(&image("new")), from_now(1800));
    ada.revoke(RevocationCode::KeyRetired);
    add(&app, &amy.client, &ada.armored()).await;
    push(
        &app,
        &amy,
        "old",
        with(image("old"), ada.fingerprint_bytes(), before),
    )
    .await;
    push(
        &app,
        &amy,
        "new",
        with(image("new"), ada.fingerprint_bytes(), after),
    )
    .await;
    becomes(&app, "old", "valid").await;
    becomes(&app, "new", "key_revoked").await;
}

#[tokio::test]
async fn a_key_that_expires_is_told_from_that_moment_and_renewed_by_its_owner() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let mut ada = Signer::new(1, &[ADA]);
    // Made an hour ago, it ends in an hour.
    ada.expire_after(2 * 3600, 5);
    add(&app, &amy.client, &ada.armored()).await;
    push(&app, &amy, "v1", signed(image("one"), &mut ada)).await;
    assert!(becomes(&app, "v1", "valid").await["valid_until"].is_string());
    app.clock.advance(Duration::hours(2));
    assert_eq!(signature(&app, "v1").await["state"], "key_expired");
    assert_eq!(together(&app, "v1").await["state"], "key_expired");
    let keys: serde_json::Value = app.get("/api/v1/keys").await.json().await.unwrap();
    assert_eq!(keys["items"][0]["expired"], true);
    ada.expire_after(24 * 3600, 10);
    add(&app, &amy.client, &ada.armored()).await;
    becomes(&app, "v1", "valid").await;
}

#[tokio::test]
async fn a_subkey_signs_for_its_key_and_nobody_else() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let (mut ada, eve) = (
        Signer::new(1, &[ADA]),
        Signer::new(2, &["Eve <eve@example.org>"]),
    );
    for signer in [&ada, &eve] {
        add(&app, &amy.client, &signer.armored()).await;
    }
    let message = ada.clearsign_with_subkey(&text_of(&image("one")));
    push(
        &app,
        &amy,
        "sub",
        with(image("one"), ada.fingerprint_bytes(), message.clone()),
    )
    .await;
    let found = becomes(&app, "sub", "valid").await;
    assert_eq!(found["signer"]["fingerprint"], ada.fingerprint());
    // The same signature in an image that says it is Eve's; and one that names no key.
    let named = image("one").seed(9);
    let message = ada.clearsign(&text_of(&named));
    push(
        &app,
        &amy,
        "named",
        with(named, eve.fingerprint_bytes(), message),
    )
    .await;
    let found = becomes(&app, "named", "invalid").await;
    assert_eq!(
        found["problem"],
        "The image names another key than the one that signed."
    );
    let unnamed = image("one").seed(10);
    let message = ada.clearsign(&text_of(&unnamed));
    push(&app, &amy, "unnamed", with(unnamed, [0; 20], message)).await;
    assert_eq!(
        becomes(&app, "unnamed", "valid").await["fingerprint"],
        json!(null)
    );
}

#[tokio::test]
async fn signatures_that_nobody_can_have_made_are_told() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let mut ada = Signer::new(1, &[ADA]);
    add(&app, &amy.client, &ada.armored()).await;
    for (tag, seconds) in [("early", -7200), ("late", 10 * 24 * 3600)] {
        let message = ada.clearsign_at(&text_of(&image(tag)), from_now(seconds));
        push(
            &app,
            &amy,
            tag,
            with(image(tag), ada.fingerprint_bytes(), message),
        )
        .await;
        let problem = becomes(&app, tag, "invalid").await["problem"].clone();
        assert!(
            problem.as_str().unwrap().contains("dated"),
            "{tag}: {problem}"
        );
    }
    let whole = String::from_utf8(ada.clearsign(&text_of(&image("cut")))).unwrap();
    let cut = whole.split_at(whole.len() - 60).0.as_bytes().to_vec();
    let doubled = format!("{whole}{whole}").into_bytes();
    for (tag, message) in [("cut", cut), ("doubled", doubled)] {
        push(
            &app,
            &amy,
            tag,
            with(image("cut").seed(1), ada.fingerprint_bytes(), message),
        )
        .await;
        let found = becomes(&app, tag, "invalid").await;
        assert_eq!(found["problem"], "The signature cannot be read.", "{tag}");
    }
}

#[tokio::test]
async fn signatures_of_other_kinds_are_shown_as_not_checked() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let envelope = r#"{"payloadType":"application/vnd.sylabs.sif-metadata+json","payload":"e30=","signatures":[]}"#;
    for (tag, message, kind) in [("dsse", envelope, "dsse"), ("other", "?", "unknown")] {
        push(&app, &amy, tag, with(image(tag), [0; 20], message.into())).await;
        let found = becomes(&app, tag, "not_checked").await;
        assert_eq!(found["kind"], kind);
        assert!(!found["problem"].as_str().unwrap().is_empty());
    }
    let plain = image("plain").to_bytes().unwrap();
    push(&app, &amy, "plain", plain.into()).await;
    let detail = detail(&app, "plain").await;
    assert_eq!(detail["signatures"], json!([]));
    assert_eq!(detail["image"]["signed"], false);
}

#[tokio::test]
async fn a_check_that_was_missed_is_made_up_for() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let mut ada = Signer::new(1, &[ADA]);
    push(&app, &amy, "v1", signed(image("one"), &mut ada)).await;
    becomes(&app, "v1", "unknown_key").await;
    add(&app, &amy.client, &ada.armored()).await;
    // Twice, and while the job does the same.
    let core = app.core();
    let (one, two) = tokio::join!(verify::pending(core), verify::pending(core));
    one.unwrap();
    two.unwrap();
    becomes(&app, "v1", "valid").await;
    lookup(&app, &format!("op=get&search=0x{}", ada.fingerprint())).await;
}
