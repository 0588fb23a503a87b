//! Public keys.

use std::future::Future;

use gloo_net::http::Method;
use shared_types::{BroughtKeys, KeyDetail, KeyPage, NewKeys};

use super::{ApiResult, client, query};
use crate::routes::encode;

/// A page of keys: those that words find, or those that the person brought.
pub fn list(
    words: &str,
    mine: bool,
    cursor: &str,
) -> impl Future<Output = ApiResult<KeyPage>> + use<> {
    let mine = if mine { "true" } else { "" };
    let parts = query(&[("q", words), ("mine", mine), ("cursor", cursor)]);
    client::get(&format!("/keys{parts}"))
}

/// One key with its text.
pub fn get(fingerprint: &str) -> impl Future<Output = ApiResult<KeyDetail>> + use<> {
    client::get(&format!("/keys/{}", encode(fingerprint)))
}

/// Brings keys.
pub async fn bring(armored: String) -> ApiResult<BroughtKeys> {
    client::send(Method::POST, "/keys", &NewKeys { armored }).await
}

/// Removes a key.
pub async fn remove(fingerprint: &str) -> ApiResult<()> {
    client::delete(&format!("/keys/{}", encode(fingerprint))).await
}
