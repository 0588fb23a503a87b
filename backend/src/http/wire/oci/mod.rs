//! `oras://` and `docker://`: OCI distribution 1.1, for Apptainer, ORAS, skopeo and all others that speak it.
//!
//! Rule: a repository is a container, its name `collection/container` or `entity/collection/container`. Whoever may not know of one
//! gets the same answer whether it exists or not: anonymous callers are asked for credentials, all others do not find it.

pub mod error;
pub mod routes;

use std::sync::Arc;

use poem::{
    Endpoint, Request, Response, Route,
    http::{StatusCode, header},
};
use serde_json::json;

use super::{Door, Handler, json as json_answer, library, nothing, viewer};
use crate::services::{Core, Error};
use routes::{Asked, Call, Read};

/// Adds everything below `/v2` to the router: this protocol's paths, and those of the library protocol that begin so.
pub fn mount(mut route: Route) -> Route {
    for path in ["/v2", "/v2/*rest"] {
        let door = V2 {
            oci: Door {
                handler: Oci,
                envelope: error::answer,
            },
            library: Door {
                handler: library::Library,
                envelope: library::error::answer,
            },
        };
        route = route.at(path, door);
    }
    route
}

/// Tells the two protocols below `/v2` apart.
struct V2 {
    oci: Door<Oci>,
    library: Door<library::Library>,
}

impl Endpoint for V2 {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let path = request.uri().path();
        let first = path.split('/').filter(|part| !part.is_empty()).nth(1);
        let unread = routes::read(request.method(), path) == Read::Nothing;
        if unread && matches!(first, Some("imagefile" | "tags")) {
            return self.library.call(request).await;
        }
        self.oci.call(request).await
    }
}

/// Answers the requests of the protocol.
#[derive(Debug, Clone, Copy)]
pub struct Oci;

impl Handler for Oci {
    async fn handle(&self, core: &Arc<Core>, request: Request) -> Result<Response, Error> {
        let asked = match routes::read(request.method(), request.uri().path()) {
            Read::Asked(asked) => asked,
            Read::WrongMethod => {
                return Err(Error::Unsupported(
                    "this path has no such method".to_owned(),
                ));
            }
            Read::Nothing => return Err(nothing()),
        };
        call(core, &asked, request).await
    }
}

async fn call(_: &Arc<Core>, asked: &Asked, request: Request) -> Result<Response, Error> {
    let viewer = viewer(&request).await?;
    match asked.call {
        Call::Base if viewer.is_anonymous() => Err(Error::sign_in()),
        Call::Base => Ok(json_answer(StatusCode::OK, &json!({}))
            .with_header("docker-distribution-api-version", "registry/2.0")),
        _ => Err(nothing()),
    }
}

/// Adds a header to an answer.
trait WithHeader {
    fn with_header(self, name: &'static str, value: &str) -> Self;
}

impl WithHeader for Response {
    fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = header::HeaderValue::from_str(value) {
            self.headers_mut().insert(name, value);
        }
        self
    }
}
