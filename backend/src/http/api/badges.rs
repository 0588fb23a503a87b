//! Badges of the JSON API.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
    payload::PlainText,
};
use shared_types::Badge;

use super::{Tag, error::ApiError};
use crate::{
    http::extract::ApiCaller,
    services::{Core, badges},
};

/// A badge.
#[derive(Debug, ApiResponse)]
pub enum Drawn {
    /// The badge.
    #[oai(status = 200, content_type = "image/svg+xml")]
    Svg(
        PlainText<String>,
        /// For how long it may be shown again without asking.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

impl From<badges::Picture> for Drawn {
    fn from(picture: badges::Picture) -> Self {
        let cache = if picture.private {
            "no-store"
        } else {
            "public, max-age=300"
        };
        Self::Svg(PlainText(picture.svg), cache.to_owned())
    }
}

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Badges;

#[OpenApi]
impl Badges {
    /// Draw a badge of a collection
    ///
    /// A small picture with one fact, for READMEs elsewhere. It is as private as the collection.
    #[oai(
        path = "/collections/:collection/badge.svg",
        method = "get",
        operation_id = "get_collection_badge",
        tag = "Tag::Collections"
    )]
    async fn collection_badge(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// The collection's name.
        collection: Path<String>,
        /// What it says; the name where absent.
        show: Query<Option<Badge>>,
    ) -> Result<Drawn, ApiError> {
        let badge = show.0.unwrap_or(Badge::Name);
        let drawn = badges::collection(&core, &caller.0, &collection, badge);
        Ok(drawn.await?.into())
    }

    /// Draw a badge of a container
    ///
    /// A small picture with one fact, for READMEs elsewhere. It is as private as the collection.
    #[oai(
        path = "/collections/:collection/containers/:container/badge.svg",
        method = "get",
        operation_id = "get_container_badge",
        tag = "Tag::Containers"
    )]
    async fn container_badge(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// The collection's name.
        collection: Path<String>,
        /// The container's name.
        container: Path<String>,
        /// What it says; the name where absent.
        show: Query<Option<Badge>>,
    ) -> Result<Drawn, ApiError> {
        let badge = show.0.unwrap_or(Badge::Name);
        let drawn = badges::container(&core, &caller.0, (&collection, &container), badge);
        Ok(drawn.await?.into())
    }
}
