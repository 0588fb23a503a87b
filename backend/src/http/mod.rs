//! The web server: which door a request comes in by, and what all doors have in common.
//!
//! Rule: doors turn requests into calls of `services` and results into answers. They never touch the database or the store.

pub mod api;
pub mod blob;
pub mod extract;
pub mod health;
pub mod meter;
pub mod middleware;
mod path;
pub mod serve;
pub mod web;
pub mod wire;

use std::sync::Arc;

use middleware::{
    auth::ReadCredentials, guard::PanicGuard, log::AccessLog, request_id::AssignRequestId,
    security::SecurityHeaders, source::NoteSource,
};
use poem::{Endpoint, EndpointExt, Request, Response, Result, Route, http::Method};

use crate::services::Core;

/// First segments of paths that belong to a protocol: what is unknown below them is answered in its words, never with the
/// web application.
const RESERVED: &[&str] = &[
    "api", "v1", "v2", "version", "shub", "uploads", "blobs", "pks", "healthz", "readyz",
    "download", "share", "complete",
];

/// The one path below `/assets/` that clients ask for.
const CLIENT_CONFIG: &str = "/assets/config/config.prod.json";

/// Everything this server answers.
pub fn endpoint(core: &Arc<Core>, web: web::Web) -> impl Endpoint<Output = Response> + 'static {
    Doors {
        protocols: protocols(),
        web,
    }
    .with(NoteSource::new(Arc::clone(core)))
    .with(PanicGuard)
    .with(ReadCredentials::new(Arc::clone(core)))
    .with(SecurityHeaders)
    .with(AccessLog)
    .with(AssignRequestId)
    .data(Arc::clone(core))
}

/// The doors for programs.
fn protocols() -> Route {
    let health = Route::new()
        .at("/healthz", poem::get(health::healthz))
        .at("/readyz", poem::get(health::readyz));
    wire::mount(health).nest("/api", api::endpoint())
}

/// Sends each request to the protocols or to the web application.
struct Doors {
    protocols: Route,
    web: web::Web,
}

impl Endpoint for Doors {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        if !is_reserved(request.method(), request.uri().path()) {
            return self.web.call(request).await;
        }
        path::tidy(&mut request);
        self.protocols.call(request).await
    }
}

/// First segments of paths that belong to a protocol where something is done, and to the web application where it is looked at.
const SHARED: &[&str] = &["upload", "container"];

/// Whether a request is for a protocol rather than for the web application.
fn is_reserved(method: &Method, path: &str) -> bool {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let first = segments.next().unwrap_or_default();
    let (second, third) = (segments.next(), segments.next());
    // `shub://` clients put the first of three names before `/api`.
    let shub = (second, third) == (Some("api"), Some("container"));
    let looked_at = matches!(*method, Method::GET | Method::HEAD);
    RESERVED.contains(&first)
        || (SHARED.contains(&first) && !looked_at)
        || shub
        // The page is at `/login`, the way to a provider below it.
        || (first == "login" && second.is_some())
        || path.trim_start_matches('/') == CLIENT_CONFIG.trim_start_matches('/')
}

/// The address of the machine at the other end of the connection.
pub fn remote_address(request: &Request) -> Option<std::net::IpAddr> {
    request
        .remote_addr()
        .as_socket_addr()
        .map(std::net::SocketAddr::ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_keep_their_paths_and_the_application_all_others() {
        for path in [
            "/api",
            "/api/x",
            "/v1/images/c/n",
            "//version",
            "/v2/",
            "/healthz",
            "/download/c/n/t.sif",
            "/share/x",
            "/login/github/",
            "/complete/github/",
            CLIENT_CONFIG,
        ] {
            assert!(is_reserved(&Method::GET, path), "{path}");
        }
        for path in [
            "/",
            "/collections",
            "/apiary",
            "/v10",
            "/versions",
            "/downloads",
            "/shares",
            "/assets/x.js",
            "/assets/config/other.json",
            "/upload",
            "/container/c/n",
            "/login",
            "/login/",
        ] {
            assert!(!is_reserved(&Method::GET, path), "{path}");
        }
        for path in ["/upload", "/upload/chunked_upload", "/container/c/n:t"] {
            assert!(is_reserved(&Method::POST, path), "{path}");
        }
        assert!(!is_reserved(&Method::POST, "/containers"));
    }
}
