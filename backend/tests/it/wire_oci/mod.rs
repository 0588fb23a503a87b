//! OCI distribution: a client that shows every byte, and what it is used for.

mod auth;
mod collecting;
mod one_store;
mod referrers;

use bytes::Bytes;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    common::{TestApp, TestUser},
    wire_library::{Answer, hex_of},
};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
const SIF_LAYER: &str = "application/vnd.sylabs.sif.layer.v1.sif";
const SIF_CONFIG: &str = "application/vnd.sylabs.sif.config.v1+json";

struct Oci<'a> {
    app: &'a TestApp,
    client: reqwest::Client,
}

impl<'a> Oci<'a> {
    fn of(app: &'a TestApp, user: &TestUser) -> Self {
        Self {
            app,
            client: user.client.clone(),
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Answer {
        let mut request = self.client.request(method, self.app.url(path)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.send().await.unwrap()).await
    }

    async fn ask(&self, method: Method, path: &str) -> Answer {
        self.send(method, path, &[], Bytes::new()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path).await
    }

    /// Sends a blob at once.
    async fn blob(&self, name: &str, bytes: &Bytes) -> String {
        let digest = format!("sha256:{}", hex_of(bytes));
        let path = format!("/v2/{name}/blobs/uploads/?digest={digest}");
        let sent = self.send(Method::POST, &path, &[], bytes.clone()).await;
        assert_eq!(sent.status, 201, "{}", sent.text());
        assert_eq!(sent.header("docker-content-digest"), digest);
        digest
    }

    async fn manifest(&self, name: &str, reference: &str, value: &Value) -> Answer {
        let path = format!("/v2/{name}/manifests/{reference}");
        let bytes = Bytes::from(value.to_string());
        self.send(Method::PUT, &path, &[("content-type", MANIFEST)], bytes)
            .await
    }

    /// Pushes a SIF as Apptainer does.
    async fn push(&self, name: &str, tag: &str, sif: &Bytes) -> Value {
        let layer = self.blob(name, sif).await;
        let config = self.blob(name, &Bytes::from_static(b"{}")).await;
        let value = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": { "mediaType": SIF_CONFIG, "digest": config, "size": 2 },
            "layers": [{ "mediaType": SIF_LAYER, "digest": layer, "size": sif.len() }],
        });
        let kept = self.manifest(name, tag, &value).await;
        assert_eq!(kept.status, 201, "{}", kept.text());
        value
    }
}

/// The code of a refusal with this status.
fn code(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    answer.json()["errors"][0]["code"]
        .as_str()
        .unwrap()
        .to_owned()
}
