//! `library://`: the protocol of SingularityCE and Apptainer, from 3.1 to today.
//!
//! Success is `{"data": …}`, failure `{"error": {"code", "message"}}`; the message is what the client's user reads. 404 means “make it”
//! to a client that pushes, so nothing that exists for the caller may answer it.

pub mod error;
mod handlers;
mod requests;
pub mod routes;
mod types;

use std::sync::Arc;

use poem::{Request, Response, Route};

use super::{Door, Handler, find, nothing};
use crate::services::{Core, Error};

/// Adds the protocol's paths to the router: everything below `/v1` is its own. What it has below `/v2` comes through `wire::oci`.
pub fn mount(mut route: Route) -> Route {
    for path in [crate::http::CLIENT_CONFIG, "/version", "/v1", "/v1/*rest"] {
        let door = Door {
            handler: Library,
            envelope: error::answer,
        };
        route = route.at(path, door);
    }
    route
}

/// Answers the requests of the protocol.
#[derive(Debug, Clone, Copy)]
pub struct Library;

impl Handler for Library {
    async fn handle(&self, core: &Arc<Core>, request: Request) -> Result<Response, Error> {
        let path = request.uri().path().to_owned();
        let found = find(routes::ROUTES, request.method(), &path).ok_or_else(nothing)?;
        handlers::call(core, &found, request).await
    }
}

/// The row that an id of the protocol names, such as `n3` for container 3.
pub fn id(kind: &str, text: &str) -> Option<i64> {
    let digits = text.strip_prefix(kind)?;
    let canonical = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| canonical)
}

#[cfg(test)]
mod tests {
    use super::id;

    #[test]
    fn ids_are_read_in_their_one_spelling() {
        assert_eq!(id("i", "i42"), Some(42));
        for bad in [
            "",
            "i",
            "42",
            "n42",
            "i042",
            "i-1",
            "i+1",
            "i4 2",
            "i99999999999999999999",
        ] {
            assert_eq!(id("i", bad), None, "{bad}");
        }
    }
}
