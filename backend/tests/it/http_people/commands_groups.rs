//! The commands about robots, the people of collections, and teams, beside a running server.

use serde_json::Value;
use shared_types::{
    CollectionMember, CollectionMemberPage, CollectionRole, Robot, Scope, TeamMember,
    TeamMemberPage, TeamRole, TokenPage,
};

use super::{
    commands::{account, fails, ok},
    good,
};
use crate::{
    common::{Engine, TestApp, TestUser, with_token},
    seed,
};

async fn owners(app: &TestApp, amy: &TestUser) -> Vec<(String, CollectionRole)> {
    let url = app.url("/api/v1/collections/climate/members");
    let page: CollectionMemberPage = good(amy.client.get(url).send().await.unwrap(), 200).await;
    let people = page.items.into_iter();
    people
        .map(|person| (person.username, person.role))
        .collect()
}

#[tokio::test]
async fn people_are_let_into_a_collection() {
    for engine in Engine::all() {
        let app = TestApp::start_on(engine).await;
        let amy = app.user("amy").await;
        app.user("ben").await;
        seed::collection(&app, "amy", "climate", true).await;
        let said = ok(&app, &["collection", "add-contributor", "climate", "ben"]).await;
        assert_eq!(said, "ben is a contributor of climate\n");
        let said = ok(
            &app,
            &["--json", "collection", "add-owner", "climate", "ben"],
        )
        .await;
        let member: CollectionMember = serde_json::from_str(&said).unwrap();
        assert_eq!(member.role, CollectionRole::Owner);
        assert_eq!(
            owners(&app, &amy).await,
            [
                ("amy".to_owned(), CollectionRole::Owner),
                ("ben".to_owned(), CollectionRole::Owner)
            ]
        );
        ok(&app, &["collection", "add-contributor", "climate", "amy"]).await;
        let said = fails(
            &app,
            &["collection", "add-contributor", "climate", "ben"],
            1,
        )
        .await;
        assert!(said.contains("without an owner"), "{said}");
        for (collection, user) in [("nowhere", "ben"), ("climate", "nobody")] {
            let said = fails(&app, &["collection", "add-owner", collection, user], 1).await;
            assert!(said.contains("not found"), "{said}");
        }
        fails(&app, &["collection", "add-owner", "climate"], 2).await;
    }
}

#[tokio::test]
async fn people_are_put_into_a_team() {
    for engine in Engine::all() {
        let app = TestApp::start_on(engine).await;
        let amy = app.user("amy").await;
        app.user("ben").await;
        seed::team(&app, "amy", "modellers", &[]).await;
        let said = ok(&app, &["team", "add-member", "modellers", "ben"]).await;
        assert_eq!(said, "ben is a member of modellers\n");
        let add = [
            "--json",
            "team",
            "add-member",
            "modellers",
            "ben",
            "--owner",
        ];
        let member: TeamMember = serde_json::from_str(&ok(&app, &add).await).unwrap();
        assert_eq!(
            (member.username.as_str(), member.role),
            ("ben", TeamRole::Owner)
        );
        let url = app.url("/api/v1/teams/modellers/members");
        let page: TeamMemberPage = good(amy.client.get(url).send().await.unwrap(), 200).await;
        assert_eq!(page.items.len(), 2);
        for (team, user) in [("nowhere", "ben"), ("modellers", "nobody")] {
            let said = fails(&app, &["team", "add-member", team, user], 1).await;
            assert!(said.contains("not found"), "{said}");
        }
        fails(&app, &["team", "add-member", "modellers"], 2).await;
    }
}

#[tokio::test]
async fn a_robot_is_made_with_a_token_that_works_at_once() {
    for engine in Engine::all() {
        let app = TestApp::start_on(engine).await;
        let amy = app.user("amy").await;
        seed::collection(&app, "amy", "climate", true).await;
        let add = [
            "robot",
            "add",
            "nightly",
            "--collection",
            "climate",
            "--print-token",
        ];
        let token = ok(&app, &add).await;
        let robot = account(&app, token.trim()).await;
        assert_eq!(robot.username, "robot-nightly");
        let see = with_token(token.trim()).get(app.url("/api/v1/collections/climate"));
        good::<Value>(see.send().await.unwrap(), 200).await;
        // It belongs to the collection: its owners manage it, whoever made it.
        let url = app.url("/api/v1/robots/robot-nightly");
        let robot: Robot = good(amy.client.get(url).send().await.unwrap(), 200).await;
        assert_eq!(
            (robot.collection.as_deref(), robot.created_by),
            (Some("climate"), None)
        );
        let more = [&add[..], &["--scope", "pull", "--days", "7"]].concat();
        assert_ne!(ok(&app, &more).await, token, "one that exists gets another");
        let url = app.url("/api/v1/robots/robot-nightly/tokens");
        let tokens: TokenPage = good(amy.client.get(url).send().await.unwrap(), 200).await;
        let scopes: Vec<_> = tokens.items.iter().map(|token| token.scope).collect();
        assert_eq!(scopes, [Scope::Pull, Scope::Push]);
    }
}

#[tokio::test]
async fn a_robot_of_the_administrators_works_in_several_collections() {
    let app = TestApp::start().await;
    app.user("amy").await;
    seed::collection(&app, "amy", "climate", true).await;
    seed::collection(&app, "amy", "ocean", true).await;
    let add = [
        "--json",
        "robot",
        "add",
        "mirror",
        "--collection",
        "climate",
        "--collection",
        "ocean",
    ];
    let robot: Robot = serde_json::from_str(&ok(&app, &add).await).unwrap();
    assert_eq!(robot.collection, None);
    assert_eq!(robot.collections, ["climate", "ocean"]);
    let said = fails(&app, &["robot", "add", "mirror"], 1).await;
    assert!(said.contains("in use"), "{said}");
    let said = fails(&app, &["robot", "add", "x", "--collection", "none"], 1).await;
    assert!(said.contains("not found"), "{said}");
    let admin = ["robot", "add", "y", "--print-token", "--scope", "admin"];
    let said = fails(&app, &admin, 1).await;
    assert!(said.contains("administers nothing"), "{said}");
    let url = app.url("/api/v1/robots/robot-y");
    let boss = app.superuser().await;
    assert_eq!(boss.client.get(url).send().await.unwrap().status(), 404);
    fails(&app, &["robot", "add", "z", "--scope", "pull"], 2).await;
    fails(&app, &["robot", "add"], 2).await;
}
