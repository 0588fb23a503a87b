//! The protocol of the original registry: its command line client (`sregistry`), scripts, and `shub://`.
//!
//! Rule: this client gives up on 401, on 404 and on a redirect of the image's address. So a refusal is 403, and what is not there
//! is 404 only to those who have shown who they are, or do not say that they could.

mod caller;
mod error;
mod form;
mod handlers;
mod routes;
mod types;

use std::sync::Arc;

use poem::{Request, Response, Route, http::Method};

pub use routes::ROUTES;

use super::{Door, Handler, find, nothing};
use crate::services::{Core, Error};

/// Adds the protocol's paths to the router.
pub fn mount(mut route: Route) -> Route {
    for path in [
        "/api/container/*rest",
        "/:entity/api/container/*rest",
        "/container/*rest",
        "/api/collection/*rest",
        "/api/collections",
        "/api/collections/*rest",
        "/api/containers",
        "/api/containers/*rest",
        "/api/labels/*rest",
        "/api/registry/*rest",
        "/api/upload/*rest",
        "/api/uploads/*rest",
        "/api/api-token-auth",
        "/upload",
        "/upload/*rest",
    ] {
        let door = Door {
            handler: Sregistry,
            envelope: error::answer,
        };
        route = route.at(path, door);
    }
    route
}

/// Answers the requests of the protocol.
#[derive(Debug, Clone, Copy)]
pub struct Sregistry;

impl Handler for Sregistry {
    async fn handle(&self, core: &Arc<Core>, request: Request) -> Result<Response, Error> {
        let path = request.uri().path().to_owned();
        let found = find(ROUTES, request.method(), &path).ok_or_else(nothing)?;
        let head = request.method() == Method::HEAD;
        let mut response = handlers::call(core, &found, request).await?;
        if head {
            response.take_body();
        }
        Ok(response)
    }
}
