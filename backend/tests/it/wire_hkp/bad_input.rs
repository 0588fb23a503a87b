//! Keys that are no keys, floods, and requests that make no sense.

use pgp::{composed::ArmorOptions, ser::Serialize};
use reqwest::Method;

use super::{add, lookup};
use crate::{
    common::TestApp,
    signer::{Signer, armored},
    wire_library::client::Answer,
};

#[tokio::test]
async fn a_secret_key_is_refused_and_not_kept() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let ada = Signer::new(1, &["Ada <ada@example.org>"]);
    let secret = ada.key.to_armored_string(ArmorOptions::default()).unwrap();
    // The same under a label that says otherwise, and behind a public key.
    let mut packets = ada.public().to_bytes().unwrap();
    packets.extend(ada.key.to_bytes().unwrap());
    let hidden = sregistry_server::services::keyserver::armored(&packets);
    for text in [secret, hidden] {
        let refusal = add(&app, &amy.client, &text).await.refusal(400);
        assert!(refusal.contains("secret key"), "{refusal}");
    }
    lookup(&app, "op=get&search=ada").await.refusal(404);
}

#[tokio::test]
async fn what_is_no_key_is_refused_in_words() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let mut ada = Signer::new(1, &["Ada <ada@example.org>"]);
    let signed = String::from_utf8(ada.clearsign("hello")).unwrap();
    let whole = ada.armored();
    let cut: String = whole
        .lines()
        .take(5)
        .flat_map(|line| [line, "\n"])
        .collect();
    let noise = sregistry_server::services::keyserver::armored(&[0xff; 500]);
    for (text, word) in [
        ("", "no public key"),
        ("hello", "no public key"),
        (signed.as_str(), "not a public key"),
        (cut.as_str(), "damaged"),
        (noise.as_str(), "no public key"),
    ] {
        let refusal = add(&app, &amy.client, text).await.refusal(400);
        assert!(refusal.contains(word), "{text}: {refusal}");
    }
    let request = amy.client.post(app.url("/pks/add")).body("nothing=here");
    Answer::of(request.send().await.unwrap()).await.refusal(400);
}

#[tokio::test]
async fn a_key_with_any_byte_changed_does_not_harm() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let ada = Signer::new(1, &["Ada <ada@example.org>"]);
    let packets = ada.public().to_bytes().unwrap();
    for at in (0..packets.len()).step_by(7) {
        let mut bytes = packets.clone();
        bytes[at] ^= 0x55;
        let text = sregistry_server::services::keyserver::armored(&bytes);
        let answer = add(&app, &amy.client, &text).await;
        assert!(
            matches!(answer.status, 200 | 400 | 413),
            "{at}: {}",
            answer.text()
        );
    }
    for length in (0..packets.len()).step_by(29) {
        let text = sregistry_server::services::keyserver::armored(&packets[..length]);
        let answer = add(&app, &amy.client, &text).await;
        assert!(
            matches!(answer.status, 200 | 400 | 413),
            "{length}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn floods_are_refused_before_they_cost_anything() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let ada = Signer::new(1, &["Ada <ada@example.org>"]);
    let large = format!("{}{}", ada.armored(), "x".repeat(1024 * 1024));
    add(&app, &amy.client, &large).await.refusal(413);
    let request = amy
        .client
        .post(app.url("/pks/add"))
        .body(vec![b'k'; 4 * 1024 * 1024]);
    Answer::of(request.send().await.unwrap()).await.refusal(413);
    // Signatures that say they are the owner's: more than anybody has.
    let mut flood = ada.public();
    let one = flood.details.users[0].signatures[0].clone();
    let two = flood.public_subkeys[0].signatures[0].clone();
    let mut many = Vec::new();
    for n in 0..70 {
        let mut user = flood.details.users[0].clone();
        let text = format!("Name {n} <n{n}@example.org>");
        user.id =
            pgp::packet::UserId::from_str(pgp::types::PacketHeaderVersion::New, &text).unwrap();
        user.signatures = vec![one.clone(), two.clone()];
        many.push(user);
    }
    flood.details.users.extend(many);
    add(&app, &amy.client, &armored(&flood)).await.refusal(413);
    let keys = ada.armored().repeat(3);
    let answer = add(&app, &amy.client, &keys).await;
    assert_eq!(
        answer.text().matches("added").count(),
        1,
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn requests_that_make_no_sense_are_answered_in_the_envelope() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    for (method, path, status) in [
        (Method::GET, "/pks", 404),
        (Method::GET, "/pks/", 404),
        (Method::GET, "/pks/add", 404),
        (Method::POST, "/pks/lookup", 404),
        (Method::DELETE, "/pks/lookup", 404),
        (Method::GET, "/pks/lookup", 400),
        (Method::GET, "/pks/lookup?op=get", 400),
        (Method::GET, "/pks/lookup?op=get&search=", 400),
        (Method::GET, "/pks/lookup?op=get&search=0xzz", 400),
        (Method::GET, "/pks/lookup?op=get&search=%00", 400),
        (Method::GET, "/pks/lookup?op=stats&search=x", 501),
        (Method::GET, "/pks/lookup?op=hget&search=x", 501),
    ] {
        let request = amy.client.request(method.clone(), app.url(path));
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert!(!answer.refusal(status).is_empty(), "{method} {path}");
    }
}
