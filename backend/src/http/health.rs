//! Whether the server lives, and whether it can work: for supervisors and load balancers.

use std::sync::Arc;

use poem::{handler, http::StatusCode, web::Data};

use crate::services::{Core, health};

/// Lives: the process answers.
#[handler]
pub fn healthz() -> &'static str {
    "ok\n"
}

/// Can work: database and store answer too.
#[handler]
pub async fn readyz(core: Data<&Arc<Core>>) -> (StatusCode, String) {
    match health::check(&core).await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n"))
        }
    }
}
