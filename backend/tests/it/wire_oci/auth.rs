//! Signing in: the challenge, passes for tokens, how far they reach and when they end.

use bytes::Bytes;
use chrono::Duration;
use reqwest::Method;
use serde_json::Value;
use shared_types::Scope;
use sif::Arch;

use crate::{
    common::{TestApp, TestUser, with_token},
    db_test,
    wire_library::{Answer, Library, image_for},
};

/// Asks with a user name and a password.
async fn basic(app: &TestApp, path: &str, name: &str, password: &str) -> Answer {
    let request = app.client().get(app.url(path));
    Answer::of(
        request
            .basic_auth(name, Some(password))
            .send()
            .await
            .unwrap(),
    )
    .await
}

/// Asks with a pass or a token.
async fn bearer(app: &TestApp, method: Method, path: &str, token: &str) -> Answer {
    let request = with_token(token).request(method, app.url(path));
    Answer::of(request.send().await.unwrap()).await
}

async fn get(app: &TestApp, path: &str, token: &str) -> u16 {
    bearer(app, Method::GET, path, token).await.status
}

/// A pass for a token, as clients get one.
async fn pass(app: &TestApp, token: &str, scopes: &[&str]) -> String {
    let mut path = "/v2/token?service=registry".to_owned();
    for scope in scopes {
        path.push_str("&scope=");
        path.push_str(scope);
    }
    let answer = basic(app, &path, "anyone", token).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let json = answer.json();
    assert_eq!(json["token"], json["access_token"]);
    assert_eq!(json["expires_in"], 300);
    assert_eq!(answer.header("cache-control"), "no-store");
    json["token"].as_str().unwrap().to_owned()
}

/// `amy/tools/bwa:v1`, which only she may see, and `amy/open/bwa:v1`, which all may.
async fn stocked(app: &TestApp) -> TestUser {
    let amy = app.user("amy").await;
    let library = Library::of(app, &amy);
    let sif = image_for(Arch::Amd64, 1);
    library.push("amy/tools/bwa", &["v1"], "amd64", &sif).await;
    library.push("amy/open/bwa", &["v1"], "amd64", &sif).await;
    let change = amy.client.patch(app.url("/api/v1/collections/tools"));
    let changed = change.json(&serde_json::json!({ "private": true }));
    assert_eq!(changed.send().await.unwrap().status(), 200);
    amy
}

const PRIVATE: &str = "/v2/tools/bwa/manifests/v1";
const PUBLIC: &str = "/v2/open/bwa/manifests/v1";

db_test!(each_refusal_says_where_passes_are, async |app: TestApp| {
    let _amy = stocked(&app).await;
    let realm = format!("Bearer realm=\"{}\",service=", app.url("/v2/token"));
    for (method, path, scope) in [
        (Method::GET, "/v2/", ""),
        (Method::GET, PRIVATE, "repository:tools/bwa:pull"),
        (
            Method::GET,
            "/v2/e/none/x/tags/list",
            "repository:e/none/x:pull",
        ),
        (
            Method::POST,
            "/v2/open/bwa/blobs/uploads/",
            "repository:open/bwa:pull,push",
        ),
        (
            Method::PUT,
            "/v2/open/bwa/manifests/v2",
            "repository:open/bwa:pull,push",
        ),
        (
            Method::DELETE,
            PUBLIC,
            "repository:open/bwa:pull,push,delete",
        ),
    ] {
        let request = app.client().request(method.clone(), app.url(path));
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 401, "{method} {path}: {}", answer.text());
        assert_eq!(answer.json()["errors"][0]["code"], "UNAUTHORIZED");
        let said = answer.header("www-authenticate");
        assert!(said.starts_with(&realm), "{said}");
        if scope.is_empty() {
            assert!(!said.contains("scope="), "{said}");
        } else {
            assert!(said.ends_with(&format!(",scope=\"{scope}\"")), "{said}");
        }
    }
});

db_test!(
    a_token_or_a_pass_for_it_opens_what_its_user_may,
    async |app: TestApp| {
        let amy = stocked(&app).await;
        assert_eq!(basic(&app, "/v2/", "amy", &amy.token).await.status, 200);
        assert_eq!(basic(&app, PRIVATE, "anyone", &amy.token).await.status, 200);
        let wide = pass(&app, &amy.token, &[]).await;
        assert_eq!(get(&app, "/v2/", &wide).await, 200);
        assert_eq!(get(&app, PRIVATE, &wide).await, 200);
        let push = pass(&app, &amy.token, &["repository:fresh/bwa:pull,push"]).await;
        let started = bearer(&app, Method::POST, "/v2/fresh/bwa/blobs/uploads/", &push).await;
        assert_eq!(started.status, 202, "{}", started.text());
    }
);

db_test!(wrong_credentials_get_no_pass, async |app: TestApp| {
    let amy = stocked(&app).await;
    let damaged = format!("{}0", amy.token);
    for password in ["wrong", &damaged] {
        for path in ["/v2/token", "/v2/"] {
            let answer = basic(&app, path, "amy", password).await;
            assert_eq!(answer.status, 401, "{path}: {}", answer.text());
        }
    }
});

db_test!(
    anonymous_passes_open_what_is_public,
    async |app: TestApp| {
        let _amy = stocked(&app).await;
        let asked = app.get("/v2/token?scope=repository:open/bwa:pull").await;
        let json: Value = asked.json().await.unwrap();
        let pass = json["token"].as_str().unwrap();
        assert_eq!(get(&app, PUBLIC, pass).await, 200);
        assert_eq!(get(&app, PRIVATE, pass).await, 401);
        let path = "/v2/open/bwa/blobs/uploads/";
        assert_eq!(bearer(&app, Method::POST, path, pass).await.status, 401);
    }
);

db_test!(
    a_pass_reaches_no_further_than_was_asked,
    async |app: TestApp| {
        let amy = stocked(&app).await;
        let pull = pass(&app, &amy.token, &["repository:open/bwa:pull"]).await;
        assert_eq!(get(&app, PUBLIC, &pull).await, 200);
        assert_eq!(get(&app, PRIVATE, &pull).await, 404);
        let start = "/v2/open/bwa/blobs/uploads/";
        assert_eq!(bearer(&app, Method::POST, start, &pull).await.status, 403);
        let both = ["repository:open/bwa:pull", "repository:amy/tools/bwa:pull"];
        let both = pass(&app, &amy.token, &both).await;
        assert_eq!(get(&app, PRIVATE, &both).await, 200);
        assert_eq!(
            bearer(&app, Method::DELETE, PUBLIC, &both).await.status,
            403
        );
        let delete = pass(&app, &amy.token, &["repository:open/bwa:delete"]).await;
        assert_eq!(
            bearer(&app, Method::DELETE, PUBLIC, &delete).await.status,
            202
        );
    }
);

db_test!(
    a_pass_reaches_no_further_than_its_token,
    async |app: TestApp| {
        let _amy = stocked(&app).await;
        let only = Some(vec!["open".to_owned()]);
        let token = app.token("amy", Scope::Pull, only).await;
        for scopes in [
            &["repository:tools/bwa:*"][..],
            &["repository:tools/bwa:pull"],
            &[],
        ] {
            let pass = pass(&app, &token, scopes).await;
            assert_eq!(get(&app, PRIVATE, &pass).await, 404, "{scopes:?}");
            let path = "/v2/open/bwa/blobs/uploads/";
            assert_eq!(bearer(&app, Method::POST, path, &pass).await.status, 403);
        }
    }
);

db_test!(a_pass_is_good_for_nothing_else, async |app: TestApp| {
    let amy = stocked(&app).await;
    let pass = pass(&app, &amy.token, &["repository:open/bwa:*"]).await;
    assert_eq!(get(&app, PUBLIC, &pass).await, 200);
    for path in [
        "/api/v1/tokens",
        "/v1/images/amy/open/bwa:v1",
        "/v2/token",
        "//v2//%74oken",
    ] {
        assert_eq!(get(&app, path, &pass).await, 401, "{path}");
    }
    let (head, tail) = pass.split_at("sregpass_".len());
    let flipped = if tail.starts_with('0') { "1" } else { "0" };
    let wider = pass.replace(".push.", ".admin.");
    assert_ne!(wider, pass);
    for forged in [
        format!("{head}{flipped}{}", &tail[1..]),
        wider,
        format!("{pass}~tools"),
        head.to_owned(),
    ] {
        assert_eq!(get(&app, PUBLIC, &forged).await, 401, "{forged}");
    }
});

db_test!(a_pass_ends_with_its_time, async |app: TestApp| {
    let amy = stocked(&app).await;
    let pass = pass(&app, &amy.token, &[]).await;
    app.clock.advance(Duration::seconds(299));
    assert_eq!(get(&app, PRIVATE, &pass).await, 200);
    app.clock.advance(Duration::seconds(2));
    assert_eq!(get(&app, PRIVATE, &pass).await, 401);
});

db_test!(
    a_pass_ends_with_its_token_and_its_user,
    async |app: TestApp| {
        let amy = stocked(&app).await;
        let root = app.superuser().await;
        let list: Value = amy
            .client
            .get(app.url("/api/v1/tokens"))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let path = format!(
            "/api/v1/tokens/{}",
            list["items"][0]["id"].as_str().unwrap()
        );
        let before = pass(&app, &amy.token, &[]).await;
        assert_eq!(get(&app, PRIVATE, &before).await, 200);
        let rotated = amy
            .client
            .post(app.url(&format!("{path}/rotate")))
            .send()
            .await
            .unwrap();
        let rotated: Value = rotated.json().await.unwrap();
        assert_eq!(get(&app, PRIVATE, &before).await, 401, "rotated");
        let token = rotated["secret"].as_str().unwrap();
        let after = pass(&app, token, &[]).await;
        assert_eq!(get(&app, PRIVATE, &after).await, 200);
        for (disabled, status) in [(true, 401), (false, 200)] {
            let change = root.client.patch(app.url("/api/v1/users/amy"));
            let change = change.json(&serde_json::json!({ "disabled": disabled }));
            assert_eq!(change.send().await.unwrap().status(), 200);
            assert_eq!(
                get(&app, PRIVATE, &after).await,
                status,
                "disabled: {disabled}"
            );
        }
        let gone = with_token(token).delete(app.url(&path)).body(Bytes::new());
        assert_eq!(gone.send().await.unwrap().status(), 204);
        assert_eq!(get(&app, PRIVATE, &after).await, 401, "revoked");
    }
);
