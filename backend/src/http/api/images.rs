//! Images of the JSON API.

use std::sync::Arc;

use poem::{IntoResponse, Request, Response, web::Data};
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
    payload::Json,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};
use shared_types::{ImageDetail, ImagePage};

use super::{Tag, error::ApiError, reply::Done};
use crate::{
    http::{
        blob::{self, Served},
        extract::{ApiCaller, SignedIn},
    },
    services::{
        Core,
        images::{self, ImagePath},
        paging::Window,
        pull,
    },
};

/// What SIF files are called on the wire.
const MEDIA_TYPE: &str = "application/octet-stream";

/// A file, or a part of it.
#[derive(Debug)]
struct FileReply(Response);

impl IntoResponse for FileReply {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for FileReply {
    fn meta() -> MetaResponses {
        let bytes =
            MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")));
        let answer = |status, description, body: bool| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: body
                .then(|| MetaMediaType {
                    content_type: MEDIA_TYPE,
                    schema: bytes.clone(),
                })
                .into_iter()
                .collect(),
            headers: Vec::new(),
        };
        MetaResponses {
            responses: vec![
                answer(200, "The whole file. `ETag` is its digest.", true),
                answer(206, "The part that `Range` asked for.", true),
                answer(
                    304,
                    "The caller has it already: `If-None-Match` named its digest.",
                    false,
                ),
                answer(416, "`Range` asks for what is beyond the end.", false),
            ],
        }
    }

    fn register(_: &mut Registry) {}
}

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Images;

#[OpenApi(tag = "Tag::Images")]
impl Images {
    /// List a container's images
    ///
    /// Tagged or not, newest first.
    #[oai(
        path = "/collections/:collection/containers/:container/images",
        method = "get",
        operation_id = "list_images"
    )]
    async fn list(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// The collection's name.
        collection: Path<String>,
        /// The container's name.
        container: Path<String>,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<ImagePage>, ApiError> {
        let window = Window {
            cursor: cursor.0,
            limit: limit.0,
        };
        let list = images::list(&core, &caller.0, &collection, &container, &window);
        Ok(Json(list.await?))
    }

    /// Show an image
    ///
    /// With what is inside: definition file, labels, environment, runscript and more, once the server has read it.
    #[oai(
        path = "/collections/:collection/containers/:container/images/:reference",
        method = "get",
        operation_id = "get_image"
    )]
    async fn get(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// The collection's name.
        collection: Path<String>,
        /// The container's name.
        container: Path<String>,
        /// A tag, or `sha256:` and 64 hexadecimal digits.
        reference: Path<String>,
        /// For which architecture, where a tag has several; `amd64`, or else the first, where absent.
        arch: Query<Option<String>>,
    ) -> Result<Json<ImageDetail>, ApiError> {
        let path = ImagePath {
            collection: &collection,
            container: &container,
            reference: &reference,
            arch: arch.as_deref(),
        };
        Ok(Json(images::get(&core, &caller.0, path).await?))
    }

    /// Download an image
    ///
    /// The SIF file, whole or in ranges. `HEAD` tells size and digest without the bytes.
    #[oai(
        path = "/collections/:collection/containers/:container/images/:reference/file",
        method = "get",
        operation_id = "download_image"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the operation"
    )]
    async fn download(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        request: &Request,
        /// The collection's name.
        collection: Path<String>,
        /// The container's name.
        container: Path<String>,
        /// A tag, or `sha256:` and 64 hexadecimal digits.
        reference: Path<String>,
        /// For which architecture, where a tag has several; `amd64`, or else the first, where absent.
        arch: Query<Option<String>>,
    ) -> Result<FileReply, ApiError> {
        let path = ImagePath {
            collection: &collection,
            container: &container,
            reference: &reference,
            arch: arch.as_deref(),
        };
        let id = images::id(&core, &caller.0, path).await?;
        let (file, filename) = pull::file_for(&core, &caller.0, id).await?;
        let who = blob::caller(&core, request, &caller.0, id);
        let served = Served::image(&core, file, filename, who);
        let reply = blob::respond(&core, request.method(), request.headers(), served);
        Ok(FileReply(reply.await?))
    }

    /// Delete an image
    ///
    /// By its digest. The tags that point at it go too; a frozen one prevents it.
    #[oai(
        path = "/collections/:collection/containers/:container/images/:reference",
        method = "delete",
        operation_id = "delete_image"
    )]
    async fn delete(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
        /// The container's name.
        container: Path<String>,
        /// `sha256:` and 64 hexadecimal digits.
        reference: Path<String>,
    ) -> Result<Done, ApiError> {
        let path = ImagePath {
            collection: &collection,
            container: &container,
            reference: &reference,
            arch: None,
        };
        images::delete(&core, &caller.0, path).await?;
        Ok(Done::Done)
    }
}
