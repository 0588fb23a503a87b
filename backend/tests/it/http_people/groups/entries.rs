//! Invitations that work once, and requests to be let in.

use chrono::TimeDelta;
use entity::team_invitation;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use shared_types::{
    ErrorCode, IssuedTeamInvitation, TeamInvitationOffer, TeamInvitationPage, TeamRequestPage,
    TeamRole,
};

use super::{api, refused, send, team};
use crate::{
    common::{TestApp, TestUser},
    db_test, seed,
    seed::{answered, read},
};

async fn invite(app: &TestApp, by: &TestUser, body: &Value) -> (IssuedTeamInvitation, String) {
    let text = send(app, by, "POST", "/teams/hpc/invitations", body, 201).await;
    let issued: IssuedTeamInvitation = serde_json::from_str(&text).unwrap();
    let (registry, code) = issued.url.split_once("/invite/").unwrap();
    assert_eq!(registry, app.url(""));
    assert!(code.len() >= 48, "{code}");
    let path = format!("/team_invitations/{code}");
    (issued, path)
}

async fn waiting(app: &TestApp, by: &TestUser) -> u64 {
    let request = by.client.get(api(app, "/teams/hpc/invitations"));
    read::<TeamInvitationPage>(request, 200).await.total
}

db_test!(an_invitation_lets_one_person_in, async |app: TestApp| {
    let amy = app.user("amy").await;
    let (ben, cara) = (app.user("ben").await, app.user("cara").await);
    seed::team(&app, "amy", "hpc", &[]).await;
    let (issued, path) = invite(&app, &amy, &json!({ "note": " for Ben " })).await;
    assert_eq!(issued.invitation.note, "for Ben");
    let listed: TeamInvitationPage =
        read(amy.client.get(api(&app, "/teams/hpc/invitations")), 200).await;
    assert_eq!(listed.items, [issued.invitation]);

    let offer: TeamInvitationOffer = read(app.client().get(api(&app, &path)), 200).await;
    assert_eq!(offer.team.name, "hpc");
    assert_eq!(offer.invited_by.as_deref(), Some("amy"));

    let accept = format!("{path}/accept");
    // Who is in the team already does not use it up.
    let conflict = (409, ErrorCode::Conflict);
    refused(&app, &amy, "POST", &accept, &Value::Null, conflict).await;
    let joined = send(&app, &ben, "POST", &accept, &Value::Null, 200).await;
    let joined: shared_types::Team = serde_json::from_str(&joined).unwrap();
    assert_eq!(joined.role, Some(TeamRole::Member));

    let gone = (404, ErrorCode::NotFound);
    refused(&app, &cara, "POST", &accept, &Value::Null, gone).await;
    answered(app.client().get(api(&app, &path)), 404).await;
    assert_eq!(waiting(&app, &amy).await, 0);
});

db_test!(
    of_several_who_take_an_invitation_at_once_one_gets_in,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        seed::team(&app, "amy", "hpc", &[]).await;
        let (_, path) = invite(&app, &amy, &json!({})).await;
        let mut takers = Vec::new();
        for number in 0..4 {
            let taker = app.user(&format!("taker-{number}")).await;
            let request = taker.client.post(api(&app, &format!("{path}/accept")));
            takers.push(async { request.send().await.unwrap().status().as_u16() });
        }
        let mut found = futures_util::future::join_all(takers).await;
        found.sort_unstable();
        assert_eq!(found, [200, 404, 404, 404]);
        assert_eq!(team(&app, &amy, "hpc").await.members, 2);
    }
);

#[tokio::test]
async fn an_invitation_ends_by_time_by_revocation_and_by_being_declined() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    seed::team(&app, "amy", "hpc", &[]).await;
    let gone = (404, ErrorCode::NotFound);
    let nothing = Value::Null;

    let (issued, revoked) = invite(&app, &amy, &json!({})).await;
    let own = format!("/teams/hpc/invitations/{}", issued.invitation.id);
    send(&app, &amy, "DELETE", &own, &nothing, 204).await;
    refused(&app, &amy, "DELETE", &own, &nothing, gone).await;
    refused(
        &app,
        &ben,
        "POST",
        &format!("{revoked}/accept"),
        &nothing,
        gone,
    )
    .await;

    let (_, declined) = invite(&app, &amy, &json!({})).await;
    send(&app, &ben, "DELETE", &declined, &nothing, 204).await;
    refused(
        &app,
        &ben,
        "POST",
        &format!("{declined}/accept"),
        &nothing,
        gone,
    )
    .await;

    let (_, late) = invite(&app, &amy, &json!({ "expires_in_hours": 2 })).await;
    app.clock.advance(TimeDelta::hours(2));
    refused(
        &app,
        &ben,
        "POST",
        &format!("{late}/accept"),
        &nothing,
        gone,
    )
    .await;
    assert_eq!(
        waiting(&app, &amy).await,
        0,
        "what works no longer is not listed"
    );
    assert_eq!(team(&app, &amy, "hpc").await.members, 1);

    // Its row goes with the next sweep.
    sregistry_server::services::sweep::sessions(app.core())
        .await
        .unwrap();
    let rows = team_invitation::Entity::find();
    assert!(rows.all(app.core().db.read()).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_code_of_an_invitation_is_kept_nowhere() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    seed::team(&app, "amy", "hpc", &[]).await;
    let (issued, _) = invite(&app, &amy, &json!({})).await;
    let (_, code) = issued.url.split_once("/invite/").unwrap();
    for entry in std::fs::read_dir(app.data_dir()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let there = bytes
                .windows(code.len())
                .any(|part| part == code.as_bytes());
            assert!(!there, "{}", path.display());
        }
    }
}

db_test!(whoever_asks_is_let_in_or_not, async |app: TestApp| {
    let amy = app.user("amy").await;
    let (ben, cara) = (app.user("ben").await, app.user("cara").await);
    seed::team(&app, "amy", "hpc", &[]).await;
    let requests = "/teams/hpc/requests";
    let nothing = Value::Null;
    for words in ["first", "second"] {
        let body = json!({ "message": words });
        send(&app, &ben, "POST", requests, &body, 200).await;
    }
    send(&app, &cara, "POST", requests, &json!({}), 200).await;
    assert!(team(&app, &ben, "hpc").await.requested);
    let listed: TeamRequestPage = read(amy.client.get(api(&app, requests)), 200).await;
    let said: Vec<_> = listed
        .items
        .iter()
        .map(|request| (request.username.as_str(), request.message.as_str()))
        .collect();
    assert_eq!(said, [("ben", "second"), ("cara", "")]);

    let approve = "/teams/hpc/requests/ben/approve";
    send(&app, &amy, "POST", approve, &nothing, 200).await;
    let seen = team(&app, &ben, "hpc").await;
    assert!(seen.role == Some(TeamRole::Member) && !seen.requested);
    let gone = (404, ErrorCode::NotFound);
    refused(&app, &amy, "POST", approve, &nothing, gone).await;
    let again = (409, ErrorCode::Conflict);
    refused(&app, &ben, "POST", requests, &json!({}), again).await;

    send(
        &app,
        &amy,
        "DELETE",
        "/teams/hpc/requests/cara",
        &nothing,
        204,
    )
    .await;
    assert!(!team(&app, &cara, "hpc").await.requested);
    // Who never asked and who does not exist are the same.
    for name in ["cara", "nobody"] {
        let path = format!("/teams/hpc/requests/{name}/approve");
        refused(&app, &amy, "POST", &path, &nothing, gone).await;
    }
    send(&app, &cara, "POST", requests, &json!({}), 200).await;
    send(
        &app,
        &cara,
        "DELETE",
        "/teams/hpc/requests/cara",
        &nothing,
        204,
    )
    .await;
    assert_eq!(team(&app, &cara, "hpc").await.members, 2);
});

#[tokio::test]
async fn an_open_team_is_joined_and_not_asked() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    let new = json!({ "name": "hpc", "permission": "open" });
    send(&app, &amy, "POST", "/teams", &new, 201).await;
    let conflict = (409, ErrorCode::Conflict);
    refused(
        &app,
        &ben,
        "POST",
        "/teams/hpc/requests",
        &json!({}),
        conflict,
    )
    .await;
}

#[tokio::test]
async fn odd_invitations_and_requests_are_refused() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    seed::team(&app, "amy", "hpc", &[]).await;
    let invalid = (422, ErrorCode::Invalid);
    for odd in [
        json!({ "expires_in_hours": 0 }),
        json!({ "expires_in_hours": 721 }),
        json!({ "note": "two\nlines" }),
        json!({ "note": "x".repeat(201) }),
    ] {
        refused(&app, &amy, "POST", "/teams/hpc/invitations", &odd, invalid).await;
    }
    for (odd, answer) in [
        ("x".repeat(501), invalid),
        ("a\u{0}b".to_owned(), (400, ErrorCode::BadRequest)),
    ] {
        let odd = json!({ "message": odd });
        refused(&app, &ben, "POST", "/teams/hpc/requests", &odd, answer).await;
    }
    let gone = (404, ErrorCode::NotFound);
    for code in ["x", "%00", &"a".repeat(5000)] {
        let path = format!("/team_invitations/{code}");
        refused(&app, &ben, "DELETE", &path, &Value::Null, gone).await;
    }
    let odd = "/teams/hpc/invitations/%00";
    refused(&app, &amy, "DELETE", odd, &Value::Null, gone).await;
}
