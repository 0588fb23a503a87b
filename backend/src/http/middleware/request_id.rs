//! An id for each request: in its logs, in its answer, in the body of an error.

use poem::{
    Endpoint, IntoResponse, Middleware, Request, Response, Result,
    http::{HeaderName, HeaderValue},
};

/// The header that carries it.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from a proxy.
const LONGEST: usize = 64;

/// The id of the request at hand, in its extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Gives each request an id: the one a proxy sent, if it is a plain word, else a new one.
#[derive(Debug, Clone, Copy, Default)]
pub struct AssignRequestId;

impl<E: Endpoint> Middleware<E> for AssignRequestId {
    type Output = Assigned<E>;

    fn transform(&self, inner: E) -> Self::Output {
        Assigned(inner)
    }
}

/// An endpoint whose requests have ids.
#[derive(Debug)]
pub struct Assigned<E>(E);

impl<E: Endpoint> Endpoint for Assigned<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let id = request
            .header(&HEADER)
            .filter(|id| is_plain(id))
            .map_or_else(
                || ulid::Ulid::new().to_string().to_ascii_lowercase(),
                str::to_owned,
            );
        request.set_data(RequestId(id.clone()));
        let mut response = match self.0.call(request).await {
            Ok(response) => response.into_response(),
            Err(error) => error.into_response(),
        };
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(HEADER, value);
        }
        Ok(response)
    }
}

fn is_plain(id: &str) -> bool {
    (1..=LONGEST).contains(&id.len())
        && id
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.'))
}
