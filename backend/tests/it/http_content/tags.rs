//! Tags: created, moved, frozen, removed, and what the history says.

use serde_json::json;
use shared_types::{ErrorCode, ImageDetail, Problem, Tag, TagAction, TagEventPage};

use crate::{
    common::TestApp,
    db_test, seed,
    seed::{answered, read},
};

const BASE: &str = "/api/v1/collections/climate/containers/model";

db_test!(
    a_frozen_tag_neither_moves_nor_goes_until_it_is_unfrozen,
    async |app: TestApp| {
        let (amy, admin) = (app.user("amy").await, app.admin().await);
        seed::collection(&app, "amy", "climate", false).await;
        let old = seed::push(&app, "amy", "climate/model", "1.0", 1).await;
        let new = seed::push(&app, "amy", "climate/model", "2.0", 2).await;
        let tag = app.url(&format!("{BASE}/tags/1.0"));
        let frozen: Tag = read(amy.client.put(&tag).json(&json!({ "frozen": true })), 200).await;
        assert!(frozen.frozen);
        let image = app.url(&format!("{BASE}/images/{}", old.digest));
        for client in [&amy.client, &admin.client] {
            let refused = [
                client.put(&tag).json(&json!({ "digest": new.digest })),
                client
                    .put(&tag)
                    .json(&json!({ "digest": new.digest, "frozen": true })),
                client.delete(&tag),
                client.delete(format!("{tag}?arch=amd64")),
                client.delete(&image),
                client.delete(app.url(BASE)),
                client.delete(app.url("/api/v1/collections/climate")),
            ];
            for request in refused {
                let problem: Problem = read(request, 409).await;
                assert_eq!(problem.code, ErrorCode::Frozen, "{}", problem.message);
            }
        }
        let same: Tag = read(
            amy.client.put(&tag).json(&json!({ "digest": old.digest })),
            200,
        )
        .await;
        assert!(same.frozen, "pointing it where it points is no move");
        let detail: ImageDetail = read(amy.client.get(&image), 200).await;
        assert!(detail.image.frozen);

        let moved = json!({ "frozen": false, "digest": new.digest });
        let tag_now: Tag = read(amy.client.put(&tag).json(&moved), 200).await;
        assert_eq!(
            (tag_now.frozen, tag_now.digest),
            (false, new.digest.clone())
        );
        answered(amy.client.delete(&tag), 204).await;
        answered(amy.client.delete(&tag), 404).await;
        let still: ImageDetail = read(
            amy.client
                .get(app.url(&format!("{BASE}/images/{}", new.digest))),
            200,
        )
        .await;
        assert_eq!(still.image.tags, ["2.0"], "the image stays");

        let history: TagEventPage =
            read(amy.client.get(app.url(&format!("{BASE}/history"))), 200).await;
        let of_tag: Vec<_> = history
            .items
            .iter()
            .filter(|event| event.tag == "1.0")
            .map(|event| event.action)
            .collect();
        let expected = [
            TagAction::Deleted,
            TagAction::Moved,
            TagAction::Unfrozen,
            TagAction::Frozen,
            TagAction::Created,
        ];
        assert_eq!(of_tag, expected);
    }
);

#[tokio::test]
async fn a_change_that_means_nothing_is_refused() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    seed::collection(&app, "amy", "climate", false).await;
    let pushed = seed::push(&app, "amy", "climate/model", "1.0", 1).await;
    seed::push(&app, "amy", "climate/other", "1.0", 2).await;
    let elsewhere = seed::push(&app, "amy", "climate/other", "2.0", 3).await;
    let put = |tag: &str, body: serde_json::Value| {
        amy.client
            .put(app.url(&format!("{BASE}/tags/{tag}")))
            .json(&body)
    };
    answered(put("1.0", json!({})), 400).await;
    answered(put("1.0", json!({ "digest": "sha256:12" })), 422).await;
    answered(put("-bad", json!({ "digest": pushed.digest })), 422).await;
    answered(
        put("1.0?arch=AMD%2064", json!({ "digest": pushed.digest })),
        422,
    )
    .await;
    answered(put("3.0", json!({ "frozen": true })), 404).await;
    let problem: Problem = read(put("1.0", json!({ "digest": elsewhere.digest })), 422).await;
    assert!(
        problem.fields.contains_key("digest"),
        "an image of another container"
    );
}

#[tokio::test]
async fn who_may_push_moves_tags_and_who_manages_freezes_them() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    seed::collection(&app, "amy", "climate", false).await;
    seed::contributor(&app, "climate", "ben").await;
    let pushed = seed::push(&app, "amy", "climate/model", "1.0", 1).await;
    let tag = app.url(&format!("{BASE}/tags/new"));
    let point = json!({ "digest": pushed.digest });
    answered(ben.client.put(&tag).json(&point), 403).await;
    let open = json!({ "contributors_may_push": true });
    answered(
        amy.client
            .patch(app.url("/api/v1/collections/climate"))
            .json(&open),
        200,
    )
    .await;
    answered(ben.client.put(&tag).json(&point), 200).await;
    answered(ben.client.put(&tag).json(&json!({ "frozen": true })), 403).await;
    answered(ben.client.delete(&tag), 403).await;
    answered(app.client().put(&tag).json(&point), 401).await;
}

db_test!(
    many_who_move_a_tag_at_once_leave_an_unbroken_history,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        seed::collection(&app, "amy", "climate", false).await;
        let mut digests = Vec::new();
        for number in 0..4 {
            let pushed =
                seed::push(&app, "amy", "climate/model", &format!("t{number}"), number).await;
            digests.push(pushed.digest);
        }
        let url = app.url(&format!("{BASE}/tags/latest"));
        let moves = (0..12).map(|number| {
            let request = amy
                .client
                .put(&url)
                .json(&json!({ "digest": digests[number % 4] }));
            answered(request, 200)
        });
        futures_util::future::join_all(moves).await;
        let url = app.url(&format!("{BASE}/history?limit=250"));
        let history: TagEventPage = read(amy.client.get(url), 200).await;
        let events: Vec<_> = history
            .items
            .iter()
            .filter(|event| event.tag == "latest")
            .collect();
        assert_eq!(events.last().unwrap().action, TagAction::Created);
        for pair in events.windows(2) {
            assert_eq!(
                pair[0].from_digest, pair[1].to_digest,
                "each move starts where the one before ended"
            );
        }
    }
);
