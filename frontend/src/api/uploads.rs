//! Uploads in pieces.

use gloo_net::http::Method;
use shared_types::{CompleteUpload, Image, NewUpload, Upload, UploadPage};
use web_sys::{Blob, XmlHttpRequest};

use super::{ApiResult, Call, client};
use crate::routes::encode;

/// One's unfinished uploads.
pub fn list() -> Call<UploadPage> {
    client::get("/uploads?limit=100")
}

/// Begins one.
pub fn begin(upload: &NewUpload) -> Call<Upload> {
    client::send(Method::POST, "/uploads", upload)
}

/// How much has arrived.
pub fn state(id: &str) -> Call<Upload> {
    client::get(&path(id))
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
pub fn complete(id: &str, complete: &CompleteUpload) -> Call<Image> {
    client::send(Method::POST, &format!("{}/complete", path(id)), complete)
}

/// Gives one up.
pub fn abort(id: &str) -> Call<()> {
    client::delete(&path(id))
}

fn path(id: &str) -> String {
    format!("/uploads/{}", encode(id))
}
