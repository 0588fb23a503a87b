//! Containers of the JSON API.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use shared_types::{Container, ContainerChange, ContainerPage, SortOrder};

use super::{Tag, error::ApiError, reply::Done};
use crate::{
    http::extract::{ApiCaller, Body, SignedIn},
    services::{
        Core,
        containers::{self, Listing},
        paging::Window,
    },
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Containers;

#[OpenApi(tag = "Tag::Containers")]
impl Containers {
    /// List containers
    ///
    /// The containers of all collections that the caller may see, or of one.
    #[oai(path = "/containers", method = "get", operation_id = "list_containers")]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the operation"
    )]
    async fn list(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// Only those of this collection.
        collection: Query<Option<String>>,
        /// Words of the container's name or description, its collection's name, or one of its tags, in any case.
        q: Query<Option<String>>,
        /// Only those with a tag for this architecture, such as `arm64`.
        arch: Query<Option<String>>,
        /// Only those with a tagged image that has a label with this key, as it is written.
        label: Query<Option<String>>,
        /// The value of that label, as it is written.
        label_value: Query<Option<String>>,
        /// Only those with this topic.
        topic: Query<Option<String>>,
        /// Only those in collections of somebody with this user name.
        owner: Query<Option<String>>,
        /// Whether the answer says who owns the collections of what is found.
        owners: Query<Option<bool>>,
        /// In which order; last changed first where absent.
        sort: Query<Option<SortOrder>>,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<ContainerPage>, ApiError> {
        let listing = Listing {
            collection: collection.0,
            q: q.0,
            arch: arch.0,
            label: label.0,
            label_value: label_value.0,
            topic: topic.0,
            owner: owner.0,
            owners: owners.0.unwrap_or_default(),
            sort: sort.0.unwrap_or(SortOrder::Updated),
            window: Window {
                cursor: cursor.0,
                limit: limit.0,
            },
        };
        Ok(Json(containers::list(&core, &caller.0, &listing).await?))
    }

    /// Show a container
    ///
    /// With its tags.
    #[oai(
        path = "/collections/:collection/containers/:container",
        method = "get",
        operation_id = "get_container"
    )]
    async fn get(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// The collection's name.
        collection: Path<String>,
        /// The container's name.
        container: Path<String>,
    ) -> Result<Json<Container>, ApiError> {
        Ok(Json(
            containers::get(&core, &caller.0, &collection, &container).await?,
        ))
    }

    /// Change a container
    ///
    /// The owners of its collection may, with a token of the scope `manage`. What is absent stays as it is.
    #[oai(
        path = "/collections/:collection/containers/:container",
        method = "patch",
        operation_id = "change_container"
    )]
    async fn change(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
        /// The container's name.
        container: Path<String>,
        change: Body<ContainerChange>,
    ) -> Result<Json<Container>, ApiError> {
        let change = containers::change(&core, &caller.0, &collection, &container, change.0);
        Ok(Json(change.await?))
    }

    /// Delete a container
    ///
    /// With its images, tags and history. A frozen tag prevents it.
    #[oai(
        path = "/collections/:collection/containers/:container",
        method = "delete",
        operation_id = "delete_container"
    )]
    async fn delete(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
        /// The container's name.
        container: Path<String>,
    ) -> Result<Done, ApiError> {
        containers::delete(&core, &caller.0, &collection, &container).await?;
        Ok(Done::Done)
    }
}
