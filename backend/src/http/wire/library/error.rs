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
        Error::SignIn(_) => StatusCode::FORBIDDEN,
        Error::Forbidden(_) | Error::TermsRequired | Error::CrossSite => StatusCode::FORBIDDEN,
        Error::BadRequest(_) | Error::Invalid(_) => StatusCode::BAD_REQUEST,
        Error::DigestMismatch(_) | Error::NotAnImage(_) => StatusCode::BAD_REQUEST,
        Error::NameTaken(_) | Error::Frozen(_) | Error::Conflict(_) | Error::Offset { .. } => {
            StatusCode::CONFLICT
        }
        Error::BadManifest(_) | Error::MissingContent(_) => StatusCode::BAD_REQUEST,
        Error::Unsupported(_) => StatusCode::METHOD_NOT_ALLOWED,
        Error::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Quota(_) | Error::NoSpace(_) => StatusCode::INSUFFICIENT_STORAGE,
        Error::Gone(_) => StatusCode::GONE,
        Error::RateLimited { .. } | Error::DownloadLimit { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Busy(_) | Error::Storage(_) => StatusCode::SERVICE_UNAVAILABLE,
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::services::error::{Problems, Resource};

    fn limited(retry_after: Duration) -> Error {
        let sentence = "a sentence".to_owned();
        Error::DownloadLimit {
            sentence,
            retry_after,
        }
    }

    /// One of each kind, with the status that clients get.
    fn every_kind() -> Vec<(Error, u16)> {
        let text = || "a sentence".to_owned();
        let late = Duration::from_secs(7);
        vec![
            (Error::NotFound(Resource::Image("c/n:t".to_owned())), 404),
            (Error::Unauthenticated(text()), 401),
            (Error::WrongCredentials, 401),
            (Error::Forbidden(text()), 403),
            (Error::CrossSite, 403),
            (Error::TermsRequired, 403),
            (Error::BadRequest(text()), 400),
            (Error::Invalid(Problems::one("tag", text())), 400),
            (Error::NameTaken(text()), 409),
            (Error::Frozen(text()), 409),
            (Error::Conflict(text()), 409),
            (Error::DigestMismatch(text()), 400),
            (Error::NotAnImage(text()), 400),
            (Error::BadManifest(text()), 400),
            (Error::MissingContent(text()), 400),
            (Error::Unsupported(text()), 405),
            (Error::TooLarge(text()), 413),
            (Error::Quota(text()), 507),
            (Error::Gone(text()), 410),
            (limited(late), 429),
            (Error::RateLimited { retry_after: late }, 429),
            (Error::NoSpace("disk".into()), 507),
            (Error::Busy("pool".into()), 503),
            (Error::Storage("secret detail".into()), 503),
            (Error::internal("secret detail"), 500),
        ]
    }

    #[tokio::test]
    async fn every_error_has_its_status_and_a_sentence_in_the_envelope() {
        for (error, status) in every_kind() {
            let mut response = answer(&error);
            assert_eq!(response.status().as_u16(), status, "{error:?}");
            let body = response.take_body().into_string().await.unwrap();
            let json: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(json["error"]["code"], status);
            assert_eq!(json["error"]["message"], error.to_string());
            assert!(
                !body.contains("secret detail") && !body.contains("pool"),
                "{body}"
            );
            let challenge = response.headers().contains_key("www-authenticate");
            assert_eq!(challenge, status == 401);
        }
    }
}
