//! How the library protocol says that something went wrong.

use poem::{
    Response,
    http::{HeaderValue, StatusCode},
};
use serde_json::json;

use crate::services::Error;

/// The status that stands for an error. 404 is kept for what is not there: clients answer it by creating.
pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Unauthenticated(_) | Error::WrongCredentials => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) | Error::TermsRequired | Error::CrossSite => StatusCode::FORBIDDEN,
        Error::BadRequest(_) | Error::Invalid(_) => StatusCode::BAD_REQUEST,
        Error::DigestMismatch(_) | Error::NotAnImage(_) => StatusCode::BAD_REQUEST,
        Error::NameTaken(_) | Error::Frozen(_) | Error::Conflict(_) => StatusCode::CONFLICT,
        Error::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Quota(_) | Error::NoSpace(_) => StatusCode::INSUFFICIENT_STORAGE,
        Error::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The envelope. Clients print the message and the code inside, not the status.
pub fn answer(error: &Error) -> Response {
    let status = status(error);
    let body = json!({ "error": { "code": status.as_u16(), "message": error.to_string() } });
    let mut response = super::super::json(status, &body);
    if status == StatusCode::UNAUTHORIZED {
        let kind = HeaderValue::from_static("Bearer");
        response.headers_mut().insert("www-authenticate", kind);
    }
    response
}
