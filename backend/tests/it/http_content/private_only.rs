//! A registry where everything is private: what was public before is as invisible as what was made private, by every door.

use reqwest::Client;
use serde_json::{Value, json};
use shared_types::{CollectionPage, ContainerPage, RegistryStats, Scope, Session};

use crate::{
    common::{TestApp, with_token},
    db_test, seed,
    seed::read,
};

/// What one can ask about `once/tool:v1` of `amy`, by every door. `DIGEST` and the ids stand for those of its rows.
const DOORS: &[&str] = &[
    "/api/v1/collections",
    "/api/v1/collections?q=once",
    "/api/v1/collections?filter=private",
    "/api/v1/collections/once",
    "/api/v1/collections/once/activity",
    "/api/v1/collections/once/audit",
    "/api/v1/collections/once/badge.svg",
    "/api/v1/collections/once/download_limit",
    "/api/v1/collections/once/members",
    "/api/v1/collections/once/quota",
    "/api/v1/containers",
    "/api/v1/containers?q=tool",
    "/api/v1/containers?topic=physics",
    "/api/v1/collections/once/containers/tool",
    "/api/v1/collections/once/containers/tool/activity",
    "/api/v1/collections/once/containers/tool/badge.svg",
    "/api/v1/collections/once/containers/tool/history",
    "/api/v1/collections/once/containers/tool/images",
    "/api/v1/collections/once/containers/tool/images/v1",
    "/api/v1/collections/once/containers/tool/images/v1/file",
    "/api/v1/label_values?key=maintainer",
    "/api/v1/labels",
    "/api/v1/stats",
    "/api/v1/topics",
    "/api/v1/treemap",
    "/download/once/tool/v1.sif",
    "/download/once/tool/DIGEST.sif",
    "/download/once/tool/v1.sif.sha256",
    "/v1/collections/amy/once",
    "/v1/containers/amy/once/tool",
    "/v1/images/amy/once/tool:v1?arch=amd64",
    "/v1/images/once/tool:HASH?arch=amd64",
    "/v1/imagefile/amy/once/tool:v1?arch=amd64",
    "/v1/search?value=tool",
    "/v1/tags/CONTAINER",
    "/v2/tags/CONTAINER",
    "/api/collections",
    "/api/collections/COLLECTION",
    "/api/collection/once",
    "/api/collection/search/once",
    "/api/containers",
    "/api/containers/IMAGE",
    "/api/container/once/tool:v1",
    "/api/container/search/name/tool",
    "/api/container/search/collection/once/name/tool/tag/v1",
    "/api/labels/search",
    "/v2/_catalog",
    "/v2/once/tool/tags/list",
    "/v2/once/tool/manifests/v1",
    "/v2/once/tool/blobs/DIGEST",
    "/v2/once/tool/referrers/DIGEST",
];

/// What strangers are asked for by one door or the other, and what is the same whether they see the collection or not.
const SAME: &[&str] = &[
    "/v1/tags/CONTAINER",
    "/api/v1/collections/once/audit",
    "/api/v1/collections/once/quota",
    "/api/v1/collections?filter=private",
];

/// The answers to a caller, without what differs from one request to the next by nature.
async fn everything(app: &TestApp, client: &Client, ids: &[(&str, String)]) -> Vec<(u16, String)> {
    let mut seen = Vec::new();
    for door in DOORS {
        let mut path = (*door).to_owned();
        for (word, value) in ids {
            path = path.replace(word, value);
        }
        let answer = client.get(app.url(&path)).send().await.unwrap();
        let status = answer.status().as_u16();
        let place = answer.headers().get("location").is_some();
        let body = answer.bytes().await.unwrap();
        let mut body = String::from_utf8_lossy(&body).replace(&app.url(""), "");
        if let Ok(Value::Object(mut json)) = serde_json::from_str(&body) {
            json.remove("request_id");
            body = Value::Object(json).to_string();
        }
        seen.push((status, format!("{place} {body}")));
    }
    seen
}

/// A caller without credentials by the door that wants a pass even then.
async fn nobodys_pass(app: &TestApp) -> Client {
    let url = app.url("/v2/token?service=registry&scope=repository:once/tool:pull");
    let pass: Value = read(app.client().get(url), 200).await;
    with_token(pass["token"].as_str().unwrap())
}

db_test!(
    what_was_public_is_private_while_everything_is,
    async |app: TestApp| {
        let (amy, ben) = (app.user("amy").await, app.user("ben").await);
        let cat = app.user("cat").await;
        let admin = app.admin().await;
        seed::collection(&app, "amy", "once", false).await;
        seed::contributor(&app, "once", "cat").await;
        let pushed = seed::push(&app, "amy", "once/tool", "v1", 1).await;
        let change = json!({ "topics": ["physics"] });
        let tool = app.url("/api/v1/collections/once/containers/tool");
        read::<Value>(amy.client.patch(tool).json(&change), 200).await;
        seed::collection(&app, "amy", "other", true).await;
        let elsewhere = with_token(
            &app.token("amy", Scope::Admin, Some(vec!["other".to_owned()]))
                .await,
        );
        let [collection, container, image] = pushed.ids.map(|id| id.to_string());
        let ids = [
            ("COLLECTION", collection),
            ("CONTAINER", format!("n{container}")),
            ("IMAGE", image),
            ("HASH", pushed.digest.replace(':', ".")),
            ("DIGEST", pushed.digest.clone()),
        ];
        let nobody = app.client();
        let open = everything(&app, &nobody, &ids).await;
        let open_with_pass = everything(&app, &nobodys_pass(&app).await, &ids).await;
        let app = app
            .restart_with(|settings| settings.registry.private_only = true)
            .await;
        let mut shut = Vec::new();
        for client in [&nobody, &ben.client, &elsewhere, &nobodys_pass(&app).await] {
            shut.push(everything(&app, client, &ids).await);
        }
        its_people_go_on(&app, &[&amy.client, &cat.client, &admin.client]).await;
        // Beside it stands a registry where its owner has made it private.
        let app = app
            .restart_with(|settings| settings.registry.private_only = false)
            .await;
        let again = everything(&app, &nobody, &ids).await;
        let statuses =
            |seen: &[(u16, String)]| seen.iter().map(|(status, _)| *status).collect::<Vec<_>>();
        assert_eq!(statuses(&again), statuses(&open), "and back, as it was");
        let change = json!({ "private": true });
        let url = app.url("/api/v1/collections/once");
        read::<Value>(amy.client.patch(url).json(&change), 200).await;
        for (number, client) in [&nobody, &ben.client, &elsewhere, &nobodys_pass(&app).await]
            .into_iter()
            .enumerate()
        {
            let hidden = everything(&app, client, &ids).await;
            for (at, door) in DOORS.iter().enumerate() {
                assert_eq!(shut[number][at], hidden[at], "{number} {door}");
                assert!(!shut[number][at].1.contains("Bootstrap"), "{door}");
                let shown = shut[0][at] != open[at] || shut[3][at] != open_with_pass[at];
                assert!(
                    shown || SAME.contains(door),
                    "{door} does not show whether it works: {:?}",
                    open_with_pass[at]
                );
            }
        }
    }
);

/// Owners, contributors and administrators see it as before, and that it is private.
async fn its_people_go_on(app: &TestApp, people: &[&Client]) {
    for client in people {
        let page: CollectionPage = read(
            client.get(app.url("/api/v1/collections?filter=private&q=once")),
            200,
        )
        .await;
        assert_eq!((page.total, page.items[0].private), (1, true));
        let page: ContainerPage = read(client.get(app.url("/api/v1/containers?q=tool")), 200).await;
        assert_eq!((page.total, page.items[0].private), (1, true));
        let stats: RegistryStats = read(client.get(app.url("/api/v1/stats")), 200).await;
        assert_eq!(stats.images, 1);
        let file = client
            .get(app.url("/download/once/tool/v1.sif"))
            .send()
            .await
            .unwrap();
        assert_eq!(file.status(), 200);
        let found: Value = read(client.get(app.url("/v1/search?value=tool")), 200).await;
        assert_eq!(
            found["data"]["image"].as_array().unwrap().len(),
            1,
            "{found}"
        );
        let catalog: Value = read(client.get(app.url("/v2/_catalog")), 200).await;
        assert_eq!(catalog["repositories"], json!(["once/tool"]));
    }
    let session: Session = read(app.client().get(app.url("/api/v1/session")), 200).await;
    assert!(session.registry.private_only);
}
