//! What this protocol's answers look like.

use serde_json::{Value, json};

use crate::services::{
    catalog::{Entry, Home},
    labels::Label,
    pull,
};

/// The manifest. `commit` is the key under which clients cache the file: it must be there and change with the content.
pub fn manifest(image: &pull::Image, url: &str) -> Value {
    let tag = image
        .tag
        .as_deref()
        .or(image.tags.first().map(String::as_str));
    json!({
        "id": image.id,
        "name": image.container,
        "image": url,
        "tag": tag.unwrap_or("latest"),
        "add_date": image.pushed_at.unwrap_or(image.created_at).to_rfc3339(),
        "metrics": {},
        "version": format!("sha256.{}", image.sha256),
        "commit": image.sha256,
        "frozen": image.frozen,
        "metadata": {},
        "collection": image.collection,
    })
}

/// A collection with its tags. `base` is where the pages are.
pub fn collection(home: &Home, base: &str) -> Value {
    let container = |entry: &Entry| {
        let uri = format!("{}/{}:{}", entry.collection, entry.container, entry.tag);
        json!({
            "name": entry.container,
            "tag": entry.tag,
            "detail": format!("{base}/containers/{uri}"),
            "uri": uri,
        })
    };
    json!({
        "id": home.id,
        "name": home.name,
        "add_date": home.created_at.to_rfc3339(),
        "modify_date": home.updated_at.to_rfc3339(),
        "metadata": {},
        "containers": home.entries.iter().map(container).collect::<Vec<_>>(),
    })
}

/// A tag.
pub fn container(entry: &Entry) -> Value {
    json!({
        "id": entry.image_id,
        "name": entry.container,
        "tag": entry.tag,
        "add_date": entry.pushed_at.unwrap_or(entry.created_at).to_rfc3339(),
        "metrics": {},
        "version": format!("sha256.{}", entry.sha256),
        "frozen": entry.frozen,
        "metadata": {},
        "collection": entry.collection,
    })
}

/// A label, and where it is.
pub fn label(label: &Label) -> Value {
    json!({ "key": label.key, "value": label.value, "containers": label.images })
}
