//! Uploads in pieces.

use std::future::Future;

use gloo_net::http::Method;
use shared_types::{CompleteUpload, Image, NewUpload, Upload, UploadPage};
use web_sys::{Blob, XmlHttpRequest};

use super::{ApiResult, client};
use crate::routes::encode;

/// One's unfinished uploads.
pub fn list() -> impl Future<Output = ApiResult<UploadPage>> {
    client::get("/uploads?limit=100")
}

/// Begins one.
pub async fn begin(upload: &NewUpload) -> ApiResult<Upload> {
    client::send(Method::POST, "/uploads", upload).await
}

/// How much has arrived.
pub async fn state(id: &str) -> ApiResult<Upload> {
    client::get(&path(id)).await
}

/// Sends the bytes from `offset` on. `progress` hears how many of them have gone; `hold` gets the request, to abort it.
pub async fn append(
    id: &str,
    offset: u64,
    piece: &Blob,
    progress: impl Fn(u64) + 'static,
    hold: impl FnOnce(XmlHttpRequest),
) -> ApiResult<Upload> {
    let path = format!("{}/bytes?offset={offset}", path(id));
    client::send_piece("PUT", &path, piece, progress, hold).await
}

/// Ends one: the bytes are verified and become the image that the tag points at.
pub async fn complete(id: &str, complete: &CompleteUpload) -> ApiResult<Image> {
    client::send(Method::POST, &format!("{}/complete", path(id)), complete).await
}

/// Gives one up.
pub async fn abort(id: &str) -> ApiResult<()> {
    client::delete(&path(id)).await
}

fn path(id: &str) -> String {
    format!("/uploads/{}", encode(id))
}
