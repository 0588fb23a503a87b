//! Sending messages: signed, with a time limit, again after growing pauses.
//!
//! Rule: a message is claimed in a transaction before it is sent, so that of several replicas one sends it; a replica that dies while it does
//! leaves it to another. So a receiver may get one twice, with the same id.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{webhook, webhook_delivery};
use futures_util::{StreamExt, stream};
use reqwest::{Client, header::CONTENT_TYPE, redirect::Policy};
use shared_types::{DeliveryState, WebhookEvent};

use super::{
    super::{Core, Error, Result, keys},
    guard::{self, Guard},
    outbox::Told,
    seal_context,
};
use crate::{
    config::Settings,
    repo::{self, webhook::Outcome},
};

/// Messages that are sent at once.
const AT_ONCE: usize = 8;
/// Messages that are claimed at once.
const BATCH: u64 = 32;
/// How often a message is tried.
pub(super) const MOST_ATTEMPTS: i32 = 8;
/// The pause after the first attempt, in seconds; each that follows is three times as long.
const FIRST_PAUSE: i64 = 15;
/// Bytes of an answer that are kept.
const KEPT: usize = 1024;
/// How long a claim holds beyond the time that the receivers of a batch can take, in seconds.
const GRACE: i64 = 60;

/// Sends messages to where they may go.
#[derive(Debug, Clone)]
pub struct Sender(Client);

impl Sender {
    /// With the limits of these settings.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn build(settings: &Settings) -> Result<Self, reqwest::Error> {
        Client::builder()
            .redirect(Policy::none())
            // A proxy would resolve names itself, past the guard.
            .no_proxy()
            .dns_resolver(std::sync::Arc::new(Guard(
                settings.webhooks.private_networks.clone(),
            )))
            .timeout(settings.webhooks.timeout)
            .user_agent(concat!("sregistry-server/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(Self)
    }
}

/// What came of one attempt.
#[derive(Debug, Default)]
struct Answer {
    status: Option<u16>,
    body: Option<String>,
    problem: Option<String>,
}

impl Answer {
    fn problem(sentence: impl Into<String>) -> Self {
        Self {
            problem: Some(sentence.into()),
            ..Self::default()
        }
    }

    fn is_good(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }
}

/// Sends what is to be sent by now, until there is nothing left. Returns how many messages were tried.
///
/// # Errors
/// The database failed.
pub async fn deliver(core: &Core) -> Result<u64> {
    let mut tried = 0;
    loop {
        let claimed = claim(core).await?;
        if claimed.is_empty() {
            return Ok(tried);
        }
        tried += u64::try_from(claimed.len()).unwrap_or_default();
        let ids = claimed.iter().map(|row| row.webhook_id);
        let hooks: HashMap<i64, webhook::Model> = repo::webhook::by_ids(core.db.read(), ids)
            .await?
            .into_iter()
            .map(|hook| (hook.id, hook))
            .collect();
        let attempts = claimed.into_iter().filter_map(|row| {
            let hook = hooks.get(&row.webhook_id)?.clone();
            Some(attempt(core, hook, row))
        });
        let done: Vec<Result<()>> = stream::iter(attempts)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        done.into_iter().collect::<Result<()>>()?;
    }
}

/// Takes messages that are due.
async fn claim(core: &Core) -> Result<Vec<webhook_delivery::Model>> {
    let now = core.clock.now();
    // Looked for outside the transaction: most of the time there is nothing, and writers need not wait for that.
    if repo::webhook::due(core.db.read(), now, 1).await?.is_empty() {
        return Ok(Vec::new());
    }
    let rounds = i64::try_from(BATCH).unwrap_or(1) / i64::try_from(AT_ONCE).unwrap_or(1) + 1;
    let limit = i64::try_from(core.settings.webhooks.timeout.as_secs()).unwrap_or(GRACE);
    let until = now + TimeDelta::seconds(limit.saturating_mul(rounds).saturating_add(GRACE));
    core.db
        .write(async move |tx| {
            let mut claimed = Vec::new();
            for row in repo::webhook::due(tx, now, BATCH).await? {
                if repo::webhook::claim(tx, &row, until).await? {
                    claimed.push(row);
                }
            }
            Ok::<_, Error>(claimed)
        })
        .await
}

/// Sends one message and notes what came of it.
async fn attempt(core: &Core, hook: webhook::Model, row: webhook_delivery::Model) -> Result<()> {
    let at = core.clock.now();
    let began = Instant::now();
    let answer = if hook.active || row.event == WebhookEvent::Ping.as_str() {
        send(core, &hook, &row, at).await
    } else {
        Answer::problem("the webhook is switched off")
    };
    let attempts = row.attempts.saturating_add(1);
    let state = if answer.is_good() {
        DeliveryState::Delivered
    } else if attempts >= MOST_ATTEMPTS || !hook.active {
        DeliveryState::Failed
    } else {
        DeliveryState::Pending
    };
    let outcome = Outcome {
        state,
        attempts,
        at,
        next: (state == DeliveryState::Pending).then(|| core.clock.now() + pause(attempts)),
        duration_ms: millis(began.elapsed()),
        status: answer.status.map(i32::from),
        answer: answer.body,
        problem: answer.problem,
    };
    tracing::debug!(
        webhook = hook.public_id,
        delivery = row.public_id,
        status = outcome.status,
        problem = outcome.problem,
        state = state.as_str(),
        "message to a webhook"
    );
    core.db
        .write(async move |tx| Ok::<_, Error>(repo::webhook::settle(tx, row.id, outcome).await?))
        .await
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// How long to wait after so many attempts, with a little chance in it: receivers that come back are not asked by all at once.
fn pause(attempts: i32) -> TimeDelta {
    let exponent = u32::try_from(attempts.saturating_sub(1)).unwrap_or_default();
    let seconds = FIRST_PAUSE.saturating_mul(3_i64.saturating_pow(exponent));
    let [chance] = keys::random::<1>();
    // Up to a quarter more.
    let extra = seconds.saturating_mul(1000) / 4 * i64::from(chance) / 255;
    TimeDelta::milliseconds(seconds.saturating_mul(1000).saturating_add(extra))
}

async fn send(
    core: &Core,
    hook: &webhook::Model,
    row: &webhook_delivery::Model,
    at: DateTime<Utc>,
) -> Answer {
    let (secret, body) = match (secret(core, hook), body(core, row)) {
        (Ok(secret), Ok(body)) => (secret, body),
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!(webhook = hook.public_id, %error, "a message cannot be made");
            return Answer::problem("the message could not be made; give the webhook a new secret");
        }
    };
    // Checked again: the settings may have changed since the webhook was made.
    let networks = &core.settings.webhooks.private_networks;
    let url = match guard::parse(&hook.url).and_then(|url| {
        guard::check_literal(&url, networks)?;
        Ok(url)
    }) {
        Ok(url) => url,
        Err(sentence) => return Answer::problem(sentence),
    };
    let timestamp = at.timestamp();
    let signature = keys::sign(&secret, &format!("{timestamp}.{body}"));
    let request = core
        .webhooks
        .0
        .post(url)
        .header(CONTENT_TYPE, "application/json")
        .header("x-sregistry-event", &row.event)
        .header("x-sregistry-delivery", &row.public_id)
        .header("x-sregistry-timestamp", timestamp)
        .header("x-sregistry-signature", format!("v1={signature}"))
        .body(body);
    match request.send().await {
        Ok(response) => answered(response).await,
        Err(error) => Answer::problem(why(&error)),
    }
}

fn secret(core: &Core, hook: &webhook::Model) -> Result<Vec<u8>> {
    let opened = core
        .keys
        .open(&seal_context(&hook.public_id), &hook.sealed_secret);
    opened.map_err(Error::internal)
}

/// The message, as it is sent.
fn body(core: &Core, row: &webhook_delivery::Model) -> Result<String> {
    let told: Told = serde_json::from_str(&row.message).map_err(Error::internal)?;
    let event = row.event.parse();
    let event = event.map_err(|error: String| Error::internal(error))?;
    let message = told.message(&row.public_id, event, &core.settings.server.domain_name);
    serde_json::to_string(&message).map_err(Error::internal)
}

/// Reads the beginning of an answer.
async fn answered(mut response: reqwest::Response) -> Answer {
    let status = response.status().as_u16();
    let mut bytes = Vec::new();
    while bytes.len() < KEPT {
        match response.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            // The status is what counts.
            Ok(None) | Err(_) => break,
        }
    }
    bytes.truncate(KEPT);
    let text = String::from_utf8_lossy(&bytes).replace('\0', "\u{fffd}");
    let moved = (300..400).contains(&status);
    Answer {
        status: Some(status),
        body: Some(text).filter(|text| !text.is_empty()),
        problem: moved.then(|| "redirects are not followed; give the final address".to_owned()),
    }
}

/// Why no answer came: the last cause says most. The address is not told, it may hold secrets.
fn why(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "the receiver did not answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let text = if std::ptr::addr_eq(cause, error) {
        "the message could not be sent".to_owned()
    } else {
        cause.to_string()
    };
    text.chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_differ_a_little() {
        for (attempts, seconds) in [(1, 15), (2, 45), (3, 135), (7, 10_935)] {
            let found = pause(attempts);
            assert!(found >= TimeDelta::seconds(seconds), "{attempts}");
            assert!(
                found <= TimeDelta::seconds(seconds + seconds / 4 + 1),
                "{attempts}"
            );
        }
    }
}
