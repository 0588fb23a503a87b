//! The web application's files: encodings, caching, what is a page and what is not.

use std::{fs, path::Path};

use reqwest::{
    StatusCode,
    header::{
        ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH,
        CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY, VARY,
    },
};

use crate::common::TestApp;

const SCRIPT: &str = "/app-0123456789abcdef.js";
const PAGE: &str = "<!doctype html><title>A &amp; B</title><script type=\"module\">boot()</script>";

/// A folder as the build of the web application leaves it.
pub fn build(dir: &Path) {
    fs::create_dir_all(dir.join("icons")).unwrap();
    for (name, text) in [
        (
            "index.html",
            "<!doctype html><title>As built</title><script type=\"module\">boot()</script>",
        ),
        ("app-0123456789abcdef.js", "plain"),
        ("app-0123456789abcdef.js.br", "brotli"),
        ("app-0123456789abcdef.js.gz", "gzip"),
        ("app-0123456789abcdef_bg.wasm", "\0asm"),
        ("icons/robot.svg", "<svg/>"),
    ] {
        fs::write(dir.join(name), text).unwrap();
    }
}

pub async fn with_application() -> (TestApp, tempfile::TempDir) {
    let dir = tempfile::TempDir::new().unwrap();
    build(dir.path());
    let web = dir.path().to_path_buf();
    let app = TestApp::settings_with(|settings| {
        settings.server.web_dir = Some(web);
        "A & B".clone_into(&mut settings.registry.name);
    })
    .await;
    (app, dir)
}

#[tokio::test]
async fn a_script_comes_in_the_encoding_that_the_browser_likes() {
    let (app, _dir) = with_application().await;
    for (accepted, coding, text) in [
        ("gzip, deflate, br", Some("br"), "brotli"),
        ("gzip", Some("gzip"), "gzip"),
        ("br;q=0, gzip;q=0", None, "plain"),
        ("", None, "plain"),
    ] {
        let response = app
            .client()
            .get(app.url(SCRIPT))
            .header(ACCEPT_ENCODING, accepted)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let headers = response.headers().clone();
        assert_eq!(
            headers
                .get(CONTENT_ENCODING)
                .map(|value| value.to_str().unwrap()),
            coding,
            "{accepted}"
        );
        assert_eq!(headers[VARY], "Accept-Encoding");
        assert_eq!(
            headers[CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
        assert_eq!(headers[CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(response.text().await.unwrap(), text);
    }
}

#[tokio::test]
async fn a_browser_that_has_the_file_gets_not_modified() {
    let (app, _dir) = with_application().await;
    let get = async |tag: &str| {
        let request = app
            .client()
            .get(app.url(SCRIPT))
            .header(ACCEPT_ENCODING, "br");
        request.header(IF_NONE_MATCH, tag).send().await.unwrap()
    };
    let first = get("\"other\"").await;
    assert_eq!(first.status(), StatusCode::OK);
    let tag = first.headers()[ETAG].to_str().unwrap().to_owned();
    for known in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"x\", {tag}"),
        "*".to_owned(),
    ] {
        let again = get(&known).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(again.headers()[ETAG], tag.as_str());
        assert!(again.bytes().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn every_path_that_no_protocol_owns_is_the_page() {
    let (app, _dir) = with_application().await;
    for path in [
        "/",
        "/collections/climate",
        "/containers/climate/cdo:1.17",
        "/x/y.z",
        "/index.html",
    ] {
        let response = app.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(response.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
        assert_eq!(response.headers()[CACHE_CONTROL], "no-cache");
        assert_eq!(response.text().await.unwrap(), PAGE);
    }
}

#[tokio::test]
async fn a_page_whose_address_opens_something_is_named_to_nobody() {
    let (app, _dir) = with_application().await;
    for (path, policy) in [
        ("/teams", "same-origin"),
        ("/invite/0123456789abcdef", "no-referrer"),
        ("/api/v1/team_invitations/0123456789abcdef", "no-referrer"),
    ] {
        let response = app.get(path).await;
        assert_eq!(response.headers()[REFERRER_POLICY], policy, "{path}");
    }
}

#[tokio::test]
async fn the_page_may_run_its_own_scripts_and_no_others() {
    let (app, _dir) = with_application().await;
    let response = app.get("/").await;
    let policy = response.headers()[CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap()
        .to_owned();
    let hash = {
        use base64::Engine;
        use sha2::Digest;
        base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest("boot()"))
    };
    assert!(
        policy.contains(&format!(
            "script-src 'self' 'wasm-unsafe-eval' 'sha256-{hash}';"
        )),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'"));
}

#[tokio::test]
async fn what_is_no_file_is_not_found_when_a_file_was_asked_for() {
    let (app, _dir) = with_application().await;
    assert_eq!(
        app.get("/assets/nothing.js").await.status(),
        StatusCode::NOT_FOUND
    );
    let script = app
        .client()
        .get(app.url("/app-fedcba9876543210.js"))
        .header("sec-fetch-dest", "script");
    assert_eq!(script.send().await.unwrap().status(), StatusCode::NOT_FOUND);
    let page = app
        .client()
        .get(app.url("/collections"))
        .header("sec-fetch-dest", "document");
    assert_eq!(page.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn the_forms_on_disk_are_no_files_and_hidden_paths_lead_nowhere() {
    let (app, dir) = with_application().await;
    fs::write(dir.path().join("../secret-of-the-test"), "secret").ok();
    for path in [
        format!("{SCRIPT}.br"),
        "/../secret-of-the-test".to_owned(),
        "/%2e%2e/secret-of-the-test".to_owned(),
    ] {
        let text = app.get(&path).await.text().await.unwrap();
        assert_eq!(text, PAGE, "{path}");
    }
    fs::remove_file(dir.path().join("../secret-of-the-test")).ok();
}

#[tokio::test]
async fn head_says_what_get_would_and_other_methods_are_refused() {
    let (app, _dir) = with_application().await;
    let head = app.client().head(app.url(SCRIPT)).send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    assert_eq!(head.headers()[CONTENT_LENGTH], "5");
    let post = app
        .client()
        .post(app.url("/collections"))
        .send()
        .await
        .unwrap();
    assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(post.headers()[ALLOW], "GET, HEAD");
}

#[tokio::test]
async fn a_new_build_is_served_without_a_restart() {
    let (app, dir) = with_application().await;
    assert_eq!(app.get("/").await.text().await.unwrap(), PAGE);
    let index = dir.path().join("index.html");
    fs::write(&index, "<p>new</p>").unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
    fs::File::open(&index).unwrap().set_modified(later).unwrap();
    assert_eq!(app.get("/").await.text().await.unwrap(), "<p>new</p>");
}

#[tokio::test]
async fn without_a_build_the_page_says_how_to_make_one() {
    let empty = tempfile::TempDir::new().unwrap();
    let web = empty.path().to_path_buf();
    let app = TestApp::settings_with(|settings| settings.server.web_dir = Some(web)).await;
    let response = app.get("/").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.text().await.unwrap().contains("make frontend"));
    assert_eq!(app.get("/healthz").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn unknown_paths_of_protocols_are_never_the_page() {
    let (app, _dir) = with_application().await;
    for path in [
        "/api/missing",
        "/api/v1/missing",
        "/v1/missing",
        "/v2/missing/x",
        "/version/x",
        "/shub/x",
        "/uploads/x",
        "/blobs/x",
        "/pks/x",
        "/healthz/x",
        "/readyz/x",
    ] {
        let response = app.get(path).await;
        assert!(
            response.status().is_client_error(),
            "{path} answers {}",
            response.status()
        );
        let kind = response
            .headers()
            .get(CONTENT_TYPE)
            .map(|kind| kind.to_str().unwrap().to_owned());
        assert!(
            kind.as_deref()
                .is_none_or(|kind| !kind.starts_with("text/html")),
            "{path} is {kind:?}"
        );
    }
}

#[tokio::test]
async fn every_answer_carries_an_id_and_takes_over_a_plain_one() {
    let (app, _dir) = with_application().await;
    let own = app.get("/healthz").await;
    assert_eq!(own.headers()["x-request-id"].len(), 26);
    let given = app
        .client()
        .get(app.url("/healthz"))
        .header("x-request-id", "proxy-42");
    assert_eq!(
        given.send().await.unwrap().headers()["x-request-id"],
        "proxy-42"
    );
    let odd = app
        .client()
        .get(app.url("/healthz"))
        .header("x-request-id", "a b\t<script>");
    assert_ne!(
        odd.send().await.unwrap().headers()["x-request-id"],
        "a b\t<script>"
    );
}
