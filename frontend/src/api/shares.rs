//! Links that share one image.

use gloo_net::http::Method;
use shared_types::{IssuedShareLink, NewShareLink, ShareLinkPage};

use super::{Call, client};
use crate::routes::encode;

fn path(collection: &str, container: &str, digest: &str) -> String {
    format!(
        "/collections/{}/containers/{}/images/{}/share_links",
        encode(collection),
        encode(container),
        encode(digest)
    )
}

/// The links of an image, newest first.
pub fn list(collection: &str, container: &str, digest: &str) -> Call<ShareLinkPage> {
    client::get(&format!(
        "{}?limit=100",
        path(collection, container, digest)
    ))
}

/// The links that the person made, newest first.
pub fn mine() -> Call<ShareLinkPage> {
    client::get("/share_links?limit=100")
}

/// Makes a link to the image that a tag or a digest names now.
pub fn create(
    collection: &str,
    container: &str,
    reference: &str,
    arch: &str,
    link: &NewShareLink,
) -> Call<IssuedShareLink> {
    let parts = super::query(&[("arch", arch)]);
    let path = format!("{}{parts}", path(collection, container, reference));
    client::send(Method::POST, &path, link)
}

/// Ends a link.
pub fn revoke(id: &str) -> Call<()> {
    client::delete(&format!("/share_links/{}", encode(id)))
}
