//! One's own account.

use std::sync::Arc;

use poem::{Request, web::Data};
use poem_openapi::OpenApi;
use shared_types::PasswordChange;

use super::{Tag, error::ApiError, reply::Done};
use crate::{
    http::extract::{Body, SignedIn, client_address},
    services::{Core, login},
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Accounts;

#[OpenApi(tag = "Tag::Account")]
impl Accounts {
    /// Change one's password
    ///
    /// Only in a browser session: it goes on, all others of the account end.
    #[oai(
        path = "/account/password",
        method = "put",
        operation_id = "change_password"
    )]
    async fn change_password(
        &self,
        core: Data<&Arc<Core>>,
        request: &Request,
        caller: SignedIn,
        change: Body<PasswordChange>,
    ) -> Result<Done, ApiError> {
        let address = client_address(&core, request);
        login::change_password(&core, &caller.0, change.0, address).await?;
        Ok(Done::Done)
    }
}
