//! What clients ask before anything else: where the services are, what they speak, whether the token is good.

use shared_types::Scope;

use super::{Library, client::Answer};
use crate::common::TestApp;

#[tokio::test]
async fn every_value_of_the_client_configuration_is_an_object_with_an_address_without_a_slash() {
    let app = TestApp::start().await;
    let answer = Library::anonymous(&app)
        .get("/assets/config/config.prod.json")
        .await;
    assert_eq!(answer.status, 200);
    let config = answer.json();
    for (name, value) in config.as_object().unwrap() {
        assert_eq!(value["uri"], app.url(""), "{name}");
    }
    for name in ["libraryAPI", "keystoreAPI", "tokenAPI"] {
        assert!(config[name].is_object(), "{name}");
    }
}

#[tokio::test]
async fn a_domain_name_that_is_set_is_what_clients_are_told() {
    let app =
        TestApp::settings_with(|s| s.server.domain_name = "https://images.example.org".to_owned())
            .await;
    let config = Library::anonymous(&app)
        .get("/assets/config/config.prod.json")
        .await
        .json();
    assert_eq!(config["libraryAPI"]["uri"], "https://images.example.org");
}

#[tokio::test]
async fn the_version_is_one_that_clients_can_compare_whatever_their_token() {
    let app = TestApp::start().await;
    for library in [
        Library::anonymous(&app),
        Library::with_token(&app, "sreg_wrong"),
    ] {
        for path in ["/version", "//version"] {
            let version = library.get(path).await.data();
            assert_eq!(version["apiVersion"], "2.0.0-alpha.2");
            assert!(!version["version"].as_str().unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn a_bad_token_is_told_by_404_and_a_good_one_by_200() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    assert_eq!(
        Library::of(&app, &amy).get("/v1/token-status").await.data()["username"],
        "amy"
    );
    assert_eq!(
        Library::of(&app, &amy)
            .get("//v1/token-status")
            .await
            .status,
        200
    );
    for library in [
        Library::anonymous(&app),
        Library::with_token(&app, ""),
        Library::with_token(&app, "sreg_wrong"),
    ] {
        library.get("/v1/token-status").await.refusal(404);
    }
}

#[tokio::test]
async fn the_scheme_of_the_token_may_have_any_case() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    for scheme in ["Bearer", "BEARER", "bearer"] {
        let request = app.client().get(app.url("/v1/token-status"));
        let request = request.header("authorization", format!("{scheme} {}", amy.token));
        assert_eq!(request.send().await.unwrap().status(), 200, "{scheme}");
    }
}

#[tokio::test]
async fn the_current_user_comes_without_an_envelope_and_only_to_who_is_signed_in() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let answer = Library::of(&app, &amy).get("/v1/rbac/users/current").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["username"], "amy");
    // Clients that are signed out send the scheme with nothing after it.
    Library::with_token(&app, "")
        .get("/v1/rbac/users/current")
        .await
        .refusal(401);
}

#[tokio::test]
async fn tokens_that_do_not_work_are_refused_in_the_envelope() {
    let app = TestApp::start().await;
    app.user("amy").await;
    let library = Library::with_token(&app, "sreg_wrong");
    for path in [
        "/v1/entities/amy",
        "/v1/images/c/n:t",
        "/v1/imagefile/c/n:t",
        "/v1/search?value=abc",
    ] {
        library.get(path).await.refusal(401);
    }
    // Signed out is not the same as signed in wrongly.
    Library::with_token(&app, "")
        .get("/v1/images/c/n:t")
        .await
        .refusal(404);
}

#[tokio::test]
async fn a_token_of_a_disabled_user_works_no_more() {
    let app = TestApp::start().await;
    let (amy, root) = (app.user("amy").await, app.superuser().await);
    let amy = Library::of(&app, &amy);
    amy.get("/v1/token-status").await.data();
    let disable = root
        .client
        .patch(app.url("/api/v1/users/amy"))
        .json(&serde_json::json!({ "disabled": true }));
    assert_eq!(Answer::of(disable.send().await.unwrap()).await.status, 200);
    amy.get("/v1/token-status").await.refusal(404);
    amy.get("/v1/entities/amy").await.refusal(401);
}

#[tokio::test]
async fn an_expired_token_works_no_more() {
    let app = TestApp::start().await;
    app.user("amy").await;
    let new = shared_types::NewToken {
        name: "short".to_owned(),
        scope: Some(Scope::Push),
        collections: None,
        expires_in_days: Some(1),
    };
    let tokens = sregistry_server::services::tokens::create_for(app.core(), "amy", new);
    let token = tokens.await.unwrap().secret;
    let library = Library::with_token(&app, &token);
    library.get("/v1/token-status").await.data();
    app.clock.advance(chrono::Duration::days(2));
    library.get("/v1/token-status").await.refusal(404);
    library.get("/v1/entities/amy").await.refusal(401);
}

#[tokio::test]
async fn what_is_unknown_below_the_protocols_paths_is_404_in_its_envelope() {
    use reqwest::Method;
    let app = TestApp::start().await;
    let library = Library::anonymous(&app);
    for path in [
        "/v1",
        "/v1/nothing",
        "/v2/imagefile/i1/_unknown",
        "/v1/images",
        "/v1/oci-redirect?namespace=a",
    ] {
        library.get(path).await.refusal(404);
    }
    for method in [Method::PATCH, Method::DELETE, Method::PUT] {
        library
            .ask(method, "/v1/entities/amy", None)
            .await
            .refusal(404);
    }
    library.get("/uploads/x").await.refusal(404);
    library
        .post("/blobs/i1", serde_json::json!({}))
        .await
        .refusal(404);
}

#[tokio::test]
async fn entities_tell_nothing_about_users() {
    let app = TestApp::start().await;
    app.user("amy").await;
    let library = Library::anonymous(&app);
    let (amy, nobody) = (
        library.get("/v1/entities/amy").await,
        library.get("/v1/entities/xyz").await,
    );
    assert_eq!(amy.text().replace("amy", "xyz"), nobody.text());
}
