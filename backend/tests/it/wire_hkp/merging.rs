//! A key that comes again is merged with what is here; what its owner did not sign never stays.

use pgp::{
    composed::SignedPublicKey,
    packet::{RevocationCode, Subpacket, SubpacketData},
    types::KeyDetails,
};

use super::{add, keys_in, lookup, users_of};
use crate::{
    common::TestApp,
    db_test,
    signer::{Signer, armored},
};

async fn get(app: &TestApp, signer: &Signer) -> SignedPublicKey {
    let answer = lookup(app, &format!("op=get&search=0x{}", signer.fingerprint())).await;
    let mut keys = keys_in(&answer);
    assert_eq!(keys.len(), 1);
    keys.remove(0)
}

async fn bring(app: &TestApp, client: &reqwest::Client, signer: &Signer) -> String {
    let answer = add(app, client, &signer.armored()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    text.trim_end()
        .rsplit_once(&signer.fingerprint())
        .unwrap()
        .1
        .trim()
        .to_owned()
}

db_test!(
    new_user_ids_and_revocations_add_up_and_nothing_is_doubled,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let mut ada = Signer::new(1, &["Ada <ada@example.org>"]);
        let before = Signer::new(1, &["Ada <ada@example.org>"]).armored();
        assert_eq!(bring(&app, &amy.client, &ada).await, "added");
        assert_eq!(bring(&app, &amy.client, &ada).await, "known already");
        ada.add_user("Ada at work <ada@work.example>");
        assert_eq!(bring(&app, &amy.client, &ada).await, "updated");
        let mut elsewhere = Signer::new(1, &["Ada <ada@example.org>"]);
        elsewhere.key = ada.key.clone();
        elsewhere.key.details.users.pop();
        elsewhere.add_user("Ada abroad <ada@abroad.example>");
        assert_eq!(bring(&app, &amy.client, &elsewhere).await, "updated");
        let users = users_of(&get(&app, &ada).await);
        let expected = [
            "Ada <ada@example.org>",
            "Ada at work <ada@work.example>",
            "Ada abroad <ada@abroad.example>",
        ];
        assert_eq!(users, expected);
        ada.revoke(RevocationCode::KeyRetired);
        assert_eq!(bring(&app, &amy.client, &ada).await, "updated");
        let list = lookup(&app, "op=index&options=mr&search=ada@work.example")
            .await
            .text();
        assert!(list.starts_with("info:1:1\n"), "{list}");
        assert!(list.lines().nth(1).unwrap().ends_with(":r"), "{list}");
        // An old copy takes nothing back.
        let fingerprint = ada.fingerprint();
        let answer = add(&app, &amy.client, &before).await.text();
        assert!(answer.contains(&fingerprint), "{answer}");
        let key = get(&app, &ada).await;
        assert_eq!(key.details.revocation_signatures.len(), 1);
        assert_eq!(users_of(&key), expected);
    }
);

#[tokio::test]
async fn keys_brought_at_the_same_time_are_one() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let mut ada = Signer::new(1, &["Ada <ada@example.org>"]);
    let mut texts = Vec::new();
    for n in 0..4 {
        ada.add_user(&format!("Ada {n} <ada{n}@example.org>"));
        texts.push(ada.armored());
    }
    let all = texts.iter().map(|text| add(&app, &amy.client, text));
    for answer in futures_util::future::join_all(all).await {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(users_of(&get(&app, &ada).await).len(), 5);
}

#[tokio::test]
async fn certifications_of_others_are_left_out() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let mut ada = Signer::new(1, &["Ada <ada@example.org>"]);
    let plain = ada.public();
    for n in 2..6 {
        Signer::new(n, &["Fan <fan@example.org>"]).certify(&mut ada);
    }
    assert_eq!(ada.public().details.users[0].signatures.len(), 5);
    assert_eq!(bring(&app, &amy.client, &ada).await, "added");
    assert_eq!(get(&app, &ada).await, plain);
}

#[tokio::test]
async fn what_the_owner_did_not_sign_is_left_out() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let ada = Signer::new(1, &["Ada <ada@example.org>"]);
    let eve = Signer::new(2, &["Eve <eve@example.org>"]);
    // Another's user id and subkeys with their signatures, under this key.
    let mut forged = ada.public();
    forged.details.users.extend(eve.public().details.users);
    forged.public_subkeys.extend(eve.public().public_subkeys);
    // A name with a signature that is about another name.
    let mut renamed = forged.details.users[0].clone();
    renamed.id = pgp::packet::UserId::from_str(
        pgp::types::PacketHeaderVersion::New,
        "Root <root@example.org>",
    )
    .unwrap();
    forged.details.users.push(renamed);
    // Something written where the signature does not reach.
    let note = SubpacketData::PolicyURI("https://bloat.example".repeat(100));
    forged.details.users[0].signatures[0]
        .unhashed_subpacket_push(Subpacket::regular(note).unwrap())
        .unwrap();
    let answer = add(&app, &amy.client, &armored(&forged)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(get(&app, &ada).await, ada.public());
    lookup(&app, "op=get&search=root").await.refusal(404);
    lookup(&app, &format!("op=get&search=0x{}", eve.key_ids()[1]))
        .await
        .refusal(404);
    // A key that has nothing of its own is none.
    let mut bare = ada.public();
    bare.primary_key = eve.public().primary_key;
    let refusal = add(&app, &amy.client, &armored(&bare)).await.refusal(400);
    assert!(refusal.contains("no user id that it signed"), "{refusal}");
    let id = hex::encode_upper(eve.key.legacy_key_id());
    lookup(&app, &format!("op=get&search=0x{id}"))
        .await
        .refusal(404);
}
