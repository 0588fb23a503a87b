//! What deletion leaves behind: sizes that are right, bytes marked as unused, nothing else.

use entity::{blob, image, tag};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use shared_types::{CollectionDetail, Container, TagAction, TagEventPage};

use crate::{
    common::TestApp,
    db_test, seed,
    seed::{answered, read},
};

/// Whether the bytes of an image are marked as used by nothing.
async fn unused(app: &TestApp, digest: &str) -> bool {
    let hex = digest.strip_prefix("sha256:").unwrap();
    let row = blob::Entity::find().filter(blob::Column::Sha256.eq(hex));
    let row = row.one(app.core().db.read()).await.unwrap().unwrap();
    row.unused_since.is_some()
}

async fn sizes(app: &TestApp, client: &reqwest::Client) -> (u64, u64) {
    let collection: CollectionDetail =
        read(client.get(app.url("/api/v1/collections/climate")), 200).await;
    let container: Container = read(
        client.get(app.url("/api/v1/collections/climate/containers/model")),
        200,
    )
    .await;
    (collection.collection.size_bytes, container.size_bytes)
}

db_test!(
    a_deleted_image_takes_its_size_and_its_tags_along,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        seed::collection(&app, "amy", "climate", false).await;
        let kept = seed::push(&app, "amy", "climate/model", "1.0", 1).await;
        let gone = seed::push(&app, "amy", "climate/model", "2.0", 2).await;
        seed::push(&app, "amy", "climate/model", "latest", 2).await;
        assert_eq!(
            sizes(&app, &amy.client).await,
            (kept.size + gone.size, kept.size + gone.size)
        );
        let base = app.url("/api/v1/collections/climate/containers/model");
        answered(amy.client.delete(format!("{base}/images/2.0")), 400).await;
        answered(
            amy.client.delete(format!("{base}/images/{}", gone.digest)),
            204,
        )
        .await;
        answered(
            amy.client.delete(format!("{base}/images/{}", gone.digest)),
            404,
        )
        .await;
        assert_eq!(sizes(&app, &amy.client).await, (kept.size, kept.size));
        assert!(unused(&app, &gone.digest).await && !unused(&app, &kept.digest).await);
        answered(amy.client.get(format!("{base}/images/latest")), 404).await;
        let history: TagEventPage = read(amy.client.get(format!("{base}/history")), 200).await;
        let deleted = history
            .items
            .iter()
            .filter(|event| event.action == TagAction::Deleted);
        let mut names: Vec<_> = deleted.map(|event| event.tag.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["2.0", "latest"]);
        // The same bytes again: used again, counted again.
        seed::push(&app, "amy", "climate/model", "3.0", 2).await;
        assert!(!unused(&app, &gone.digest).await);
        assert_eq!(sizes(&app, &amy.client).await.0, kept.size + gone.size);
    }
);

db_test!(
    bytes_that_another_image_uses_stay_in_use,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        for name in ["climate", "copies"] {
            seed::collection(&app, "amy", name, false).await;
        }
        let shared = seed::push(&app, "amy", "climate/model", "1.0", 1).await;
        seed::push(&app, "amy", "copies/model", "1.0", 1).await;
        let own = seed::push(&app, "amy", "copies/model", "2.0", 2).await;
        answered(
            amy.client.delete(app.url("/api/v1/collections/copies")),
            204,
        )
        .await;
        assert!(
            !unused(&app, &shared.digest).await,
            "the other collection has it still"
        );
        assert!(unused(&app, &own.digest).await);
        answered(
            amy.client
                .delete(app.url("/api/v1/collections/climate/containers/model")),
            204,
        )
        .await;
        assert!(unused(&app, &shared.digest).await);
        let shown: CollectionDetail =
            read(amy.client.get(app.url("/api/v1/collections/climate")), 200).await;
        assert_eq!(
            (shown.collection.size_bytes, shown.collection.containers),
            (0, 0)
        );
        let db = app.core().db.read();
        assert_eq!(image::Entity::find().count(db).await.unwrap(), 0);
        assert_eq!(tag::Entity::find().count(db).await.unwrap(), 0);
    }
);
