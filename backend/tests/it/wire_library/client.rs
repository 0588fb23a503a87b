//! A client that speaks the library protocol as SingularityCE and Apptainer do: bodies without `Content-Type`, bytes by ticket
//! without credentials, tags last.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sif::{Arch, build::SifBuilder};

use crate::common::{TestApp, TestUser, with_token};

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Answer {
    pub async fn of(response: reqwest::Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            bytes: response.bytes().await.unwrap(),
        }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The `data` of a success.
    pub fn data(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()["data"].clone()
    }

    /// The sentence of a failure with this status, from an envelope that says the same status.
    pub fn refusal(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert!(
            self.header("content-type").starts_with("application/json"),
            "{:?}",
            self.headers
        );
        let error = self.json()["error"].clone();
        assert_eq!(error["code"], status, "{}", self.text());
        let message = error["message"].as_str().unwrap().to_owned();
        assert!(!message.is_empty());
        message
    }
}

/// Asks one server, as one caller.
pub struct Library<'a> {
    app: &'a TestApp,
    client: reqwest::Client,
}

/// An image that was announced.
#[derive(Debug, Clone)]
pub struct Announced {
    pub image: String,
    pub container: String,
    pub uploaded: bool,
}

impl<'a> Library<'a> {
    pub fn of(app: &'a TestApp, user: &TestUser) -> Self {
        Self {
            app,
            client: user.client.clone(),
        }
    }

    pub fn with_token(app: &'a TestApp, token: &str) -> Self {
        Self {
            app,
            client: with_token(token),
        }
    }

    pub fn anonymous(app: &'a TestApp) -> Self {
        Self {
            app,
            client: app.client(),
        }
    }

    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.client.request(method, self.app.url(path));
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        Answer::of(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, None).await
    }

    /// The object at `get`, or what `post` makes of `new` where there is none: what clients do with each level of a reference.
    async fn ensure(&self, get: &str, post: &str, new: Value) -> Answer {
        let found = self.get(get).await;
        if found.status == 404 {
            self.post(post, new).await
        } else {
            found
        }
    }

    /// Steps 2 to 5 of a push; the first refusal ends it.
    pub async fn announce(
        &self,
        reference: &str,
        hash: &str,
        arch: &str,
    ) -> Result<Announced, Box<Answer>> {
        let parts: Vec<&str> = reference.split('/').collect();
        let [entity, collection, container] = parts[..] else {
            panic!("three names: {reference}")
        };
        let done = |answer: Answer| {
            if answer.status == 200 {
                Ok(answer.data())
            } else {
                Err(Box::new(answer))
            }
        };
        let new = json!({ "name": entity, "id": "", "deleted": false, "createdAt": "0001-01-01T00:00:00Z" });
        let made = done(
            self.ensure(&format!("/v1/entities/{entity}"), "/v1/entities", new)
                .await,
        )?;
        let new = json!({ "name": collection, "entity": made["id"], "private": false, "containers": null });
        let path = format!("/v1/collections/{entity}/{collection}");
        let made = done(self.ensure(&path, "/v1/collections", new).await)?;
        let new = json!({ "name": container, "collection": made["id"], "images": null });
        let path = format!("/v1/containers/{entity}/{collection}/{container}");
        let made = done(self.ensure(&path, "/v1/containers", new).await)?;
        let new = json!({ "hash": hash, "container": made["id"], "description": "" });
        let path = format!("/v1/images/{reference}:{hash}?arch={arch}");
        let image = done(self.ensure(&path, "/v1/images", new).await)?;
        Ok(Announced {
            image: image["id"].as_str().unwrap().to_owned(),
            container: made["id"].as_str().unwrap().to_owned(),
            uploaded: image["uploaded"].as_bool().unwrap(),
        })
    }

    /// Step 6 for a small file: a place for the bytes, the bytes, done. The first refusal ends it.
    pub async fn upload(&self, image: &str, bytes: &Bytes) -> Answer {
        let asked = json!({ "filesize": bytes.len(), "sha256sum": hex_of(bytes), "md5sum": "" });
        let opened = self.post(&format!("/v2/imagefile/{image}"), asked).await;
        if opened.status != 200 {
            return opened;
        }
        let url = opened.data()["uploadURL"].as_str().unwrap().to_owned();
        let sent = self.send(&url, bytes.clone()).await;
        if sent.status != 200 {
            return sent;
        }
        self.put(&format!("/v2/imagefile/{image}/_complete"), json!({}))
            .await
    }

    /// Bytes to a ticket: no credentials go with them.
    pub async fn send(&self, url: &str, bytes: Bytes) -> Answer {
        let request = self
            .app
            .client()
            .put(url)
            .header("content-type", "application/octet-stream");
        Answer::of(request.body(bytes).send().await.unwrap()).await
    }

    /// Bytes from a ticket, with these headers.
    pub async fn fetch(&self, url: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.app.client().get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.send().await.unwrap()).await
    }

    /// The address that `GET /v1/imagefile` leads to.
    pub async fn ticket(&self, reference: &str) -> String {
        let answer = self.get(&format!("/v1/imagefile/{reference}")).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.header("location").to_owned()
    }

    pub async fn tag(&self, container: &str, arch: &str, tag: &str, image: &str) -> Answer {
        let new = json!({ "Arch": arch, "Tag": tag, "ImageID": image });
        self.post(&format!("/v2/tags/{container}"), new).await
    }

    /// A whole push.
    pub async fn push(
        &self,
        reference: &str,
        tags: &[&str],
        arch: &str,
        bytes: &Bytes,
    ) -> Announced {
        let hash = format!("sha256.{}", hex_of(bytes));
        let announced = self
            .announce(reference, &hash, arch)
            .await
            .unwrap_or_else(|a| panic!("{}", a.text()));
        if !announced.uploaded {
            self.upload(&announced.image, bytes).await.data();
        }
        for tag in tags {
            self.tag(&announced.container, arch, tag, &announced.image)
                .await
                .data();
        }
        announced
    }

    /// A whole pull: what the reference says, then the bytes.
    pub async fn pull(&self, reference: &str) -> Bytes {
        let answer = self.fetch(&self.ticket(reference).await, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.bytes
    }
}

/// 64 digits.
pub fn hex_of(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A real image for an architecture; another seed gives other bytes.
pub fn image_for(arch: Arch, seed: u64) -> Bytes {
    SifBuilder::new()
        .arch(arch)
        .seed(seed)
        .to_bytes()
        .unwrap()
        .into()
}

/// A real image of at least this many bytes.
pub fn image_of_size(padding: u64, seed: u64) -> Bytes {
    SifBuilder::new()
        .seed(seed)
        .data_padding(padding)
        .to_bytes()
        .unwrap()
        .into()
}

/// What is in the store of a server.
impl TestApp {
    /// The files of complete blobs.
    pub fn blob_files(&self) -> Vec<PathBuf> {
        files(&self.data_dir().join("images/blobs"))
    }

    /// How many complete blobs there are.
    pub fn stored_files(&self) -> usize {
        self.blob_files().len()
    }

    /// How many files there are of any kind: blobs, and what unfinished uploads left.
    pub fn store_files(&self) -> usize {
        files(&self.data_dir().join("images")).len()
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
