//! How the JSON API says that something went wrong: every failed call answers a `Problem`.
//!
//! Rule: an error becomes an answer here and nowhere else, and is logged here once, with the id of its request.

mod edge;

use std::{collections::BTreeMap, fmt, time::Duration};

pub use edge::Problems;
use poem::{
    IntoResponse, Response,
    error::{MethodNotAllowedError, NotFoundError, ReadBodyError},
    http::{HeaderValue, StatusCode, header},
};
use poem_openapi::{
    ApiResponse,
    error::{ContentTypeError, ParseParamError, ParsePathError, ParseRequestPayloadError},
    payload::{Json, Payload},
    registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::Type,
};
use shared_types::{ErrorCode, Problem, SignInProblem};

use crate::services::{Error, error::Resource};

/// The statuses that any operation may answer with, for the document.
const STATUSES: &[(u16, &str)] = &[
    (400, "The request is not well formed."),
    (
        401,
        "Nobody is signed in, or the credentials are not valid.",
    ),
    (403, "The caller may not do this."),
    (404, "It does not exist, or the caller may not see it."),
    (409, "The change clashes with what is there."),
    (410, "It was there once."),
    (413, "The body is too large."),
    (415, "The body is not JSON, or does not say so."),
    (422, "Some fields have values that cannot be taken."),
    (429, "Too many requests."),
    (500, "A fault of the server."),
    (503, "Too busy; try again shortly."),
    (507, "No space left, or a quota is used up."),
];

/// How long to wait before another try when the registry is busy.
const BUSY_PAUSE: Duration = Duration::from_secs(2);

/// What an operation of the JSON API fails with. It travels as it is to `Problems`, which knows the request.
#[derive(Debug)]
pub struct ApiError(Error);

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<ApiError> for poem::Error {
    fn from(error: ApiError) -> Self {
        into_poem(error.0)
    }
}

impl ApiResponse for ApiError {
    fn meta() -> MetaResponses {
        let responses = STATUSES
            .iter()
            .map(|(status, description)| response(*status, description));
        MetaResponses {
            responses: responses.collect(),
        }
    }

    fn register(registry: &mut Registry) {
        Problem::register(registry);
    }
}

fn response(status: u16, description: &'static str) -> MetaResponse {
    let extra = match status {
        401 => Some((
            "WWW-Authenticate",
            "The kind of credentials expected.",
            String::schema_ref(),
        )),
        429 | 503 => Some((
            "Retry-After",
            "Seconds to wait before another try.",
            u64::schema_ref(),
        )),
        _ => None,
    };
    let headers = extra.map(|(name, description, schema)| MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: true,
        deprecated: false,
        schema,
    });
    MetaResponse {
        description,
        status: Some(status),
        status_range: None,
        content: vec![MetaMediaType {
            content_type: Json::<Problem>::CONTENT_TYPE,
            schema: Problem::schema_ref(),
        }],
        headers: headers.into_iter().collect(),
    }
}

/// Carries a use case's error through the framework.
pub fn into_poem(error: Error) -> poem::Error {
    let status = status(&error);
    poem::Error::new(error, status)
}

/// The status of the JSON API for an error.
pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Unauthenticated(_) | Error::WrongCredentials => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) | Error::TermsRequired | Error::CrossSite => StatusCode::FORBIDDEN,
        Error::BadRequest(_) => StatusCode::BAD_REQUEST,
        Error::Unsupported(_) => StatusCode::METHOD_NOT_ALLOWED,
        Error::Invalid(_)
        | Error::DigestMismatch(_)
        | Error::NotAnImage(_)
        | Error::BadManifest(_)
        | Error::MissingContent(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::NameTaken(_) | Error::Frozen(_) | Error::Conflict(_) | Error::Offset { .. } => {
            StatusCode::CONFLICT
        }
        Error::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Quota(_) | Error::NoSpace(_) => StatusCode::INSUFFICIENT_STORAGE,
        Error::Gone(_) => StatusCode::GONE,
        Error::RateLimited { .. } | Error::DownloadLimit { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::SignIn(SignInProblem::UnknownProvider) => StatusCode::NOT_FOUND,
        Error::SignIn(SignInProblem::Unavailable) | Error::Busy(_) | Error::Storage(_) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Error::SignIn(_) => StatusCode::FORBIDDEN,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// An error with everything that lies behind it, for logs.
struct Chain<'a>(&'a (dyn std::error::Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(cause) = next {
            write!(f, ": {cause}")?;
            next = cause.source();
        }
        Ok(())
    }
}

/// Logs an error once: ours as errors with their cause, the caller's for those who look closely.
pub fn log(error: &poem::Error, request_id: &str) {
    let ours = error.status().is_server_error();
    let text = match error.downcast_ref::<Error>() {
        Some(error) => Chain(error).to_string(),
        None => error.to_string(),
    };
    if ours {
        tracing::error!(request_id, error = text, "request failed");
    } else {
        tracing::debug!(request_id, error = text, "request refused");
    }
}

/// The answer for an error of any kind.
pub fn problem(error: &poem::Error, request_id: String) -> Response {
    let (code, message) = explain(error);
    let ours = error.downcast_ref::<Error>();
    let fields = match ours {
        Some(Error::Invalid(problems)) => problems.0.clone(),
        _ => BTreeMap::new(),
    };
    let expected_offset = match ours {
        Some(Error::Offset { expected }) => Some(*expected),
        _ => None,
    };
    let body = Json(Problem {
        code,
        message,
        fields,
        expected_offset,
        request_id,
    });
    let mut response = body.into_response();
    response.set_status(error.status());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let pause = match ours.and_then(Error::retry_after) {
        Some(pause) => Some(pause),
        None if error.status() == StatusCode::SERVICE_UNAVAILABLE => Some(BUSY_PAUSE),
        None => None,
    };
    if let Some(pause) = pause {
        headers.insert(
            header::RETRY_AFTER,
            HeaderValue::from(pause.as_secs().max(1)),
        );
    }
    if error.status() == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// Code and sentence for an error: ours, or one that the framework found before any of our code ran.
fn explain(error: &poem::Error) -> (ErrorCode, String) {
    if let Some(error) = error.downcast_ref::<Error>() {
        return (error.code(), error.to_string());
    }
    if error.is::<NotFoundError>() {
        return (ErrorCode::NotFound, Resource::Path.to_string());
    }
    if error.is::<MethodNotAllowedError>() {
        return (
            ErrorCode::MethodNotAllowed,
            "this address does not take this method".to_owned(),
        );
    }
    if error.is::<ContentTypeError>() {
        let sentence = "send the body as JSON, with “Content-Type: application/json”";
        return (ErrorCode::BadRequest, sentence.to_owned());
    }
    if let Some(ReadBodyError::PayloadTooLarge) = error.downcast_ref() {
        return (
            ErrorCode::TooLarge,
            "the body is larger than allowed here".to_owned(),
        );
    }
    let parameter = error
        .downcast_ref::<ParseParamError>()
        .map(|error| (error.name, &error.reason))
        .or_else(|| {
            error
                .downcast_ref::<ParsePathError>()
                .map(|error| (error.name, &error.reason))
        });
    if let Some((name, reason)) = parameter {
        return (
            ErrorCode::BadRequest,
            format!("“{name}” cannot be taken: {reason}"),
        );
    }
    if let Some(error) = error.downcast_ref::<ParseRequestPayloadError>() {
        return (
            ErrorCode::BadRequest,
            format!("the body cannot be taken: {}", error.reason),
        );
    }
    if error.status().is_server_error() {
        return (
            ErrorCode::Internal,
            "something went wrong in the registry; it has been logged".to_owned(),
        );
    }
    (ErrorCode::BadRequest, error.to_string())
}

#[cfg(test)]
mod tests {
    use poem::{Endpoint, EndpointExt, Request, endpoint::make_sync};

    use super::*;

    async fn answer(
        error: impl Fn() -> poem::Error + Send + Sync + 'static,
    ) -> (StatusCode, Response) {
        let endpoint =
            make_sync(move |_| Err::<(), _>(error())).with(Problems::of_paths(Vec::new()));
        let response = endpoint.get_response(Request::default()).await;
        (response.status(), response)
    }

    #[tokio::test]
    async fn a_fault_of_ours_shows_nothing_of_its_cause() {
        let (status, mut response) = answer(|| into_poem(Error::internal("secret detail"))).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        let body = response.take_body().into_string().await.unwrap();
        assert!(
            body.contains("\"internal\"") && !body.contains("secret"),
            "{body}"
        );
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_too() {
        let endpoint = make_sync(|_| -> poem::Result<()> { panic!("oh no") })
            .with(Problems::of_paths(Vec::new()));
        let mut response = endpoint.get_response(Request::default()).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = response.take_body().into_string().await.unwrap();
        assert!(
            body.contains("\"internal\"") && !body.contains("oh no"),
            "{body}"
        );
    }

    #[tokio::test]
    async fn limits_say_when_to_come_back() {
        let late = || {
            into_poem(Error::RateLimited {
                retry_after: Duration::from_secs(7),
            })
        };
        let (status, response) = answer(late).await;
        assert_eq!(
            (status, response.header("retry-after")),
            (StatusCode::TOO_MANY_REQUESTS, Some("7"))
        );
        let (status, response) = answer(|| into_poem(Error::Busy("pool".into()))).await;
        assert_eq!(
            (status, response.header("retry-after")),
            (StatusCode::SERVICE_UNAVAILABLE, Some("2"))
        );
    }

    #[tokio::test]
    async fn bad_credentials_name_the_kind_that_is_expected() {
        let (status, response) = answer(|| into_poem(Error::sign_in())).await;
        assert_eq!(
            (status, response.header("www-authenticate")),
            (StatusCode::UNAUTHORIZED, Some("Bearer"))
        );
    }
}
