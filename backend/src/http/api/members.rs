//! The people of collections, of the JSON API; and what only those do who say who they are: rename it, hand it over.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use shared_types::{
    CandidatePage, CollectionDetail, CollectionMember, CollectionMemberChange,
    CollectionMemberPage, CollectionRename, CollectionTransfer,
};

use super::{Tag, error::ApiError, reply::Done};
use crate::{
    http::extract::{ApiCaller, Body, SignedIn},
    services::{Core, collections, members, paging::Window},
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Members;

#[OpenApi(tag = "Tag::Collections")]
impl Members {
    /// List the people of a collection
    ///
    /// Its owners and contributors, by name. Robots are listed apart.
    #[oai(
        path = "/collections/:collection/members",
        method = "get",
        operation_id = "list_collection_members"
    )]
    async fn list(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// The collection's name.
        collection: Path<String>,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<CollectionMemberPage>, ApiError> {
        let window = Window {
            cursor: cursor.0,
            limit: limit.0,
        };
        Ok(Json(
            members::list(&core, &caller.0, &collection, &window).await?,
        ))
    }

    /// Let a person into a collection
    ///
    /// Or give them another role there. Owners let in people who share a team with them (see `list_candidates`), administrators
    /// let in anybody. The last owner stays one.
    #[oai(
        path = "/collections/:collection/members/:username",
        method = "put",
        operation_id = "put_collection_member"
    )]
    async fn put(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
        /// The person's user name.
        username: Path<String>,
        change: Body<CollectionMemberChange>,
    ) -> Result<Json<CollectionMember>, ApiError> {
        let role = change.0.role;
        Ok(Json(
            members::put(&core, &caller.0, &collection, &username, role).await?,
        ))
    }

    /// Remove a person from a collection
    ///
    /// With one's own name: leave it. The last owner stays.
    #[oai(
        path = "/collections/:collection/members/:username",
        method = "delete",
        operation_id = "remove_collection_member"
    )]
    async fn remove(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
        /// The person's user name.
        username: Path<String>,
    ) -> Result<Done, ApiError> {
        members::remove(&core, &caller.0, &collection, &username).await?;
        Ok(Done::Done)
    }

    /// List who could be let into a collection
    ///
    /// People who share a team with the caller and are not in the collection, by name; for administrators, everybody else.
    #[oai(
        path = "/collections/:collection/candidates",
        method = "get",
        operation_id = "list_candidates"
    )]
    async fn candidates(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
        /// Words of the user name or the name for people, in any case.
        q: Query<Option<String>>,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<CandidatePage>, ApiError> {
        let window = Window {
            cursor: cursor.0,
            limit: limit.0,
        };
        let page = members::candidates(&core, &caller.0, &collection, q.0.as_deref(), &window);
        Ok(Json(page.await?))
    }

    /// Hand a collection over
    ///
    /// The other person owns it, and it counts against their quota. A caller who owned it contributes from then on; other
    /// owners stay. Who may be chosen is as with `put_collection_member`.
    #[oai(
        path = "/collections/:collection/transfer",
        method = "post",
        operation_id = "transfer_collection"
    )]
    async fn transfer(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
        to: Body<CollectionTransfer>,
    ) -> Result<Json<CollectionDetail>, ApiError> {
        let username = &to.0.username;
        Ok(Json(
            members::transfer(&core, &caller.0, &collection, username).await?,
        ))
    }

    /// Rename a collection
    ///
    /// What was pulled by the old name is found by the new one alone; tokens that are limited to the collection stay so. A frozen
    /// tag inside prevents it.
    #[oai(
        path = "/collections/:collection/rename",
        method = "post",
        operation_id = "rename_collection"
    )]
    async fn rename(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
        rename: Body<CollectionRename>,
    ) -> Result<Json<CollectionDetail>, ApiError> {
        let name = &rename.0.name;
        Ok(Json(
            collections::rename(&core, &caller.0, &collection, name).await?,
        ))
    }
}
