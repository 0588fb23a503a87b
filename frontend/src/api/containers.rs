//! Containers, images, tags.

use gloo_net::http::Method;
use shared_types::{
    Container, ContainerChange, ContainerPage, ImageDetail, ImagePage, Tag, TagChange, TagEventPage,
};

use super::{Call, client, query};
use crate::routes::encode;

/// What a list of containers shows; empty texts mean the default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerQuery {
    /// Words to look for.
    pub q: String,
    /// `updated`, `name`, `size` or `downloads`.
    pub sort: String,
    /// The collection, to list only its containers.
    pub collection: String,
    /// The architecture of a tag.
    pub arch: String,
    /// The key of a label.
    pub label: String,
    /// The value of that label; any where empty.
    pub label_value: String,
    /// A topic.
    pub topic: String,
    /// The user name of somebody who owns the collections.
    pub owner: String,
    /// Whether the answer says who owns the collections.
    pub owners: bool,
    /// Where the page starts.
    pub cursor: String,
    /// How many.
    pub limit: String,
}

/// A page of containers.
pub fn list(q: &ContainerQuery) -> Call<ContainerPage> {
    let parts = query(&[
        ("q", &q.q),
        ("sort", &q.sort),
        ("collection", &q.collection),
        ("arch", &q.arch),
        ("label", &q.label),
        ("label_value", &q.label_value),
        ("topic", &q.topic),
        ("owner", &q.owner),
        ("owners", if q.owners { "true" } else { "" }),
        ("cursor", &q.cursor),
        ("limit", &q.limit),
    ]);
    client::get(&format!("/containers{parts}"))
}

fn path(collection: &str, container: &str) -> String {
    format!(
        "/collections/{}/containers/{}",
        encode(collection),
        encode(container)
    )
}

/// One container.
pub fn get(collection: &str, container: &str) -> Call<Container> {
    client::get(&path(collection, container))
}

/// Changes a container.
pub fn change(collection: &str, container: &str, change: &ContainerChange) -> Call<Container> {
    client::send(Method::PATCH, &path(collection, container), change)
}

/// Deletes a container with all its images.
pub fn delete(collection: &str, container: &str) -> Call<()> {
    client::delete(&path(collection, container))
}

/// A page of a container's images.
pub fn images(collection: &str, container: &str, cursor: &str) -> Call<ImagePage> {
    let parts = query(&[("cursor", cursor), ("limit", "100")]);
    client::get(&format!("{}/images{parts}", path(collection, container)))
}

/// One image, by tag or digest.
pub fn image(collection: &str, container: &str, reference: &str, arch: &str) -> Call<ImageDetail> {
    let parts = query(&[("arch", arch)]);
    client::get(&format!(
        "{}/images/{}{parts}",
        path(collection, container),
        encode(reference)
    ))
}

/// Deletes an image, by digest.
pub fn delete_image(collection: &str, container: &str, digest: &str) -> Call<()> {
    client::delete(&format!(
        "{}/images/{}",
        path(collection, container),
        encode(digest)
    ))
}

/// Moves, makes, freezes or unfreezes a tag.
pub fn put_tag(
    collection: &str,
    container: &str,
    tag: &str,
    arch: &str,
    change: &TagChange,
) -> Call<Tag> {
    let parts = query(&[("arch", arch)]);
    let path = format!(
        "{}/tags/{}{parts}",
        path(collection, container),
        encode(tag)
    );
    client::send(Method::PUT, &path, change)
}

/// Removes a tag; the image stays.
pub fn untag(collection: &str, container: &str, tag: &str, arch: &str) -> Call<()> {
    let parts = query(&[("arch", arch)]);
    client::delete(&format!(
        "{}/tags/{}{parts}",
        path(collection, container),
        encode(tag)
    ))
}

/// What happened to a container's tags.
pub fn history(collection: &str, container: &str, cursor: &str) -> Call<TagEventPage> {
    let parts = query(&[("cursor", cursor), ("limit", "50")]);
    client::get(&format!("{}/history{parts}", path(collection, container)))
}
