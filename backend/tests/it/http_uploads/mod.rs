//! Uploads of the web application: pieces, breaks, and what is refused.

mod breaks;
mod ends;
mod refused;
mod whole;

use bytes::Bytes;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use shared_types::{Image, Problem, Upload, UploadPage};

use crate::{
    common::{TestApp, TestUser},
    seed::{answered, read},
    wire_library::hex_of,
};

/// A person with a file to upload.
pub struct Desk {
    client: Client,
    base: String,
}

impl Desk {
    pub fn of(app: &TestApp, user: &TestUser) -> Self {
        Self::with(app, user.client.clone())
    }

    pub fn with(app: &TestApp, client: Client) -> Self {
        Self {
            client,
            base: app.url("/api/v1/uploads"),
        }
    }

    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub fn begin_with(&self, new: &Value) -> RequestBuilder {
        self.ask(Method::POST, "").json(new)
    }

    /// Begins an upload of so many bytes to `tools/bwa:1.0`.
    pub async fn begin(&self, size: usize) -> Upload {
        read(self.begin_with(&new(size)), 201).await
    }

    pub async fn state(&self, id: &str) -> Upload {
        read(self.ask(Method::GET, &format!("/{id}")), 200).await
    }

    pub async fn list(&self) -> UploadPage {
        read(self.ask(Method::GET, ""), 200).await
    }

    /// A piece on its way.
    pub fn piece(&self, id: &str, offset: u64, bytes: impl Into<reqwest::Body>) -> RequestBuilder {
        self.ask(Method::PUT, &format!("/{id}/bytes?offset={offset}"))
            .header("content-type", "application/octet-stream")
            .body(bytes)
    }

    pub async fn send(&self, id: &str, offset: u64, bytes: Bytes) -> Upload {
        read(self.piece(id, offset, bytes), 200).await
    }

    /// The end, with the digest of these bytes.
    pub fn end(&self, id: &str, bytes: &[u8]) -> RequestBuilder {
        let digest = json!({ "digest": format!("sha256:{}", hex_of(bytes)) });
        self.ask(Method::POST, &format!("/{id}/complete"))
            .json(&digest)
    }

    pub async fn complete(&self, id: &str, bytes: &[u8]) -> Image {
        read(self.end(id, bytes), 200).await
    }

    pub async fn give_up(&self, id: &str) {
        answered(self.ask(Method::DELETE, &format!("/{id}")), 204).await;
    }

    /// Begins, sends and completes.
    pub async fn push(&self, new: &Value, bytes: &Bytes) -> Image {
        let upload: Upload = read(self.begin_with(new), 201).await;
        self.send(&upload.id, 0, bytes.clone()).await;
        self.complete(&upload.id, bytes).await
    }
}

pub fn new(size: usize) -> Value {
    json!({ "collection": "tools", "container": "bwa", "tag": "1.0", "size_bytes": size })
}

/// Asserts that a call is refused like this.
pub async fn refused(request: RequestBuilder, status: u16, code: &str) -> Problem {
    let problem: Problem = read(request, status).await;
    assert_eq!(problem.code.as_str(), code, "{}", problem.message);
    problem
}
