//! Links that share one image.

use std::future::Future;

use gloo_net::http::Method;
use shared_types::{IssuedShareLink, NewShareLink, ShareLinkPage};

use super::{ApiResult, client};
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
pub fn list(
    collection: &str,
    container: &str,
    digest: &str,
) -> impl Future<Output = ApiResult<ShareLinkPage>> + use<> {
    client::get(&format!(
        "{}?limit=100",
        path(collection, container, digest)
    ))
}

/// The links that the person made, newest first.
pub fn mine() -> impl Future<Output = ApiResult<ShareLinkPage>> {
    client::get("/share_links?limit=100")
}

/// Makes a link to the image that a tag or a digest names now.
pub async fn create(
    collection: &str,
    container: &str,
    reference: &str,
    arch: &str,
    link: &NewShareLink,
) -> ApiResult<IssuedShareLink> {
    let parts = super::query(&[("arch", arch)]);
    let path = format!("{}{parts}", path(collection, container, reference));
    client::send(Method::POST, &path, link).await
}

/// Ends a link.
pub async fn revoke(id: &str) -> ApiResult<()> {
    client::delete(&format!("/share_links/{}", encode(id))).await
}
