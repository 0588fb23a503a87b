//! Rate limits: who is counted as whom, what does not count, and how each door refuses.

mod doors;
mod guesses;
mod shared;

use std::time::Duration;

use reqwest::{Client, Response};
use sregistry_server::config::{Rate, Settings};

use crate::common::TestApp;

/// So many an hour.
pub fn hourly(count: u32) -> Rate {
    Rate {
        count,
        period: Duration::from_hours(1),
    }
}

/// So many an hour for everybody.
pub fn few(settings: &mut Settings, count: u32) {
    settings.rates.api_anon_throttle_rate = Some(hourly(count));
    settings.rates.api_user_throttle_rate = Some(hourly(count));
    settings.rates.view_rate_limit = Some(hourly(count));
}

/// Lets the test say where its requests come from.
pub fn behind_a_proxy(settings: &mut Settings) {
    settings.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
}

/// Asks for a path, by way of a proxy that says who asks.
pub async fn ask(app: &TestApp, client: &Client, path: &str, from: &str) -> Response {
    let request = client.get(app.url(path)).header("x-forwarded-for", from);
    request.send().await.unwrap()
}

/// As `ask`, for the status.
pub async fn status(app: &TestApp, client: &Client, path: &str, from: &str) -> u16 {
    ask(app, client, path, from).await.status().as_u16()
}

/// How many requests in a row are not refused, up to 50.
pub async fn through(app: &TestApp, client: &Client, path: &str, from: &str) -> u32 {
    for count in 0..50 {
        if status(app, client, path, from).await == 429 {
            return count;
        }
    }
    50
}
