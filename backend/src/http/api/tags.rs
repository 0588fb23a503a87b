//! Tags of the JSON API, and their history.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use shared_types::{Tag, TagChange, TagEventPage};

use super::{error::ApiError, reply::Done};
use crate::{
    http::extract::{ApiCaller, Body, SignedIn},
    services::{
        Core,
        paging::Window,
        tags::{self, TagPath},
    },
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Tags;

#[OpenApi(tag = "super::Tag::Tags")]
impl Tags {
    /// Create, move, freeze or unfreeze a tag
    ///
    /// With `digest` the tag points at that image of the container, whether it was there before or not; that needs the right to
    /// push. With `frozen` nothing moves or removes it any more, or it is open again; that needs the right to manage.
    /// A frozen tag does not move, for nobody.
    #[oai(
        path = "/collections/:collection/containers/:container/tags/:tag",
        method = "put",
        operation_id = "put_tag"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the operation"
    )]
    async fn put(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
        /// The container's name.
        container: Path<String>,
        /// The tag.
        tag: Path<String>,
        /// For which architecture; the image's own where absent.
        arch: Query<Option<String>>,
        change: Body<TagChange>,
    ) -> Result<Json<Tag>, ApiError> {
        let path = TagPath {
            collection: &collection,
            container: &container,
            tag: &tag,
            arch: arch.as_deref(),
        };
        Ok(Json(tags::put(&core, &caller.0, path, change.0).await?))
    }

    /// Remove a tag
    ///
    /// The image that it pointed at stays.
    #[oai(
        path = "/collections/:collection/containers/:container/tags/:tag",
        method = "delete",
        operation_id = "delete_tag"
    )]
    async fn delete(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
        /// The container's name.
        container: Path<String>,
        /// The tag.
        tag: Path<String>,
        /// For which architecture; all of them where absent.
        arch: Query<Option<String>>,
    ) -> Result<Done, ApiError> {
        let path = TagPath {
            collection: &collection,
            container: &container,
            tag: &tag,
            arch: arch.as_deref(),
        };
        tags::delete(&core, &caller.0, path).await?;
        Ok(Done::Done)
    }

    /// List what happened to a container's tags
    ///
    /// Newest first.
    #[oai(
        path = "/collections/:collection/containers/:container/history",
        method = "get",
        operation_id = "list_history"
    )]
    async fn history(
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
    ) -> Result<Json<TagEventPage>, ApiError> {
        let window = Window {
            cursor: cursor.0,
            limit: limit.0,
        };
        let history = tags::history(&core, &caller.0, &collection, &container, &window);
        Ok(Json(history.await?))
    }
}
