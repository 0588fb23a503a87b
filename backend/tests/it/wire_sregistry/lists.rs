//! Lists and searches as the older client and its scripts read them.

use reqwest::Method;
use serde_json::{Value, json};
use sif::Arch;

use super::Cli;
use crate::{
    common::TestApp,
    db_test, seed,
    wire_library::{Library, hex_of, image_for},
};

/// Two public collections and a private one, of amy.
async fn filled(app: &TestApp) -> Cli<'_> {
    let amy = app.user("amy").await;
    seed::collection(app, "amy", "priv", true).await;
    let cli = Cli::of(app, &amy);
    cli.pushed(["pub", "alpine", "latest"], &image_for(Arch::Amd64, 1))
        .await;
    cli.pushed(["pub", "alpine", "v2"], &image_for(Arch::Amd64, 2))
        .await;
    cli.pushed(["pub", "busybox", "latest"], &image_for(Arch::Amd64, 3))
        .await;
    cli.pushed(["other", "alpine", "latest"], &image_for(Arch::Amd64, 4))
        .await;
    cli.pushed(["priv", "secret", "latest"], &image_for(Arch::Amd64, 5))
        .await;
    cli
}

async fn get(cli: &Cli<'_>, path: &str) -> Value {
    let answer = cli.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn names(list: &Value) -> Vec<String> {
    let items = list.as_array().unwrap().iter();
    items
        .map(|c| {
            let word = |field: &str| c[field].as_str().unwrap().to_owned();
            format!("{}/{}:{}", word("collection"), word("name"), word("tag"))
        })
        .collect()
}

db_test!(
    collections_come_whole_unless_a_part_is_asked_for,
    async |app: TestApp| {
        let cli = filled(&app).await;
        let all = get(&cli, "/api/collections/").await;
        assert_eq!(
            (&all["count"], &all["next"], &all["previous"]),
            (&json!(2), &Value::Null, &Value::Null)
        );
        let pubs = &all["results"][0];
        assert_eq!(pubs["name"], "pub");
        assert!(pubs["id"].is_i64() && pubs["metadata"].is_object());
        assert!(pubs["add_date"].is_string() && pubs["modify_date"].is_string());
        let uris: Vec<_> = pubs["containers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["uri"].as_str().unwrap())
            .collect();
        assert_eq!(
            uris,
            ["pub/alpine:latest", "pub/alpine:v2", "pub/busybox:latest"]
        );
        let first = &pubs["containers"][0];
        assert_eq!(
            (&first["name"], &first["tag"]),
            (&json!("alpine"), &json!("latest"))
        );
        assert_eq!(first["detail"], app.url("/containers/pub/alpine:latest"));
        let part = get(&cli, "/api/collections/?limit=1").await;
        assert_eq!(part["results"].as_array().unwrap().len(), 1);
        assert_eq!(part["next"], app.url("/api/collections/?limit=1&offset=1"));
        let next = get(&cli, "/api/collections/?limit=1&offset=1").await;
        assert_eq!(next["results"][0]["name"], "other");
        assert_eq!(
            (&next["next"], &next["previous"]),
            (&Value::Null, &json!(app.url("/api/collections/?limit=1")))
        );
        for odd in ["?limit=0", "?limit=x", "?offset=-1"] {
            assert_eq!(
                get(&cli, &format!("/api/collections/{odd}")).await,
                all,
                "{odd}"
            );
        }
        let beyond = get(
            &cli,
            "/api/collections/?limit=5&offset=99999999999999999999",
        )
        .await;
        assert_eq!(beyond["count"], 2);
    }
);

#[tokio::test]
async fn one_collection_is_found_by_name_in_any_spelling_and_by_id() {
    let app = TestApp::start().await;
    let cli = filled(&app).await;
    let by_name = get(&cli, "/api/collection/pub").await;
    let id = by_name["id"].to_string();
    for path in [
        "/api/collection/PUB",
        "/api/collection/pub/",
        &format!("/api/collections/{id}/"),
    ] {
        assert_eq!(get(&cli, path).await, by_name, "{path}");
    }
    for nothing in ["nope", "priv", "a/b", "%00"] {
        assert_eq!(
            get(&cli, &format!("/api/collection/{nothing}")).await,
            json!({}),
            "{nothing}"
        );
    }
    let viewer = seed::viewer(&app, "amy").await;
    let secret = sregistry_server::services::catalog::collection(app.core(), &viewer, "priv")
        .await
        .unwrap();
    for absent in [secret.id.to_string(), "99999".to_owned(), "abc".to_owned()] {
        let answer = cli.get(&format!("/api/collections/{absent}/")).await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (404, r#"{"detail":"Not found."}"#)
        );
    }
}

db_test!(
    containers_are_listed_and_searched_by_their_very_names,
    async |app: TestApp| {
        let cli = filled(&app).await;
        let all = get(&cli, "/api/containers/").await;
        assert_eq!((&all["count"], &all["next"]), (&json!(4), &Value::Null));
        assert_eq!(
            names(&all["results"]),
            [
                "other/alpine:latest",
                "pub/alpine:latest",
                "pub/alpine:v2",
                "pub/busybox:latest"
            ]
        );
        let part = get(&cli, "/api/containers/?limit=2&offset=1").await;
        assert_eq!(
            names(&part["results"]),
            ["pub/alpine:latest", "pub/alpine:v2"]
        );
        assert_eq!(part["next"], app.url("/api/containers/?limit=2&offset=3"));
        assert_eq!(part["previous"], app.url("/api/containers/?limit=2"));
        let one = &all["results"][1];
        assert_eq!(
            one["version"],
            format!("sha256.{}", hex_of(&image_for(Arch::Amd64, 1)))
        );
        assert_eq!(one["frozen"], false);
        assert_eq!(
            &get(&cli, &format!("/api/containers/{}/", one["id"])).await,
            one
        );
        for (path, found) in [
            (
                "name/alpine",
                vec!["other/alpine:latest", "pub/alpine:latest", "pub/alpine:v2"],
            ),
            (
                "name/alpine/",
                vec!["other/alpine:latest", "pub/alpine:latest", "pub/alpine:v2"],
            ),
            ("name/Alpine/tag/v2", vec!["pub/alpine:v2"]),
            (
                "collection/pub/name/alpine",
                vec!["pub/alpine:latest", "pub/alpine:v2"],
            ),
            (
                "collection/PUB/name/alpine/tag/latest",
                vec!["pub/alpine:latest"],
            ),
            ("name/alp", vec![]),
            ("name/secret", vec![]),
            ("collection/priv/name/secret/tag/latest", vec![]),
            ("name/%00", vec![]),
        ] {
            let list = get(&cli, &format!("/api/container/search/{path}")).await;
            assert_eq!(names(&list), found, "{path}");
        }
        for absent in ["99999", "abc", "-1"] {
            assert_eq!(
                cli.get(&format!("/api/containers/{absent}/")).await.status,
                404
            );
        }
    }
);

db_test!(
    collections_are_searched_by_a_word_of_what_is_in_them,
    async |app: TestApp| {
        let cli = filled(&app).await;
        for (word, found) in [
            ("pub", vec!["pub"]),
            ("OTH", vec!["other"]),
            ("busy", vec!["pub"]),
            ("v2", vec!["pub"]),
            ("alpine", vec!["pub", "other"]),
            ("secret", vec![]),
            ("priv", vec![]),
            ("%25", vec![]),
            ("zzz", vec![]),
        ] {
            let list = get(&cli, &format!("/api/collection/search/{word}")).await;
            let names: Vec<_> = list
                .as_array()
                .unwrap()
                .iter()
                .map(|c| c["name"].as_str().unwrap())
                .collect();
            assert_eq!(names, found, "{word}");
        }
        let long = "x".repeat(5000);
        assert_eq!(
            cli.get(&format!("/api/collection/search/{long}"))
                .await
                .status,
            400
        );
    }
);

#[tokio::test]
async fn a_token_shows_what_its_user_may_see_and_a_wrong_one_nothing() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    seed::collection(&app, "amy", "priv", true).await;
    let cli = Cli::of(&app, &amy);
    cli.pushed(["priv", "secret", "latest"], &image_for(Arch::Amd64, 5))
        .await;
    let ben = app.user("ben").await;
    for path in [
        "/api/collections/",
        "/api/containers/",
        "/api/container/search/name/secret",
        "/api/collection/search/secret",
        "/api/collection/priv",
    ] {
        let text = async |token: &str| {
            let header = format!("Bearer {token}");
            cli.ask(Method::GET, path, &header).await
        };
        assert!(text(&amy.token).await.text().contains("secret"), "{path}");
        assert!(!text(&ben.token).await.text().contains("secret"), "{path}");
        assert!(!cli.get(path).await.text().contains("secret"), "{path}");
        let wrong = text("sreg_wrong").await;
        assert_eq!(wrong.status, 403, "{path}");
        assert!(wrong.json()["detail"].is_string());
    }
}

#[tokio::test]
async fn a_tag_for_two_architectures_is_listed_once() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let (arm, amd) = (image_for(Arch::Arm64, 1), image_for(Arch::Amd64, 2));
    library.push("amy/pub/tool", &["v1"], "arm64", &arm).await;
    library.push("amy/pub/tool", &["v1"], "amd64", &amd).await;
    library.push("amy/pub/tool", &["v2"], "arm64", &arm).await;
    let cli = Cli::of(&app, &amy);
    let all = get(&cli, "/api/containers/").await;
    assert_eq!(names(&all["results"]), ["pub/tool:v1", "pub/tool:v2"]);
    assert_eq!(
        all["results"][0]["version"],
        format!("sha256.{}", hex_of(&amd))
    );
    assert_eq!(
        all["results"][1]["version"],
        format!("sha256.{}", hex_of(&arm))
    );
}

#[tokio::test]
async fn the_registry_says_who_it_is_and_unknown_paths_are_not_found_in_json() {
    let app = TestApp::start().await;
    let cli = Cli::of(&app, &app.user("amy").await);
    let identity = json!({ "name": "Singularity Registry", "id": "registry", "url": app.url("") });
    assert_eq!(get(&cli, "/api/registry/identity").await, identity);
    assert_eq!(get(&cli, "/api/registry/identity/").await, identity);
    for (method, path) in [
        (Method::POST, "/api/collections/"),
        (Method::DELETE, "/api/collections/1/"),
        (Method::POST, "/api/containers/"),
        (Method::POST, "/api/registry/identity"),
        (Method::GET, "/api/registry/other"),
        (Method::GET, "/api/upload/1"),
        (Method::PUT, "/upload"),
        (Method::POST, "/upload/other"),
        (Method::POST, "/container/pub/x:y"),
    ] {
        let answer = cli.ask(method.clone(), path, "").await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (404, r#"{"detail":"Not found."}"#),
            "{method} {path}"
        );
    }
    let head = cli.ask(Method::HEAD, "/api/collections/", "").await;
    assert_eq!((head.status, head.bytes.len()), (200, 0));
}

#[tokio::test]
async fn where_the_setting_says_so_strangers_get_files_and_no_lists() {
    let app = TestApp::settings_with(|settings| settings.security.api_require_auth = true).await;
    let amy = app.user("amy").await;
    seed::collection(&app, "amy", "open", false).await;
    seed::push(&app, "amy", "open/tool", "v1", 1).await;
    for (path, stranger) in [
        ("/api/v1/collections", 401),
        ("/api/v1/collections/open", 401),
        ("/api/v1/stats", 401),
        ("/api/v1/session", 200),
        ("/api/collections", 403),
        ("/api/container/open/tool:v1", 403),
        ("/download/open/tool/v1.sif", 200),
        ("/v1/images/amy/open/tool:v1", 200),
    ] {
        let status = app.get(path).await.status();
        assert_eq!(status, stranger, "{path}");
        let own = amy.client.get(app.url(path)).send().await.unwrap();
        assert_eq!(own.status(), 200, "{path}");
    }
}
