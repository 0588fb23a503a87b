//! Plain HTTPS: stable addresses of tags and digests, as `curl`, `wget` and browsers use them.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use reqwest::{Client, Method, RequestBuilder, Response, header::HeaderMap};
use serde_json::Value;
use shared_types::{ImageDetail, Scope};
use sregistry_server::services::pull;

use crate::{
    common::{PASSWORD, TestApp, eventually, with_token},
    db_test, seed,
    seed::{Pushed, answered, read},
};

async fn library(app: &TestApp, private: bool) -> Pushed {
    app.user_with_password("amy").await;
    seed::collection(app, "amy", "climate", private).await;
    seed::push(app, "amy", "climate/model", "1.0", 1).await
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .map(|value| value.to_str().unwrap())
        .unwrap_or_default()
}

async fn sent(request: RequestBuilder, status: u16) -> Response {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), status, "{}", response.url());
    response
}

db_test!(
    tags_and_digests_have_addresses_that_give_the_file,
    async |app: TestApp| {
        let pushed = library(&app, false).await;
        let hex = pushed.digest.strip_prefix("sha256:").unwrap();
        let repr = format!(
            "sha-256=:{}:",
            BASE64_STANDARD.encode(hex::decode(hex).unwrap())
        );
        for (name, caching) in [
            ("1.0.sif".to_owned(), "private, no-cache"),
            (
                format!("{}.sif", pushed.digest),
                "public, max-age=31536000, immutable",
            ),
            (
                format!("sha256%3A{hex}.sif"),
                "public, max-age=31536000, immutable",
            ),
        ] {
            let url = app.url(&format!("/download/climate/model/{name}"));
            for method in [Method::HEAD, Method::GET] {
                let request = app.client().request(method.clone(), &url);
                let response = sent(request, 200).await;
                let headers = response.headers().clone();
                assert_eq!(header(&headers, "content-length"), pushed.size.to_string());
                assert_eq!(header(&headers, "etag"), format!("\"{}\"", pushed.digest));
                assert_eq!(header(&headers, "accept-ranges"), "bytes");
                assert_eq!(header(&headers, "repr-digest"), repr);
                assert_eq!(header(&headers, "x-checksum-sha256"), hex);
                assert!(header(&headers, "cache-control").starts_with(caching));
                let disposition = header(&headers, "content-disposition");
                assert!(
                    disposition.starts_with("attachment; filename=\"model_"),
                    "{disposition}"
                );
                let body = response.bytes().await.unwrap();
                if method == Method::HEAD {
                    assert!(body.is_empty());
                } else {
                    assert_eq!(body, pushed.bytes);
                }
            }
        }
    }
);

#[tokio::test]
async fn ranges_and_conditions_are_by_the_book() {
    let app = TestApp::start().await;
    let pushed = library(&app, false).await;
    let url = app.url("/download/climate/model/1.0.sif");
    let etag = format!("\"{}\"", pushed.digest);
    let get = |name: &str, value: &str| app.client().get(&url).header(name, value);

    let part = sent(get("range", "bytes=10-19"), 206).await;
    let range = format!("bytes 10-19/{}", pushed.size);
    assert_eq!(header(part.headers(), "content-range"), range);
    assert_eq!(part.bytes().await.unwrap(), pushed.bytes.slice(10..20));
    let rest = sent(get("range", "bytes=100-").header("if-range", &etag), 206).await;
    assert_eq!(rest.bytes().await.unwrap(), pushed.bytes.slice(100..));
    // The tag has moved since: the whole file comes, not the rest of another.
    let stale = format!("\"sha256:{}\"", "0".repeat(64));
    let whole = sent(get("range", "bytes=100-").header("if-range", &stale), 200).await;
    assert_eq!(whole.bytes().await.unwrap(), pushed.bytes);
    let known = sent(get("if-none-match", &etag), 304).await;
    assert_eq!(header(known.headers(), "etag"), etag);
    assert!(header(known.headers(), "cache-control").contains("no-cache"));
    sent(get("if-none-match", &stale), 200).await;
    sent(get("if-match", &stale), 412).await;
    let beyond = sent(get("range", &format!("bytes={}-", pushed.size)), 416).await;
    let outside = format!("bytes */{}", pushed.size);
    assert_eq!(header(beyond.headers(), "content-range"), outside);
}

#[tokio::test]
async fn a_tag_gives_the_image_of_the_architecture_asked_for() {
    let app = TestApp::start().await;
    let first = library(&app, false).await;
    let other = seed::push(&app, "amy", "climate/model", "other", 2).await;
    let amy = with_token(&app.token("amy", Scope::Push, None).await);
    let tag = app.url("/api/v1/collections/climate/containers/model/tags/1.0?arch=arm64");
    let change = serde_json::json!({ "digest": other.digest });
    answered(amy.put(tag).json(&change), 200).await;
    for (arch, image) in [
        ("", &first),
        ("?arch=amd64", &first),
        ("?arch=arm64", &other),
    ] {
        let url = app.url(&format!("/download/climate/model/1.0.sif{arch}"));
        let body = sent(app.client().get(url), 200)
            .await
            .bytes()
            .await
            .unwrap();
        assert_eq!(body, image.bytes, "{arch}");
    }
    let none = app.url("/download/climate/model/1.0.sif?arch=ppc64le");
    let sentence = answered(app.client().get(none), 404).await;
    assert!(sentence.contains("ppc64le"), "{sentence}");
}

#[tokio::test]
async fn checksums_are_what_sha256sum_checks() {
    let app = TestApp::start().await;
    let pushed = library(&app, false).await;
    let hex = pushed.digest.strip_prefix("sha256:").unwrap();
    let url = app.url("/download/climate/model/1.0.sif.sha256");
    let response = sent(app.client().get(&url), 200).await;
    let kind = header(response.headers(), "content-type").to_owned();
    assert!(kind.starts_with("text/plain"), "{kind}");
    assert_eq!(response.text().await.unwrap(), format!("{hex}  1.0.sif\n"));
    let head = sent(app.client().head(&url), 200).await;
    assert_eq!(header(head.headers(), "x-checksum-sha256"), hex);
    assert!(head.bytes().await.unwrap().is_empty());
}

async fn session(app: &TestApp) -> Client {
    let login = serde_json::json!({ "username": "amy", "password": PASSWORD });
    let request = app.client().post(app.url("/api/v1/login/local"));
    let response = sent(request.json(&login), 200).await;
    let cookie = header(response.headers(), "set-cookie");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let body: Value = response.json().await.unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("cookie", cookie.parse().unwrap());
    let csrf = body["csrf_token"].as_str().unwrap();
    headers.insert("x-csrf-token", csrf.parse().unwrap());
    let client = crate::common::client(headers);
    let terms: Value = read(client.get(app.url("/api/v1/terms")), 200).await;
    let accepted = serde_json::json!({ "version": terms["version"] });
    answered(client.post(app.url("/api/v1/terms")).json(&accepted), 200).await;
    client
}

#[tokio::test]
async fn private_images_are_there_for_those_who_may_see_them_by_every_kind_of_credential() {
    let app = TestApp::start().await;
    let pushed = library(&app, true).await;
    let url = app.url(&format!("/download/climate/model/{}.sif", pushed.digest));
    let token = app.token("amy", Scope::Pull, None).await;
    let browser = session(&app).await;
    let stranger = app.user("eve").await;
    let good = [
        app.client().get(&url).basic_auth("amy", Some(&token)),
        app.client().get(&url).bearer_auth(&token),
        browser.get(&url),
    ];
    for request in good {
        let response = sent(request, 200).await;
        let caching = header(response.headers(), "cache-control").to_owned();
        assert!(caching.starts_with("private, max-age"), "{caching}");
        assert_eq!(response.bytes().await.unwrap(), pushed.bytes);
    }
    let nothing = app.url("/download/nothing/model/1.0.sif");
    let hidden = app.url("/download/climate/model/1.0.sif");
    for client in [app.client(), stranger.client] {
        let absent = answered(client.get(&nothing), 404).await;
        let there = answered(client.get(&hidden), 404).await;
        assert_eq!(
            absent.replace("nothing", "climate"),
            there,
            "what may not be seen is what is not there"
        );
        answered(client.get(format!("{hidden}.sha256")), 404).await;
    }
    let wrong = app.client().get(&url).basic_auth("amy", Some("wrong"));
    let response = sent(wrong, 401).await;
    assert!(header(response.headers(), "www-authenticate").starts_with("Basic "));
}

#[tokio::test]
async fn errors_are_a_sentence_or_a_problem_as_the_client_likes() {
    let app = TestApp::start().await;
    library(&app, false).await;
    for (path, status, code) in [
        ("/download/climate/model/2.0.sif", 404, "image_not_found"),
        ("/download/climate/model/1.0", 400, "bad_request"),
        ("/download/climate/model/sha256:12.sif", 400, "bad_request"),
        ("/download/climate/model/-x.sif", 400, "bad_request"),
        ("/download/climate/model/.sif", 400, "bad_request"),
        ("/download/climate/model", 404, "not_found"),
        ("/download", 404, "not_found"),
        ("/share", 404, "not_found"),
        ("/share/x", 404, "not_found"),
    ] {
        let request = app.client().get(app.url(path)).header("accept", "*/*");
        let response = sent(request, status).await;
        let kind = header(response.headers(), "content-type");
        assert_eq!(kind, "text/plain; charset=utf-8", "{path}");
        assert_eq!(header(response.headers(), "cache-control"), "no-store");
        let sentence = response.text().await.unwrap();
        let request = app.client().get(app.url(path));
        let request = request.header("accept", "application/json");
        let problem: Value = read(request, status).await;
        assert_eq!(problem["code"], code, "{path}");
        assert_eq!(sentence.trim_end(), problem["message"].as_str().unwrap());
        assert_ne!(problem["request_id"], "");
    }
    let post = app
        .client()
        .post(app.url("/download/climate/model/1.0.sif"));
    answered(post, 404).await;
}

/// The downloads written for the image.
async fn downloads(app: &TestApp) -> u64 {
    pull::flush(app.core()).await.unwrap();
    let url = app.url("/api/v1/collections/climate/containers/model/images/1.0");
    let image: ImageDetail = read(app.client().get(url), 200).await;
    image.image.downloads
}

db_test!(
    a_download_counts_once_however_it_comes_and_a_head_never,
    async |app: TestApp| {
        let pushed = library(&app, false).await;
        let url = app.url("/download/climate/model/1.0.sif");
        sent(app.client().head(&url), 200).await;
        answered(app.client().get(format!("{url}.sha256")), 200).await;
        let half = pushed.size / 2;
        let range = |range: String| app.client().get(&url).header("range", range);
        let first = sent(range(format!("bytes=0-{}", half - 1)), 206).await;
        let first = first.bytes().await.unwrap();
        assert_eq!(downloads(&app).await, 0, "nothing whole has gone yet");
        let rest = sent(range(format!("bytes={half}-")), 206).await;
        let rest = rest.bytes().await.unwrap();
        assert_eq!(Bytes::from([first, rest].concat()), pushed.bytes);
        eventually("the two halves are one download", async || {
            (downloads(&app).await == 1).then_some(())
        })
        .await;
        sent(app.client().get(&url), 200)
            .await
            .bytes()
            .await
            .unwrap();
        eventually("the second download is counted", async || {
            (downloads(&app).await == 2).then_some(())
        })
        .await;
    }
);
