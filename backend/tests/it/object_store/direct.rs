//! Clients that send bytes to the service and get them from it, by addresses that the server signs.

use bytes::Bytes;
use serde_json::json;
use sif::Arch;
use url::Url;

use super::{app, blobs, service};
use crate::{
    common::TestApp,
    wire_library::{Answer, Library, client::Announced, hex_of, image_for, image_of_size},
};

const PART: usize = 5 << 20;

async fn direct(service: &Url) -> TestApp {
    app(service, |settings| {
        settings.storage.direct_uploads = true;
        settings.storage.redirect = true;
        settings.storage.part_size = PART as u64;
    })
    .await
}

/// An image that was announced as `bytes`, and where these may be sent to.
async fn open(library: &Library<'_>, name: &str, bytes: &Bytes) -> (Announced, String) {
    let hash = format!("sha256.{}", hex_of(bytes));
    let announced = library.announce(name, &hash, "amd64").await.unwrap();
    let asked = json!({ "filesize": bytes.len(), "sha256sum": hex_of(bytes) });
    let path = format!("/v2/imagefile/{}", announced.image);
    let opened = library.post(&path, asked).await.data();
    let url = opened["uploadURL"].as_str().unwrap().to_owned();
    (announced, url)
}

async fn complete(library: &Library<'_>, announced: &Announced) -> Answer {
    let path = format!("/v2/imagefile/{}/_complete", announced.image);
    library.put(&path, json!({})).await
}

fn is_at(url: &str, service: &Url) -> bool {
    url.parse::<Url>().unwrap().origin() == service.origin()
}

#[tokio::test]
async fn no_address_is_given_for_what_the_collection_has_no_room_for() {
    let Some(service) = service() else { return };
    let app = direct(&service).await;
    let (amy, admin) = (app.user("amy").await, app.admin().await);
    let library = Library::of(&app, &amy);
    let image = image_for(Arch::Amd64, 1);
    let hash = format!("sha256.{}", hex_of(&image));
    let announced = library.announce("amy/tools/one", &hash, "amd64").await;
    let announced = announced.unwrap();
    let quota = admin.client.put(app.url("/api/v1/collections/tools/quota"));
    let quota = quota.json(&json!({ "rule": "own", "limit_bytes": 10 }));
    assert_eq!(quota.send().await.unwrap().status(), 200);
    for path in ["", "/_multipart"] {
        let path = format!("/v2/imagefile/{}{path}", announced.image);
        let asked = library
            .post(&path, json!({ "filesize": image.len() }))
            .await;
        let said = asked.refusal(507);
        assert!(said.contains("quota of the collection"), "{said}");
    }
    assert_eq!(blobs(&app).await, 0);
}

#[tokio::test]
async fn one_piece_goes_straight_to_the_service_and_comes_from_there() {
    let Some(service) = service() else { return };
    let app = direct(&service).await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let image = image_for(Arch::Amd64, 1);
    let (announced, url) = open(&library, "amy/tools/one", &image).await;
    assert!(is_at(&url, &service), "{url}");
    let early = complete(&library, &announced).await.refusal(409);
    assert!(early.contains("have not arrived"), "{early}");
    assert_eq!(library.send(&url, image.clone()).await.status, 200);
    complete(&library, &announced).await.data();
    complete(&library, &announced).await.data();
    let tagged = library
        .tag(&announced.container, "amd64", "latest", &announced.image)
        .await;
    tagged.data();

    let from = library.ticket("amy/tools/one:latest").await;
    assert!(is_at(&from, &service), "{from}");
    assert!(library.fetch(&from, &[]).await.bytes == image);
    let range = library.fetch(&from, &[("range", "bytes=10-19")]).await;
    assert_eq!((range.status, range.bytes.len()), (206, 10));

    // The address still takes bytes; they are nobody's.
    library.send(&url, Bytes::from_static(b"other")).await;
    assert!(library.pull("amy/tools/one:latest").await == image);
    assert_eq!(blobs(&app).await, 1);
}

#[tokio::test]
async fn a_lie_in_one_piece_is_refused_and_removed() {
    let Some(service) = service() else { return };
    let app = direct(&service).await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let image = image_for(Arch::Amd64, 2);
    for (sent, word) in [
        (image_for(Arch::Amd64, 3), "checksum"),
        (image.slice(..image.len() - 1), "bytes"),
        (image_of_size(1 << 20, 3), "bytes"),
    ] {
        let (announced, url) = open(&library, "amy/tools/lie", &image).await;
        assert_eq!(library.send(&url, sent).await.status, 200);
        let said = complete(&library, &announced).await.refusal(400);
        assert!(said.contains(word), "{said}");
        assert_eq!(blobs(&app).await, 0);
        let hidden = library
            .get("/v1/imagefile/amy/tools/lie:sha256.00")
            .await
            .status;
        assert!(matches!(hidden, 400 | 404), "{hidden}");
    }
}

#[tokio::test]
async fn what_is_no_image_is_refused_and_removed() {
    let Some(service) = service() else { return };
    let app = direct(&service).await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let text = Bytes::from_static(b"no image at all");
    let (announced, url) = open(&library, "amy/tools/text", &text).await;
    library.send(&url, text).await;
    complete(&library, &announced).await.refusal(400);
    assert_eq!(blobs(&app).await, 0);
}

/// An upload in parts under way.
struct Parts<'a> {
    library: Library<'a>,
    announced: Announced,
    upload: String,
}

impl<'a> Parts<'a> {
    async fn begin(app: &'a TestApp, client: Library<'a>, bytes: &Bytes) -> Self {
        let hash = format!("sha256.{}", hex_of(bytes));
        let announced = client
            .announce("amy/tools/big", &hash, "amd64")
            .await
            .unwrap();
        let path = format!("/v2/imagefile/{}/_multipart", announced.image);
        let asked = json!({ "filesize": bytes.len() });
        let opened = client.post(&path, asked).await.data();
        assert_eq!(opened["partSize"], PART);
        assert_eq!(opened["totalParts"], bytes.len().div_ceil(PART));
        assert_eq!(opened["options"]["s3compliant"], "false");
        assert_eq!(app.store_files(), 0);
        Self {
            upload: opened["uploadID"].as_str().unwrap().to_owned(),
            library: client,
            announced,
        }
    }

    fn path(&self, what: &str) -> String {
        format!("/v2/imagefile/{}/{what}", self.announced.image)
    }

    async fn url(&self, number: usize) -> String {
        let asked = json!({ "uploadID": self.upload, "partNumber": number, "partSize": PART });
        let opened = self.library.put(&self.path("_multipart"), asked).await;
        opened.data()["presignedURL"].as_str().unwrap().to_owned()
    }

    /// Sends all parts; what the service answered to each.
    async fn send(&self, bytes: &Bytes) -> Vec<serde_json::Value> {
        let mut sent = Vec::new();
        for (index, part) in bytes.chunks(PART).enumerate() {
            let url = self.url(index + 1).await;
            let answer = self.library.send(&url, bytes.slice_ref(part)).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            sent.push(json!({ "partNumber": index + 1, "token": answer.header("etag") }));
        }
        sent
    }

    async fn complete(&self, sent: &[serde_json::Value]) -> Answer {
        let said = json!({ "uploadID": self.upload, "completedParts": sent });
        self.library
            .put(&self.path("_multipart_complete"), said)
            .await
    }
}

#[tokio::test]
async fn parts_go_straight_to_the_service() {
    let Some(service) = service() else { return };
    let app = direct(&service).await;
    let amy = app.user("amy").await;
    let image = image_of_size(12 << 20, 7);
    let parts = Parts::begin(&app, Library::of(&app, &amy), &image).await;
    let early = parts.url(1).await;
    assert!(is_at(&early, &service), "{early}");
    let sent = parts.send(&image).await;
    parts.complete(&sent).await.data();
    parts.complete(&sent).await.data();
    let reference = format!("amy/tools/big:sha256.{}", hex_of(&image));
    assert!(parts.library.pull(&reference).await == image);
    // The upload has ended: no address of its parts changes what is there.
    let late = parts.library.send(&early, image.slice(..PART)).await;
    assert_ne!(late.status, 200);
    assert!(parts.library.pull(&reference).await == image);
}

#[tokio::test]
async fn parts_that_are_not_what_was_announced_are_refused_and_removed() {
    let Some(service) = service() else { return };
    let app = direct(&service).await;
    let amy = app.user("amy").await;
    let image = image_of_size(12 << 20, 8);
    let parts = Parts::begin(&app, Library::of(&app, &amy), &image).await;
    let mut other = image.to_vec();
    *other.last_mut().unwrap() ^= 1;
    let sent = parts.send(&other.into()).await;
    let missing = parts.complete(&sent[1..]).await.refusal(409);
    assert!(missing.contains("part 1"), "{missing}");
    let said = parts.complete(&sent).await.refusal(400);
    assert!(said.contains("checksum"), "{said}");
    assert_eq!(blobs(&app).await, 0);
}

#[tokio::test]
async fn parts_that_were_never_sent_are_a_conflict() {
    let Some(service) = service() else { return };
    let app = direct(&service).await;
    let amy = app.user("amy").await;
    let image = image_of_size(12 << 20, 9);
    let parts = Parts::begin(&app, Library::of(&app, &amy), &image).await;
    let made_up: Vec<_> = (1..=3)
        .map(|number| json!({ "partNumber": number, "token": "\"d41d8cd98f00b204e9800998ecf8427e\"" }))
        .collect();
    parts.complete(&made_up).await.refusal(409);
    assert_eq!(blobs(&app).await, 0);
    // The client can still do it right.
    let sent = parts.send(&image).await;
    parts.complete(&sent).await.data();
    assert_eq!(blobs(&app).await, 1);
}

#[tokio::test]
async fn uploads_that_are_given_up_are_swept() {
    let Some(service) = service() else { return };
    let app = direct(&service).await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let image = image_for(Arch::Amd64, 10);
    let (announced, url) = open(&library, "amy/tools/left", &image).await;
    assert_eq!(library.send(&url, image.clone()).await.status, 200);
    let big = image_of_size(12 << 20, 11);
    let parts = Parts::begin(&app, Library::of(&app, &amy), &big).await;
    let sent = parts.send(&big).await;
    app.clock.advance(chrono::Duration::hours(25));
    sregistry_server::services::sweep::uploads(app.core())
        .await
        .unwrap();
    complete(&library, &announced).await.refusal(404);
    parts.complete(&sent).await.refusal(404);
    // An address lives as long as it says; what comes by it then is nobody's.
    let late = library.send(&url, image).await;
    assert_eq!(late.status, 200);
    assert_eq!(blobs(&app).await, 0);
}

#[tokio::test]
async fn addresses_are_for_those_who_may_have_the_image_and_count_as_downloads() {
    let Some(service) = service() else { return };
    let app = direct(&service).await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    let image = image_for(Arch::Amd64, 12);
    let pushed = library
        .push("amy/tools/secret", &["v1"], "amd64", &image)
        .await;
    let change = json!({ "private": true });
    let changed = amy
        .client
        .patch(app.url("/api/v1/collections/tools"))
        .json(&change)
        .send()
        .await
        .unwrap();
    assert!(changed.status().is_success());
    let stranger = Library::anonymous(&app);
    let refused = stranger.get("/v1/imagefile/amy/tools/secret:v1").await;
    assert!(matches!(refused.status, 401 | 404), "{}", refused.status);

    let digest = format!("sha256:{}", hex_of(&image));
    let blob = app.url(&format!("/v2/tools/secret/blobs/{digest}"));
    let answer = Answer::of(amy.client.get(&blob).send().await.unwrap()).await;
    assert_eq!(answer.status, 307);
    let url = answer.header("location").to_owned();
    assert!(is_at(&url, &service), "{url}");
    assert!(library.fetch(&url, &[]).await.bytes == image);
    let head = amy.client.head(&blob).send().await.unwrap();
    assert_eq!(head.status().as_u16(), 200, "HEAD is answered here");
    library.ticket("amy/tools/secret:v1").await;
    sregistry_server::services::pull::flush(app.core())
        .await
        .unwrap();
    let id = pushed.image.trim_start_matches('i');
    let row = sregistry_server::repo::image::by_id(app.core().db.read(), id.parse().unwrap()).await;
    assert_eq!(row.unwrap().unwrap().downloads, 2);
}
