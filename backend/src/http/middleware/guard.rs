//! A panic in a handler ends that request, not the connection, and is told from an ordinary answer.

use std::{any::Any, panic::AssertUnwindSafe};

use futures_util::FutureExt;
use poem::{Endpoint, Middleware, Request, Result, http::StatusCode};

use crate::services::Error;

/// Turns panics into our internal error.
#[derive(Debug, Clone, Copy, Default)]
pub struct PanicGuard;

impl<E: Endpoint> Middleware<E> for PanicGuard {
    type Output = Guarded<E>;

    fn transform(&self, inner: E) -> Self::Output {
        Guarded(inner)
    }
}

/// An endpoint that does not panic.
#[derive(Debug)]
pub struct Guarded<E>(E);

impl<E: Endpoint> Endpoint for Guarded<E> {
    type Output = E::Output;

    async fn call(&self, request: Request) -> Result<E::Output> {
        match AssertUnwindSafe(self.0.call(request)).catch_unwind().await {
            Ok(result) => result,
            Err(payload) => {
                let error = Error::internal(format!("panic: {}", message(payload.as_ref())));
                Err(poem::Error::new(error, StatusCode::INTERNAL_SERVER_ERROR))
            }
        }
    }
}

fn message(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
