//! Keys that come are found, by everything that clients know of them.

use reqwest::Method;
use shared_types::Scope;

use super::{add, keys_in, lookup, users_of};
use crate::{
    common::{TestApp, with_token},
    db_test,
    signer::{Signer, armored},
    wire_library::client::Answer,
};

const ADA: &str = "Ada Lovelace (engines) <Ada@Example.org>";

db_test!(
    a_key_is_found_by_fingerprint_ids_address_and_words,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let ada = Signer::new(1, &[ADA]);
        let answer = add(&app, &amy.client, &ada.armored()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let fingerprint = ada.fingerprint();
        assert_eq!(answer.text(), format!("OK: key {fingerprint} added\n"));
        let mut searches = vec![
            format!("0x{fingerprint}"),
            format!("0x{}", fingerprint.to_lowercase()),
            fingerprint.clone(),
            format!("0x{}", &fingerprint[32..]),
            "ada@example.org".to_owned(),
            "lovelace".to_owned(),
            "ENGINES%20ada".to_owned(),
        ];
        searches.extend(
            ada.key_ids()
                .iter()
                .map(|id| format!("0x{}", id.to_lowercase())),
        );
        for search in searches {
            let answer = lookup(&app, &format!("op=get&search={search}")).await;
            let keys = keys_in(&answer);
            assert_eq!(keys.len(), 1, "{search}");
            assert_eq!(keys[0], ada.public(), "{search}");
        }
        for search in [
            "0x0000000000000001",
            "0x0123456789abcdef0123456789abcdef01234567",
            "ada@example.com",
            "babbage",
            "engines%20babbage",
            "%25",
            "a_a",
        ] {
            for op in ["get", "index&options=mr", "vindex"] {
                lookup(&app, &format!("op={op}&search={search}"))
                    .await
                    .refusal(404);
            }
        }
        let exact = |text: &str| format!("op=get&exact=on&search={text}");
        lookup(&app, &exact("lovelace")).await.refusal(404);
        assert_eq!(
            keys_in(&lookup(&app, &exact("ada@example.org")).await).len(),
            1
        );
        let whole = "ada%20lovelace%20(engines)%20%3Cada@example.org%3E";
        assert_eq!(keys_in(&lookup(&app, &exact(whole)).await).len(), 1);
    }
);

#[tokio::test]
async fn the_list_for_programs_has_every_field_that_clients_take_for_granted() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let mut ada = Signer::new(1, &["Ada: 100% + Löve <ada@example.org>"]);
    ada.expire_after(1800, 5);
    let ben = Signer::new(
        2,
        &["Ben <ben@example.org>", "Ben at home <ben@home.example>"],
    );
    for signer in [&ada, &ben] {
        assert_eq!(add(&app, &amy.client, &signer.armored()).await.status, 200);
    }
    let answer = lookup(
        &app,
        "fingerprint=on&op=index&options=mr&search=example&x-pagesize=256",
    )
    .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    let text = answer.text();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(':').collect()).collect();
    assert_eq!(lines[0], ["info", "1", "2"]);
    assert_eq!(lines.iter().filter(|line| line[0] == "pub").count(), 2);
    let ben_line = &lines[1];
    assert_eq!(ben_line[..4], ["pub", &ben.fingerprint(), "22", "256"]);
    assert!(ben_line[4].parse::<i64>().unwrap() > 1_600_000_000);
    assert_eq!(ben_line[5..], ["", ""]);
    assert_eq!(
        lines[2][..2],
        [
            "uid",
            "Ben <ben@example.org>"
                .replace('<', "%3C")
                .replace('>', "%3E")
                .as_str()
        ]
    );
    assert_eq!(lines[2].len(), 5);
    let ada_line = &lines[4];
    assert_eq!(ada_line[1], ada.fingerprint());
    let [made, ends] = [4, 5].map(|field: usize| ada_line[field].parse::<i64>().unwrap());
    assert_eq!(ends - made, 1800);
    assert_eq!(ada_line[6], "e", "it was made an hour ago");
    assert_eq!(
        lines[5][1],
        "Ada%3A 100%25 %2B L%C3%B6ve %3Cada@example.org%3E"
    );
}

#[tokio::test]
async fn the_list_for_people_shows_what_keys_say_as_text() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let eve = Signer::new(1, &["<script>alert(1)</script> \"&' <eve@example.org>"]);
    add(&app, &amy.client, &eve.armored()).await;
    let answer = lookup(&app, "op=vindex&search=<script>").await;
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    let page = answer.text();
    assert!(!page.contains("<script>"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
    assert!(
        page.contains(&eve.fingerprint()) && page.contains("brought by amy"),
        "{page}"
    );
    assert!(
        answer
            .header("content-security-policy")
            .contains("default-src 'none'")
    );
}

#[tokio::test]
async fn a_long_list_comes_in_pages() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let signers: Vec<_> = (0..3)
        .map(|n| Signer::new(n, &[&format!("Ada {n} <ada{n}@example.org>")]))
        .collect();
    let all: String = signers.iter().map(Signer::armored).collect();
    let answer = add(&app, &amy.client, &all).await;
    assert_eq!(answer.text().lines().count(), 3, "{}", answer.text());
    let mut found = Vec::new();
    let mut token = String::new();
    loop {
        let query = format!("op=index&options=mr&search=ada&x-pagesize=1&x-pagetoken={token}");
        let answer = lookup(&app, &query).await;
        let text = answer.text();
        assert!(text.starts_with("info:1:1\n"), "{text}");
        found.push(
            text.lines()
                .nth(1)
                .unwrap()
                .split(':')
                .nth(1)
                .unwrap()
                .to_owned(),
        );
        token = answer.header("x-hkp-next-page-token").to_owned();
        if token.is_empty() {
            break;
        }
    }
    let expected: Vec<_> = signers.iter().rev().map(Signer::fingerprint).collect();
    assert_eq!(found, expected);
    let page = lookup(&app, "op=index&search=ada&x-pagesize=1")
        .await
        .text();
    assert!(
        page.contains("3 found") && page.contains("x-pagetoken="),
        "{page}"
    );
    lookup(&app, "op=index&search=ada&x-pagetoken=bogus")
        .await
        .refusal(400);
}

#[tokio::test]
async fn several_keys_come_in_one_block_or_in_several() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let [ada, ben, cyd] = [1, 2, 3].map(|n| Signer::new(n, &[&format!("P{n} <p{n}@example.org>")]));
    // What `gpg --armor --export A B` writes: the packets of both in one block.
    let mut packets = Vec::new();
    for signer in [&ada, &ben] {
        pgp::ser::Serialize::to_writer(&signer.public(), &mut packets).unwrap();
    }
    let block = format!(
        "some words before\n{}{}",
        sregistry_server::services::keyserver::armored(&packets),
        cyd.armored()
    );
    let answer = add(&app, &amy.client, &block).await;
    let added = |signer: &Signer| format!("OK: key {} added\n", signer.fingerprint());
    let expected: String = [&ada, &ben, &cyd].into_iter().map(added).collect();
    assert_eq!(answer.text(), expected);
    let found = keys_in(&lookup(&app, "op=get&search=example.org").await);
    let users: Vec<_> = found.iter().flat_map(users_of).collect();
    assert_eq!(
        users,
        [
            "P1 <p1@example.org>",
            "P2 <p2@example.org>",
            "P3 <p3@example.org>"
        ]
    );
}

#[tokio::test]
async fn who_may_bring_keys_is_a_setting() {
    let app = TestApp::start().await;
    app.user("amy").await;
    let [ada, ben] = [1, 2].map(|n| Signer::new(n, &[&format!("P{n} <p{n}@example.org>")]));
    let refusal = add(&app, &app.client(), &ada.armored()).await.refusal(401);
    assert!(refusal.contains("signed in"), "{refusal}");
    // What clients send when they are signed out.
    let empty = app
        .client()
        .request(Method::GET, app.url("/pks/lookup?op=get&search=ada"))
        .header("authorization", "Bearer");
    assert_eq!(empty.send().await.unwrap().status(), 404);
    let wrong = with_token("sreg_wrong");
    add(&app, &wrong, &ada.armored()).await.refusal(401);
    let request = wrong.get(app.url("/pks/lookup?op=get&search=ada"));
    Answer::of(request.send().await.unwrap()).await.refusal(401);
    let [pull, push] = [Scope::Pull, Scope::Push];
    let pull = with_token(&app.token("amy", pull, None).await);
    add(&app, &pull, &ada.armored()).await.refusal(403);
    lookup(&app, "op=get&search=example").await.refusal(404);
    let push = with_token(&app.token("amy", push, None).await);
    assert_eq!(add(&app, &push, &ada.armored()).await.status, 200);
    let app = app
        .restart_with(|s| s.registry.keyserver_anonymous_add = true)
        .await;
    assert_eq!(add(&app, &app.client(), &ben.armored()).await.status, 200);
    let page = lookup(&app, "op=index&search=example").await.text();
    assert_eq!(page.matches("brought by amy").count(), 1, "{page}");
    // Who brings it later, with a name, is who brought it.
    let push = with_token(&app.token("amy", Scope::Push, None).await);
    let answer = add(&app, &push, &ben.armored()).await;
    assert_eq!(
        answer.text(),
        format!("OK: key {} known already\n", ben.fingerprint())
    );
    let page = lookup(&app, "op=index&search=example").await.text();
    assert_eq!(page.matches("brought by amy").count(), 2, "{page}");
}

#[tokio::test]
async fn a_bare_key_is_taken_too_and_gives_back_the_same() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let ada = Signer::new(1, &[ADA]);
    let request = amy.client.post(app.url("/pks/add")).body(ada.armored());
    assert_eq!(request.send().await.unwrap().status(), 200);
    let answer = lookup(&app, &format!("op=get&search=0x{}", ada.fingerprint())).await;
    assert_eq!(armored(&keys_in(&answer)[0]), ada.armored());
}
