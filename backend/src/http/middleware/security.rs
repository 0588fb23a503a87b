//! Headers that tell browsers what no answer of ours ever needs.

use poem::{
    Endpoint, IntoResponse, Middleware, Request, Response, Result,
    http::{HeaderName, HeaderValue, header},
};

use super::secret::before_secret;

/// For every answer. Images are downloaded, never shown inside other pages.
static HEADERS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// For answers that are not pages: they load and run nothing.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// For the page of the API's description, which carries its scripts and styles inside.
const API_PAGE_POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; \
                               img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; \
                               form-action 'none'; frame-ancestors 'none'";

/// Adds the headers to every answer that does not carry its own.
#[derive(Debug, Clone, Copy, Default)]
pub struct SecurityHeaders;

impl<E: Endpoint> Middleware<E> for SecurityHeaders {
    type Output = Secured<E>;

    fn transform(&self, inner: E) -> Self::Output {
        Secured(inner)
    }
}

/// An endpoint whose answers carry the headers.
#[derive(Debug)]
pub struct Secured<E>(E);

impl<E: Endpoint> Endpoint for Secured<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let path = request.uri().path();
        let api_page = matches!(path, "/api" | "/api/");
        let secret = before_secret(path).is_some();
        let mut response = match self.0.call(request).await {
            Ok(response) => response.into_response(),
            Err(error) => error.into_response(),
        };
        let headers = response.headers_mut();
        if secret {
            headers
                .entry(header::REFERRER_POLICY)
                .or_insert(HeaderValue::from_static("no-referrer"));
        }
        for (name, value) in &HEADERS {
            headers
                .entry(name)
                .or_insert(HeaderValue::from_static(value));
        }
        let policy = if api_page { API_PAGE_POLICY } else { POLICY };
        headers
            .entry(header::CONTENT_SECURITY_POLICY)
            .or_insert(HeaderValue::from_static(policy));
        Ok(response)
    }
}
