//! Collections and the figures of the registry.

use gloo_net::http::Method;
use shared_types::{
    Activity, Collection, CollectionChange, CollectionDetail, CollectionPage, NameCheck,
    NewCollection, RegistryStats,
};

use super::{Call, client, query};
use crate::routes::encode;

/// What a list of collections shows; empty texts mean the default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CollectionQuery {
    /// `all`, `mine`, `private` or `starred`.
    pub filter: String,
    /// `updated`, `name`, `size`, `downloads` or `stars`.
    pub sort: String,
    /// Words to look for.
    pub q: String,
    /// Where the page starts.
    pub cursor: String,
    /// How many.
    pub limit: String,
}

/// Live figures.
pub fn stats() -> Call<RegistryStats> {
    client::get("/stats")
}

/// A page of collections.
pub fn list(q: &CollectionQuery) -> Call<CollectionPage> {
    let parts = query(&[
        ("filter", &q.filter),
        ("sort", &q.sort),
        ("q", &q.q),
        ("cursor", &q.cursor),
        ("limit", &q.limit),
    ]);
    client::get(&format!("/collections{parts}"))
}

/// A page of the collections that somebody owns.
pub fn owned_by(username: &str, cursor: &str) -> Call<CollectionPage> {
    let parts = query(&[("owner", username), ("cursor", cursor)]);
    client::get(&format!("/collections{parts}"))
}

/// Makes a collection.
pub fn create(collection: &NewCollection) -> Call<Collection> {
    client::send(Method::POST, "/collections", collection)
}

/// Whether a name is free.
pub fn check_name(name: &str) -> Call<NameCheck> {
    client::get(&format!("/collection-names/{}", encode(name)))
}

/// One collection.
pub fn get(name: &str) -> Call<CollectionDetail> {
    client::get(&format!("/collections/{}", encode(name)))
}

/// Changes a collection.
pub fn change(name: &str, change: &CollectionChange) -> Call<CollectionDetail> {
    client::send(
        Method::PATCH,
        &format!("/collections/{}", encode(name)),
        change,
    )
}

/// Gives a collection a star, or takes it back.
pub fn star(name: &str, starred: bool) -> Call<()> {
    let path = format!("/collections/{}/star", encode(name));
    if starred {
        client::act_quietly(Method::PUT, &path)
    } else {
        client::delete(&path)
    }
}

/// What happened in a collection, or in one of its containers, day by day.
pub fn activity(name: &str, container: Option<&str>) -> Call<Activity> {
    let container = container.map_or_else(String::new, |container| {
        format!("/containers/{}", encode(container))
    });
    client::get(&format!(
        "/collections/{}{container}/activity",
        encode(name)
    ))
}

/// Deletes a collection with all that is in it.
pub fn delete(name: &str) -> Call<()> {
    client::delete(&format!("/collections/{}", encode(name)))
}
