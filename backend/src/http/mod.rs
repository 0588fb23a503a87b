//! The web server: which door a request comes in by, and what all doors have in common.
//!
//! Rule: doors turn requests into calls of `services` and results into answers. They never touch the database or the store.

pub mod api;
pub mod blob;
pub mod extract;
pub mod health;
pub mod middleware;
pub mod serve;
pub mod web;
pub mod wire;

use std::sync::Arc;

use poem::{Endpoint, EndpointExt, Request, Response};

use crate::services::Core;

/// First segments of paths that belong to a protocol: what is unknown below them is answered in its words, never with the
/// web application.
pub const RESERVED: &[&str] = &[
    "api", "v1", "v2", "version", "shub", "uploads", "blobs", "pks", "healthz", "readyz",
];

/// The one path below `/assets/` that clients ask for.
pub const CLIENT_CONFIG: &str = "/assets/config/config.prod.json";

/// Everything this server answers.
pub fn endpoint(core: &Arc<Core>, web: web::Web) -> impl Endpoint<Output = Response> + 'static {
    let _ = core;
    web.data(Arc::clone(core))
}

/// Whether a path belongs to a protocol rather than to the web application.
pub fn is_reserved(path: &str) -> bool {
    let first = path
        .split('/')
        .find(|segment| !segment.is_empty())
        .unwrap_or_default();
    RESERVED.contains(&first) || path == CLIENT_CONFIG
}

/// The address of the machine at the other end, or the one a trusted proxy names.
pub fn remote_address(request: &Request) -> Option<std::net::IpAddr> {
    request
        .remote_addr()
        .as_socket_addr()
        .map(std::net::SocketAddr::ip)
}
