//! Requests that make no sense: each gets the right status and a sentence.

use reqwest::{Method, StatusCode, header::CONTENT_TYPE};
use serde_json::json;
use shared_types::{ErrorCode, Problem};

use super::refused;
use crate::{
    common::{TestApp, TestUser},
    db_test,
};

async fn post(
    app: &TestApp,
    by: &TestUser,
    path: &str,
    kind: &str,
    body: impl Into<reqwest::Body>,
) -> reqwest::Response {
    let request = by.client.post(app.url(&format!("/api/v1{path}")));
    request
        .header(CONTENT_TYPE, kind)
        .body(body)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_body_that_is_no_json_is_told_so() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    for body in [
        "",
        "{",
        "not json",
        "{\"name\": \"x\"} and more",
        "\u{feff}{}",
        "{\"name\": \"\u{0}\"}",
    ] {
        let response = post(&app, &amy, "/tokens", "application/json", body).await;
        let problem = refused(response, 400, ErrorCode::BadRequest).await;
        assert!(
            problem.message.starts_with("the body is not JSON: "),
            "{body}: {}",
            problem.message
        );
    }
}

#[tokio::test]
async fn a_body_that_does_not_fit_names_the_field() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    for (body, part) in [
        (json!({}), "missing field `name`"),
        (json!({"name": 7}), "expected a string"),
        (
            json!({"name": "x", "scopes": "push"}),
            "unknown field `scopes`",
        ),
        (
            json!({"name": "x", "scope": "everything"}),
            "“everything” is none of",
        ),
        (json!({"name": "x", "expires_in_days": -1}), "expected u32"),
        (
            json!({"name": "x", "scope": {"push": null}}),
            "expected a string",
        ),
        (json!(["x", null, null, null]), "a list"),
        (json!("name"), "expected struct"),
    ] {
        let text = body.to_string();
        let response = post(&app, &amy, "/tokens", "application/json", text.clone()).await;
        let status = response.status();
        let problem: Problem = response.json().await.unwrap();
        assert_eq!(
            (status, problem.code),
            (StatusCode::BAD_REQUEST, ErrorCode::BadRequest),
            "{text}"
        );
        assert!(
            problem.message.starts_with("the body does not fit: "),
            "{}",
            problem.message
        );
        assert!(
            problem.message.contains(part),
            "{part} in {}",
            problem.message
        );
    }
}

#[tokio::test]
async fn a_body_of_another_kind_is_not_read() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "nonsense",
    ] {
        let response = post(&app, &amy, "/tokens", kind, "{\"name\":\"x\"}").await;
        let problem = refused(response, 415, ErrorCode::BadRequest).await;
        assert!(problem.message.contains("application/json"));
    }
    let none = amy
        .client
        .post(app.url("/api/v1/tokens"))
        .body("{\"name\":\"x\"}")
        .send()
        .await
        .unwrap();
    refused(none, 415, ErrorCode::BadRequest).await;
    let charset = post(
        &app,
        &amy,
        "/tokens",
        "application/json; charset=utf-8",
        "{\"name\":\"x\"}",
    )
    .await;
    assert_eq!(charset.status(), 201);
}

#[tokio::test]
async fn a_huge_body_is_refused_without_being_kept() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let name = "x".repeat(1024 * 1024);
    let whole = json!({"name": name}).to_string();
    let response = post(&app, &amy, "/tokens", "application/json", whole.clone()).await;
    refused(response, 413, ErrorCode::TooLarge).await;
    let chunks = futures_util::stream::iter(
        whole
            .into_bytes()
            .chunks(4096)
            .map(<[u8]>::to_vec)
            .collect::<Vec<_>>(),
    );
    let chunks = futures_util::StreamExt::map(chunks, Ok::<_, std::io::Error>);
    let response = post(
        &app,
        &amy,
        "/tokens",
        "application/json",
        reqwest::Body::wrap_stream(chunks),
    )
    .await;
    refused(response, 413, ErrorCode::TooLarge).await;
    let login = json!({"username": "x".repeat(900_000), "password": "y"}).to_string();
    let response = post(&app, &amy, "/login/local", "application/json", login).await;
    refused(response, 401, ErrorCode::WrongCredentials).await;
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_too() {
    let app = TestApp::start().await;
    for path in [
        "/api/v1/nothing",
        "/api/nothing",
        "/api/v1",
        "/api/v2/session",
        "/api/v1/tokens/x/y/z",
    ] {
        refused(app.get(path).await, 404, ErrorCode::NotFound).await;
    }
    for (method, path, allow) in [
        (Method::PUT, "/api/v1/session", "DELETE, GET, HEAD"),
        (Method::GET, "/api/v1/tokens/x/rotate", "POST"),
        (
            Method::POST,
            "/api/v1/users/amy",
            "DELETE, GET, HEAD, PATCH",
        ),
    ] {
        let response = app
            .client()
            .request(method, app.url(path))
            .send()
            .await
            .unwrap();
        assert_eq!(response.headers()["allow"], allow);
        refused(response, 405, ErrorCode::MethodNotAllowed).await;
    }
}

#[tokio::test]
async fn bad_parameters_are_named() {
    let app = TestApp::start().await;
    let root = app.superuser().await;
    for (query, part) in [
        ("limit=0", "limit"),
        ("limit=251", "limit"),
        ("limit=many", "limit"),
        ("cursor=nonsense", "cursor"),
        ("cursor=W10", "cursor"),
        ("cursor=%00", "NUL"),
    ] {
        let response = root
            .client
            .get(app.url(&format!("/api/v1/users?{query}")))
            .send()
            .await
            .unwrap();
        let problem = refused(response, 400, ErrorCode::BadRequest).await;
        assert!(
            problem.message.contains(part),
            "{query}: {}",
            problem.message
        );
    }
    let long = root
        .client
        .get(app.url(&format!("/api/v1/users?q={}", "x".repeat(300))))
        .send()
        .await
        .unwrap();
    refused(long, 400, ErrorCode::BadRequest).await;
}

db_test!(
    characters_that_a_database_refuses_are_never_looked_up,
    async |app: TestApp| {
        let root = app.superuser().await;
        for (method, path, status, code) in [
            (Method::DELETE, "/tokens/%00", 404, ErrorCode::TokenNotFound),
            (
                Method::POST,
                "/tokens/a%00b/rotate",
                404,
                ErrorCode::TokenNotFound,
            ),
            (Method::GET, "/users/%00", 404, ErrorCode::UserNotFound),
            (Method::GET, "/users?q=a%00", 400, ErrorCode::BadRequest),
            (
                Method::GET,
                "/collections/%00",
                404,
                ErrorCode::CollectionNotFound,
            ),
        ] {
            let request = root
                .client
                .request(method, app.url(&format!("/api/v1{path}")));
            refused(request.send().await.unwrap(), status, code).await;
        }
        let link = app.get("/api/v1/setup/%00").await;
        assert_eq!(link.status(), 200);
        for (path, body) in [
            ("/login/local", json!({"username": "\0", "password": "\0"})),
            ("/tokens", json!({"name": "x", "collections": ["\0"]})),
            ("/tokens", json!({"name": "a\\\0"})),
            ("/users", json!({"username": "x", "display_name": "a\0"})),
            ("/users", json!({"username": "x", "email": "a\0@b"})),
            ("/users", json!({"username": "x", "\0": 1})),
        ] {
            let response = post(&app, &root, path, "application/json", body.to_string()).await;
            let problem = refused(response, 400, ErrorCode::BadRequest).await;
            assert!(problem.message.contains("NUL"), "{}", problem.message);
        }
        // The six characters that stand for it, as they are.
        let body = json!({"name": "\\u0000"}).to_string();
        let response = post(&app, &root, "/tokens", "application/json", body).await;
        assert_eq!(response.status(), 201);
    }
);

#[tokio::test]
async fn a_problem_carries_the_id_of_its_request() {
    let app = TestApp::start().await;
    let request = app
        .client()
        .get(app.url("/api/v1/users"))
        .header("x-request-id", "from-the-proxy");
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["x-request-id"], "from-the-proxy");
    assert_eq!(
        response.headers()["content-type"],
        "application/json; charset=utf-8"
    );
    let problem = refused(response, 401, ErrorCode::Unauthenticated).await;
    assert_eq!(problem.request_id, "from-the-proxy");
}
