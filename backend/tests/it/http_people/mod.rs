//! People through the JSON API: signing in, sessions, terms, the first administrator, tokens, users.

mod account;
mod bad_input;
mod browser;
mod commands;
mod commands_groups;
mod groups;
mod profiles;
mod rights;
mod setup;
mod sign_in;
mod terms;
mod tokens;
mod users;

use reqwest::{Response, StatusCode};
use shared_types::{ErrorCode, Problem};

pub use browser::Browser;

/// Asserts that a call was refused with this status and code, and returns what it said.
pub async fn refused(response: Response, status: u16, code: ErrorCode) -> Problem {
    let found = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(found, StatusCode::from_u16(status).unwrap(), "{text}");
    let problem: Problem = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert_eq!(problem.code, code, "{text}");
    assert!(
        !problem.message.is_empty() && !problem.request_id.is_empty(),
        "{text}"
    );
    problem
}

/// Asserts that a call went well and reads its JSON.
pub async fn good<T: serde::de::DeserializeOwned>(response: Response, status: u16) -> T {
    let found = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(found.as_u16(), status, "{text}");
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
}
