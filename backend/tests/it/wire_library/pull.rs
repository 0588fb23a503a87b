//! Pulling: by tag and digest, by architecture, in ranges, and what counts as a download.

use serde_json::{Value, json};
use sif::Arch;

use super::{Library, client::hex_of, image_for, image_of_size};
use crate::{
    common::{TestApp, eventually},
    db_test,
};

db_test!(
    each_architecture_has_its_own_image_behind_a_tag,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let amy = Library::of(&app, &amy);
        let (x86, arm) = (image_for(Arch::Amd64, 1), image_for(Arch::Arm64, 2));
        amy.push("amy/tools/bwa", &["latest"], "arm64", &arm).await;
        // A client that names none gets the only one there is.
        assert_eq!(amy.pull("tools/bwa").await, arm);
        let pushed = amy.push("amy/tools/bwa", &["latest"], "amd64", &x86).await;
        assert_eq!(
            amy.pull("tools/bwa").await,
            x86,
            "and amd64 where there is a choice"
        );
        for (arch, bytes) in [("amd64", &x86), ("arm64", &arm)] {
            let path = format!("tools/bwa:latest?arch={arch}");
            assert_eq!(&amy.pull(&path).await, bytes);
            let image = amy.get(&format!("/v1/images/{path}")).await.data();
            assert_eq!(
                (&image["arch"], &image["hash"]),
                (&json!(arch), &json!(format!("sha256.{}", hex_of(bytes))))
            );
        }
        let refused = amy
            .get("/v1/images/tools/bwa:latest?arch=ppc64le")
            .await
            .refusal(404);
        assert!(refused.contains("ppc64le"), "{refused}");
        amy.get("/v1/imagefile/tools/bwa:latest?arch=ppc64le")
            .await
            .refusal(404);
        // By digest, the architecture of the machine that asks does not matter.
        let by_digest = format!("tools/bwa:sha256.{}?arch=amd64", hex_of(&arm));
        assert_eq!(amy.pull(&by_digest).await, arm);
        let tags = amy
            .get(&format!("/v2/tags/{}", pushed.container))
            .await
            .data();
        let archs: Vec<_> = tags.as_object().unwrap().keys().cloned().collect();
        assert_eq!(archs, ["amd64", "arm64"]);
        let without = amy
            .get(&format!("/v1/tags/{}", pushed.container))
            .await
            .data();
        assert_eq!(without["latest"], pushed.image);
    }
);

#[tokio::test]
async fn moving_a_tag_for_one_architecture_leaves_the_others() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let amy = Library::of(&app, &amy);
    let (x86, arm, newer) = (
        image_for(Arch::Amd64, 1),
        image_for(Arch::Arm64, 2),
        image_for(Arch::Amd64, 3),
    );
    amy.push("amy/tools/bwa", &["latest"], "amd64", &x86).await;
    amy.push("amy/tools/bwa", &["latest"], "arm64", &arm).await;
    amy.push("amy/tools/bwa", &["latest"], "amd64", &newer)
        .await;
    assert_eq!(amy.pull("tools/bwa:latest?arch=amd64").await, newer);
    assert_eq!(amy.pull("tools/bwa:latest?arch=arm64").await, arm);
    assert_eq!(
        amy.pull(&format!("tools/bwa:sha256.{}", hex_of(&x86)))
            .await,
        x86,
        "the old one stays by digest"
    );
}

#[tokio::test]
async fn tags_keep_their_case_and_old_clients_find_them_in_lower_case() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let amy = Library::of(&app, &amy);
    let (lower, upper) = (image_for(Arch::Amd64, 1), image_for(Arch::Amd64, 2));
    amy.push("amy/tools/bwa", &["v1"], "amd64", &lower).await;
    assert_eq!(amy.pull("tools/bwa:V1").await, lower);
    amy.push("amy/tools/bwa", &["V1"], "amd64", &upper).await;
    assert_eq!(amy.pull("tools/bwa:V1").await, upper);
    assert_eq!(amy.pull("tools/bwa:v1").await, lower);
    assert_eq!(
        amy.pull("AMY/Tools/BWA:v1").await,
        lower,
        "names have no case"
    );
}

#[tokio::test]
async fn one_name_means_the_collection_library() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let admin = Library::of(&app, &admin);
    let bytes = image_for(Arch::Amd64, 1);
    admin
        .push("admin/library/alpine", &["latest"], "amd64", &bytes)
        .await;
    assert_eq!(admin.pull("alpine").await, bytes);
    assert_eq!(admin.pull("anyone/library/alpine:latest").await, bytes);
}

#[tokio::test]
async fn a_pull_is_led_to_an_absolute_address_that_takes_ranges_without_credentials() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let amy = Library::of(&app, &amy);
    let bytes = image_of_size(200_000, 1);
    amy.push("amy/tools/bwa", &["v1"], "amd64", &bytes).await;
    let url = amy.ticket("amy/tools/bwa:v1").await;
    assert!(url.starts_with(&app.url("/blobs/")), "{url}");

    let etag = format!("\"sha256:{}\"", hex_of(&bytes));
    let whole = amy.fetch(&url, &[]).await;
    assert_eq!((whole.status, &whole.bytes), (200, &bytes));
    assert_eq!(whole.header("etag"), etag);
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert_eq!(whole.header("content-length"), bytes.len().to_string());
    assert_eq!(whole.header("content-type"), "application/octet-stream");
    assert_eq!(
        whole.header("content-disposition"),
        "attachment; filename=\"bwa_v1.sif\""
    );
    assert!(whole.header("repr-digest").starts_with("sha-256=:"));

    // Older clients ask for this to learn the size.
    let probe = amy.fetch(&url, &[("range", "bytes=0-1024")]).await;
    assert_eq!((probe.status, &probe.bytes[..]), (206, &bytes[..1025]));
    assert_eq!(
        probe.header("content-range"),
        format!("bytes 0-1024/{}", bytes.len())
    );
    let last = bytes.len() - 1;
    let clamped = amy
        .fetch(&url, &[("range", &format!("bytes=100-{}", last + 5000))])
        .await;
    assert_eq!((clamped.status, &clamped.bytes[..]), (206, &bytes[100..]));
    assert_eq!(
        clamped.header("content-range"),
        format!("bytes 100-{last}/{}", bytes.len())
    );
    let suffix = amy.fetch(&url, &[("range", "bytes=-10")]).await;
    assert_eq!(
        (suffix.status, &suffix.bytes[..]),
        (206, &bytes[bytes.len() - 10..])
    );
    let several = amy.fetch(&url, &[("range", "bytes=0-1,5-6")]).await;
    assert_eq!((several.status, &several.bytes), (200, &bytes));
    let outside = amy
        .fetch(&url, &[("range", &format!("bytes={}-", bytes.len()))])
        .await;
    assert_eq!(outside.status, 416);
    assert_eq!(
        outside.header("content-range"),
        format!("bytes */{}", bytes.len())
    );

    assert_eq!(
        amy.fetch(&url, &[("if-none-match", &etag)]).await.status,
        304
    );
    assert_eq!(
        amy.fetch(&url, &[("if-match", "\"sha256:other\"")])
            .await
            .status,
        412
    );
    let same = amy
        .fetch(&url, &[("range", "bytes=1-2"), ("if-range", &etag)])
        .await;
    assert_eq!(same.status, 206);
    let changed = amy
        .fetch(
            &url,
            &[("range", "bytes=1-2"), ("if-range", "\"sha256:other\"")],
        )
        .await;
    assert_eq!((changed.status, &changed.bytes), (200, &bytes));

    let head = app
        .client()
        .head(&url)
        .header("range", "bytes=0-9")
        .send()
        .await
        .unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(head.headers()["content-length"], bytes.len().to_string());
    assert!(head.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_ticket_ends_and_cannot_be_changed() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let amy = Library::of(&app, &amy);
    let first = amy
        .push(
            "amy/tools/bwa",
            &["v1"],
            "amd64",
            &image_for(Arch::Amd64, 1),
        )
        .await;
    let second = amy
        .push(
            "amy/tools/bwa",
            &["v2"],
            "amd64",
            &image_for(Arch::Amd64, 2),
        )
        .await;
    let url = amy.ticket("amy/tools/bwa:v1").await;
    assert_eq!(amy.fetch(&url, &[]).await.status, 200);
    let later = url.replace("expires=1", "expires=2");
    let renamed = url.replace("bwa_v1.sif", "x.sif");
    let other = url.replace(
        &format!("/{}?", first.image),
        &format!("/{}?", second.image),
    );
    let cut = url.split("&signature").next().unwrap().to_owned();
    for changed in [
        &later,
        &renamed,
        &other,
        &format!("{url}0"),
        &format!("{cut}&signature="),
    ] {
        assert_ne!(changed, &url);
        amy.fetch(changed, &[]).await.refusal(403);
    }
    // It is for reading, not for writing.
    amy.send(&url, image_for(Arch::Amd64, 3)).await.refusal(404);
    app.clock.advance(chrono::Duration::minutes(59));
    assert_eq!(amy.fetch(&url, &[]).await.status, 200);
    app.clock.advance(chrono::Duration::minutes(2));
    amy.fetch(&url, &[]).await.refusal(403);
}

#[tokio::test]
async fn without_a_ticket_the_callers_own_credentials_decide() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    crate::seed::collection(&app, "amy", "secret", true).await;
    let bytes = image_for(Arch::Amd64, 1);
    let image = Library::of(&app, &amy)
        .push("amy/secret/bwa", &["v1"], "amd64", &bytes)
        .await
        .image;
    let path = format!("/blobs/{image}");
    assert_eq!(Library::of(&app, &amy).get(&path).await.bytes, bytes);
    let refused = Library::of(&app, &ben).get(&path).await;
    refused.refusal(404);
    assert_eq!(
        refused.text(),
        Library::anonymous(&app).get(&path).await.text()
    );
    assert_eq!(
        Library::of(&app, &ben)
            .get("/blobs/i999")
            .await
            .text()
            .replace("i999", &image),
        refused.text()
    );
}

/// The downloads that have been written for an image, by everything that shows them.
async fn downloads(app: &TestApp, library: &Library<'_>, reference: &str) -> Value {
    sregistry_server::services::pull::flush(app.core())
        .await
        .unwrap();
    library.get(&format!("/v1/images/{reference}")).await.data()["containerDownloads"].clone()
}

db_test!(
    a_download_counts_once_however_its_bytes_travel,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let amy = Library::of(&app, &amy);
        let bytes = image_of_size(100_000, 1);
        amy.push("amy/tools/bwa", &["v1"], "amd64", &bytes).await;
        let reference = "tools/bwa:v1";

        let url = amy.ticket(reference).await;
        app.client().head(&url).send().await.unwrap();
        amy.fetch(&url, &[("range", "bytes=0-99")]).await;
        amy.fetch(&url, &[("if-none-match", "*")]).await;
        assert_eq!(
            downloads(&app, &amy, reference).await,
            0,
            "looking is not downloading"
        );

        // In parts, as current clients fetch, by three at once.
        let half = bytes.len() / 2;
        let (first, second) = (format!("bytes=0-{}", half - 1), format!("bytes={half}-"));
        let url = amy.ticket(reference).await;
        let (first, second) = ([("range", first.as_str())], [("range", second.as_str())]);
        tokio::join!(amy.fetch(&url, &first), amy.fetch(&url, &second));
        eventually("the parts are one download", async || {
            (downloads(&app, &amy, reference).await == 1).then_some(())
        })
        .await;

        amy.pull(reference).await;
        eventually("a stream is one more", async || {
            (downloads(&app, &amy, reference).await == 2).then_some(())
        })
        .await;
    }
);
