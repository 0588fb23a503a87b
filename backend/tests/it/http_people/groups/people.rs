//! The people of a collection: picked from one's teams, changed, removed; handing a collection over.

use serde_json::{Value, json};
use shared_types::{
    CandidatePage, CollectionDetail, CollectionMemberPage, CollectionRole, ErrorCode, Scope,
    UserChange,
};
use sregistry_server::services::users;

use super::{api, refused, send};
use crate::{
    common::{TestApp, TestUser, with_token},
    db_test, seed,
    seed::{answered, read},
};

const MEMBERS: &str = "/collections/climate/members";

async fn people(app: &TestApp, by: &TestUser) -> Vec<(String, CollectionRole)> {
    let page: CollectionMemberPage = read(by.client.get(api(app, MEMBERS)), 200).await;
    assert_eq!(page.total, page.items.len() as u64);
    let of = |member: shared_types::CollectionMember| (member.username, member.role);
    page.items.into_iter().map(of).collect()
}

async fn put(app: &TestApp, by: &TestUser, name: &str, role: &str, status: u16) -> String {
    let path = format!("{MEMBERS}/{name}");
    send(app, by, "PUT", &path, &json!({ "role": role }), status).await
}

db_test!(
    owners_let_in_whom_they_share_a_team_with_and_nobody_else,
    async |app: TestApp| {
        let (amy, ben) = (app.user("amy").await, app.user("ben").await);
        app.user("cara").await;
        seed::team(&app, "amy", "hpc", &["ben"]).await;
        seed::collection(&app, "amy", "climate", true).await;
        let page: CandidatePage = read(
            amy.client.get(api(&app, "/collections/climate/candidates")),
            200,
        )
        .await;
        let names: Vec<_> = page.items.iter().map(|one| one.username.as_str()).collect();
        assert_eq!(names, ["ben"]);
        assert_eq!(page.items[0].teams, ["hpc"]);

        // Who does not exist and who may not be chosen are the same.
        let mut said = Vec::new();
        for name in ["cara", "zoe", "%00"] {
            let path = format!("{MEMBERS}/{name}");
            let body = json!({ "role": "contributor" });
            let expected = (404, ErrorCode::UserNotFound);
            let problem = refused(&app, &amy, "PUT", &path, &body, expected).await;
            said.push(problem.message.replace(name, "X").replace('\0', "X"));
        }
        assert!(said.iter().all(|sentence| *sentence == said[0]), "{said:?}");

        let url = api(&app, "/collections/climate");
        answered(ben.client.get(&url), 404).await;
        put(&app, &amy, "ben", "contributor", 200).await;
        answered(ben.client.get(&url), 200).await;
        let roles = [
            ("amy".to_owned(), CollectionRole::Owner),
            ("ben".to_owned(), CollectionRole::Contributor),
        ];
        assert_eq!(people(&app, &ben).await, roles);
        let page: CandidatePage = read(
            amy.client.get(api(&app, "/collections/climate/candidates")),
            200,
        )
        .await;
        assert_eq!(page.total, 0, "who is in it already is no candidate");

        // A contributor chooses nobody; an owner does, also when the team is gone.
        put(&app, &ben, "ben", "owner", 403).await;
        send(&app, &amy, "DELETE", "/teams/hpc", &Value::Null, 204).await;
        put(&app, &amy, "ben", "owner", 200).await;
        send(
            &app,
            &ben,
            "DELETE",
            &format!("{MEMBERS}/amy"),
            &Value::Null,
            204,
        )
        .await;
        answered(amy.client.get(&url), 404).await;
    }
);

#[tokio::test]
async fn administrators_let_in_anybody_but_robots_and_people_who_cannot_act() {
    let app = TestApp::start().await;
    let (_, admin) = (app.user("amy").await, app.admin().await);
    app.user("ben").await;
    app.user("cara").await;
    seed::robot(&app, "robot-ci").await;
    let disable = UserChange {
        disabled: Some(true),
        ..Default::default()
    };
    users::change(app.core(), &users::operator(), "cara", disable)
        .await
        .unwrap();
    seed::collection(&app, "amy", "climate", true).await;
    let url = api(&app, "/collections/climate/candidates?q=E");
    let page: CandidatePage = read(admin.client.get(url), 200).await;
    let names: Vec<_> = page.items.iter().map(|one| one.username.as_str()).collect();
    assert_eq!(names, ["ben"]);
    put(&app, &admin, "ben", "owner", 200).await;
    for name in ["cara", "robot-ci", "zoe"] {
        put(&app, &admin, name, "contributor", 404).await;
    }
}

db_test!(
    a_collection_keeps_an_owner_who_can_act,
    async |app: TestApp| {
        let (amy, ben) = (app.user("amy").await, app.user("ben").await);
        let admin = app.admin().await;
        seed::collection(&app, "amy", "climate", false).await;
        seed::contributor(&app, "climate", "ben").await;
        seed::robot(&app, "robot-ci").await;
        let robot = sregistry_server::domain::access::Membership::Robot;
        seed::member(&app, "climate", "robot-ci", robot).await;
        let (nothing, last) = (Value::Null, (409, ErrorCode::Conflict));
        let own = format!("{MEMBERS}/amy");
        refused(&app, &amy, "DELETE", &own, &nothing, last).await;
        refused(&app, &admin, "DELETE", &own, &nothing, last).await;
        put(&app, &amy, "amy", "contributor", 409).await;
        put(&app, &amy, "ben", "owner", 200).await;

        let leave = |user: &TestUser, name: &str| {
            let request = user.client.delete(api(&app, &format!("{MEMBERS}/{name}")));
            async { request.send().await.unwrap().status().as_u16() }
        };
        let (a, b) = tokio::join!(leave(&amy, "amy"), leave(&ben, "ben"));
        let mut found = [a, b];
        found.sort_unstable();
        assert_eq!(found, [204, 409]);
        let left = people(&app, &admin).await;
        assert!(left.len() == 1 && left[0].1 == CollectionRole::Owner);
    }
);

#[tokio::test]
async fn whoever_is_in_a_collection_leaves_it_when_they_like() {
    let app = TestApp::start().await;
    let (_, ben) = (app.user("amy").await, app.user("ben").await);
    seed::collection(&app, "amy", "climate", true).await;
    seed::contributor(&app, "climate", "ben").await;
    let own = format!("{MEMBERS}/ben");
    let pull = with_token(&app.token("ben", Scope::Pull, None).await);
    answered(pull.delete(api(&app, &own)), 403).await;
    send(&app, &ben, "DELETE", &own, &Value::Null, 204).await;
    // From now on the collection does not exist for them.
    let gone = (404, ErrorCode::CollectionNotFound);
    refused(&app, &ben, "DELETE", &own, &Value::Null, gone).await;
}

db_test!(
    a_collection_is_handed_over_with_what_it_uses,
    async |app: TestApp| {
        let (amy, ben) = (app.user("amy").await, app.user("ben").await);
        let root = app.superuser().await;
        seed::team(&app, "amy", "hpc", &["ben"]).await;
        seed::collection(&app, "amy", "climate", true).await;
        let size = seed::push(&app, "amy", "climate/tool", "v1", 1).await.size;
        let transfer = "/collections/climate/transfer";
        let to = |name: &str| json!({ "username": name });
        let unknown = (404, ErrorCode::UserNotFound);
        refused(&app, &amy, "POST", transfer, &to("root"), unknown).await;

        let quota = |bytes: u64| json!({ "quota_bytes": bytes });
        send(&app, &root, "PATCH", "/users/ben", &quota(size - 1), 200).await;
        let full = (507, ErrorCode::QuotaExceeded);
        refused(&app, &amy, "POST", transfer, &to("ben"), full).await;
        assert_eq!(people(&app, &amy).await.len(), 1, "nothing has changed");
        send(&app, &root, "PATCH", "/users/ben", &quota(size), 200).await;

        let text = send(&app, &amy, "POST", transfer, &to("ben"), 200).await;
        let seen: CollectionDetail = serde_json::from_str(&text).unwrap();
        assert_eq!(seen.collection.owners, ["ben"]);
        assert_eq!(seen.contributors, ["amy"]);
        assert!(!seen.collection.rights.manage, "seen by amy");
        let user: shared_types::User = read(root.client.get(api(&app, "/users/ben")), 200).await;
        assert_eq!((user.used_bytes, user.collections), (size, 1));
        let user: shared_types::User = read(root.client.get(api(&app, "/users/amy")), 200).await;
        assert_eq!((user.used_bytes, user.collections), (0, 0));
        put(&app, &amy, "amy", "owner", 403).await;
        put(&app, &ben, "amy", "owner", 200).await;
    }
);

#[tokio::test]
async fn nobody_is_handed_more_collections_than_the_limit() {
    let app =
        TestApp::settings_with(|settings| settings.registry.user_collection_limit = Some(1)).await;
    let amy = app.user("amy").await;
    app.user("ben").await;
    seed::team(&app, "amy", "hpc", &["ben"]).await;
    seed::collection(&app, "amy", "climate", true).await;
    seed::collection(&app, "ben", "weather", true).await;
    let body = json!({ "username": "ben" });
    let full = (507, ErrorCode::QuotaExceeded);
    refused(
        &app,
        &amy,
        "POST",
        "/collections/climate/transfer",
        &body,
        full,
    )
    .await;
}
