//! The operations of teams: their owners and administrators manage them, and people alone take part.

use serde_json::json;
use shared_types::{NewTeamInvitation, NewTeamRequest};
use sregistry_server::services::teams;

use super::{Cell, Expected, RequestBuilder, Row, Target, anybody, person, row};
use crate::{common::TestApp, seed};

/// Gives a team what the rows ask for: a picture, somebody who asks to be let in, an invitation. Returns its code.
pub(super) async fn furnish(app: &TestApp, team: &str) -> String {
    let core = app.core();
    let owner = seed::viewer(app, "owner").await;
    let contributor = seed::viewer(app, "contributor").await;
    teams::set_picture(core, &owner, team, seed::picture())
        .await
        .unwrap();
    let request = NewTeamRequest { message: None };
    teams::ask(core, &contributor, team, request).await.unwrap();
    let new = NewTeamInvitation {
        expires_in_hours: None,
        note: None,
    };
    let issued = teams::invite(core, &owner, team, new).await.unwrap();
    let (_, link) = issued.path.rsplit_once('/').unwrap();
    link.to_owned()
}

const fn team(id: &'static str, ask: fn(&Cell) -> RequestBuilder, expected: Expected) -> Row {
    row(id, Target::Team, ask, expected)
}

/// The team's owners and administrators.
const fn manages(id: &'static str, good: u16, ask: fn(&Cell) -> RequestBuilder) -> Row {
    team(id, ask, [401, 403, 403, 403, good, good, good, 403, 403])
}

fn of(c: &Cell, method: &str, path: &str) -> RequestBuilder {
    c.api(method, &format!("/teams/{}{path}", c.name))
}

fn invitation(c: &Cell, method: &str, path: &str) -> RequestBuilder {
    c.api(method, &format!("/team_invitations/{}{path}", c.token))
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![
        anybody("list_teams", 200, |c| c.api("GET", "/teams")),
        person("create_team", 201, |c| {
            c.api("POST", "/teams").json(&json!({ "name": c.name }))
        }),
        team(
            "get_team",
            |c| of(c, "GET", ""),
            [401, 200, 200, 200, 200, 200, 200, 200, 200],
        ),
        team(
            "list_team_members",
            |c| of(c, "GET", "/members"),
            [401, 200, 200, 200, 200, 200, 200, 200, 200],
        ),
        team("get_team_picture", |c| of(c, "GET", "/picture"), [200; _]),
        manages("change_team", 200, |c| {
            of(c, "PATCH", "").json(&json!({ "description": "x" }))
        }),
        manages("delete_team", 204, |c| of(c, "DELETE", "")),
        manages("put_team_picture", 204, |c| {
            of(c, "PUT", "/picture").body(seed::picture())
        }),
        manages("delete_team_picture", 204, |c| of(c, "DELETE", "/picture")),
        manages("put_team_member", 200, |c| {
            of(c, "PUT", "/members/mate").json(&json!({ "role": "owner" }))
        }),
        // The team mate leaves.
        team(
            "remove_team_member",
            |c| of(c, "DELETE", "/members/mate"),
            [401, 403, 204, 403, 204, 204, 204, 403, 403],
        ),
    ];
    rows.extend(ways_in());
    rows
}

fn ways_in() -> Vec<Row> {
    vec![
        // It is not open; who is in it stays in it.
        team(
            "join_team",
            |c| of(c, "POST", "/join"),
            [401, 403, 200, 403, 200, 403, 403, 403, 403],
        ),
        manages("create_team_invitation", 201, |c| {
            of(c, "POST", "/invitations").json(&json!({}))
        }),
        manages("list_team_invitations", 200, |c| {
            of(c, "GET", "/invitations")
        }),
        manages("delete_team_invitation", 404, |c| {
            of(c, "DELETE", "/invitations/none")
        }),
        team(
            "get_team_invitation",
            |c| invitation(c, "GET", ""),
            [200; _],
        ),
        team(
            "accept_team_invitation",
            |c| invitation(c, "POST", "/accept"),
            [401, 200, 409, 200, 409, 200, 200, 403, 403],
        ),
        team(
            "decline_team_invitation",
            |c| invitation(c, "DELETE", ""),
            [401, 204, 204, 204, 204, 204, 204, 403, 403],
        ),
        team(
            "create_team_request",
            |c| of(c, "POST", "/requests").json(&json!({})),
            [401, 200, 409, 200, 409, 200, 200, 403, 403],
        ),
        manages("list_team_requests", 200, |c| of(c, "GET", "/requests")),
        manages("approve_team_request", 200, |c| {
            of(c, "POST", "/requests/contributor/approve")
        }),
        // The contributor takes it back.
        team(
            "delete_team_request",
            |c| of(c, "DELETE", "/requests/contributor"),
            [401, 403, 403, 204, 204, 204, 204, 403, 403],
        ),
    ]
}
