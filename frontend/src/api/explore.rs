//! The treemap, the labels and the topics.

use std::future::Future;

use shared_types::{LabelKeys, LabelValues, Topics, Treemap};

use super::{ApiResult, client, query};

/// Everything as a treemap, or the containers of one collection.
pub fn treemap(collection: &str) -> impl Future<Output = ApiResult<Treemap>> + use<> {
    let parts = query(&[("collection", collection)]);
    client::get(&format!("/treemap{parts}"))
}

/// The topics, the most used first.
pub fn topics() -> impl Future<Output = ApiResult<Topics>> {
    client::get("/topics")
}

/// The keys of labels, the most used first.
pub fn labels(words: &str) -> impl Future<Output = ApiResult<LabelKeys>> + use<> {
    client::get(&format!("/labels{}", query(&[("q", words)])))
}

/// The values of a label, the most used first.
pub fn label_values(
    key: &str,
    words: &str,
) -> impl Future<Output = ApiResult<LabelValues>> + use<> {
    client::get(&format!(
        "/label_values{}",
        query(&[("key", key), ("q", words)])
    ))
}
