//! Public keys.

use gloo_net::http::Method;
use shared_types::{BroughtKeys, KeyDetail, KeyPage, NewKeys};

use super::{Call, client, query};
use crate::routes::encode;

/// A page of keys: those that words find, or those that the person brought.
pub fn list(words: &str, mine: bool, cursor: &str) -> Call<KeyPage> {
    let mine = if mine { "true" } else { "" };
    let parts = query(&[("q", words), ("mine", mine), ("cursor", cursor)]);
    client::get(&format!("/keys{parts}"))
}

/// One key with its text.
pub fn get(fingerprint: &str) -> Call<KeyDetail> {
    client::get(&format!("/keys/{}", encode(fingerprint)))
}

/// Brings keys.
pub fn bring(armored: String) -> Call<BroughtKeys> {
    client::send(Method::POST, "/keys", &NewKeys { armored })
}

/// Removes a key.
pub fn remove(fingerprint: &str) -> Call<()> {
    client::delete(&format!("/keys/{}", encode(fingerprint)))
}
