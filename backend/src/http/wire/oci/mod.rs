//! `oras://` and `docker://`: OCI distribution 1.1, for Apptainer, ORAS, skopeo and all others that speak it.
//!
//! Rule: a repository is a container, its name `collection/container` or `entity/collection/container`. Whoever may not know of one
//! gets the same answer whether it exists or not: anonymous callers are asked for credentials, all others do not find it.

mod auth;
mod content;
pub mod error;
mod lists;
pub mod routes;
mod uploads;

use std::sync::Arc;

use poem::{
    Endpoint, Request, Response, Route,
    http::{StatusCode, header},
};
use serde_json::json;

use super::{Door, Handler, json as json_answer, library, nothing, viewer};
use crate::{
    domain::access::Viewer,
    services::{Core, Error, oci::Repository},
};
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
        let challenge = request
            .data::<Arc<Core>>()
            .map(|core| auth::challenge(core, &request));
        let answer = self.oci.call(request).await?;
        Ok(match challenge {
            Some(challenge) if answer.status() == StatusCode::UNAUTHORIZED => {
                answer.with_header("www-authenticate", &challenge)
            }
            _ => answer,
        })
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

/// A question about a repository.
struct Ask<'a> {
    viewer: &'a Viewer,
    repository: Repository,
    /// The digest, reference or upload at the end of the path.
    last: &'a str,
}

async fn call(core: &Arc<Core>, asked: &Asked, mut request: Request) -> Result<Response, Error> {
    let viewer = viewer(&request).await?;
    match asked.call {
        Call::Base if viewer.is_anonymous() => return Err(Error::sign_in()),
        Call::Base => {
            let response = json_answer(StatusCode::OK, &json!({}));
            return Ok(response.with_header("docker-distribution-api-version", "registry/2.0"));
        }
        Call::Token => return auth::token(core, &viewer, &request).await,
        // Some clients send credentials only where they are asked for; they shall see what is theirs. Who has none gets a pass for
        // what is public.
        Call::Catalog if request.header(header::AUTHORIZATION).is_none() => {
            return Err(Error::sign_in());
        }
        Call::Catalog => return lists::repositories(core, &viewer, &request).await,
        _ => {}
    }
    let ask = Ask {
        viewer: &viewer,
        repository: Repository::parse(&asked.name)?,
        last: &asked.last,
    };
    match asked.call {
        Call::Base | Call::Token | Call::Catalog => Err(nothing()),
        Call::ListTags => lists::tags(core, &ask, &request).await,
        Call::ListReferrers => lists::referrers(core, &ask, &request).await,
        Call::GetManifest => content::manifest(core, &ask, &request).await,
        Call::PutManifest => content::put(core, &ask, &mut request).await,
        Call::DeleteManifest => content::delete(core, &ask).await,
        Call::GetBlob => content::blob(core, &ask, &request).await,
        Call::DeleteBlob => content::delete_blob(core, &ask).await,
        Call::StartUpload => uploads::start(core, &ask, &mut request).await,
        Call::GetUpload => uploads::state(core, &ask).await,
        Call::PatchUpload => uploads::patch(core, &ask, &mut request).await,
        Call::FinishUpload => uploads::finish(core, &ask, &mut request).await,
        Call::AbortUpload => uploads::abort(core, &ask).await,
    }
}

/// Says that something is kept, and where.
fn created(name: &str, kind: &str, digest: &str) -> Response {
    Response::builder()
        .status(StatusCode::CREATED)
        .finish()
        .with_header("location", &format!("/v2/{name}/{kind}/{digest}"))
        .with_header("docker-content-digest", digest)
}

/// Changes an answer.
trait WithHeader {
    /// With this header.
    fn with_header(self, name: &'static str, value: &str) -> Self;
    /// With this status.
    fn with_status(self, status: StatusCode) -> Self;
}

impl WithHeader for Response {
    fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = header::HeaderValue::from_str(value) {
            self.headers_mut().insert(name, value);
        }
        self
    }

    fn with_status(mut self, status: StatusCode) -> Self {
        self.set_status(status);
        self
    }
}
