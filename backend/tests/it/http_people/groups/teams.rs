//! Teams made, shown, changed and deleted; joining, leaving, owners.

use serde_json::{Value, json};
use shared_types::{ErrorCode, TeamMemberPage, TeamPage, TeamPermission, TeamRole, UserChange};
use sregistry_server::services::users;

use super::{api, refused, send, team};
use crate::{
    common::TestApp,
    db_test, seed,
    seed::{answered, read},
};

db_test!(
    a_team_is_made_shown_changed_and_deleted,
    async |app: TestApp| {
        let (amy, ben) = (app.user("amy").await, app.user("ben").await);
        let new = json!({ "name": "climate-group", "description": " Models " });
        let response = amy.client.post(api(&app, "/teams")).json(&new).send();
        let response = response.await.unwrap();
        assert_eq!(response.status(), 201);
        assert_eq!(
            response.headers()["location"],
            "/api/v1/teams/climate-group"
        );
        let made: shared_types::Team = response.json().await.unwrap();
        assert_eq!(made.description, "Models");
        assert_eq!(made.permission, TeamPermission::Invite);
        assert_eq!((made.owners.len(), made.members), (1, 1));
        assert!(made.may_manage && made.role == Some(TeamRole::Owner));

        let seen = team(&app, &ben, "climate-group").await;
        assert!(!seen.may_manage && seen.role.is_none() && !seen.requested);
        refused(
            &app,
            &ben,
            "POST",
            "/teams",
            &new,
            (409, ErrorCode::NameTaken),
        )
        .await;

        let change = json!({ "name": "weather", "permission": "open" });
        send(&app, &amy, "PATCH", "/teams/climate-group", &change, 200).await;
        let changed = team(&app, &ben, "weather").await;
        assert_eq!(changed.permission, TeamPermission::Open);
        assert_eq!(changed.description, "Models", "what is absent stays");
        answered(amy.client.get(api(&app, "/teams/climate-group")), 404).await;

        send(&app, &ben, "POST", "/teams", &json!({ "name": "hpc" }), 201).await;
        let clash = json!({ "name": "hpc" });
        refused(
            &app,
            &amy,
            "PATCH",
            "/teams/weather",
            &clash,
            (409, ErrorCode::NameTaken),
        )
        .await;

        answered(amy.client.delete(api(&app, "/teams/weather")), 204).await;
        answered(amy.client.get(api(&app, "/teams/weather")), 404).await;
    }
);

db_test!(
    teams_are_listed_by_name_page_by_page_for_everybody,
    async |app: TestApp| {
        let (amy, ben) = (app.user("amy").await, app.user("ben").await);
        for name in ["delta", "alpha", "charlie"] {
            seed::team(&app, "amy", name, &[]).await;
        }
        seed::team(&app, "ben", "bravo", &["amy"]).await;
        let mut names = Vec::new();
        let mut path = "/teams?limit=3".to_owned();
        loop {
            let page: TeamPage = read(app.client().get(api(&app, &path)), 200).await;
            assert_eq!(page.total, 4);
            assert!(page.items.iter().all(|team| team.role.is_none()));
            names.extend(page.items.into_iter().map(|team| team.name));
            let Some(next) = page.next else { break };
            path = format!("/teams?limit=3&cursor={next}");
        }
        assert_eq!(names, ["alpha", "bravo", "charlie", "delta"]);
        let mine: TeamPage = read(ben.client.get(api(&app, "/teams?filter=mine")), 200).await;
        assert_eq!((mine.total, mine.items[0].name.as_str()), (1, "bravo"));
        assert_eq!(mine.items[0].members, 2);
        let mine: TeamPage = read(amy.client.get(api(&app, "/teams?filter=mine")), 200).await;
        assert_eq!(mine.total, 4);
        assert_eq!(mine.items[1].role, Some(TeamRole::Member));
        let found: TeamPage = read(amy.client.get(api(&app, "/teams?q=LPH")), 200).await;
        assert_eq!(found.total, 1);
        answered(app.client().get(api(&app, "/teams?filter=mine")), 401).await;
    }
);

db_test!(
    whoever_wants_joins_an_open_team_and_leaves_it,
    async |app: TestApp| {
        let (_, ben) = (app.user("amy").await, app.user("ben").await);
        seed::team(&app, "amy", "hpc", &[]).await;
        let nothing = Value::Null;
        refused(
            &app,
            &ben,
            "POST",
            "/teams/hpc/join",
            &nothing,
            (403, ErrorCode::Forbidden),
        )
        .await;
        let amy = seed::viewer(&app, "amy").await;
        let open = shared_types::TeamChange {
            permission: Some(TeamPermission::Open),
            ..Default::default()
        };
        sregistry_server::services::teams::change(app.core(), &amy, "hpc", open)
            .await
            .unwrap();
        // Twice is as good as once.
        for _ in 0..2 {
            send(&app, &ben, "POST", "/teams/hpc/join", &nothing, 200).await;
        }
        let page: TeamMemberPage = read(ben.client.get(api(&app, "/teams/hpc/members")), 200).await;
        let seen: Vec<_> = page
            .items
            .iter()
            .map(|member| (member.username.as_str(), member.role))
            .collect();
        assert_eq!(seen, [("amy", TeamRole::Owner), ("ben", TeamRole::Member)]);
        send(
            &app,
            &ben,
            "DELETE",
            "/teams/hpc/members/BEN",
            &nothing,
            204,
        )
        .await;
        assert_eq!(team(&app, &ben, "hpc").await.members, 1);
        refused(
            &app,
            &ben,
            "DELETE",
            "/teams/hpc/members/ben",
            &nothing,
            (404, ErrorCode::UserNotFound),
        )
        .await;
    }
);

db_test!(a_team_keeps_an_owner_who_can_act, async |app: TestApp| {
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    let admin = app.admin().await;
    seed::team(&app, "amy", "hpc", &["ben"]).await;
    let (nothing, last) = (Value::Null, (409, ErrorCode::Conflict));
    let own = "/teams/hpc/members/amy";
    refused(&app, &amy, "DELETE", own, &nothing, last).await;
    refused(&app, &admin, "DELETE", own, &nothing, last).await;
    let member = json!({ "role": "member" });
    refused(&app, &amy, "PUT", own, &member, last).await;
    let owner = json!({ "role": "owner" });
    send(&app, &amy, "PUT", "/teams/hpc/members/ben", &owner, 200).await;

    // An owner whose account is disabled does not count.
    let disable = |disabled| UserChange {
        disabled: Some(disabled),
        ..Default::default()
    };
    let operator = users::operator();
    users::change(app.core(), &operator, "ben", disable(true))
        .await
        .unwrap();
    refused(&app, &amy, "DELETE", own, &nothing, last).await;
    users::change(app.core(), &operator, "ben", disable(false))
        .await
        .unwrap();

    // Both at once: one stays.
    let leave = |user: &crate::common::TestUser, path: &str| {
        let request = user.client.delete(api(&app, path));
        async { request.send().await.unwrap().status().as_u16() }
    };
    let (a, b) = tokio::join!(leave(&amy, own), leave(&ben, "/teams/hpc/members/ben"));
    let mut found = [a, b];
    found.sort_unstable();
    assert_eq!(found, [204, 409]);
    assert_eq!(team(&app, &amy, "hpc").await.owners.len(), 1);
});

#[tokio::test]
async fn who_is_not_in_a_team_and_who_does_not_exist_are_the_same_to_its_owners() {
    let app = TestApp::start().await;
    let (amy, _) = (app.user("amy").await, app.user("ben").await);
    let admin = app.admin().await;
    seed::team(&app, "amy", "hpc", &[]).await;
    let owner = json!({ "role": "owner" });
    for method in ["PUT", "DELETE"] {
        let mut said = Vec::new();
        for name in ["ben", "zoe"] {
            let path = format!("/teams/hpc/members/{name}");
            let expected = (404, ErrorCode::UserNotFound);
            let problem = refused(&app, &amy, method, &path, &owner, expected).await;
            said.push(problem.message.replace(name, "X"));
        }
        assert_eq!(said[0], said[1]);
    }
    // An administrator adds people.
    send(&app, &admin, "PUT", "/teams/hpc/members/ben", &owner, 200).await;
    assert_eq!(team(&app, &amy, "hpc").await.owners, ["amy", "ben"]);
}

#[tokio::test]
async fn where_administrators_make_collections_they_make_teams() {
    let app = TestApp::settings_with(|settings| settings.registry.user_collections = false).await;
    let (amy, admin) = (app.user("amy").await, app.admin().await);
    let new = json!({ "name": "hpc" });
    refused(
        &app,
        &amy,
        "POST",
        "/teams",
        &new,
        (403, ErrorCode::Forbidden),
    )
    .await;
    send(&app, &admin, "POST", "/teams", &new, 201).await;
}

#[tokio::test]
async fn bad_names_texts_and_words_are_refused_with_a_sentence() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    for name in [
        "",
        "new",
        "Upper",
        "a b",
        "a--b",
        "ä",
        "../x",
        &"x".repeat(51),
    ] {
        let new = json!({ "name": name });
        let problem = refused(
            &app,
            &amy,
            "POST",
            "/teams",
            &new,
            (422, ErrorCode::Invalid),
        )
        .await;
        assert!(problem.fields.contains_key("name"), "{name}");
    }
    let long = json!({ "name": "hpc", "description": "x".repeat(1001) });
    refused(
        &app,
        &amy,
        "POST",
        "/teams",
        &long,
        (422, ErrorCode::Invalid),
    )
    .await;
    for odd in [
        json!({ "name": "hpc", "permission": "secret" }),
        json!({ "name": "hpc", "owner": "ben" }),
        json!({}),
    ] {
        refused(
            &app,
            &amy,
            "POST",
            "/teams",
            &odd,
            (400, ErrorCode::BadRequest),
        )
        .await;
    }
    for path in ["/teams/%00", "/teams/A%20B", "/teams/new"] {
        answered(amy.client.get(api(&app, path)), 404).await;
    }
    seed::team(&app, "amy", "hpc", &[]).await;
    let odd = "/teams/hpc/members/%00";
    refused(
        &app,
        &amy,
        "DELETE",
        odd,
        &Value::Null,
        (404, ErrorCode::UserNotFound),
    )
    .await;
}
