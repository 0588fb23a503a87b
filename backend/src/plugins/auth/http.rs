//! Asking providers over HTTP: with time limits, without following redirects, and never more than a little.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode, redirect::Policy};
use serde_json::Value;

use super::Trouble;

/// The largest answer that is read.
const LARGEST: usize = 1 << 20;
/// Letters of an answer that are logged.
const SHOWN: usize = 300;

/// Asks providers.
#[derive(Debug, Clone)]
pub struct Http(Client);

/// What a provider answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Vec<u8>,
}

impl Http {
    /// With this time limit for each answer.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn new(timeout: Duration) -> Result<Self, reqwest::Error> {
        Client::builder()
            .redirect(Policy::none())
            .timeout(timeout)
            .user_agent(concat!("sregistry-server/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(Self)
    }

    /// A request for JSON.
    pub fn get(&self, url: &str) -> RequestBuilder {
        self.0.get(url).header("accept", "application/json")
    }

    /// A request with a form.
    pub fn post(&self, url: &str) -> RequestBuilder {
        self.0.post(url).header("accept", "application/json")
    }

    /// Sends it.
    ///
    /// # Errors
    /// `Down` where no answer came, or too large a one.
    pub async fn send(&self, request: RequestBuilder) -> Result<Answer, Trouble> {
        let mut response = request.send().await.map_err(plain)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(plain)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(Trouble::down("the answer is too large"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, body })
    }

    /// Sends it and reads JSON.
    ///
    /// # Errors
    /// `Down` where no JSON came with a status of success.
    pub async fn json(&self, request: RequestBuilder) -> Result<Value, Trouble> {
        self.send(request).await?.json()
    }
}

impl Answer {
    /// The JSON in it.
    ///
    /// # Errors
    /// `Down` where there is none, or the status is no success.
    pub fn json(&self) -> Result<Value, Trouble> {
        if !self.status.is_success() {
            return Err(Trouble::down(format!(
                "status {}: {}",
                self.status,
                self.shown()
            )));
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| Trouble::down(format!("no JSON: {error}: {}", self.shown())))
    }

    /// The beginning of the body, for the log.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.body)
            .chars()
            .take(SHOWN)
            .collect()
    }
}

/// The error without the address, which may hold secrets.
fn plain(error: reqwest::Error) -> Trouble {
    Trouble::down(error.without_url())
}
