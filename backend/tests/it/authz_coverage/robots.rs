//! The operations of robots: for whoever governs their collection, with credentials that reach everywhere; to others a robot
//! does not exist.

use serde_json::json;
use shared_types::{NewRobot, NewToken, Scope};
use sregistry_server::services::robots;

use super::{Cell, RequestBuilder, Row, Target, govern, person, row};
use crate::{common::TestApp, seed};

/// Gives a collection a robot with a token. Returns the token's id.
pub(super) async fn furnish(app: &TestApp, collection: &str) -> String {
    let core = app.core();
    let owner = seed::viewer(app, "owner").await;
    let new = NewRobot {
        name: collection.to_owned(),
        description: None,
        collection: Some(collection.to_owned()),
        collections: None,
    };
    let robot = robots::create(core, &owner, new).await.unwrap().name;
    let new = NewToken {
        name: "x".to_owned(),
        scope: Some(Scope::Push),
        collections: None,
        expires_in_days: None,
    };
    let issued = robots::create_token(core, &owner, &robot, new).await;
    issued.unwrap().token.id
}

fn of(c: &Cell, method: &str, path: &str) -> RequestBuilder {
    c.api(method, &format!("/robots/robot-{}{path}", c.name))
}

/// The robot of a collection, private or not.
fn robot(id: &'static str, good: u16, ask: fn(&Cell) -> RequestBuilder) -> [Row; 2] {
    [Target::Private, Target::Public].map(|target| {
        row(
            id,
            target,
            ask,
            [401, 404, 404, 404, good, good, good, 403, 403],
        )
    })
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![person("list_robots", 200, |c| c.api("GET", "/robots"))];
    let pairs = [
        govern("create_robot", 201, |c| {
            let name = format!("{}-other", c.name);
            c.api("POST", "/robots")
                .json(&json!({ "name": name, "collection": c.name }))
        }),
        robot("get_robot", 200, |c| of(c, "GET", "")),
        robot("change_robot", 200, |c| {
            of(c, "PATCH", "").json(&json!({ "disabled": true }))
        }),
        robot("delete_robot", 204, |c| of(c, "DELETE", "")),
        robot("list_robot_tokens", 200, |c| of(c, "GET", "/tokens")),
        robot("create_robot_token", 201, |c| {
            of(c, "POST", "/tokens").json(&json!({ "name": "y" }))
        }),
        robot("rotate_robot_token", 200, |c| {
            of(c, "POST", &format!("/tokens/{}/rotate", c.token))
        }),
        robot("delete_robot_token", 204, |c| {
            of(c, "DELETE", &format!("/tokens/{}", c.token))
        }),
    ];
    rows.extend(pairs.into_iter().flatten());
    rows
}
