//! What the settings say about making collections holds at every door that makes one.

use reqwest::RequestBuilder;
use serde_json::json;
use sregistry_server::repo;

use crate::common::{TestApp, TestUser};

/// A way to make a collection: its name, and the request of that protocol.
type Door = (
    &'static str,
    fn(&TestApp, &TestUser, &str) -> RequestBuilder,
);

const DOORS: [Door; 5] = [
    ("the JSON API", |app, user, name| {
        let url = app.url("/api/v1/collections");
        user.client.post(url).json(&json!({ "name": name }))
    }),
    ("a browser's upload", |app, user, name| {
        let new = json!({ "collection": name, "container": "tool", "tag": "v1", "size_bytes": 9 });
        user.client.post(app.url("/api/v1/uploads")).json(&new)
    }),
    ("the library", |app, user, name| {
        let new = json!({ "name": name, "entity": format!("e-{}", user.username) });
        user.client.post(app.url("/v1/collections")).json(&new)
    }),
    ("OCI", |app, user, name| {
        let url = app.url(&format!("/v2/{name}/tool/blobs/uploads/"));
        user.client.post(url)
    }),
    ("the older client", |app, user, name| {
        let url = app.url("/api/upload/chunked_upload");
        let wanted = json!({ "collection": name, "name": "tool", "tag": "v1" });
        user.client.post(url).json(&wanted)
    }),
];

/// Whether the collection that was made is private; nothing where none was made.
async fn made(app: &TestApp, name: &str) -> Option<bool> {
    let db = app.core().db.read();
    let found = repo::collection::with_membership(db, name, None);
    found.await.unwrap().map(|(row, _)| row.private)
}

/// Tries a door; says whether it opened, and what came of it.
async fn try_door(app: &TestApp, user: &TestUser, door: &Door, name: &str) -> (u16, Option<bool>) {
    let response = (door.1)(app, user, name).send().await.unwrap();
    (response.status().as_u16(), made(app, name).await)
}

#[tokio::test]
async fn by_every_door_a_new_collection_is_as_private_as_the_settings_say() {
    for (default_private, private_only) in [(false, false), (true, false), (false, true)] {
        let app = TestApp::settings_with(|settings| {
            settings.registry.default_private = default_private;
            settings.registry.private_only = private_only;
        })
        .await;
        let amy = app.user("amy").await;
        for (number, door) in DOORS.iter().enumerate() {
            let (status, private) = try_door(&app, &amy, door, &format!("c{number}")).await;
            assert!((200..300).contains(&status), "{}: {status}", door.0);
            let expected = default_private || private_only;
            assert_eq!(private, Some(expected), "{}", door.0);
        }
    }
}

#[tokio::test]
async fn by_no_door_a_user_makes_collections_where_administrators_do() {
    let app = TestApp::settings_with(|settings| settings.registry.user_collections = false).await;
    let (amy, admin) = (app.user("amy").await, app.admin().await);
    for (number, door) in DOORS.iter().enumerate() {
        let name = format!("c{number}");
        assert_eq!(
            try_door(&app, &amy, door, &name).await,
            (403, None),
            "{}",
            door.0
        );
        let (status, private) = try_door(&app, &admin, door, &name).await;
        assert!((200..300).contains(&status), "{}: {status}", door.0);
        assert_eq!(private, Some(false), "{}", door.0);
    }
}

#[tokio::test]
async fn by_no_door_a_user_makes_more_collections_than_the_limit() {
    let app =
        TestApp::settings_with(|settings| settings.registry.user_collection_limit = Some(1)).await;
    let (amy, admin) = (app.user("amy").await, app.admin().await);
    let (status, _) = try_door(&app, &amy, &DOORS[0], "first").await;
    assert_eq!(status, 201);
    for (number, door) in DOORS.iter().enumerate() {
        let name = format!("c{number}");
        let (status, private) = try_door(&app, &amy, door, &name).await;
        assert!(status >= 400 && private.is_none(), "{}: {status}", door.0);
        let (status, _) = try_door(&app, &admin, door, &name).await;
        assert!((200..300).contains(&status), "{}: {status}", door.0);
    }
}
