//! Who may call what: every operation about people, asked by everyone there is.

use reqwest::{Client, Method};
use serde_json::{Value, json};
use shared_types::Scope;

use crate::common::{TestApp, with_token};

/// Method, path, body, and what anonymous, user, admin, superuser with a token of `manage`, and superuser are answered.
type Line = (Method, &'static str, Value, [u16; 5]);

fn lines() -> Vec<Line> {
    let nothing = || Value::Null;
    let user = || json!({"username": "Bad Name"});
    vec![
        (
            Method::GET,
            "/session",
            nothing(),
            [200, 200, 200, 200, 200],
        ),
        (Method::GET, "/terms", nothing(), [200, 200, 200, 200, 200]),
        (
            Method::GET,
            "/setup/none",
            nothing(),
            [200, 200, 200, 200, 200],
        ),
        (
            Method::POST,
            "/terms",
            json!({"version": "none"}),
            [401, 409, 409, 403, 409],
        ),
        (
            Method::PUT,
            "/account/password",
            json!({"current": "x", "new": "y"}),
            [401, 403, 403, 403, 403],
        ),
        (Method::GET, "/tokens", nothing(), [401, 200, 200, 403, 200]),
        (
            Method::POST,
            "/tokens",
            json!({"name": ""}),
            [401, 422, 422, 403, 422],
        ),
        (
            Method::POST,
            "/tokens/none/rotate",
            nothing(),
            [401, 404, 404, 403, 404],
        ),
        (
            Method::DELETE,
            "/tokens/none",
            nothing(),
            [401, 404, 404, 403, 404],
        ),
        (Method::GET, "/users", nothing(), [401, 403, 403, 403, 200]),
        (Method::POST, "/users", user(), [401, 403, 403, 403, 422]),
        (
            Method::GET,
            "/users/root",
            nothing(),
            [401, 403, 403, 403, 200],
        ),
        (
            Method::GET,
            "/users/none",
            nothing(),
            [401, 403, 403, 403, 404],
        ),
        (
            Method::PATCH,
            "/users/none",
            json!({}),
            [401, 403, 403, 403, 404],
        ),
        (
            Method::PATCH,
            "/users/Not%20A%20Name",
            json!({}),
            [401, 403, 403, 403, 404],
        ),
    ]
}

async fn ask(app: &TestApp, client: &Client, line: &Line) -> u16 {
    let (method, path, body, _) = line;
    let mut request = client.request(method.clone(), app.url(&format!("/api/v1{path}")));
    if !body.is_null() {
        request = request.json(body);
    }
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn each_role_gets_what_the_table_says() {
    let app = TestApp::start().await;
    let (amy, admin, root) = (
        app.user("amy").await,
        app.admin().await,
        app.superuser().await,
    );
    let manage = with_token(&app.token("root", Scope::Manage, None).await);
    let clients = [app.client(), amy.client, admin.client, manage, root.client];
    for line in lines() {
        let mut found = Vec::new();
        for client in &clients {
            found.push(ask(&app, client, &line).await);
        }
        assert_eq!(found, line.3, "{} {}", line.0, line.1);
    }
}
