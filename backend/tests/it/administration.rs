//! What superusers look at: jobs, the store, the settings.

use shared_types::{ScheduledJob, ScheduledJobs, SettingsInForce, StorageFigures};
use sregistry_server::config::Settings;

use crate::{
    common::{TestApp, eventually},
    db_test, seed,
    seed::{answered, read},
};

async fn job(app: &TestApp, client: &reqwest::Client, name: &str) -> ScheduledJob {
    let path = app.url("/api/v1/administration/jobs");
    let jobs: ScheduledJobs = read(client.get(path), 200).await;
    let found = jobs.items.into_iter().find(|job| job.name == name);
    found.unwrap()
}

db_test!(
    a_job_can_be_run_now_and_says_when_it_ran,
    async |app: TestApp| {
        let root = app.superuser().await;
        let before = job(&app, &root.client, "collect_blobs").await;
        assert_eq!((before.started_at, before.every_seconds), (None, 3600));
        let run = app.url("/api/v1/administration/jobs/collect_blobs/run");
        answered(root.client.post(run), 202).await;
        let done = eventually("the job ends", async || {
            let job = job(&app, &root.client, "collect_blobs").await;
            job.ended_at.is_some().then_some(job)
        });
        let done = done.await;
        assert!(done.started_at <= done.ended_at);
        assert_eq!(done.problem, None);
        for unknown in ["inspect_image", "nothing", "%00"] {
            let path = format!("/api/v1/administration/jobs/{unknown}/run");
            answered(root.client.post(app.url(&path)), 404).await;
        }
    }
);

db_test!(
    the_store_is_counted_as_it_is_shared,
    async |app: TestApp| {
        let (amy, root) = (app.user("amy").await, app.superuser().await);
        seed::collection(&app, "amy", "one", false).await;
        seed::collection(&app, "amy", "two", true).await;
        let pushed = seed::push(&app, "amy", "one/a", "v1", 1).await;
        seed::push(&app, "amy", "two/a", "v1", 1).await;
        let figures = async || -> StorageFigures {
            let path = app.url("/api/v1/administration/storage");
            read(root.client.get(path), 200).await
        };
        let shared = figures().await;
        assert_eq!(
            (shared.blobs, shared.size_bytes, shared.referenced_bytes),
            (1, pushed.size, 2 * pushed.size)
        );
        assert_eq!((shared.unused_blobs, shared.uploads), (0, 0));
        assert_eq!(shared.kind, "folder");
        assert!(shared.free_bytes.unwrap() > 0);
        for name in ["one", "two"] {
            let path = app.url(&format!("/api/v1/collections/{name}"));
            answered(amy.client.delete(path), 204).await;
        }
        let left = figures().await;
        assert_eq!((left.unused_blobs, left.unused_bytes), (1, pushed.size));
        assert_eq!((left.blobs, left.referenced_bytes), (1, 0));
    }
);

#[tokio::test]
async fn settings_are_shown_without_their_secrets() {
    let folder = tempfile::TempDir::new().unwrap();
    let variables = [
        ("SREGISTRY_REGISTRY_NAME", "Research Registry".to_owned()),
        ("SREGISTRY_SECRET_KEY", "never to be seen ".repeat(4)),
        ("SREGISTRY_DATA_DIR", folder.path().display().to_string()),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value));
    let shown = Settings::load_from(None, variables).unwrap().settings.shown;
    let app = TestApp::settings_with(|settings| settings.shown = shown).await;
    let root = app.superuser().await;
    let path = app.url("/api/v1/administration/settings");
    let text = answered(root.client.get(path), 200).await;
    assert!(!text.contains("never to be seen"), "{text}");
    let settings: SettingsInForce = serde_json::from_str(&text).unwrap();
    let one = |name: &str| {
        settings
            .items
            .iter()
            .find(|item| item.name == name)
            .unwrap()
    };
    let name = one("REGISTRY_NAME");
    assert_eq!(
        (name.value.as_str(), name.source.as_str(), name.changed),
        (
            "Research Registry",
            "environment SREGISTRY_REGISTRY_NAME",
            true
        )
    );
    assert_eq!(
        (one("SECRET_KEY").value.as_str(), one("SECRET_KEY").changed),
        ("•••", true)
    );
    assert_eq!(
        (one("LISTEN").source.as_str(), one("LISTEN").changed),
        ("default", false)
    );
}
