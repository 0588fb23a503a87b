//! Keys in the JSON API.

use serde_json::{Value, json};
use shared_types::Scope;

use super::{becomes, image, push, signed};
use crate::{
    common::{TestApp, with_token},
    db_test,
    signer::Signer,
    wire_hkp::{add, lookup},
};

async fn get(app: &TestApp, path: &str) -> Value {
    let response = app.get(path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.unwrap()
}

db_test!(
    keys_are_listed_found_and_shown_to_everybody,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let signers: Vec<_> = (1..4)
            .map(|n| {
                Signer::new(
                    n,
                    &[
                        &format!("Person {n} <p{n}@example.org>"),
                        "Other <other@example.org>",
                    ],
                )
            })
            .collect();
        for signer in &signers {
            add(&app, &amy.client, &signer.armored()).await;
        }
        let page = get(&app, "/api/v1/keys?limit=2").await;
        assert_eq!(page["total"], 3);
        let prints = |page: &Value| -> Vec<String> {
            let items = page["items"].as_array().unwrap().iter();
            items
                .map(|key| key["fingerprint"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(
            prints(&page),
            [signers[2].fingerprint(), signers[1].fingerprint()]
        );
        let next = page["next"].as_str().unwrap();
        let rest = get(&app, &format!("/api/v1/keys?limit=2&cursor={next}")).await;
        assert_eq!(prints(&rest), [signers[0].fingerprint()]);
        assert_eq!(rest["next"], json!(null));
        let first = signers[0].fingerprint();
        for q in [
            "p1@example.org",
            "person%201",
            first.as_str(),
            &format!("0x{}", &first[24..]),
        ] {
            let found = get(&app, &format!("/api/v1/keys?q={q}")).await;
            assert_eq!(prints(&found), std::slice::from_ref(&first), "{q}");
        }
        assert_eq!(get(&app, "/api/v1/keys?q=nobody").await["total"], 0);
        assert_eq!(app.get("/api/v1/keys?q=0xzz").await.status(), 400);
        let detail = get(&app, &format!("/api/v1/keys/{}", first.to_lowercase())).await;
        let key = &detail["key"];
        assert_eq!(key["algorithm"], "EdDSA");
        assert_eq!(key["bits"], 256);
        assert_eq!(key["username"], "amy");
        assert_eq!(key["deletable"], false);
        assert_eq!(key["user_ids"][0]["email"], "p1@example.org");
        assert_eq!(key["user_ids"][1]["text"], "Other <other@example.org>");
        let armored = lookup(&app, &format!("op=get&search=0x{first}"))
            .await
            .text();
        assert_eq!(detail["armored"], armored);
        for path in ["0", "xyz", &"0".repeat(40), &first[..39], "%00"] {
            let response = app.get(&format!("/api/v1/keys/{path}")).await;
            assert_eq!(response.status(), 404, "{path}");
            let problem: Value = response.json().await.unwrap();
            assert_eq!(problem["code"], "key_not_found");
        }
    }
);

#[tokio::test]
async fn a_key_is_removed_by_who_brought_it_and_by_administrators() {
    let app = TestApp::start().await;
    let (amy, ben, admin) = (
        app.user("amy").await,
        app.user("ben").await,
        app.admin().await,
    );
    let mut ada = Signer::new(1, &["Ada <ada@example.org>"]);
    let path = app.url(&format!("/api/v1/keys/{}", ada.fingerprint()));
    let status = async |client: &reqwest::Client| {
        client.delete(&path).send().await.unwrap().status().as_u16()
    };
    assert_eq!(status(&amy.client).await, 404);
    add(&app, &amy.client, &ada.armored()).await;
    push(&app, &amy, "v1", signed(image("one"), &mut ada)).await;
    becomes(&app, "v1", "valid").await;
    assert_eq!(status(&app.client()).await, 401);
    assert_eq!(status(&ben.client).await, 403);
    let pushes = with_token(&app.token("amy", Scope::Push, None).await);
    assert_eq!(status(&pushes).await, 403);
    let own: Value = amy
        .client
        .get(&path)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(own["key"]["deletable"], true);
    assert_eq!(status(&amy.client).await, 204);
    let found = becomes(&app, "v1", "unknown_key").await;
    assert_eq!(found["signer"], json!(null));
    assert_eq!(found["fingerprint"], ada.fingerprint());
    add(&app, &ben.client, &ada.armored()).await;
    becomes(&app, "v1", "valid").await;
    assert_eq!(status(&amy.client).await, 403);
    assert_eq!(status(&admin.client).await, 204);
}

db_test!(
    keys_are_brought_as_json_and_ones_own_are_listed,
    async |app: TestApp| {
        let (amy, ben) = (app.user("amy").await, app.user("ben").await);
        let signer = Signer::new(1, &["Ada <ada@example.org>"]);
        let bring = async |client: &reqwest::Client, text: &str| {
            let request = client.post(app.url("/api/v1/keys"));
            request
                .json(&json!({ "armored": text }))
                .send()
                .await
                .unwrap()
        };
        let mine = async |client: &reqwest::Client| -> Value {
            let response = client.get(app.url("/api/v1/keys?mine=true")).send().await;
            response.unwrap().json().await.unwrap()
        };
        for change in ["added", "unchanged"] {
            let response = bring(&amy.client, &signer.armored()).await;
            assert_eq!(response.status(), 200);
            let brought: Value = response.json().await.unwrap();
            let item = json!({ "fingerprint": signer.fingerprint(), "change": change });
            assert_eq!(brought["items"], json!([item]));
        }
        assert_eq!(bring(&amy.client, "no key").await.status(), 400);
        assert_eq!(bring(&app.client(), &signer.armored()).await.status(), 401);
        let found = mine(&amy.client).await;
        assert_eq!(found["total"], 1);
        assert_eq!(found["items"][0]["deletable"], true);
        assert_eq!(mine(&ben.client).await["total"], 0);
        assert_eq!(app.get("/api/v1/keys?mine=true").await.status(), 401);
    }
);
