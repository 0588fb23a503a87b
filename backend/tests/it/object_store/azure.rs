//! Images in Azure Blob Storage: through the server, by redirect, and gone when nobody uses them.

use std::time::Duration;

use sregistry_server::{
    config::{Secret, Settings},
    services::{keys, sweep},
};
use url::Url;

use super::{altered::alter, blobs};
use crate::{
    common::TestApp,
    wire_library::{Library, hex_of, image_of_size},
};

/// Where `make test` starts a stand-in for it: `http://account:key@host:port/container`.
const VARIABLE: &str = "SREGISTRY_TEST_AZURE_URL";

async fn app(change: impl FnOnce(&mut Settings)) -> Option<(Url, TestApp)> {
    let Ok(url) = std::env::var(VARIABLE) else {
        eprintln!("NOT RUN on Azure: {VARIABLE} is not set; `make test` starts a service");
        return None;
    };
    let service: Url = url.parse().unwrap();
    let app = TestApp::settings_with(|settings| {
        let (place, storage) = (keys::random_text::<8>(), &mut settings.storage);
        storage.url = format!("az:/{}/{place}", service.path());
        // Where hosts have no names, the account is in the path.
        let (origin, account) = (service.origin(), service.username());
        storage.endpoint = Some(format!("{}/{account}", origin.ascii_serialization()));
        storage.access_key = Some(account.to_owned());
        storage.secret_key = service.password().map(|key| Secret::new(key.to_owned()));
        change(settings);
    })
    .await;
    Some((service, app))
}

#[tokio::test]
async fn a_push_is_pulled_again_and_goes_when_nobody_uses_it() {
    let made = app(|settings| settings.storage.blob_grace = Duration::from_mins(1)).await;
    let Some((_, app)) = made else { return };
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    for (name, size) in [("small", 1 << 10), ("large", 20 << 20)] {
        let image = image_of_size(size, 1);
        let reference = format!("amy/tools/{name}");
        library.push(&reference, &["v1"], "amd64", &image).await;
        assert!(library.pull(&format!("{reference}:v1")).await == image);
        let ticket = library.ticket(&format!("{reference}:v1")).await;
        let part = library.fetch(&ticket, &[("range", "bytes=100-900")]).await;
        assert_eq!(part.status, 206);
        assert!(part.bytes == image.slice(100..=900));
        assert_eq!((blobs(&app).await, app.store_files()), (1, 0));

        let path = format!("/v1/images/{reference}:sha256.{}", hex_of(&image));
        assert_eq!(library.delete(&path).await.status, 200);
        sweep::blobs(app.core()).await.unwrap();
        app.clock.advance(chrono::Duration::minutes(2));
        sweep::blobs(app.core()).await.unwrap();
        assert_eq!(blobs(&app).await, 0);
    }
}

#[tokio::test]
async fn clients_are_sent_to_the_service_for_downloads_and_not_for_uploads() {
    let made = app(|settings| {
        settings.storage.redirect = true;
        settings.storage.direct_uploads = true;
    });
    let Some((service, app)) = made.await else {
        return;
    };
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let image = image_of_size(9 << 20, 2);
    library.push("amy/tools/x", &["v1"], "amd64", &image).await;
    let there: Url = library.ticket("amy/tools/x:v1").await.parse().unwrap();
    assert_eq!(there.origin(), service.origin(), "{there}");
    let whole = library.fetch(there.as_str(), &[]).await;
    assert_eq!(whole.status, 200, "{}", whole.text());
    assert!(whole.bytes == image);
    let range = [("range", "bytes=5-1000000")];
    let part = library.fetch(there.as_str(), &range).await;
    assert_eq!(part.status, 206);
    assert!(part.bytes == image.slice(5..=1_000_000));
    let mut forged = there.clone();
    let pairs: Vec<(String, String)> = there.query_pairs().into_owned().collect();
    forged.query_pairs_mut().clear().extend_pairs(
        pairs
            .into_iter()
            .filter(|(name, _)| name != "sig")
            .chain([("sig".to_owned(), "c29tZXRoaW5n".to_owned())]),
    );
    assert_eq!(library.fetch(forged.as_str(), &[]).await.status, 403);
}

#[tokio::test]
async fn other_bytes_than_were_verified_are_refused() {
    let Some((_, app)) = app(|_| {}).await else {
        return;
    };
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let image = image_of_size(1 << 10, 3);
    library.push("amy/tools/x", &["v1"], "amd64", &image).await;
    let ticket = library.ticket("amy/tools/x:v1").await;
    alter(&app.core().blobs).await;
    let said = library.fetch(&ticket, &[]).await.refusal(503);
    assert!(said.contains("storage"), "{said}");
}
