//! How this protocol says that something went wrong: a sentence under `detail`.

use poem::{Response, http::StatusCode};
use serde_json::json;

use crate::{
    http::wire::{json as json_answer, library},
    services::Error,
};

/// The status that stands for an error: never 401, at which the client gives up without a word of ours.
pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::Unauthenticated(_) | Error::WrongCredentials | Error::Frozen(_) => {
            StatusCode::FORBIDDEN
        }
        other => library::error::status(other),
    }
}

/// The envelope.
pub fn answer(error: &Error) -> Response {
    let detail = match error {
        Error::NotFound(_) => "Not found.".to_owned(),
        Error::RateLimited { retry_after } => {
            // Word for word what the original says: scripts may look for it.
            let unit = if retry_after.as_secs() <= 1 {
                "second"
            } else {
                "seconds"
            };
            let seconds = retry_after.as_secs().max(1);
            format!("Request was throttled. Expected available in {seconds} {unit}.")
        }
        other => other.to_string(),
    };
    json_answer(status(error), &json!({ "detail": detail }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::services::error::Resource;

    #[tokio::test]
    async fn refusals_are_403_with_a_sentence_and_never_401() {
        let text = || "a sentence".to_owned();
        let retry_after = Duration::from_secs(3);
        for (error, status) in [
            (Error::Unauthenticated(text()), 403),
            (Error::WrongCredentials, 403),
            (Error::Forbidden(text()), 403),
            (Error::Frozen(text()), 403),
            (Error::NotFound(Resource::Path), 404),
            (Error::NameTaken(text()), 409),
            (Error::RateLimited { retry_after }, 429),
            (Error::Quota(text()), 507),
        ] {
            let mut response = answer(&error);
            assert_eq!(response.status().as_u16(), status, "{error:?}");
            assert!(!response.headers().contains_key("www-authenticate"));
            let body = response.take_body().into_string().await.unwrap();
            let json: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert!(json["detail"].as_str().is_some_and(|text| !text.is_empty()));
        }
    }
}
