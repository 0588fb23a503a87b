//! Signing in and out, the first administrator, the terms of use.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{ApiResponse, OpenApi, param::Path, payload::Json};
use shared_types::{Login, Session, Setup, SetupStatus, Terms, TermsAcceptance};

use super::{Tag, error::ApiError};
use crate::{
    http::{
        extract::{Arrival, Body, Visitor},
        middleware::auth::set_cookie,
    },
    services::{
        Core, Result,
        access::person,
        login::{self, Identity, Opened},
        setup, terms,
    },
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Sessions;

/// Who is signed in now.
#[derive(ApiResponse)]
enum Signed {
    /// Who is signed in, and what the registry is. The cookie carries the session.
    #[oai(status = 200)]
    In(
        Json<Session>,
        /// The session's cookie, where there is a session.
        #[oai(header = "Set-Cookie")]
        Option<String>,
    ),
}

/// Nobody is signed in any more.
#[derive(ApiResponse)]
enum SignedOut {
    /// Signed out.
    #[oai(status = 204)]
    Out(
        /// Takes the session's cookie away.
        #[oai(header = "Set-Cookie")]
        String,
    ),
}

impl Signed {
    fn opened(core: &Core, opened: Opened) -> Self {
        Self::In(Json(opened.session), Some(cookie(core, &opened.cookie)))
    }

    /// The session as it is, with a cookie that lives as long as the session does by now.
    async fn current(core: &Core, identity: &Identity, value: Option<&str>) -> Result<Self> {
        let session = login::describe(core, identity).await?;
        Ok(Self::In(
            Json(session),
            value.map(|value| cookie(core, value)),
        ))
    }
}

fn cookie(core: &Core, value: &str) -> String {
    set_cookie(
        core,
        value,
        core.settings.security.session_lifetime.as_secs(),
    )
}

#[OpenApi(tag = "Tag::Session")]
impl Sessions {
    /// Show the session
    ///
    /// Who is signed in, what the registry is called and allows, and the token that changes from a browser must carry.
    #[oai(path = "/session", method = "get", operation_id = "get_session")]
    async fn get(&self, core: Data<&Arc<Core>>, visitor: Visitor) -> Result<Signed, ApiError> {
        Ok(Signed::current(&core, &visitor.identity, visitor.cookie.as_deref()).await?)
    }

    /// Sign out
    ///
    /// Ends the browser session at hand. Tokens are revoked, not signed out.
    #[oai(path = "/session", method = "delete", operation_id = "delete_session")]
    async fn delete(
        &self,
        core: Data<&Arc<Core>>,
        visitor: Visitor,
    ) -> Result<SignedOut, ApiError> {
        login::sign_out(&core, &visitor.identity).await?;
        Ok(SignedOut::Out(set_cookie(&core, "", 0)))
    }

    /// Sign in
    ///
    /// Opens a browser session for user name and password. Too many wrong ones are followed by a pause.
    #[oai(
        path = "/login/:provider",
        method = "post",
        operation_id = "create_session"
    )]
    async fn login(
        &self,
        core: Data<&Arc<Core>>,
        arrival: Arrival,
        /// One of the registry's providers, such as `local`.
        provider: Path<String>,
        login: Body<Login>,
    ) -> Result<Signed, ApiError> {
        let opened = login::sign_in(&core, &provider, login.0, &arrival.0).await?;
        Ok(Signed::opened(&core, opened))
    }

    /// Check a one-time link
    ///
    /// Whether the code of the link that the server prints at its first start can still be used.
    #[oai(path = "/setup/:code", method = "get", operation_id = "check_setup")]
    async fn setup_status(
        &self,
        core: Data<&Arc<Core>>,
        _visitor: Visitor,
        /// The code.
        #[oai(name = "code")]
        link: Path<String>,
    ) -> Result<Json<SetupStatus>, ApiError> {
        Ok(Json(setup::status(&core, &link).await?))
    }

    /// Create the first administrator
    ///
    /// Uses the one-time link up, makes a superuser and signs them in.
    #[oai(path = "/setup", method = "post", operation_id = "finish_setup")]
    async fn setup(
        &self,
        core: Data<&Arc<Core>>,
        arrival: Arrival,
        setup: Body<Setup>,
    ) -> Result<Signed, ApiError> {
        let opened = setup::finish(&core, setup.0, &arrival.0).await?;
        Ok(Signed::opened(&core, opened))
    }

    /// Show the terms of use
    #[oai(path = "/terms", method = "get", operation_id = "get_terms")]
    async fn terms(
        &self,
        core: Data<&Arc<Core>>,
        _visitor: Visitor,
    ) -> Result<Json<Terms>, ApiError> {
        Ok(Json(terms::get(&core).await?.clone()))
    }

    /// Accept the terms of use
    ///
    /// Until then a browser session can do nothing else. Changed terms are asked for again.
    #[oai(path = "/terms", method = "post", operation_id = "accept_terms")]
    async fn accept_terms(
        &self,
        core: Data<&Arc<Core>>,
        visitor: Visitor,
        acceptance: Body<TermsAcceptance>,
    ) -> Result<Signed, ApiError> {
        person(&visitor.identity.viewer)?;
        terms::accept(&core, &visitor.identity.viewer, &acceptance.0.version).await?;
        Ok(Signed::current(&core, &visitor.identity, visitor.cookie.as_deref()).await?)
    }
}
