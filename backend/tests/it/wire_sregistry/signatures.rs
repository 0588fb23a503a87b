//! Signatures: what they open, and for how long.

use chrono::TimeDelta;
use reqwest::Method;
use shared_types::{Scope, UserChange};
use sif::Arch;
use sregistry_server::services::{tokens, users};

use super::{Cli, sign};
use crate::{
    common::{TestApp, eventually},
    seed,
    wire_library::{Answer, image_for},
};

const SECRET: [&str; 3] = ["secret", "tacos", "v1"];
const PATH: &str = "/api/container/secret/tacos:v1";

/// A server with a private image of amy's.
async fn private(app: &TestApp) -> Cli<'_> {
    let amy = app.user("amy").await;
    seed::collection(app, "amy", "secret", true).await;
    let cli = Cli::of(app, &amy);
    cli.pushed(SECRET, &image_for(Arch::Amd64, 1)).await;
    cli
}

fn refused(answer: &Answer) {
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(answer.json()["detail"].is_string());
    assert_eq!(answer.header("www-authenticate"), "");
}

#[tokio::test]
async fn the_hour_at_hand_and_its_neighbours_count_and_no_other() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    seed::collection(&app, "amy", "secret", true).await;
    let cli = Cli::of(&app, &amy);
    cli.pushed(SECRET, &image_for(Arch::Amd64, 1)).await;
    let at = |hours| {
        let then = app.core().clock.now() + TimeDelta::hours(hours);
        sign(&amy.token, "amy", then, "pull", SECRET)
    };
    for hours in [-1, 0, 1] {
        assert_eq!(
            cli.ask(Method::GET, PATH, &at(hours)).await.status,
            200,
            "{hours}"
        );
    }
    for hours in [-24 * 365, -24, -3, -2, 3, 24] {
        let answer = cli.ask(Method::GET, PATH, &at(hours)).await;
        refused(&answer);
        assert!(
            answer.text().contains("too old"),
            "{hours}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn a_request_that_was_listened_to_is_of_no_use_two_hours_later() {
    let app = TestApp::start().await;
    let cli = private(&app).await;
    let [pull, delete, push, upload] =
        ["pull", "delete", "push", "upload"].map(|op| cli.sign(op, SECRET));
    let cid = cli.announce_with(SECRET, &push).await.json()["cid"].to_string();
    app.clock.advance(TimeDelta::hours(2));
    refused(&cli.ask(Method::GET, PATH, &pull).await);
    refused(&cli.delete_with(SECRET, &delete).await);
    refused(&cli.announce_with(SECRET, &push).await);
    let bytes = image_for(Arch::Amd64, 2);
    refused(&cli.upload_with(&cid, SECRET, &upload, bytes).await);
    assert!(cli.pull(SECRET).await.is_ok());
}

#[tokio::test]
async fn a_signature_for_something_else_opens_nothing() {
    let app = TestApp::start().await;
    let cli = private(&app).await;
    let bytes = image_for(Arch::Amd64, 2);
    let cid = cli.announce(SECRET).await.json()["cid"].to_string();
    let others = [
        ["other", "tacos", "v1"],
        ["secret", "other", "v1"],
        ["secret", "tacos", "other"],
    ];
    for names in others {
        refused(&cli.ask(Method::GET, PATH, &cli.sign("pull", names)).await);
        refused(&cli.delete_with(SECRET, &cli.sign("delete", names)).await);
        refused(&cli.announce_with(SECRET, &cli.sign("push", names)).await);
        let upload = cli.sign("upload", names);
        refused(&cli.upload_with(&cid, SECRET, &upload, bytes.clone()).await);
    }
    for op in ["push", "upload", "delete", "build", "", "PULL"] {
        refused(&cli.ask(Method::GET, PATH, &cli.sign(op, SECRET)).await);
    }
    for op in ["push", "upload", "pull"] {
        refused(&cli.delete_with(SECRET, &cli.sign(op, SECRET)).await);
    }
    refused(
        &cli.upload_with(&cid, SECRET, &cli.sign("push", SECRET), bytes)
            .await,
    );
    assert_eq!(app.stored_files(), 1);
}

#[tokio::test]
async fn what_was_tampered_with_opens_nothing() {
    let app = TestApp::start().await;
    let cli = private(&app).await;
    let good = cli.sign("pull", SECRET);
    assert_eq!(cli.ask(Method::GET, PATH, &good).await.status, 200);
    let last = if good.ends_with('0') { "1" } else { "0" };
    let flipped = format!("{}{last}", &good[..good.len() - 1]);
    let of_ben = good.replace("/YW15/", "/YmVu/");
    for header in [
        &flipped,
        &of_ben,
        &good.replace("SHA256", "SHA1"),
        &good[..good.len() - 2],
        "SREGISTRY-HMAC-SHA256",
        "SREGISTRY-HMAC-SHA256 Credential=pull,Signature=",
        "SREGISTRY-HMAC-SHA256 Credential=pull/%%%/x,Signature=zz",
        &format!("{good},{good}"),
        &good.replace("YW15", "AGE="),
    ] {
        refused(&cli.ask(Method::GET, PATH, header).await);
    }
}

#[tokio::test]
async fn whoever_asks_cannot_tell_what_is_private_from_what_is_not_there() {
    let app = TestApp::start().await;
    let amy = private(&app).await;
    let ben = Cli::of(&app, &app.user("ben").await);
    let absent = ["absent", "tacos", "v1"];
    for names in [SECRET, absent] {
        let [c, n, t] = names;
        let path = format!("/api/container/{c}/{n}:{t}");
        // The client that can sign is asked to; others hear that there is nothing.
        refused(&ben.get(&path).await);
        assert_eq!(app.get(&path).await.status(), 404);
        let wrong = Cli::with_key(&app, "amy", "wrong").sign("pull", names);
        refused(&ben.ask(Method::GET, &path, &wrong).await);
        let unknown = Cli::with_key(&app, "nobody", "wrong").sign("pull", names);
        refused(&ben.ask(Method::GET, &path, &unknown).await);
        let answer = ben.manifest(names).await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (404, r#"{"detail":"Not found."}"#)
        );
        let answer = ben.delete(names).await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (404, r#"{"detail":"Container Not Found"}"#)
        );
    }
    assert!(amy.pull(SECRET).await.is_ok());
    // An unknown user and a wrong key sound the same.
    let asked = async |user: &str| {
        let header = Cli::with_key(&app, user, "wrong").sign("pull", SECRET);
        ben.ask(Method::GET, PATH, &header).await.text()
    };
    assert_eq!(asked("amy").await, asked("nobody").await);
}

#[tokio::test]
async fn each_token_of_a_user_signs_as_far_as_it_goes() {
    let app = TestApp::start().await;
    let cli = private(&app).await;
    let elsewhere = vec!["other".to_owned()];
    seed::collection(&app, "amy", "other", true).await;
    for (scope, collections, pulls, pushes) in [
        (Scope::Pull, None, 200, 403),
        (Scope::Push, None, 200, 200),
        (Scope::Push, Some(vec!["secret".to_owned()]), 200, 200),
        // To a token for other collections this one is not there; its name is taken all the same.
        (Scope::Push, Some(elsewhere), 404, 403),
    ] {
        let token = app.token("amy", scope, collections.clone()).await;
        let cli = Cli::with_key(&app, "amy", &token);
        assert_eq!(
            cli.manifest(SECRET).await.status,
            pulls,
            "{scope} {collections:?}"
        );
        assert_eq!(
            cli.announce(SECRET).await.status,
            pushes,
            "{scope} {collections:?}"
        );
    }
    assert_eq!(cli.delete(SECRET).await.status, 204);
}

#[tokio::test]
async fn a_token_that_has_ended_and_a_user_who_is_disabled_sign_nothing() {
    let app = TestApp::start().await;
    let cli = private(&app).await;
    let amy = seed::viewer(&app, "amy").await;
    let new = shared_types::NewToken {
        name: "short".to_owned(),
        scope: Some(Scope::Push),
        collections: None,
        expires_in_days: Some(1),
    };
    let short = tokens::create(app.core(), &amy, new).await.unwrap();
    let with_short = Cli::with_key(&app, "amy", &short.secret);
    let revoked = app.token("amy", Scope::Push, None).await;
    let id = revoked.split('_').nth(1).unwrap();
    tokens::revoke(app.core(), &amy, id).await.unwrap();
    assert_eq!(with_short.manifest(SECRET).await.status, 200);
    refused(&Cli::with_key(&app, "amy", &revoked).manifest(SECRET).await);
    app.clock.advance(TimeDelta::days(2));
    refused(&with_short.manifest(SECRET).await);
    assert_eq!(cli.manifest(SECRET).await.status, 200);
    let change = UserChange {
        disabled: Some(true),
        ..Default::default()
    };
    users::change(app.core(), &users::operator(), "amy", change)
        .await
        .unwrap();
    refused(&cli.manifest(SECRET).await);
    refused(&cli.announce(SECRET).await);
    refused(&cli.delete(SECRET).await);
}

#[tokio::test]
async fn it_is_noted_when_a_token_last_signed() {
    let app = TestApp::start().await;
    let cli = private(&app).await;
    let token = app.token("amy", Scope::Pull, None).await;
    let amy = seed::viewer(&app, "amy").await;
    let used = async || {
        tokens::flush_uses(app.core()).await.unwrap();
        let list = tokens::list(app.core(), &amy).await.unwrap().items;
        list.into_iter()
            .find(|t| token.contains(&t.id))
            .unwrap()
            .last_used_at
    };
    assert!(used().await.is_none());
    let signed = Cli::with_key(&app, "amy", &token).sign("pull", SECRET);
    assert_eq!(cli.ask(Method::GET, PATH, &signed).await.status, 200);
    eventually("it is noted", async || used().await).await;
}
