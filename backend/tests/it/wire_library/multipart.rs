//! Pushing in parts: in order, out of order, twice, incompletely, wrongly.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    Answer, Library,
    client::{Announced, hex_of},
    image_of_size,
};
use crate::common::{TestApp, eventually};

const PART: u64 = 64 * 1024;

async fn app() -> TestApp {
    TestApp::settings_with(|settings| settings.storage.part_size = PART).await
}

/// An upload in parts under way.
struct Upload<'a> {
    library: Library<'a>,
    announced: Announced,
    id: String,
    parts: Vec<Bytes>,
    etags: Vec<(u64, String)>,
}

impl<'a> Upload<'a> {
    async fn begin(library: Library<'a>, bytes: &Bytes, hash: &str) -> Self {
        let announced = library
            .announce("amy/tools/big", hash, "amd64")
            .await
            .unwrap();
        let path = format!("/v2/imagefile/{}/_multipart", announced.image);
        let opened = library
            .post(&path, json!({ "filesize": bytes.len() }))
            .await
            .data();
        let size = opened["partSize"].as_u64().unwrap();
        assert_eq!(size, PART);
        let parts: Vec<_> = bytes
            .chunks(usize::try_from(size).unwrap())
            .map(|part| bytes.slice_ref(part))
            .collect();
        assert_eq!(opened["totalParts"].as_u64().unwrap(), parts.len() as u64);
        assert_eq!(opened["options"]["s3compliant"], "false");
        Self {
            library,
            announced,
            id: opened["uploadID"].as_str().unwrap().to_owned(),
            parts,
            etags: Vec::new(),
        }
    }

    fn path(&self, what: &str) -> String {
        format!("/v2/imagefile/{}/{what}", self.announced.image)
    }

    async fn ticket(&self, number: u64) -> Answer {
        let asked =
            json!({ "uploadID": self.id, "partNumber": number, "partSize": PART, "sha256sum": "" });
        self.library.put(&self.path("_multipart"), asked).await
    }

    async fn url(&self, number: u64) -> String {
        self.ticket(number).await.data()["presignedURL"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    async fn send(&mut self, number: u64) {
        let bytes = self.parts[usize::try_from(number).unwrap() - 1].clone();
        let answer = self.library.send(&self.url(number).await, bytes).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let etag = answer.header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.len() > 2, "{etag}");
        self.etags.retain(|(sent, _)| *sent != number);
        self.etags.push((number, etag));
    }

    fn said(&self) -> Value {
        let parts: Vec<_> = self
            .etags
            .iter()
            .map(|(number, etag)| json!({ "partNumber": number, "token": etag }))
            .collect();
        json!({ "uploadID": self.id, "completedParts": parts })
    }

    async fn complete(&self) -> Answer {
        self.library
            .put(&self.path("_multipart_complete"), self.said())
            .await
    }
}

async fn push_in_order_of(numbers: &[u64]) {
    let app = app().await;
    let amy = app.user("amy").await;
    let bytes = image_of_size(4 * PART + 100, 1);
    let hash = format!("sha256.{}", hex_of(&bytes));
    let mut upload = Upload::begin(Library::of(&app, &amy), &bytes, &hash).await;
    for number in numbers {
        upload.send(*number).await;
    }
    let done = upload.complete().await.data();
    assert_eq!(done["quota"]["quotaUsage"], bytes.len());
    assert_eq!(done["containerUrl"], "/containers/tools/big");
    assert_eq!(
        upload.complete().await.data(),
        done,
        "completing again is as good"
    );
    let (library, image) = (&upload.library, &upload.announced);
    library
        .tag(&image.container, "amd64", "latest", &image.image)
        .await
        .data();
    assert_eq!(library.pull("amy/tools/big").await, bytes);
    assert_eq!(app.stored_files(), 1);
}

#[tokio::test]
async fn parts_in_order_make_an_image() {
    push_in_order_of(&[1, 2, 3, 4, 5]).await;
}

#[tokio::test]
async fn parts_out_of_order_make_the_same_image() {
    push_in_order_of(&[4, 2, 5, 1, 3]).await;
}

#[tokio::test]
async fn parts_may_be_sent_twice() {
    push_in_order_of(&[1, 2, 2, 3, 1, 5, 4, 5]).await;
}

#[tokio::test]
async fn completing_twice_at_once_succeeds_twice() {
    let app = app().await;
    let amy = app.user("amy").await;
    let bytes = image_of_size(2 * PART, 1);
    let hash = format!("sha256.{}", hex_of(&bytes));
    let mut upload = Upload::begin(Library::of(&app, &amy), &bytes, &hash).await;
    for number in 1..=upload.parts.len() as u64 {
        upload.send(number).await;
    }
    let (one, two) = tokio::join!(upload.complete(), upload.complete());
    assert_eq!(one.data(), two.data());
    assert_eq!(
        one.data()["quota"]["quotaUsage"],
        bytes.len(),
        "counted once"
    );
    assert_eq!(
        upload.library.pull(&format!("tools/big:{hash}")).await,
        bytes
    );
}

#[tokio::test]
async fn an_upload_goes_on_after_the_server_was_restarted() {
    let app = app().await;
    let amy = app.user("amy").await;
    let bytes = image_of_size(3 * PART, 1);
    let hash = format!("sha256.{}", hex_of(&bytes));
    let mut before = Upload::begin(Library::of(&app, &amy), &bytes, &hash).await;
    before.send(1).await;
    before.send(2).await;
    let Upload {
        announced,
        id,
        parts,
        etags,
        ..
    } = before;
    let app = app.restart().await;
    let library = Library::of(&app, &amy);
    let mut upload = Upload {
        library,
        announced,
        id,
        parts,
        etags,
    };
    for number in 3..=upload.parts.len() as u64 {
        upload.send(number).await;
    }
    upload.complete().await.data();
}

#[tokio::test]
async fn a_missing_part_is_named_and_can_still_be_sent() {
    let app = app().await;
    let amy = app.user("amy").await;
    let bytes = image_of_size(2 * PART + 1, 1);
    let hash = format!("sha256.{}", hex_of(&bytes));
    let mut upload = Upload::begin(Library::of(&app, &amy), &bytes, &hash).await;
    let last = upload.parts.len() as u64;
    for number in (1..=last).filter(|number| *number != 2) {
        upload.send(number).await;
    }
    assert!(upload.complete().await.refusal(409).contains("part 2"));
    // Neither does it help to say that it was sent.
    upload.etags.push((2, String::new()));
    upload.complete().await.refusal(409);
    upload.etags.pop();
    upload.send(2).await;
    upload.complete().await.data();
}

#[tokio::test]
async fn parts_that_are_none_are_refused() {
    let app = app().await;
    let amy = app.user("amy").await;
    let bytes = image_of_size(2 * PART, 1);
    let hash = format!("sha256.{}", hex_of(&bytes));
    let upload = Upload::begin(Library::of(&app, &amy), &bytes, &hash).await;
    for number in [0, upload.parts.len() as u64 + 1, u64::from(u32::MAX) + 1] {
        upload.ticket(number).await.refusal(400);
    }
    let (first, last) = (
        upload.url(1).await,
        upload.url(upload.parts.len() as u64).await,
    );
    let part = |length: u64| Bytes::from(vec![0; usize::try_from(length).unwrap()]);
    for (url, length) in [
        (&first, PART - 1),
        (&first, PART + 1),
        (&first, 0),
        (&last, PART),
    ] {
        let refused = upload.library.send(url, part(length)).await;
        assert!(refused.refusal(400).contains("bytes"), "{}", refused.text());
    }
    // A ticket is for one part only.
    let other = first.replace("/1?", "/2?");
    upload.library.send(&other, part(PART)).await.refusal(403);
    // An upload in parts takes no whole file.
    let whole = first.replace("/1?", "?");
    upload
        .library
        .send(&whole, bytes.clone())
        .await
        .refusal(403);
}

#[tokio::test]
async fn bytes_that_are_not_what_was_announced_are_refused_and_nothing_stays() {
    let app = app().await;
    let amy = app.user("amy").await;
    let bytes = image_of_size(2 * PART, 1);
    let lie = format!("sha256.{}", "ab".repeat(32));
    let mut upload = Upload::begin(Library::of(&app, &amy), &bytes, &lie).await;
    for number in 1..=upload.parts.len() as u64 {
        upload.send(number).await;
    }
    assert!(upload.complete().await.refusal(400).contains("checksum"));
    upload.complete().await.refusal(404);
    eventually("the store is empty", async || {
        (app.store_files() == 0).then_some(())
    })
    .await;
    upload
        .library
        .get(&format!("/v1/imagefile/tools/big:{lie}"))
        .await
        .refusal(404);
}

#[tokio::test]
async fn giving_up_leaves_nothing() {
    let app = app().await;
    let amy = app.user("amy").await;
    let bytes = image_of_size(2 * PART, 1);
    let hash = format!("sha256.{}", hex_of(&bytes));
    let mut upload = Upload::begin(Library::of(&app, &amy), &bytes, &hash).await;
    upload.send(1).await;
    let url = upload.url(2).await;
    let abort = json!({ "uploadID": upload.id });
    for _ in 0..2 {
        upload
            .library
            .put(&upload.path("_multipart_abort"), abort.clone())
            .await
            .data();
    }
    eventually("the store is empty", async || {
        (app.store_files() == 0).then_some(())
    })
    .await;
    upload
        .library
        .send(&url, upload.parts[1].clone())
        .await
        .refusal(404);
    upload.ticket(2).await.refusal(404);
    upload.complete().await.refusal(404);
}

#[tokio::test]
async fn nobody_else_takes_part_in_an_upload() {
    let app = app().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    let bytes = image_of_size(2 * PART, 1);
    let hash = format!("sha256.{}", hex_of(&bytes));
    let upload = Upload::begin(Library::of(&app, &amy), &bytes, &hash).await;
    let ben = Library::of(&app, &ben);
    let ask = json!({ "uploadID": upload.id, "partNumber": 1 });
    ben.put(&upload.path("_multipart"), ask).await.refusal(403);
    ben.put(&upload.path("_multipart_complete"), upload.said())
        .await
        .refusal(403);
    ben.put(
        &upload.path("_multipart_abort"),
        json!({ "uploadID": upload.id }),
    )
    .await
    .refusal(403);
    Library::anonymous(&app)
        .put(
            &upload.path("_multipart_abort"),
            json!({ "uploadID": upload.id }),
        )
        .await
        .refusal(401);
}
