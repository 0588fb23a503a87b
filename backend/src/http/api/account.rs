//! One's own account, and the logins that open it.

use std::sync::Arc;

use poem::{Request, web::Data};
use poem_openapi::{ApiResponse, OpenApi, param::Path, payload::Json};
use shared_types::{
    AccountDeletion, AccountDeletionConfirmation, AccountExport, AccountLogins, LoginConnection,
    LoginConnectionStarted, PasswordChange,
};

use super::{Tag, error::ApiError, reply::Done};
use crate::{
    http::extract::{Body, SignedIn, client_address, journey_cookie},
    services::{Core, account, login, providers},
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Accounts;

/// A login is connected, or about to be.
#[derive(ApiResponse)]
enum Connecting {
    /// The login is connected, or the browser has to go to `url` first.
    #[oai(status = 200)]
    Begun(
        Json<LoginConnectionStarted>,
        /// What the browser takes along.
        #[oai(header = "Set-Cookie")]
        Option<String>,
    ),
}

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

    /// Get all that is kept about oneself
    ///
    /// One document, without secrets. With a token, only one of the scope `admin` may.
    #[oai(
        path = "/account/export",
        method = "get",
        operation_id = "export_account"
    )]
    async fn export(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
    ) -> Result<Json<AccountExport>, ApiError> {
        Ok(Json(account::export(&core, &caller.0).await?))
    }

    /// Show what deleting one's account removes
    ///
    /// Only in a browser session. Also says what stands in the way.
    #[oai(
        path = "/account/deletion",
        method = "get",
        operation_id = "preview_account_deletion"
    )]
    async fn preview(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
    ) -> Result<Json<AccountDeletion>, ApiError> {
        Ok(Json(account::preview_own(&core, &caller.0).await?))
    }

    /// Delete one's account
    ///
    /// Only in a browser session, with the user name typed, and the password; where there is none, right after signing in. Collections
    /// and teams of others need another owner first. What one did stays in the audit log under another name.
    #[oai(
        path = "/account/deletion",
        method = "post",
        operation_id = "delete_account"
    )]
    async fn delete(
        &self,
        core: Data<&Arc<Core>>,
        request: &Request,
        caller: SignedIn,
        confirmation: Body<AccountDeletionConfirmation>,
    ) -> Result<Done, ApiError> {
        let address = client_address(&core, request);
        account::delete_own(&core, &caller.0, confirmation.0, address).await?;
        Ok(Done::Done)
    }

    /// List one's logins
    ///
    /// How one can sign in to one's account: with a password, and with logins at other providers.
    #[oai(path = "/account/logins", method = "get", operation_id = "list_logins")]
    async fn logins(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
    ) -> Result<Json<AccountLogins>, ApiError> {
        Ok(Json(providers::list(&core, &caller.0).await?))
    }

    /// Connect a login
    ///
    /// Only in a browser session. A provider that takes passwords wants them here; to any other one the browser goes, with the cookie.
    #[oai(
        path = "/account/logins",
        method = "post",
        operation_id = "connect_login"
    )]
    async fn connect(
        &self,
        core: Data<&Arc<Core>>,
        request: &Request,
        caller: SignedIn,
        wanted: Body<LoginConnection>,
    ) -> Result<Connecting, ApiError> {
        let address = client_address(&core, request);
        let (begun, departing) = providers::connect(&core, &caller.0, wanted.0, address).await?;
        let cookie = departing.map(|departing| journey_cookie(&core, &departing.cookie));
        Ok(Connecting::Begun(Json(begun), cookie))
    }

    /// Disconnect a login
    ///
    /// Only in a browser session. The last way to sign in stays.
    #[oai(
        path = "/account/logins/:id",
        method = "delete",
        operation_id = "disconnect_login"
    )]
    async fn disconnect(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The login's id.
        id: Path<String>,
    ) -> Result<Done, ApiError> {
        providers::disconnect(&core, &caller.0, &id).await?;
        Ok(Done::Done)
    }
}
