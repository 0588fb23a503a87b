//! The treemap, the labels and the topics.

use shared_types::{LabelKeys, LabelValues, Topics, Treemap};

use super::{Call, client, query};

/// Everything as a treemap, or the containers of one collection.
pub fn treemap(collection: &str) -> Call<Treemap> {
    let parts = query(&[("collection", collection)]);
    client::get(&format!("/treemap{parts}"))
}

/// The topics, the most used first.
pub fn topics() -> Call<Topics> {
    client::get("/topics")
}

/// The keys of labels, the most used first.
pub fn labels(words: &str) -> Call<LabelKeys> {
    client::get(&format!("/labels{}", query(&[("q", words)])))
}

/// The values of a label, the most used first.
pub fn label_values(key: &str, words: &str) -> Call<LabelValues> {
    client::get(&format!(
        "/label_values{}",
        query(&[("key", key), ("q", words)])
    ))
}
