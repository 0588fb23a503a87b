//! How the OCI protocol says that something went wrong: `{"errors": [{"code", "message", "detail"}]}`.

use poem::{Response, http::StatusCode};
use serde_json::json;

use crate::services::{Error, error::Resource};

/// The status and the code that stand for an error.
pub fn meaning(error: &Error) -> (StatusCode, &'static str) {
    match error {
        Error::NotFound(resource) => (StatusCode::NOT_FOUND, missing(resource)),
        Error::Unauthenticated(_) | Error::WrongCredentials => {
            (StatusCode::UNAUTHORIZED, "UNAUTHORIZED")
        }
        Error::Forbidden(_)
        | Error::TermsRequired
        | Error::CrossSite
        | Error::SignIn(_)
        | Error::NameTaken(_)
        | Error::Frozen(_) => (StatusCode::FORBIDDEN, "DENIED"),
        Error::BadRequest(_) => (StatusCode::BAD_REQUEST, "UNSUPPORTED"),
        Error::Invalid(problems) => (StatusCode::BAD_REQUEST, invalid(problems.0.keys())),
        Error::Conflict(_) => (StatusCode::CONFLICT, "BLOB_UPLOAD_INVALID"),
        Error::Offset { .. } => (StatusCode::RANGE_NOT_SATISFIABLE, "BLOB_UPLOAD_INVALID"),
        Error::DigestMismatch(_) => (StatusCode::BAD_REQUEST, "DIGEST_INVALID"),
        Error::NotAnImage(_) | Error::BadManifest(_) => {
            (StatusCode::BAD_REQUEST, "MANIFEST_INVALID")
        }
        Error::MissingContent(_) => (StatusCode::NOT_FOUND, "MANIFEST_BLOB_UNKNOWN"),
        Error::Unsupported(_) => (StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED"),
        Error::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "SIZE_INVALID"),
        Error::Quota(_) => (StatusCode::FORBIDDEN, "DENIED"),
        Error::Gone(_) => (StatusCode::NOT_FOUND, "BLOB_UNKNOWN"),
        Error::RateLimited { .. } | Error::DownloadLimit { .. } => {
            (StatusCode::TOO_MANY_REQUESTS, "TOOMANYREQUESTS")
        }
        Error::NoSpace(_) => (StatusCode::INSUFFICIENT_STORAGE, "UNKNOWN"),
        Error::Busy(_) | Error::Storage(_) => (StatusCode::SERVICE_UNAVAILABLE, "UNKNOWN"),
        Error::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN"),
    }
}

fn missing(resource: &Resource) -> &'static str {
    match resource {
        Resource::Collection(_)
        | Resource::Container(_)
        | Resource::User(_)
        | Resource::Mate(_)
        | Resource::Member(..) => "NAME_UNKNOWN",
        Resource::Image(_) | Resource::Sif(..) | Resource::Tag(_) | Resource::Manifest(_) => {
            "MANIFEST_UNKNOWN"
        }
        Resource::Upload => "BLOB_UPLOAD_UNKNOWN",
        Resource::Blob(_) => "BLOB_UNKNOWN",
        Resource::Token
        | Resource::Key(_)
        | Resource::Job(_)
        | Resource::Link
        | Resource::ShareLink
        | Resource::Team(_)
        | Resource::Picture(_)
        | Resource::Invitation
        | Resource::Request(_)
        | Resource::Robot(_)
        | Resource::Login
        | Resource::Webhook
        | Resource::Path => "UNSUPPORTED",
    }
}

fn invalid<'a>(mut fields: impl Iterator<Item = &'a String>) -> &'static str {
    match fields.next().map(String::as_str) {
        Some("digest") => "DIGEST_INVALID",
        Some("range") => "BLOB_UPLOAD_INVALID",
        Some("tag") => "MANIFEST_INVALID",
        Some("n" | "last") => "UNSUPPORTED",
        _ => "NAME_INVALID",
    }
}

/// The envelope.
pub fn answer(error: &Error) -> Response {
    let (status, code) = meaning(error);
    let one = json!({ "code": code, "message": error.to_string(), "detail": null });
    super::super::json(status, &json!({ "errors": [one] }))
}
