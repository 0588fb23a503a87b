//! Stars of the JSON API.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{OpenApi, param::Path};

use super::{Tag, error::ApiError, reply::Done};
use crate::{
    http::extract::SignedIn,
    services::{Core, stars},
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Stars;

#[OpenApi(tag = "Tag::Collections")]
impl Stars {
    /// Give a collection a star
    ///
    /// Doing it again changes nothing.
    #[oai(
        path = "/collections/:collection/star",
        method = "put",
        operation_id = "put_star"
    )]
    async fn star(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
    ) -> Result<Done, ApiError> {
        stars::set(&core, &caller.0, &collection, true).await?;
        Ok(Done::Done)
    }

    /// Take a star back
    ///
    /// Where there is none, nothing changes.
    #[oai(
        path = "/collections/:collection/star",
        method = "delete",
        operation_id = "delete_star"
    )]
    async fn unstar(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The collection's name.
        collection: Path<String>,
    ) -> Result<Done, ApiError> {
        stars::set(&core, &caller.0, &collection, false).await?;
        Ok(Done::Done)
    }
}
