//! Labels: found by key, by value, by both, by those who may see the image.

use migration::{Migrator, MigratorTrait};
use reqwest::Method;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};
use sif::build::SifBuilder;
use sregistry_server::services::labels;

use super::Cli;
use crate::{
    common::{Engine, TestApp, eventually, fresh_database},
    db_test, seed,
};

fn labelled(seed: u64, labels: &[(&str, &str)]) -> bytes::Bytes {
    let image = SifBuilder::new().seed(seed).labels(labels.iter().copied());
    image.to_bytes().unwrap().into()
}

async fn search(cli: &Cli<'_>, path: &str) -> Value {
    let answer = cli.get(&format!("/api/labels/search{path}")).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn label(key: &str, value: &str, containers: &[&str]) -> Value {
    json!({ "key": key, "value": value, "containers": containers })
}

db_test!(
    labels_are_found_by_key_value_and_both,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        seed::collection(&app, "amy", "priv", true).await;
        let cli = Cli::of(&app, &amy);
        let first = labelled(
            1,
            &[
                ("maintainer", "alice"),
                ("org.label-schema.usage", "/usage"),
            ],
        );
        let second = labelled(2, &[("maintainer", "bob"), ("other", "alice")]);
        let secret = labelled(3, &[("secretkey", "hidden"), ("maintainer", "alice")]);
        cli.pushed(["pub", "alpine", "latest"], &first).await;
        cli.pushed(["pub", "alpine", "v1"], &first).await;
        cli.pushed(["pub", "busybox", "latest"], &second).await;
        cli.pushed(["priv", "secret", "latest"], &secret).await;
        let alpine = &["pub/alpine:latest", "pub/alpine:v1"][..];
        let all = json!([
            label("maintainer", "alice", alpine),
            label("maintainer", "bob", &["pub/busybox:latest"]),
            label("org.label-schema.usage", "/usage", alpine),
            label("other", "alice", &["pub/busybox:latest"]),
        ]);
        let viewer = seed::viewer(&app, "amy").await;
        eventually("all four are read", async || {
            let found = labels::search(app.core(), &viewer, None, None)
                .await
                .unwrap();
            (found.iter().map(|label| label.images.len()).sum::<usize>() == 8).then_some(())
        })
        .await;
        assert_eq!(search(&cli, "").await, all);
        assert_eq!(search(&cli, "/").await, all);
        assert_eq!(
            search(&cli, "/maintainer/key").await,
            json!([all[0].clone(), all[1].clone()])
        );
        assert_eq!(
            search(&cli, "/alice/value").await,
            json!([all[0].clone(), all[3].clone()])
        );
        assert_eq!(
            search(&cli, "/maintainer/key/alice/value/").await,
            json!([all[0].clone()])
        );
        assert_eq!(
            search(&cli, "/%2Fusage/value").await,
            json!([all[2].clone()])
        );
        for nothing in ["/secretkey/key", "/hidden/value", "/zzz/key", "/%00/key"] {
            assert_eq!(search(&cli, nothing).await, json!([]), "{nothing}");
        }
        let header = format!("Bearer {}", amy.token);
        let path = "/api/labels/search/secretkey/key";
        let own = cli.ask(Method::GET, path, &header).await.json();
        assert_eq!(
            own,
            json!([label("secretkey", "hidden", &["priv/secret:latest"])])
        );
        // They go with the image.
        assert_eq!(cli.delete(["pub", "busybox", "latest"]).await.status, 204);
        assert_eq!(search(&cli, "/other/key").await, json!([]));
    }
);

#[tokio::test]
async fn labels_of_images_that_were_read_before_are_there_after_the_change() {
    const ROWS: [&str; 4] = [
        "INSERT INTO collections (id, name, description, readme, private, contributors_may_push, created_at, updated_at, size_bytes, downloads) \
         VALUES (1, 'c', '', '', FALSE, FALSE, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 0, 0)",
        "INSERT INTO containers (id, collection_id, name, description, created_at, updated_at, size_bytes, downloads) \
         VALUES (1, 1, 'n', '', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 0, 0)",
        "INSERT INTO images (id, container_id, sha256, size, description, signed, encrypted, metadata, downloads, created_at) \
         VALUES (1, 1, 'a', 1, '', FALSE, FALSE, '{\"objects\":[],\"labels\":{\"maintainer\":\"amy\",\"\":\"x\",\"usage\":\"LONG\"}}', 0, '2026-01-01T00:00:00Z')",
        "INSERT INTO images (id, container_id, sha256, size, description, signed, encrypted, metadata, downloads, created_at) \
         VALUES (2, 1, 'b', 1, '', FALSE, FALSE, NULL, 0, '2026-01-01T00:00:00Z')",
    ];
    for engine in Engine::all() {
        let dir = tempfile::TempDir::new().unwrap();
        let url = fresh_database(engine, dir.path()).await;
        let url =
            url.unwrap_or_else(|| sregistry_server::db::Db::sqlite_url(&dir.path().join("x.db")));
        let db = sea_orm::Database::connect(&url).await.unwrap();
        let before = Migrator::migrations()
            .iter()
            .take_while(|change| change.name() != "m0004_labels")
            .count();
        Migrator::up(&db, Some(u32::try_from(before).unwrap()))
            .await
            .unwrap();
        for row in ROWS {
            let row = row.replace("LONG", &"é".repeat(300));
            db.execute_unprepared(&row).await.unwrap();
        }
        Migrator::up(&db, None).await.unwrap();
        let found = entity::label::Entity::find().all(&db).await.unwrap();
        let mut found: Vec<_> = found
            .into_iter()
            .map(|label| (label.image_id, label.key, label.value))
            .collect();
        found.sort();
        assert_eq!(
            found,
            [
                (1, "maintainer".to_owned(), "amy".to_owned()),
                (1, "usage".to_owned(), "é".repeat(250)),
            ],
            "{engine:?}"
        );
        db.close().await.unwrap();
    }
}
