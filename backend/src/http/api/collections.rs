//! Collections of the JSON API.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use shared_types::{
    Collection, CollectionChange, CollectionDetail, CollectionFilter, CollectionPage, NameCheck,
    NewCollection, SortOrder,
};

use super::{
    Tag,
    error::ApiError,
    reply::{Created, Done},
};
use crate::{
    http::extract::{ApiCaller, Body, SignedIn},
    services::{
        Core,
        collections::{self, Listing},
        paging::Window,
    },
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Collections;

#[OpenApi(tag = "Tag::Collections")]
impl Collections {
    /// List collections
    ///
    /// The collections that the caller may see: all of them for administrators. Private ones of others are neither shown nor counted.
    #[oai(
        path = "/collections",
        method = "get",
        operation_id = "list_collections"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a parameter of the operation"
    )]
    async fn list(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// Which of them; `mine` needs someone signed in.
        filter: Query<Option<CollectionFilter>>,
        /// In which order; last changed first where absent.
        sort: Query<Option<SortOrder>>,
        /// Words of the name or the description, in any case.
        q: Query<Option<String>>,
        /// The user name of somebody who owns them.
        owner: Query<Option<String>>,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<CollectionPage>, ApiError> {
        let listing = Listing {
            filter: filter.0.unwrap_or(CollectionFilter::All),
            sort: sort.0.unwrap_or(SortOrder::Updated),
            q: q.0,
            owner: owner.0,
            window: Window {
                cursor: cursor.0,
                limit: limit.0,
            },
        };
        Ok(Json(collections::list(&core, &caller.0, &listing).await?))
    }

    /// Create a collection
    ///
    /// The caller becomes its owner. The token needs the scope `push`, and no limit to some collections.
    #[oai(
        path = "/collections",
        method = "post",
        operation_id = "create_collection"
    )]
    async fn create(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        new: Body<NewCollection>,
    ) -> Result<Created<Collection>, ApiError> {
        let made = collections::create(&core, &caller.0, new.0).await?;
        let name = made.name.clone();
        Ok(Created::at(&["collections", &name], made))
    }

    /// Check a collection's name
    ///
    /// Whether the caller could create a collection of this name now, and why not.
    #[oai(
        path = "/collection-names/:name",
        method = "get",
        operation_id = "check_name"
    )]
    async fn check_name(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The name.
        name: Path<String>,
    ) -> Result<Json<NameCheck>, ApiError> {
        Ok(Json(
            collections::check_name(&core, &caller.0, &name).await?,
        ))
    }

    /// Show a collection
    ///
    /// With its README, its people and what the caller may do.
    #[oai(
        path = "/collections/:collection",
        method = "get",
        operation_id = "get_collection"
    )]
    async fn get(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// The collection's name.
        collection: Path<String>,
    ) -> Result<Json<CollectionDetail>, ApiError> {
        Ok(Json(collections::get(&core, &caller.0, &collection).await?))
    }

    /// Change a collection
    ///
    /// Its owners may, with a token of the scope `manage`. What is absent stays as it is.
    #[oai(
        path = "/collections/:collection",
        method = "patch",
        operation_id = "change_collection"
    )]
    async fn change(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
        change: Body<CollectionChange>,
    ) -> Result<Json<CollectionDetail>, ApiError> {
        let changed = collections::change(&core, &caller.0, &collection, change.0).await?;
        Ok(Json(changed))
    }

    /// Delete a collection
    ///
    /// With all containers, images and tags in it. A frozen tag inside prevents it.
    #[oai(
        path = "/collections/:collection",
        method = "delete",
        operation_id = "delete_collection"
    )]
    async fn delete(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
    ) -> Result<Done, ApiError> {
        collections::delete(&core, &caller.0, &collection).await?;
        Ok(Done::Done)
    }
}
