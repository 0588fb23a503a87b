//! One line a request: what was asked, what came of it, how long it took.
//!
//! Rule: no query (it holds tickets), no secret of a path, no credentials, no address below debug level.

use std::time::Instant;

use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};

use super::{request_id::RequestId, secret::before_secret};
use crate::http::remote_address;

/// Paths that supervisors ask for all the time.
const QUIET_PATHS: &[&str] = &["/healthz", "/readyz"];

/// Writes the access log.
#[derive(Debug, Clone, Copy, Default)]
pub struct AccessLog;

impl<E: Endpoint> Middleware<E> for AccessLog {
    type Output = Logged<E>;

    fn transform(&self, inner: E) -> Self::Output {
        Logged(inner)
    }
}

/// An endpoint whose requests are logged.
#[derive(Debug)]
pub struct Logged<E>(E);

impl<E: Endpoint> Endpoint for Logged<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let start = Instant::now();
        let method = request.method().clone();
        let path = request.original_uri().path();
        let path = before_secret(path).unwrap_or_else(|| path.to_owned());
        let id = request
            .data::<RequestId>()
            .map(|id| id.0.clone())
            .unwrap_or_default();
        let agent = request.header("user-agent").unwrap_or_default().to_owned();
        if let Some(address) = remote_address(&request) {
            tracing::debug!(request_id = %id, %address, "request from");
        }
        let response = match self.0.call(request).await {
            Ok(response) => response.into_response(),
            Err(error) => error.into_response(),
        };
        let status = response.status().as_u16();
        let duration_ms = start.elapsed().as_micros() as f64 / 1000.0;
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    target: "sregistry_server::access",
                    request_id = %id, duration_ms, agent, "{method} {path} {status}"
                )
            };
        }
        if QUIET_PATHS.contains(&path.as_str()) {
            line!(debug);
        } else if status >= 500 {
            line!(warn);
        } else {
            line!(info);
        }
        Ok(response)
    }
}
