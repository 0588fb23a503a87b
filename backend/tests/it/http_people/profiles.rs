//! People's public pages: for whoever meets them, and for nobody else.

use reqwest::Client;
use serde_json::{Value, json};
use shared_types::{CollectionPage, ErrorCode, Profile, TeamPage};

use super::{good, refused};
use crate::{common::TestApp, db_test, seed};

async fn profile(app: &TestApp, client: &Client, name: &str) -> reqwest::Response {
    let path = app.url(&format!("/api/v1/profiles/{name}"));
    client.get(path).send().await.unwrap()
}

async fn is_met(app: &TestApp, client: &Client, name: &str) -> bool {
    let response = profile(app, client, name).await;
    if response.status() == 200 {
        let profile: Profile = good(response, 200).await;
        assert_eq!(profile.username, name);
        return true;
    }
    refused(response, 404, ErrorCode::UserNotFound).await;
    false
}

db_test!(
    a_person_is_met_in_collections_and_teams_that_one_sees,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let ben = app.user("ben").await;
        for name in ["cara", "dora", "eve"] {
            app.user(name).await;
        }
        let (root, nobody) = (app.superuser().await, app.client());
        seed::collection(&app, "amy", "open", false).await;
        seed::collection(&app, "cara", "closed", true).await;
        seed::contributor(&app, "closed", "amy").await;
        seed::team(&app, "dora", "team", &["eve"]).await;
        // Who asks, and whom they meet.
        for (client, met) in [
            (&nobody, &["amy", "dora"][..]),
            (&ben.client, &["amy", "ben", "dora", "eve"]),
            (&amy.client, &["amy", "cara", "dora", "eve"]),
            (&root.client, &["amy", "ben", "cara", "dora", "eve", "root"]),
        ] {
            for name in ["amy", "ben", "cara", "dora", "eve", "root"] {
                assert_eq!(
                    is_met(&app, client, name).await,
                    met.contains(&name),
                    "{name}"
                );
            }
        }
        let names: Value = good(profile(&app, &nobody, "AMY").await, 200).await;
        let mut keys: Vec<_> = names.as_object().unwrap().keys().collect();
        keys.sort();
        assert_eq!(
            keys,
            ["created_at", "display_name", "username"],
            "no address, no role"
        );
    }
);

db_test!(
    who_is_not_met_cannot_be_told_from_who_does_not_exist,
    async |app: TestApp| {
        let root = app.superuser().await;
        app.user("hidden").await;
        app.user("gone").await;
        seed::collection(&app, "gone", "theirs", false).await;
        seed::robot(&app, "robot").await;
        let path = app.url("/api/v1/users/gone");
        let disable = root.client.patch(path).json(&json!({ "disabled": true }));
        assert_eq!(disable.send().await.unwrap().status(), 200);
        let mut answers = Vec::new();
        for name in ["hidden", "gone", "robot", "nobody", "%00", "a%20b"] {
            let problem = refused(
                profile(&app, &app.client(), name).await,
                404,
                ErrorCode::UserNotFound,
            );
            let shown = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
            answers.push(problem.await.message.replace(&*shown, "NAME"));
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        for name in ["gone", "robot"] {
            let response = profile(&app, &root.client, name).await;
            refused(response, 404, ErrorCode::UserNotFound).await;
        }
    }
);

#[tokio::test]
async fn a_registry_for_people_alone_tells_strangers_nothing() {
    let app = TestApp::settings_with(|settings| settings.security.api_require_auth = true).await;
    let amy = app.user("amy").await;
    seed::collection(&app, "amy", "open", false).await;
    let response = profile(&app, &app.client(), "amy").await;
    refused(response, 401, ErrorCode::Unauthenticated).await;
    assert!(is_met(&app, &amy.client, "amy").await);
}

db_test!(
    collections_and_teams_are_listed_by_their_people,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        app.user("ben").await;
        seed::collection(&app, "amy", "open", false).await;
        seed::collection(&app, "amy", "closed", true).await;
        seed::collection(&app, "ben", "other", false).await;
        seed::contributor(&app, "other", "amy").await;
        seed::team(&app, "amy", "own", &[]).await;
        seed::team(&app, "ben", "joined", &["amy"]).await;
        let nobody = app.client();
        let owned = async |client: &Client, name: &str| {
            let path = app.url(&format!("/api/v1/collections?sort=name&owner={name}"));
            let page: CollectionPage = good(client.get(path).send().await.unwrap(), 200).await;
            assert_eq!(page.total, page.items.len() as u64);
            page.items
                .into_iter()
                .map(|item| item.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(owned(&nobody, "amy").await, ["open"]);
        assert_eq!(owned(&amy.client, "amy").await, ["closed", "open"]);
        for nobodys in ["nobody", "%27"] {
            assert!(owned(&nobody, nobodys).await.is_empty());
        }
        let within = async |client: &Client| {
            let path = app.url("/api/v1/teams?member=amy");
            let page: TeamPage = good(client.get(path).send().await.unwrap(), 200).await;
            page.items
                .into_iter()
                .map(|item| item.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            within(&nobody).await,
            ["own"],
            "members are for people who are signed in"
        );
        assert_eq!(within(&amy.client).await, ["joined", "own"]);
    }
);
