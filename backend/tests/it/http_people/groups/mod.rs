//! Teams, robots and the people of collections, through the JSON API.

mod creation;
mod entries;
mod people;
mod pictures;
mod rename;
mod robots;
mod teams;

use serde_json::Value;
use shared_types::{ErrorCode, Problem, Team};

use crate::{
    common::{TestApp, TestUser},
    seed::{answered, read},
};

/// An address of the JSON API.
pub fn api(app: &TestApp, path: &str) -> String {
    app.url(&format!("/api/v1{path}"))
}

/// A team as somebody sees it.
pub async fn team(app: &TestApp, by: &TestUser, name: &str) -> Team {
    read(by.client.get(api(app, &format!("/teams/{name}"))), 200).await
}

/// Makes a change that must be answered with this status.
pub async fn send(
    app: &TestApp,
    by: &TestUser,
    method: &str,
    path: &str,
    body: &Value,
    status: u16,
) -> String {
    let request = by
        .client
        .request(method.parse().unwrap(), api(app, path))
        .json(body);
    answered(request, status).await
}

/// Makes a change that must be refused with this status and code; returns what is said.
pub async fn refused(
    app: &TestApp,
    by: &TestUser,
    method: &str,
    path: &str,
    body: &Value,
    (status, code): (u16, ErrorCode),
) -> Problem {
    let text = send(app, by, method, path, body, status).await;
    let problem: Problem = serde_json::from_str(&text).unwrap();
    assert_eq!(problem.code, code, "{text}");
    problem
}
