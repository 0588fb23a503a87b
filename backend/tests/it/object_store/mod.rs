//! Images in an object store: through the server, straight between client and service, and when the service fails.

mod altered;
mod azure;
mod copy;
mod direct;
mod through;
mod trouble;

use futures_util::TryStreamExt;
use sregistry_server::config::{Secret, Settings};
use url::Url;

use crate::common::TestApp;

/// Where `make test` starts an S3 service: `http://key:secret@host:port/bucket`.
const VARIABLE: &str = "SREGISTRY_TEST_S3_URL";

/// The service that tests run on. Says so loudly when there is none: `make test` always has one.
pub fn service() -> Option<Url> {
    let url = std::env::var(VARIABLE).ok();
    if url.is_none() {
        eprintln!("NOT RUN on S3: {VARIABLE} is not set; `make test` starts a service");
    }
    url.map(|url| url.parse().unwrap())
}

/// Keeps the images of a server in a place of its own on the service.
pub fn on(service: &Url) -> impl FnOnce(&mut Settings) + use<> {
    let service = service.clone();
    move |settings| {
        let place = sregistry_server::services::keys::random_text::<8>();
        let storage = &mut settings.storage;
        storage.url = format!("s3:/{}/{place}", service.path());
        storage.endpoint = Some(service.origin().ascii_serialization());
        storage.access_key = Some(service.username().to_owned());
        storage.secret_key = service.password().map(|key| Secret::new(key.to_owned()));
    }
}

/// How many objects are blobs of this server.
pub async fn blobs(app: &TestApp) -> usize {
    let found: Vec<_> = app.core().blobs.list().try_collect().await.unwrap();
    found.len()
}

/// A server on the service, with further changes to its settings.
pub async fn app(service: &Url, change: impl FnOnce(&mut Settings)) -> TestApp {
    let place = on(service);
    TestApp::settings_with(|settings| {
        place(settings);
        change(settings);
    })
    .await
}
