//! The key server as clients speak to it.

mod bad_input;
mod keys;
mod merging;

use pgp::composed::{Deserializable, SignedPublicKey};
use reqwest::Client;

use crate::{common::TestApp, wire_library::client::Answer};

/// Sends keys as clients do.
pub async fn add(app: &TestApp, client: &Client, text: &str) -> Answer {
    let form = [("keytext", text)];
    let request = client.post(app.url("/pks/add")).form(&form);
    Answer::of(request.send().await.unwrap()).await
}

/// Asks for what stands after `/pks/lookup?`.
pub async fn lookup(app: &TestApp, query: &str) -> Answer {
    Answer::of(app.get(&format!("/pks/lookup?{query}")).await).await
}

/// The keys in an answer to `op=get`.
pub fn keys_in(answer: &Answer) -> Vec<SignedPublicKey> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/pgp-keys");
    let text = answer.text();
    let (keys, _) = SignedPublicKey::from_armor_many(text.as_bytes()).unwrap();
    keys.collect::<Result<Vec<_>, _>>().unwrap()
}

/// What is found, by user id.
pub fn users_of(key: &SignedPublicKey) -> Vec<String> {
    let ids = key.details.users.iter();
    ids.map(|user| user.id.as_str().unwrap().to_owned())
        .collect()
}
