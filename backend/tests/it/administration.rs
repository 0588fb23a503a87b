//! What those who run a registry look at: jobs, the store, the limits, the settings.

use std::time::Duration;

use serde_json::json;
use shared_types::{
    LimitRule, LimitsInForce, QuotaUse, ScheduledJob, ScheduledJobs, SettingsInForce,
    StorageFigures,
};
use sregistry_server::config::{Rate, Settings, Shown};

use crate::{
    common::{TestApp, TestUser, eventually},
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

async fn limits(app: &TestApp, by: &TestUser) -> LimitsInForce {
    let path = app.url("/api/v1/administration/limits");
    read(by.client.get(path), 200).await
}

/// Who is shown, how much of what is in use, and whose rule it is.
fn told(uses: &[QuotaUse]) -> Vec<(&str, u64, u64, LimitRule)> {
    uses.iter()
        .map(|one| (one.name.as_str(), one.used_bytes, one.limit_bytes, one.rule))
        .collect()
}

/// Sets how many bytes a collection may hold.
async fn allot(app: &TestApp, admin: &TestUser, collection: &str, quota: serde_json::Value) {
    let path = app.url(&format!("/api/v1/collections/{collection}/quota"));
    answered(admin.client.put(path).json(&quota), 200).await;
}

db_test!(
    whose_quotas_are_fullest_is_told_with_those_first,
    async |app: TestApp| {
        let (admin, root) = (app.admin().await, app.superuser().await);
        for name in ["amy", "ben"] {
            app.user(name).await;
        }
        for (by, name, seed) in [
            ("amy", "z-full", 1),
            ("amy", "half", 2),
            ("amy", "free", 3),
            ("ben", "a-plain", 4),
        ] {
            seed::push(&app, by, &format!("{name}/tool"), "v1", seed).await;
        }
        seed::collection(&app, "ben", "empty", true).await;
        let size = seed::sif(1).len() as u64;
        let own = |bytes: u64| json!({ "rule": "own", "limit_bytes": bytes });
        for (name, quota) in [
            ("z-full", own(size)),
            ("half", own(2 * size)),
            ("free", json!({ "rule": "unlimited" })),
            ("empty", own(1)),
        ] {
            allot(&app, &admin, name, quota).await;
        }
        let seen = limits(&app, &admin).await;
        let (full, half) = (
            ("z-full", size, size, LimitRule::Own),
            ("half", size, 2 * size, LimitRule::Own),
        );
        assert_eq!(told(&seen.collections), [full, half]);
        assert_eq!(seen.users, None, "superusers manage users");
        let seen = limits(&app, &root).await;
        assert_eq!(seen.users.as_deref(), Some([].as_slice()));

        let amy = app.url("/api/v1/users/amy");
        let change = json!({ "quota_bytes": 6 * size });
        answered(root.client.patch(amy).json(&change), 200).await;
        let app = app
            .restart_with(|settings| {
                settings.registry.collection_quota = Some(10 * size);
                settings.registry.user_quota = Some(4 * size);
            })
            .await;
        allot(&app, &admin, "z-full", own(0)).await;
        let seen = limits(&app, &root).await;
        let plain = ("a-plain", size, 10 * size, LimitRule::Default);
        let full = ("z-full", size, 0, LimitRule::Own);
        assert_eq!(told(&seen.collections), [full, half, plain]);
        assert_eq!(
            told(&seen.users.unwrap()),
            [
                ("amy", 3 * size, 6 * size, LimitRule::Own),
                ("ben", size, 4 * size, LimitRule::Default)
            ]
        );
    }
);

#[tokio::test]
async fn limits_are_told_with_their_settings_and_sources_and_refusals_are_counted() {
    let app = TestApp::settings_with(|settings| {
        let folder = settings.server.data_dir.clone();
        settings.shown = shown(&folder, &[("SREGISTRY_COLLECTION_QUOTA", "50GiB")]);
        settings.rates.view_rate_limit = Some(Rate {
            count: 1,
            period: Duration::from_hours(1),
        });
    });
    let app = app.await;
    let admin = app.admin().await;
    let seen = limits(&app, &admin).await;
    let of = |name: &str| {
        let mut items = seen.items.iter();
        let found = items.find(|item| item.setting.as_deref() == Some(name));
        let found = found.unwrap();
        (found.value.clone(), found.source.clone())
    };
    let set = "environment SREGISTRY_COLLECTION_QUOTA".to_owned();
    assert_eq!(of("COLLECTION_QUOTA"), ("50GiB".to_owned(), set));
    let general = ("60000/minute".to_owned(), "default".to_owned());
    assert_eq!(of("API_USER_THROTTLE_RATE"), general);
    assert_eq!(of("USER_QUOTA").0, "none");
    let fixed = seen.items.iter().filter(|item| item.source == "built in");
    let fixed: Vec<_> = fixed.map(|item| item.value.as_str()).collect();
    assert_eq!(fixed.len(), 4);
    assert_eq!(fixed[0], "5, then pauses of 15 s to 15 min");

    assert_eq!(seen.refused_requests, 0);
    for status in [200, 429, 429] {
        answered(app.client().get(app.url("/api/v1/stats")), status).await;
    }
    assert_eq!(limits(&app, &admin).await.refused_requests, 2);
}

/// The settings as they are shown, with these variables.
fn shown(folder: &std::path::Path, variables: &[(&str, &str)]) -> Vec<Shown> {
    let always = [
        ("SREGISTRY_SECRET_KEY", "never to be seen ".repeat(4)),
        ("SREGISTRY_DATA_DIR", folder.display().to_string()),
    ];
    let always = always.map(|(name, value)| (name.to_owned(), value));
    let more = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let loaded = Settings::load_from(None, always.into_iter().chain(more));
    loaded.unwrap().settings.shown
}

#[tokio::test]
async fn settings_are_shown_without_their_secrets() {
    let folder = tempfile::TempDir::new().unwrap();
    let variables = [("SREGISTRY_REGISTRY_NAME", "Research Registry")];
    let shown = shown(folder.path(), &variables);
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
