//! Robots: made by owners and administrators, at work with their tokens, and ended.

use chrono::TimeDelta;
use reqwest::Client;
use serde_json::{Value, json};
use shared_types::{ErrorCode, IssuedToken, Robot, RobotPage, Scope, UserPage};
use sregistry_server::services::tokens;

use super::{api, refused, send};
use crate::{
    common::{PASSWORD, TestApp, TestUser, with_token},
    db_test, seed,
    seed::{answered, read},
};

async fn robot(app: &TestApp, by: &TestUser, body: &Value) -> Robot {
    let text = send(app, by, "POST", "/robots", body, 201).await;
    serde_json::from_str(&text).unwrap()
}

async fn token(app: &TestApp, by: &TestUser, robot: &str, body: &Value) -> IssuedToken {
    let path = format!("/robots/{robot}/tokens");
    serde_json::from_str(&send(app, by, "POST", &path, body, 201).await).unwrap()
}

/// A robot of the collection `climate` of amy's, with a token of this scope.
async fn at_work(app: &TestApp, amy: &TestUser, scope: &str) -> Client {
    seed::collection(app, "amy", "climate", true).await;
    seed::push(app, "amy", "climate/tool", "v1", 1).await;
    let new = json!({ "name": "nightly", "collection": "climate" });
    assert_eq!(robot(app, amy, &new).await.name, "robot-nightly");
    let new = json!({ "name": "builder", "scope": scope });
    with_token(&token(app, amy, "robot-nightly", &new).await.secret)
}

const TAG: &str = "/collections/climate/containers/tool/tags/v1";

db_test!(
    a_robot_does_what_its_token_says_in_its_collection_and_nothing_elsewhere,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        seed::collection(&app, "amy", "weather", true).await;
        let client = at_work(&app, &amy, "push").await;
        answered(client.get(app.url("/v1/images/amy/climate/tool:v1")), 200).await;
        answered(client.get(api(&app, "/collections/weather")), 404).await;
        let upload = app.url("/v2/climate/other/blobs/uploads/");
        answered(client.post(upload), 202).await;
        let change = json!({ "description": "x" });
        let climate = api(&app, "/collections/climate");
        answered(client.patch(&climate).json(&change), 403).await;
        let new = json!({ "name": "mine" });
        answered(client.post(api(&app, "/collections")).json(&new), 403).await;

        let manage = json!({ "name": "keeper", "scope": "manage" });
        let manage = with_token(&token(&app, &amy, "robot-nightly", &manage).await.secret);
        answered(manage.patch(&climate).json(&change), 200).await;
        let frozen = json!({ "frozen": true });
        answered(manage.put(api(&app, TAG)).json(&frozen), 200).await;
        let detail: shared_types::CollectionDetail = read(amy.client.get(&climate), 200).await;
        assert_eq!(detail.collection.owners, ["amy"]);
        assert!(detail.contributors.is_empty(), "robots are listed apart");
    }
);

db_test!(
    the_tokens_of_a_robot_expire_are_rotated_and_die_with_it,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let client = at_work(&app, &amy, "pull").await;
        let climate = api(&app, "/collections/climate");
        answered(client.get(&climate), 200).await;

        let short = json!({ "name": "short", "expires_in_days": 1 });
        let short = token(&app, &amy, "robot-nightly", &short).await;
        assert!(short.token.expires_at.is_some());
        let path = format!("/robots/robot-nightly/tokens/{}/rotate", short.token.id);
        let text = send(&app, &amy, "POST", &path, &Value::Null, 200).await;
        let rotated: IssuedToken = serde_json::from_str(&text).unwrap();
        assert_eq!(rotated.token.id, short.token.id);
        answered(with_token(&short.secret).get(&climate), 401).await;
        answered(with_token(&rotated.secret).get(&climate), 200).await;
        app.clock.advance(TimeDelta::days(1));
        answered(with_token(&rotated.secret).get(&climate), 401).await;

        let own = "/robots/robot-nightly";
        for (disabled, status) in [(true, 401), (false, 200)] {
            let change = json!({ "disabled": disabled });
            send(&app, &amy, "PATCH", own, &change, 200).await;
            answered(client.get(&climate), status).await;
        }
        send(&app, &amy, "DELETE", own, &Value::Null, 204).await;
        answered(client.get(&climate), 401).await;
        answered(amy.client.get(api(&app, own)), 404).await;
    }
);

db_test!(
    the_list_of_robots_tells_what_their_tokens_may_until_when_and_when_they_were_used,
    async |app: TestApp| {
        let (amy, admin) = (app.user("amy").await, app.admin().await);
        let client = at_work(&app, &amy, "push").await;
        let listed = async || -> Robot {
            let page: RobotPage = read(admin.client.get(api(&app, "/robots")), 200).await;
            page.items.into_iter().next().unwrap()
        };
        let new = listed().await;
        assert_eq!((new.scopes, new.expires_at), (vec![Scope::Push], None));
        assert_eq!(new.last_used_at, None);

        let mut ends = Vec::new();
        for (scope, days) in [("manage", 1), ("pull", 2)] {
            let short = json!({ "name": scope, "scope": scope, "expires_in_days": days });
            let token = token(&app, &amy, "robot-nightly", &short).await.token;
            ends.push(token.expires_at);
        }
        answered(client.get(api(&app, "/collections/climate")), 200).await;
        tokens::flush_uses(app.core()).await.unwrap();
        let now = listed().await;
        assert_eq!(now.scopes, [Scope::Pull, Scope::Push, Scope::Manage]);
        assert_eq!((now.expires_at, now.tokens), (ends[0], 3));
        assert!(now.last_used_at.is_some());

        // What has ended may nothing, and was used all the same.
        app.clock.advance(TimeDelta::days(1));
        let later = listed().await;
        assert_eq!(later.scopes, [Scope::Pull, Scope::Push]);
        assert_eq!((later.expires_at, later.tokens), (ends[1], 3));
        assert_eq!(later.last_used_at, now.last_used_at);
    }
);

db_test!(a_robot_goes_with_its_collection, async |app: TestApp| {
    let amy = app.user("amy").await;
    let client = at_work(&app, &amy, "manage").await;
    send(
        &app,
        &amy,
        "DELETE",
        "/collections/climate",
        &Value::Null,
        204,
    )
    .await;
    answered(client.get(api(&app, "/collections")), 401).await;
    // The name is free again, also for a collection of that name.
    seed::collection(&app, "amy", "climate", true).await;
    let new = json!({ "name": "nightly", "collection": "climate" });
    assert_eq!(robot(&app, &amy, &new).await.tokens, 0);
});

db_test!(
    administrators_make_robots_that_work_in_several_collections,
    async |app: TestApp| {
        let (amy, admin) = (app.user("amy").await, app.admin().await);
        for name in ["climate", "weather"] {
            seed::collection(&app, "amy", name, true).await;
        }
        let new = json!({ "name": "mirror", "collections": ["climate", "weather"] });
        let forbidden = (403, ErrorCode::Forbidden);
        refused(&app, &amy, "POST", "/robots", &new, forbidden).await;
        let made = robot(&app, &admin, &new).await;
        assert_eq!(made.collections, ["climate", "weather"]);
        assert_eq!(
            (made.collection, made.created_by),
            (None, Some("admin".to_owned()))
        );
        let new = json!({ "name": "copy", "scope": "pull" });
        let client = with_token(&token(&app, &admin, "robot-mirror", &new).await.secret);
        answered(client.get(api(&app, "/collections/weather")), 200).await;

        // An owner sees that it works there, and cannot touch it.
        let listed = api(&app, "/robots?collection=climate");
        let page: RobotPage = read(amy.client.get(listed), 200).await;
        assert!(page.total == 1 && !page.items[0].may_manage);
        answered(amy.client.get(api(&app, "/robots/robot-mirror")), 404).await;
        let page: RobotPage = read(amy.client.get(api(&app, "/robots")), 200).await;
        assert_eq!(page.total, 0);

        let change = json!({ "collections": ["climate"], "description": "Copies" });
        send(&app, &admin, "PATCH", "/robots/robot-mirror", &change, 200).await;
        answered(client.get(api(&app, "/collections/weather")), 404).await;
        answered(client.get(api(&app, "/collections/climate")), 200).await;
        let page: RobotPage = read(admin.client.get(api(&app, "/robots?q=MIRR")), 200).await;
        assert_eq!(page.items[0].description, "Copies");
    }
);

#[tokio::test]
async fn a_robot_is_no_person() {
    let app = TestApp::start().await;
    let (amy, root) = (app.user("amy").await, app.superuser().await);
    let client = at_work(&app, &amy, "manage").await;
    let login = json!({ "username": "robot-nightly", "password": PASSWORD });
    answered(
        app.client().post(api(&app, "/login/local")).json(&login),
        401,
    )
    .await;
    let users: UserPage = read(root.client.get(api(&app, "/users")), 200).await;
    assert_eq!(users.total, 2);
    let nobody = (404, ErrorCode::UserNotFound);
    let password = json!({ "password": PASSWORD });
    refused(
        &app,
        &root,
        "PATCH",
        "/users/robot-nightly",
        &password,
        nobody,
    )
    .await;
    seed::team(&app, "amy", "hpc", &[]).await;
    let member = json!({ "role": "member" });
    refused(
        &app,
        &root,
        "PUT",
        "/teams/hpc/members/robot-nightly",
        &member,
        nobody,
    )
    .await;
    for (method, path) in [
        ("POST", "/teams/hpc/join"),
        ("GET", "/robots"),
        ("GET", "/tokens"),
        ("GET", "/collections/climate/candidates"),
    ] {
        answered(
            client.request(method.parse().unwrap(), api(&app, path)),
            403,
        )
        .await;
    }
}

#[tokio::test]
async fn odd_robots_and_tokens_are_refused() {
    let app = TestApp::start().await;
    let (amy, admin) = (app.user("amy").await, app.admin().await);
    app.user("ben").await;
    at_work(&app, &amy, "pull").await;
    seed::collection(&app, "ben", "hidden", true).await;
    let invalid = (422, ErrorCode::Invalid);
    for odd in ["", "Upper", "a b", &"x".repeat(60)] {
        let new = json!({ "name": odd, "collection": "climate" });
        refused(&app, &amy, "POST", "/robots", &new, invalid).await;
    }
    let taken = json!({ "name": "robot-nightly", "collection": "climate" });
    refused(
        &app,
        &amy,
        "POST",
        "/robots",
        &taken,
        (409, ErrorCode::NameTaken),
    )
    .await;
    let elsewhere = json!({ "name": "x", "collection": "climate", "collections": ["hidden"] });
    refused(&app, &amy, "POST", "/robots", &elsewhere, invalid).await;
    let hidden = json!({ "name": "x", "collection": "hidden" });
    let gone = (404, ErrorCode::CollectionNotFound);
    refused(&app, &amy, "POST", "/robots", &hidden, gone).await;
    let absent = json!({ "name": "x", "collections": ["absent"] });
    refused(&app, &admin, "POST", "/robots", &absent, invalid).await;
    let moved = json!({ "collections": ["climate"] });
    refused(
        &app,
        &admin,
        "PATCH",
        "/robots/robot-nightly",
        &moved,
        invalid,
    )
    .await;
    let all = json!({ "name": "x", "scope": "admin" });
    refused(
        &app,
        &amy,
        "POST",
        "/robots/robot-nightly/tokens",
        &all,
        invalid,
    )
    .await;
    let beyond = json!({ "name": "x", "collections": ["hidden"] });
    refused(
        &app,
        &amy,
        "POST",
        "/robots/robot-nightly/tokens",
        &beyond,
        invalid,
    )
    .await;
    // A person is no robot.
    let nothing = (404, ErrorCode::RobotNotFound);
    for name in ["amy", "robot-none", "%00"] {
        let path = format!("/robots/{name}");
        refused(&app, &admin, "DELETE", &path, &Value::Null, nothing).await;
    }
}
