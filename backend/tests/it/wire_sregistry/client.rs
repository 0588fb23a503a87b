//! A client that does what `sregistry` 0.2.39 does: it signs, sends forms, and calls every body JSON.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    common::{TestApp, TestUser},
    wire_library::Answer,
};

/// The value of `Authorization` for an operation on collection, image and tag.
pub fn sign(key: &str, username: &str, at: DateTime<Utc>, op: &str, names: [&str; 3]) -> String {
    let hour = at.format("%Y%m%dT%HZ");
    let [collection, image, tag] = names;
    let payload = format!("{op}|{collection}|{hour}|{image}|{tag}|");
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(payload.as_bytes());
    format!(
        "SREGISTRY-HMAC-SHA256 Credential={op}/{}/{hour},Signature={}",
        BASE64_STANDARD.encode(username),
        hex::encode(mac.finalize().into_bytes())
    )
}

/// Asks one server, as one user.
pub struct Cli<'a> {
    pub app: &'a TestApp,
    username: String,
    key: String,
    /// What stands before the paths of the protocol: the client leaves it out where the name of the image names the registry.
    prefix: &'static str,
}

impl<'a> Cli<'a> {
    pub fn of(app: &'a TestApp, user: &TestUser) -> Self {
        Self::with_key(app, &user.username, &user.token)
    }

    pub fn with_key(app: &'a TestApp, username: &str, key: &str) -> Self {
        Self {
            app,
            username: username.to_owned(),
            key: key.to_owned(),
            prefix: "/api",
        }
    }

    /// The same client, given the registry in the name of the image.
    pub fn unprefixed(self) -> Self {
        Self { prefix: "", ..self }
    }

    /// Signs now.
    pub fn sign(&self, op: &str, names: [&str; 3]) -> String {
        let now = self.app.core().clock.now();
        sign(&self.key, &self.username, now, op, names)
    }

    /// Asks with this in `Authorization`; an empty text leaves it out.
    pub async fn ask(&self, method: Method, path: &str, authorization: &str) -> Answer {
        self.send(method, path, authorization, None).await
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        authorization: &str,
        body: Option<Value>,
    ) -> Answer {
        let request = self.app.client().request(method, self.app.url(path));
        let mut request = request.header("content-type", "application/json");
        if !authorization.is_empty() {
            request = request.header("authorization", authorization);
        }
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        Answer::of(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, "").await
    }

    /// The first step of a push.
    pub async fn announce(&self, names: [&str; 3]) -> Answer {
        let header = self.sign("push", names);
        self.announce_with(names, &header).await
    }

    pub async fn announce_with(&self, names: [&str; 3], header: &str) -> Answer {
        let [collection, name, tag] = names;
        let body = json!({ "collection": collection, "name": name, "tag": tag });
        let path = format!("{}/upload/chunked_upload", self.prefix);
        self.send(Method::POST, &path, header, Some(body)).await
    }

    /// The second step of a push.
    pub async fn upload(&self, cid: &str, names: [&str; 3], bytes: Bytes) -> Answer {
        let header = self.sign("upload", names);
        self.upload_with(cid, names, &header, bytes).await
    }

    pub async fn upload_with(
        &self,
        cid: &str,
        names: [&str; 3],
        header: &str,
        bytes: Bytes,
    ) -> Answer {
        let [_, name, tag] = names;
        let file = Part::stream(bytes).file_name("x.sif");
        let form = Form::new()
            .text("SREGISTRY_EVENT", header.to_owned())
            .text("name", name.to_owned())
            .text("collection", cid.to_owned())
            .text("tag", tag.to_owned())
            .part("file1", file.mime_str("text/plain").unwrap());
        self.form(header, form).await
    }

    pub async fn form(&self, header: &str, form: Form) -> Answer {
        let mut request = self.app.client().post(self.app.url("/upload"));
        if !header.is_empty() {
            request = request.header("authorization", header);
        }
        Answer::of(request.multipart(form).send().await.unwrap()).await
    }

    /// A whole push; the first refusal ends it.
    pub async fn push(&self, names: [&str; 3], bytes: &Bytes) -> Answer {
        let announced = self.announce(names).await;
        if announced.status != 200 {
            return announced;
        }
        let cid = announced.json()["cid"].clone();
        let cid = cid.as_str().map_or_else(|| cid.to_string(), str::to_owned);
        self.upload(&cid, names, bytes.clone()).await
    }

    /// A push that must go well.
    pub async fn pushed(&self, names: [&str; 3], bytes: &Bytes) {
        let answer = self.push(names, bytes).await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, r#"{"message":"Upload Complete"}"#)
        );
    }

    /// The manifest as the client gets it: without a signature first, then with one where it was told 403.
    pub async fn manifest(&self, names: [&str; 3]) -> Answer {
        let [collection, name, tag] = names;
        let path = format!("/api/container/{collection}/{name}:{tag}");
        let first = self.get(&path).await;
        if first.status != 403 {
            return first;
        }
        let header = self.sign("pull", names);
        self.ask(Method::GET, &path, &header).await
    }

    /// A whole pull: the manifest, then HEAD and GET of the image's address without credentials and without following redirects.
    pub async fn pull(&self, names: [&str; 3]) -> Result<Bytes, Answer> {
        let manifest = self.manifest(names).await;
        if manifest.status != 200 {
            return Err(manifest);
        }
        let url = manifest.json()["image"].as_str().unwrap().to_owned();
        let head = self.app.client().head(&url).send().await.unwrap();
        assert_eq!(head.status(), 200, "HEAD {url}");
        let length = head.headers()["content-length"]
            .to_str()
            .unwrap()
            .to_owned();
        let file = Answer::of(self.app.client().get(&url).send().await.unwrap()).await;
        assert_eq!(file.status, 200, "{}", file.text());
        assert_eq!(length, file.bytes.len().to_string());
        Ok(file.bytes)
    }

    pub async fn delete(&self, names: [&str; 3]) -> Answer {
        let header = self.sign("delete", names);
        self.delete_with(names, &header).await
    }

    pub async fn delete_with(&self, [collection, name, tag]: [&str; 3], header: &str) -> Answer {
        let path = format!("{}/container/{collection}/{name}:{tag}", self.prefix);
        self.ask(Method::DELETE, &path, header).await
    }
}
