//! What several servers count together, in a real Redis.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use sregistry_server::config::{Secret, Settings};
use tempfile::TempDir;

use super::{few, hourly, status, through};
use crate::{
    common::{PASSWORD, TestApp, eventually, with_token},
    http_people::Browser,
};

const LIBRARY: &str = "/v1/images/climate/model:1.0";
const HERE: &str = "127.0.0.1";

/// A Redis that runs for one test.
struct Redis {
    dir: TempDir,
    url: String,
}

impl Redis {
    /// Starts one. `make test` installs it; without it the test says so.
    fn start() -> Option<Self> {
        if !Path::new("/usr/bin/redis-server").exists() {
            eprintln!("NOT RUN: there is no redis-server; `make test` installs it");
            return None;
        }
        let mut redis = Self {
            dir: TempDir::new().unwrap(),
            url: String::new(),
        };
        redis.url = redis.lab(&["start"], &[]);
        Some(redis)
    }

    fn lab(&self, before: &[&str], after: &[&str]) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/lab/redis");
        let mut command = Command::new(script);
        let at = self.dir.path().join("redis");
        let output = command.args(before).arg(at).args(after).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn stop(&self) {
        self.lab(&["stop"], &[]);
    }

    /// Starts it again, where it was.
    fn again(&self) {
        let port = self.url.rsplit([':', '/']).nth(1).unwrap();
        assert_eq!(self.lab(&["start"], &[port]), self.url);
    }

    /// Sends the process a signal.
    fn signal(&self, signal: &str) {
        let pid = std::fs::read_to_string(self.dir.path().join("redis/pid")).unwrap();
        let mut kill = Command::new("kill");
        assert!(kill.args([signal, pid.trim()]).status().unwrap().success());
    }

    fn settings(&self, settings: &mut Settings) {
        settings.rates.redis_url = Secret::new(self.url.clone());
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Two servers of one registry, with one Redis.
async fn pair(redis: &Redis, change: impl Fn(&mut Settings)) -> [TestApp; 2] {
    let set = |settings: &mut Settings| {
        redis.settings(settings);
        change(settings);
    };
    let one = TestApp::settings_with(set).await;
    let database = one.core().settings.server.database_url.clone();
    let two = TestApp::settings_with(|settings| {
        set(settings);
        settings.server.database_url = database;
    });
    let two = two.await;
    [one, two]
}

#[tokio::test]
async fn two_servers_share_the_buckets_of_tokens_and_addresses() {
    let Some(redis) = Redis::start() else { return };
    let [one, two] = pair(&redis, |settings| few(settings, 6)).await;
    let amy = one.user("amy").await;
    for client in [one.client(), amy.client.clone()] {
        for server in [&one, &two, &one, &two, &two, &one] {
            assert_ne!(status(server, &client, LIBRARY, HERE).await, 429);
        }
        for server in [&one, &two] {
            let request = client.get(server.url(LIBRARY));
            let refused = request.send().await.unwrap();
            assert_eq!(refused.status(), 429);
            let pause = refused.headers()["retry-after"].to_str().unwrap();
            assert!(
                (590..=600).contains(&pause.parse::<u32>().unwrap()),
                "{pause}"
            );
        }
    }
    assert_eq!(one.core().rates.figures().alone, 0);
    assert_eq!(
        one.core().rates.figures().buckets,
        0,
        "nothing is kept twice"
    );
}

#[tokio::test]
async fn a_bucket_in_redis_fills_with_its_time() {
    let Some(redis) = Redis::start() else { return };
    let [one, two] = pair(&redis, |settings| {
        few(settings, 1000);
        settings.rates.api_anon_throttle_rate = Some(sregistry_server::config::Rate {
            count: 5,
            period: Duration::from_secs(1),
        });
    })
    .await;
    let client = one.client();
    assert!(through(&one, &client, LIBRARY, HERE).await >= 5);
    eventually("there is one more", async || {
        (status(&two, &client, LIBRARY, HERE).await != 429).then_some(())
    })
    .await;
}

#[tokio::test]
async fn guesses_at_one_server_count_at_the_other() {
    let Some(redis) = Redis::start() else { return };
    let [one, two] = pair(&redis, |_| {}).await;
    one.user_with_password("amy").await;
    one.user_with_password("ben").await;
    let (first, second) = (Browser::open(&one), Browser::open(&two));
    for browser in [&first, &second, &first, &second, &first] {
        assert_eq!(browser.try_sign_in("amy", "guess").await.status(), 401);
    }
    let refused = second.try_sign_in("amy", PASSWORD).await;
    assert_eq!(refused.status(), 429);
    let pause = refused.headers()["retry-after"].to_str().unwrap();
    assert!((1..=15).contains(&pause.parse::<u32>().unwrap()), "{pause}");
    for _ in 0..3 {
        assert_eq!(second.try_sign_in("ben", "guess").await.status(), 401);
        assert_eq!(first.try_sign_in("ben", PASSWORD).await.status(), 200);
    }
    for number in 0..100 {
        let wrong = with_token(&format!("{number:040x}"));
        let server = if number % 2 == 0 { &one } else { &two };
        assert_eq!(status(server, &wrong, "/api/v1/tokens", HERE).await, 401);
    }
    let wrong = with_token(&format!("{:040x}", 1000));
    for server in [&one, &two] {
        assert_eq!(status(server, &wrong, "/api/v1/tokens", HERE).await, 429);
    }
}

#[tokio::test]
async fn without_redis_each_server_counts_for_itself_and_it_is_found_again() {
    let Some(redis) = Redis::start() else { return };
    let [one, two] = pair(&redis, |settings| few(settings, 20)).await;
    let client = one.client();
    assert_ne!(status(&one, &client, LIBRARY, HERE).await, 429);
    redis.stop();
    // Not one request fails, and each server has a limit of its own.
    assert_eq!(through(&one, &client, LIBRARY, HERE).await, 20);
    assert_eq!(through(&two, &client, LIBRARY, HERE).await, 20);
    assert!(one.core().rates.figures().alone >= 20);
    redis.again();
    // The new Redis knows nothing, so requests go through as soon as it is asked again, and are counted together.
    for server in [&one, &two] {
        eventually("Redis is asked again", async || {
            (status(server, &client, LIBRARY, HERE).await != 429).then_some(())
        })
        .await;
    }
    assert_eq!(through(&one, &client, LIBRARY, HERE).await, 18);
    assert_eq!(status(&two, &client, LIBRARY, HERE).await, 429);
}

#[tokio::test]
async fn a_redis_that_hangs_holds_nobody_up() {
    let Some(redis) = Redis::start() else { return };
    let [one, _two] = pair(&redis, |settings| {
        few(settings, 1000);
        settings.rates.api_anon_throttle_rate = Some(hourly(1000));
    })
    .await;
    let client = one.client();
    assert_ne!(status(&one, &client, LIBRARY, HERE).await, 429);
    redis.signal("-STOP");
    let start = Instant::now();
    for _ in 0..50 {
        assert_eq!(status(&one, &client, LIBRARY, HERE).await, 404);
    }
    let taken = start.elapsed();
    redis.signal("-CONT");
    assert!(
        taken < Duration::from_secs(5),
        "one waits, not each: {taken:?}"
    );
}

#[tokio::test]
async fn a_server_starts_without_its_redis() {
    let Some(redis) = Redis::start() else { return };
    redis.stop();
    let app = TestApp::settings_with(|settings| {
        redis.settings(settings);
        few(settings, 5);
    })
    .await;
    assert_eq!(through(&app, &app.client(), LIBRARY, HERE).await, 5);
}
