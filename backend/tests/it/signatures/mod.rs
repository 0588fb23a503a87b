//! Signatures inside images: who made them, and whether they hold, however keys and images come and go.

mod checking;
mod keys_api;

use std::io::Cursor;

use bytes::Bytes;
use serde_json::Value;
use sif::{Arch, Integrity, Limits, build::SifBuilder};

use crate::{
    common::{TestApp, TestUser, eventually},
    signer::Signer,
    wire_library::Library,
};

/// An image whose definition file is this text.
pub fn image(recipe: &str) -> SifBuilder {
    SifBuilder::new().arch(Arch::Amd64).deffile(recipe)
}

/// What signers of an image sign.
pub fn text_of(image: &SifBuilder) -> String {
    let bytes = Cursor::new(image.to_bytes().unwrap());
    Integrity::open(bytes, &Limits::default())
        .unwrap()
        .signed_text(1)
        .unwrap()
}

/// The image with a signature as clients make it.
pub fn signed(image: SifBuilder, by: &mut Signer) -> Bytes {
    let message = by.clearsign(&text_of(&image));
    with(image, by.fingerprint_bytes(), message)
}

/// The image with these bytes as a signature.
pub fn with(image: SifBuilder, fingerprint: [u8; 20], message: Vec<u8>) -> Bytes {
    image
        .signature(fingerprint, message)
        .to_bytes()
        .unwrap()
        .into()
}

/// Pushes an image as `lab/tool` with this tag, and waits until the server has read it.
pub async fn push(app: &TestApp, by: &TestUser, tag: &str, bytes: Bytes) {
    let reference = format!("{}/lab/tool", by.username);
    Library::of(app, by)
        .push(&reference, &[tag], "amd64", &bytes)
        .await;
    eventually("the image is read", async || {
        let detail = detail(app, tag).await;
        (detail["image"]["state"] == "ready").then_some(())
    })
    .await;
}

pub async fn detail(app: &TestApp, tag: &str) -> Value {
    let path = format!("/api/v1/collections/lab/containers/tool/images/{tag}");
    app.get(&path).await.json().await.unwrap()
}

/// What is known of the only signature of an image, once it was looked at.
pub async fn signature(app: &TestApp, tag: &str) -> Value {
    let found = detail(app, tag).await["signatures"].clone();
    assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
    found[0].clone()
}

/// Waits until a signature is in this state.
pub async fn becomes(app: &TestApp, tag: &str, state: &str) -> Value {
    let mut last = Value::Null;
    let what = format!("{tag} becomes {state}");
    eventually(&what, async || {
        last = signature(app, tag).await;
        (last["state"] == state).then(|| last.clone())
    })
    .await
}

/// What is said of all signatures of the image pushed last, which all answers that have the image say alike.
pub async fn together(app: &TestApp, tag: &str) -> Value {
    let get = async |path: &str| -> Value {
        app.get(&format!("/api/v1/{path}"))
            .await
            .json()
            .await
            .unwrap()
    };
    let newest = get("containers?collection=lab").await["items"][0]["newest"].clone();
    let images = get("collections/lab/containers/tool/images").await;
    assert_eq!(newest, images["items"][0]);
    assert_eq!(newest, detail(app, tag).await["image"]);
    newest["signature"].clone()
}
