//! Tokens of the JSON API: the caller's own.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{OpenApi, param::Path, payload::Json};
use shared_types::{IssuedToken, NewToken, TokenPage};

use super::{
    Tag,
    error::ApiError,
    reply::{Created, Done},
};
use crate::{
    http::extract::{Body, SignedIn},
    services::{Core, tokens},
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Tokens;

#[OpenApi(tag = "Tag::Tokens")]
impl Tokens {
    /// List one's tokens
    ///
    /// All of them, newest first, without their secrets. With a token, only one of the scope `admin` may.
    #[oai(path = "/tokens", method = "get", operation_id = "list_tokens")]
    async fn list(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
    ) -> Result<Json<TokenPage>, ApiError> {
        Ok(Json(tokens::list(&core, &caller.0).await?))
    }

    /// Create a token
    ///
    /// The answer is the only time that the secret is shown.
    #[oai(path = "/tokens", method = "post", operation_id = "create_token")]
    async fn create(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        new: Body<NewToken>,
    ) -> Result<Created<IssuedToken>, ApiError> {
        let issued = tokens::create(&core, &caller.0, new.0).await?;
        let id = issued.token.id.clone();
        Ok(Created::at(&["tokens", &id], issued))
    }

    /// Rotate a token
    ///
    /// A new secret for the same token; the old one stops working at once.
    #[oai(
        path = "/tokens/:id/rotate",
        method = "post",
        operation_id = "rotate_token"
    )]
    async fn rotate(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The token's id.
        id: Path<String>,
    ) -> Result<Json<IssuedToken>, ApiError> {
        Ok(Json(tokens::rotate(&core, &caller.0, &id).await?))
    }

    /// Revoke a token
    ///
    /// It stops working at once.
    #[oai(path = "/tokens/:id", method = "delete", operation_id = "delete_token")]
    async fn delete(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The token's id.
        id: Path<String>,
    ) -> Result<Done, ApiError> {
        tokens::revoke(&core, &caller.0, &id).await?;
        Ok(Done::Done)
    }
}
