//! Collections under another name.

use serde_json::json;
use shared_types::{CollectionDetail, ErrorCode, Scope, TokenPage};

use super::{api, refused, send};
use crate::{
    common::{TestApp, with_token},
    db_test, seed,
    seed::{answered, read},
};

const RENAME: &str = "/collections/climate/rename";

db_test!(
    a_collection_is_found_by_its_new_name_alone,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        seed::collection(&app, "amy", "climate", true).await;
        seed::collection(&app, "amy", "climate-2", true).await;
        seed::push(&app, "amy", "climate/tool", "v1", 1).await;
        let limited = vec!["climate".to_owned(), "climate-2".to_owned()];
        let limited = app.token("amy", Scope::Manage, Some(limited)).await;
        let to = json!({ "name": "weather" });
        let text = send(&app, &amy, "POST", RENAME, &to, 200).await;
        let seen: CollectionDetail = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (seen.collection.name.as_str(), seen.collection.containers),
            ("weather", 1)
        );
        answered(amy.client.get(api(&app, "/collections/climate")), 404).await;
        answered(
            amy.client.get(app.url("/v1/images/amy/weather/tool:v1")),
            200,
        )
        .await;

        // The token follows, and reaches no further than before.
        let client = with_token(&limited);
        answered(client.get(api(&app, "/collections/weather")), 200).await;
        answered(client.get(api(&app, "/collections/climate-2")), 200).await;
        seed::collection(&app, "amy", "climate", true).await;
        answered(client.get(api(&app, "/collections/climate")), 404).await;
        let tokens: TokenPage = read(amy.client.get(api(&app, "/tokens")), 200).await;
        let places: Vec<_> = tokens
            .items
            .iter()
            .map(|token| &token.collections)
            .collect();
        assert!(
            places.contains(&&vec!["weather".to_owned(), "climate-2".to_owned()]),
            "{places:?}"
        );
    }
);

#[tokio::test]
async fn names_in_use_odd_names_and_frozen_tags_prevent_it() {
    let app = TestApp::start().await;
    let (amy, _) = (app.user("amy").await, app.user("ben").await);
    seed::collection(&app, "amy", "climate", false).await;
    seed::collection(&app, "ben", "hidden", true).await;
    seed::push(&app, "amy", "climate/tool", "v1", 1).await;
    let taken = (409, ErrorCode::NameTaken);
    refused(
        &app,
        &amy,
        "POST",
        RENAME,
        &json!({ "name": "hidden" }),
        taken,
    )
    .await;
    for odd in ["", "Upper", "a b", "new", &"x".repeat(129)] {
        let invalid = (422, ErrorCode::Invalid);
        refused(&app, &amy, "POST", RENAME, &json!({ "name": odd }), invalid).await;
    }
    seed::freeze(&app, "amy", "climate/tool", "v1", true).await;
    let frozen = (409, ErrorCode::Frozen);
    refused(
        &app,
        &amy,
        "POST",
        RENAME,
        &json!({ "name": "weather" }),
        frozen,
    )
    .await;
    answered(amy.client.get(api(&app, "/collections/climate")), 200).await;
}
