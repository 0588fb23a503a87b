//! What was dangerous in the original registry and is not here: one test each.

use bytes::Bytes;
use chrono::TimeDelta;
use entity::{collection_member, token};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use sif::Arch;
use sregistry_server::services::uploads;

use super::Cli;
use crate::{
    common::{PASSWORD, TestApp},
    seed,
    wire_library::{Answer, Library, image_for},
};

const TACOS: [&str; 3] = ["dinos", "tacos", "v1"];

async fn pushed(app: &TestApp) -> (Cli<'_>, Bytes) {
    let cli = Cli::of(app, &app.user("amy").await);
    let bytes = image_for(Arch::Amd64, 1);
    cli.pushed(TACOS, &bytes).await;
    (cli, bytes)
}

#[tokio::test]
async fn an_address_and_a_name_in_a_link_sign_nobody_in() {
    let app = TestApp::start().await;
    let root = app.superuser().await;
    for path in [
        "/complete/username/?username=eve&email=root@example.org",
        "/complete/username/?username=root",
        "/login/username/?username=eve",
    ] {
        let answer = app.get(path).await;
        let given = answer.headers().get_all("set-cookie").iter();
        let mut given = given.map(|cookie| cookie.to_str().unwrap());
        // What a journey to a provider left may be cleared; nothing else is touched.
        assert!(given.all(|cookie| cookie.contains("journey=;")), "{path}");
    }
    let users = root.client.get(app.url("/api/v1/users"));
    let users: Value = seed::read(users, 200).await;
    assert_eq!(users["total"], 1, "no account was made: {users}");
}

#[tokio::test]
async fn nobody_deletes_a_file_of_the_server_by_naming_it() {
    let app = TestApp::start().await;
    let (_, bytes) = pushed(&app).await;
    let file = app.blob_files().remove(0);
    let path = file.to_str().unwrap();
    for address in ["/api/uploads/complete/", "/upload"] {
        let form = [
            ("file1.name", path),
            ("file1.path", path),
            ("collection", "1"),
        ];
        let answer = app
            .client()
            .post(app.url(address))
            .form(&form)
            .send()
            .await
            .unwrap();
        assert!(matches!(answer.status().as_u16(), 403 | 404), "{address}");
    }
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
}

#[tokio::test]
async fn an_owner_takes_no_file_of_the_server_by_naming_it() {
    let app = TestApp::start().await;
    let (cli, bytes) = pushed(&app).await;
    let file = app.blob_files().remove(0);
    let path = file.to_str().unwrap().to_owned();
    let cid = cli.announce(TACOS).await.json()["cid"].to_string();
    for address in ["/upload", "/api/uploads/complete/"] {
        let form = Form::new()
            .text("name", "tacos")
            .text("collection", cid.clone())
            .text("tag", "v1")
            .text("file1.path", path.clone())
            .text("file1.name", "x.sif")
            .text("file1.md5", "0123");
        let request = app.client().post(app.url(address)).multipart(form);
        let request = request.header("authorization", cli.sign("upload", TACOS));
        let status = request.send().await.unwrap().status().as_u16();
        assert!(matches!(status, 400 | 404), "{address}: {status}");
    }
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
    assert_eq!(cli.pull(TACOS).await.unwrap(), bytes);
}

#[tokio::test]
async fn a_tag_of_the_same_name_elsewhere_leaves_mine_alone() {
    let app = TestApp::start().await;
    let (amy, bytes) = pushed(&app).await;
    let ben = app.user("ben").await;
    let other = image_for(Arch::Amd64, 2);
    Library::of(&app, &ben)
        .push("ben/birds/tacos", &["v1"], "amd64", &other)
        .await;
    Cli::of(&app, &ben)
        .pushed(["bens", "tacos", "v1"], &other)
        .await;
    assert_eq!(amy.pull(TACOS).await.unwrap(), bytes);
    assert_eq!(amy.pull(["birds", "tacos", "v1"]).await.unwrap(), other);
}

#[tokio::test]
async fn anybodys_token_does_not_reach_the_uploads_and_tags_of_others() {
    let app = TestApp::start().await;
    let (cli, bytes) = pushed(&app).await;
    let ben = app.user("ben").await;
    let ben = Library::of(&app, &ben);
    let image = cli.manifest(TACOS).await.json()["id"].to_string();
    let upload = json!({ "uploadID": "x", "filesize": 1, "partNumber": 1, "completedParts": [] });
    for (method, path) in [
        (Method::POST, ""),
        (Method::POST, "/_multipart"),
        (Method::PUT, "/_multipart"),
        (Method::PUT, "/_multipart_abort"),
        (Method::PUT, "/_multipart_complete"),
        (Method::PUT, "/_complete"),
    ] {
        let path = format!("/v2/imagefile/i{image}{path}");
        let answer = ben.ask(method.clone(), &path, Some(upload.clone())).await;
        assert_eq!(answer.status, 403, "{path}");
        let nobody = Library::anonymous(&app);
        let answer = nobody.ask(method, &path, Some(upload.clone())).await;
        assert_eq!(answer.status, 401, "{path}");
    }
    assert_eq!(cli.pull(TACOS).await.unwrap(), bytes);
}

#[tokio::test]
async fn only_owners_delete() {
    let app = TestApp::start().await;
    let (amy, bytes) = pushed(&app).await;
    let ben = Cli::of(&app, &app.user("ben").await);
    assert_eq!(ben.delete(TACOS).await.status, 403);
    seed::contributor(&app, "dinos", "ben").await;
    assert_eq!(ben.delete(TACOS).await.status, 403);
    assert_eq!(amy.delete_with(TACOS, "").await.status, 403);
    assert_eq!(amy.pull(TACOS).await.unwrap(), bytes);
}

#[tokio::test]
async fn answers_carry_no_secrets_of_collections_or_uploads() {
    let app = TestApp::start().await;
    let (cli, _) = pushed(&app).await;
    for path in [
        "/api/collections/",
        "/api/collection/dinos",
        "/api/containers/",
        "/api/container/dinos/tacos:v1",
    ] {
        let text = cli.get(path).await.text();
        assert!(text.contains(r#""metadata":{}"#), "{path}: {text}");
        for word in ["secret", "pushSecret", "upload_id", "token"] {
            assert!(!text.contains(word), "{path}: {text}");
        }
    }
}

#[tokio::test]
async fn no_list_search_or_path_shows_what_is_private() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    seed::collection(&app, "amy", "hidden", true).await;
    let cli = Cli::of(&app, &amy);
    let bytes = image_for(Arch::Amd64, 1);
    cli.pushed(["hidden", "treasure", "v1"], &bytes).await;
    let file = app.blob_files().remove(0);
    let key = file.file_name().unwrap().to_str().unwrap().to_owned();
    for path in [
        "/api/collections/",
        "/api/containers/",
        "/api/collection/hidden",
        "/api/collection/search/treasure",
        "/api/container/search/name/treasure",
        "/api/container/search/collection/hidden/name/treasure",
        "/api/labels/search",
        "/v1/search?value=treasure",
        "/api/v1/collections",
        "/api/v1/containers?q=treasure",
        "/v1/collections/amy/hidden",
        &format!("/images/{key}"),
        "/images/hidden/treasure:v1.sif",
        "/containers/1/download/recipe",
    ] {
        let answer = app.get(path).await;
        let text = answer.bytes().await.unwrap();
        assert_ne!(text, bytes, "{path}");
        let text = String::from_utf8_lossy(&text);
        assert!(
            !text.contains("treasure\"") && !text.contains("\"hidden\""),
            "{path}: {text}"
        );
    }
}

#[tokio::test]
async fn there_are_no_recipes_for_anybody_to_change() {
    let app = TestApp::start().await;
    for (method, path) in [
        (Method::POST, "/google_build/build/"),
        (Method::PUT, "/google_build/build/1/"),
        (Method::DELETE, "/google_build/build/1/"),
        (Method::POST, "/google_build/github/receive"),
    ] {
        let answer = app
            .client()
            .request(method, app.url(path))
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        assert!((400..500).contains(&status), "{path}: {status}");
    }
}

#[tokio::test]
async fn the_address_of_an_image_ends_and_is_for_that_image_alone() {
    let app = TestApp::start().await;
    let (cli, bytes) = pushed(&app).await;
    cli.pushed(["dinos", "tacos", "v2"], &image_for(Arch::Amd64, 2))
        .await;
    let manifest = cli.manifest(TACOS).await.json();
    let url = manifest["image"].as_str().unwrap();
    let other = cli.manifest(["dinos", "tacos", "v2"]).await.json()["id"].to_string();
    let get = async |url: &str| Answer::of(app.client().get(url).send().await.unwrap()).await;
    assert_eq!(get(url).await.bytes, bytes);
    let moved = url.replace(&format!("/i{}", manifest["id"]), &format!("/i{other}"));
    assert_ne!(moved, url);
    assert_eq!(get(&moved).await.status, 403);
    app.clock.advance(TimeDelta::days(1));
    assert_eq!(get(url).await.status, 403);
}

#[tokio::test]
async fn who_leaves_a_private_collection_pulls_no_more() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    seed::collection(&app, "amy", "hidden", true).await;
    let names = ["hidden", "tacos", "v1"];
    Cli::of(&app, &amy)
        .pushed(names, &image_for(Arch::Amd64, 1))
        .await;
    seed::contributor(&app, "hidden", "ben").await;
    let ben_id = seed::viewer(&app, "ben").await.person().unwrap().id;
    let ben = Cli::of(&app, &ben);
    assert!(ben.pull(names).await.is_ok());
    let members = collection_member::Entity::find();
    let row = members.all(app.core().db.read()).await.unwrap();
    let row = row.into_iter().find(|row| row.user_id == ben_id).unwrap();
    let gone = app.core().db.write(async |tx| {
        collection_member::Entity::delete_by_id((row.collection_id, row.user_id))
            .exec(tx)
            .await
    });
    gone.await.unwrap();
    assert_eq!(ben.pull(names).await.unwrap_err().status, 404);
}

#[tokio::test]
async fn the_database_holds_no_token_as_text() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let rows = token::Entity::find()
        .all(app.core().db.read())
        .await
        .unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        let sealed = String::from_utf8_lossy(&row.sealed_secret).into_owned();
        assert!(!sealed.contains(&amy.token[20..60]) && row.secret_hash != amy.token);
    }
}

#[tokio::test]
async fn looking_at_an_address_changes_nothing() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let cli = Cli::of(&app, &amy);
    let bytes = image_for(Arch::Amd64, 1);
    cli.pushed(TACOS, &bytes).await;
    for path in [
        "/collections/1/delete",
        "/collections/1/private",
        "/containers/1/delete",
        "/containers/1/freeze",
        "/container/dinos/tacos:v1",
        "/token/update",
        "/u/delete",
        "/logout/",
    ] {
        let answer = amy.client.get(app.url(path)).send().await.unwrap();
        let given = answer.headers().get_all("set-cookie").iter();
        let mut given = given.map(|cookie| cookie.to_str().unwrap());
        // What a journey to a provider left may be cleared; nothing else is touched.
        assert!(given.all(|cookie| cookie.contains("journey=;")), "{path}");
    }
    let manifest = cli.manifest(TACOS).await.json();
    assert_eq!(manifest["frozen"], false);
    assert_eq!(cli.pull(TACOS).await.unwrap(), bytes);
}

#[tokio::test]
async fn another_site_pushes_nothing_in_my_name_and_reads_nothing() {
    let app = TestApp::start().await;
    app.user_with_password("amy").await;
    app.accept_terms("amy").await;
    seed::collection(&app, "amy", "dinos", false).await;
    let login = json!({ "username": "amy", "password": PASSWORD });
    let response = app
        .client()
        .post(app.url("/api/v1/login/local"))
        .json(&login);
    let response = response.send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let session: Value = response.json().await.unwrap();
    let csrf = session["csrf_token"].as_str().unwrap();
    let viewer = seed::viewer(&app, "amy").await;
    let home = sregistry_server::services::catalog::collection(app.core(), &viewer, "dinos");
    let cid = home.await.unwrap().id.to_string();
    let send = async |token: &str| {
        let file = Part::stream(image_for(Arch::Amd64, 1)).file_name("x.sif");
        let form = Form::new()
            .text("collection", cid.clone())
            .text("name", "tacos")
            .text("tag", "v1")
            .part("file1", file);
        let request = app.client().post(app.url("/upload")).multipart(form);
        let request = request
            .header("cookie", cookie.clone())
            .header("origin", "https://evil.example.org")
            .header("x-csrf-token", token);
        request.send().await.unwrap()
    };
    let refused = send("").await;
    assert_eq!(refused.status(), 403);
    assert!(
        !refused
            .headers()
            .contains_key("access-control-allow-origin")
    );
    assert_eq!(app.store_files(), 0);
    assert_eq!(send(csrf).await.status(), 200);
    let read = app.client().get(app.url("/api/collections/"));
    let read = read
        .header("origin", "https://evil.example.org")
        .send()
        .await
        .unwrap();
    assert!(
        !read
            .headers()
            .contains_key("access-control-allow-credentials")
    );
}

#[tokio::test]
async fn knowing_a_digest_gives_no_right_to_the_bytes() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    seed::collection(&app, "amy", "hidden", true).await;
    let bytes = image_for(Arch::Amd64, 1);
    Cli::of(&app, &amy)
        .pushed(["hidden", "tacos", "v1"], &bytes)
        .await;
    let home = Library::of(&app, &ben);
    let hash = format!("sha256.{}", crate::wire_library::hex_of(&bytes));
    let announced = home
        .announce("ben/birds/tacos", &hash, "amd64")
        .await
        .unwrap();
    assert!(!announced.uploaded, "the bytes are asked for");
    let id = announced.image.trim_start_matches('i').parse().unwrap();
    let viewer = seed::viewer(&app, "ben").await;
    assert!(uploads::complete(app.core(), &viewer, id).await.is_err());
}
