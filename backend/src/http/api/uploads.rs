//! Uploads of the JSON API: a file in pieces, which can be gone on with after a break.

use std::sync::Arc;

use futures_util::StreamExt;
use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use shared_types::{CompleteUpload, Image, NewUpload, Upload, UploadPage};

use super::{
    Tag,
    error::ApiError,
    reply::{Created, Done},
};
use crate::{
    http::{
        extract::{Body, Octets, Sender, SignedIn},
        wire::drain,
    },
    services::{
        Core,
        paging::Window,
        uploads::{sessions, web},
    },
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Uploads;

#[OpenApi(tag = "Tag::Uploads")]
impl Uploads {
    /// Begin an upload
    ///
    /// Then send the bytes, from the first on, in as many pieces as you like, and complete it. Collection and container are
    /// made where they are missing, as with every push. A token needs the scope `push`.
    #[oai(path = "/uploads", method = "post", operation_id = "begin_upload")]
    async fn begin(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        new: Body<NewUpload>,
    ) -> Result<Created<Upload>, ApiError> {
        let upload = web::begin(&core, &caller.0, new.0).await?;
        let id = upload.id.clone();
        Ok(Created::at(&["uploads", &id], upload))
    }

    /// List one's uploads
    ///
    /// Those that can be gone on with, newest first.
    #[oai(path = "/uploads", method = "get", operation_id = "list_uploads")]
    async fn list(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<UploadPage>, ApiError> {
        let window = Window {
            cursor: cursor.0,
            limit: limit.0,
        };
        Ok(Json(web::list(&core, &caller.0, &window).await?))
    }

    /// Show an upload
    ///
    /// After a break: `received_bytes` is the offset of the next byte.
    #[oai(path = "/uploads/:id", method = "get", operation_id = "get_upload")]
    async fn get(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The upload's id.
        id: Path<String>,
    ) -> Result<Json<Upload>, ApiError> {
        Ok(Json(web::get(&core, &caller.0, &id).await?))
    }

    /// Send bytes of an upload
    ///
    /// The next piece. What arrives of a request that is cut off stays. An offset that is not `received_bytes` is answered with
    /// 409, code `wrong_offset`, and `expected_offset`.
    #[oai(
        path = "/uploads/:id/bytes",
        method = "put",
        operation_id = "append_upload"
    )]
    async fn append(
        &self,
        core: Data<&Arc<Core>>,
        caller: Sender,
        /// The upload's id.
        id: Path<String>,
        /// Where in the file the piece begins.
        offset: Query<u64>,
        bytes: Octets,
    ) -> Result<Json<Upload>, ApiError> {
        let mut body = bytes.body.into_bytes_stream().boxed();
        let taken = match caller.0 {
            Ok(viewer) => web::append(&core, &viewer, &id, *offset, bytes.length, &mut body).await,
            Err(error) => Err(error),
        };
        // Browsers hear a refusal only when they have sent all.
        if taken.is_err() {
            drain(&mut body).await;
        }
        Ok(Json(taken?))
    }

    /// Complete an upload
    ///
    /// Checks the file against its digest, and makes it an image with the tag. Where the digest does not fit, or the file is no
    /// SIF image, nothing is kept.
    #[oai(
        path = "/uploads/:id/complete",
        method = "post",
        operation_id = "finish_upload"
    )]
    async fn complete(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The upload's id.
        id: Path<String>,
        end: Body<CompleteUpload>,
    ) -> Result<Json<Image>, ApiError> {
        let image = web::complete(&core, &caller.0, &id, &end.0.digest).await?;
        Ok(Json(image))
    }

    /// Give up an upload
    ///
    /// What arrived is removed.
    #[oai(
        path = "/uploads/:id",
        method = "delete",
        operation_id = "delete_upload"
    )]
    async fn delete(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The upload's id.
        id: Path<String>,
    ) -> Result<Done, ApiError> {
        sessions::abort(&core, &caller.0, &id).await?;
        Ok(Done::Done)
    }
}
