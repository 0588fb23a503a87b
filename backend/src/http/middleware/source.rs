//! Where a request comes from, for the audit log: known to everything that the request changes.

use std::sync::Arc;

use poem::{Endpoint, Middleware, Request, Result};
use shared_types::AuditDoor;

use super::request_id::RequestId;
use crate::{
    http::extract::client_address,
    services::{Core, audit::Source},
};

/// Tells use cases where each request comes from.
#[derive(Debug, Clone)]
pub struct NoteSource(Arc<Core>);

impl NoteSource {
    /// For this registry.
    pub fn new(core: Arc<Core>) -> Self {
        Self(core)
    }
}

impl<E: Endpoint> Middleware<E> for NoteSource {
    type Output = WithSource<E>;

    fn transform(&self, inner: E) -> Self::Output {
        WithSource {
            inner,
            core: Arc::clone(&self.0),
        }
    }
}

/// An endpoint whose changes are written down with their source.
#[derive(Debug)]
pub struct WithSource<E> {
    inner: E,
    core: Arc<Core>,
}

impl<E: Endpoint> Endpoint for WithSource<E> {
    type Output = E::Output;

    async fn call(&self, request: Request) -> Result<E::Output> {
        let source = Source {
            address: client_address(&self.core, &request),
            request_id: request.data::<RequestId>().map(|id| id.0.clone()),
            door: door(request.original_uri().path()),
        };
        source.scope(self.inner.call(request)).await
    }
}

/// The protocol that a path belongs to.
fn door(path: &str) -> AuditDoor {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    match (segments.next().unwrap_or_default(), segments.next()) {
        ("api", Some("v1")) => AuditDoor::Api,
        ("login" | "complete", _) => AuditDoor::SignIn,
        ("v1", _) => AuditDoor::Library,
        // Two paths of the library protocol are below `/v2`, too; a repository may be called alike.
        ("v2", Some("imagefile" | "tags")) if !segments.any(is_of_repository) => AuditDoor::Library,
        ("v2", _) => AuditDoor::Oci,
        ("pks", _) => AuditDoor::Hkp,
        ("download" | "share" | "blobs" | "uploads", _) => AuditDoor::Https,
        _ => AuditDoor::Sregistry,
    }
}

/// What follows the name of a repository.
fn is_of_repository(segment: &str) -> bool {
    matches!(segment, "blobs" | "manifests" | "referrers" | "tags")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_has_its_paths() {
        for (path, expected) in [
            ("/api/v1/tokens", AuditDoor::Api),
            ("//api//v1", AuditDoor::Api),
            ("/complete/github/", AuditDoor::SignIn),
            ("/v1/containers", AuditDoor::Library),
            ("/v2/a/b/manifests/x", AuditDoor::Oci),
            ("/v2/tags/c1", AuditDoor::Library),
            ("/v2/imagefile/i1/_complete", AuditDoor::Library),
            ("/v2/tags/b/manifests/x", AuditDoor::Oci),
            ("/v2/imagefile/b/tags/list", AuditDoor::Oci),
            ("/pks/add", AuditDoor::Hkp),
            ("/uploads/x", AuditDoor::Https),
            ("/upload", AuditDoor::Sregistry),
            ("/api/container/a/b:c", AuditDoor::Sregistry),
        ] {
            assert_eq!(door(path), expected, "{path}");
        }
    }
}
