//! Share links of the JSON API.

use std::sync::Arc;

use poem::{Request, web::Data};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use shared_types::{IssuedShareLink, NewShareLink, ShareLinkPage};

use super::{
    Tag,
    error::ApiError,
    reply::{Created, Done},
};
use crate::{
    http::{
        extract::{Body, SignedIn},
        wire::base_url,
    },
    services::{Core, images::ImagePath, paging::Window, shares},
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Shares;

#[OpenApi(tag = "Tag::Shares")]
impl Shares {
    /// Share an image
    ///
    /// Makes a link with which anybody can download this one image, for a time and for a number of downloads, without an account,
    /// from private collections too. The answer is the only time that the link is shown.
    #[oai(
        path = "/collections/:collection/containers/:container/images/:reference/share_links",
        method = "post",
        operation_id = "create_share_link"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the operation"
    )]
    async fn create(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        request: &Request,
        /// The collection's name.
        collection: Path<String>,
        /// The container's name.
        container: Path<String>,
        /// A tag, or `sha256:` and 64 hexadecimal digits. The link stays with the image that it means now.
        reference: Path<String>,
        /// For which architecture, where a tag has several; `amd64`, or else the first, where absent.
        arch: Query<Option<String>>,
        new: Body<NewShareLink>,
    ) -> Result<Created<IssuedShareLink>, ApiError> {
        let path = ImagePath {
            collection: &collection,
            container: &container,
            reference: &reference,
            arch: arch.as_deref(),
        };
        let issued = shares::create(&core, &caller.0, path, new.0).await?;
        let id = issued.link.id.clone();
        let url = format!("{}{}", base_url(&core, request), issued.path);
        let body = IssuedShareLink {
            link: issued.link,
            url,
        };
        Ok(Created::at(&["share_links", &id], body))
    }

    /// List the share links of an image
    ///
    /// Newest first, without their secrets; those that have ended too, for 30 days.
    #[oai(
        path = "/collections/:collection/containers/:container/images/:reference/share_links",
        method = "get",
        operation_id = "list_image_share_links"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the operation"
    )]
    async fn of_image(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
        /// The container's name.
        container: Path<String>,
        /// A tag, or `sha256:` and 64 hexadecimal digits.
        reference: Path<String>,
        /// For which architecture, where a tag has several; `amd64`, or else the first, where absent.
        arch: Query<Option<String>>,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<ShareLinkPage>, ApiError> {
        let path = ImagePath {
            collection: &collection,
            container: &container,
            reference: &reference,
            arch: arch.as_deref(),
        };
        let window = Window {
            cursor: cursor.0,
            limit: limit.0,
        };
        let links = shares::of_image(&core, &caller.0, path, &window);
        Ok(Json(links.await?))
    }

    /// List one's share links
    ///
    /// Those that the caller made, newest first, without their secrets.
    #[oai(
        path = "/share_links",
        method = "get",
        operation_id = "list_share_links"
    )]
    async fn own(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<ShareLinkPage>, ApiError> {
        let window = Window {
            cursor: cursor.0,
            limit: limit.0,
        };
        Ok(Json(shares::own(&core, &caller.0, &window).await?))
    }

    /// Revoke a share link
    ///
    /// It begins no more downloads from now on. Whoever made it may do this, and whoever manages the collection.
    #[oai(
        path = "/share_links/:id",
        method = "delete",
        operation_id = "delete_share_link"
    )]
    async fn revoke(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The link's id.
        id: Path<String>,
    ) -> Result<Done, ApiError> {
        shares::revoke(&core, &caller.0, &id).await?;
        Ok(Done::Done)
    }
}
