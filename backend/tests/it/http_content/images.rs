//! Images: lists, details by tag and digest, the file.

use chrono::Duration;
use serde_json::json;
use shared_types::{
    Container, ContainerPage, ErrorCode, Image, ImageDetail, ImagePage, ImageState, Problem, Tag,
};
use sregistry_server::services::push;

use crate::{
    common::TestApp,
    db_test, seed,
    seed::{answered, read},
};

db_test!(
    an_image_is_shown_by_tag_and_by_digest_with_what_is_inside,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        seed::collection(&app, "amy", "climate", false).await;
        let old = seed::push(&app, "amy", "climate/model", "1.0", 1).await;
        let new = seed::push(&app, "amy", "climate/model", "2.0", 2).await;
        seed::push(&app, "amy", "climate/model", "latest", 2).await;
        let base = app.url("/api/v1/collections/climate/containers/model");

        let list: ImagePage = read(amy.client.get(format!("{base}/images")), 200).await;
        let digests: Vec<_> = list
            .items
            .iter()
            .map(|image| image.digest.as_str())
            .collect();
        assert_eq!(
            digests,
            [new.digest.as_str(), old.digest.as_str()],
            "newest first"
        );
        assert_eq!(list.items[0].tags, ["2.0", "latest"]);
        assert_eq!(list.items[0].pushed_by.as_deref(), Some("amy"));

        let by_tag: ImageDetail =
            read(app.client().get(format!("{base}/images/latest")), 200).await;
        let by_digest: ImageDetail = read(
            app.client().get(format!("{base}/images/{}", new.digest)),
            200,
        )
        .await;
        assert_eq!(by_tag, by_digest);
        assert_eq!(
            (by_tag.image.state, by_tag.image.size_bytes),
            (ImageState::Ready, new.size)
        );
        let inside = by_tag.metadata.unwrap();
        assert_eq!(inside.from.as_deref(), Some("debian:12"));
        assert_eq!(inside.labels["maintainer"], "amy");
        assert!(!by_tag.rights.push);

        let shown: Container = read(app.client().get(&base), 200).await;
        assert_eq!((shown.images, shown.size_bytes), (2, old.size + new.size));
        let tags: Vec<_> = shown.tags.iter().map(|tag| tag.name.as_str()).collect();
        assert_eq!(tags, ["latest", "2.0", "1.0"], "last moved first");
        assert_eq!(shown.tags[0].updated_by.as_deref(), Some("amy"));

        for missing in ["3.0", &format!("sha256:{}", "0".repeat(64))] {
            let problem: Problem =
                read(amy.client.get(format!("{base}/images/{missing}")), 404).await;
            assert_eq!(problem.code, ErrorCode::ImageNotFound);
        }
        for bad in ["sha256:12", "-x", "a%20b"] {
            answered(amy.client.get(format!("{base}/images/{bad}")), 400).await;
        }
        let problem: Problem = read(amy.client.get(format!("{base}x/images")), 404).await;
        assert_eq!(problem.code, ErrorCode::ContainerNotFound);
    }
);

#[tokio::test]
async fn a_tag_of_several_architectures_means_the_one_asked_for() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    seed::collection(&app, "amy", "climate", false).await;
    let amd = seed::push(&app, "amy", "climate/model", "v1", 1).await;
    let arm = seed::push(&app, "amy", "climate/model", "other", 2).await;
    let base = app.url("/api/v1/collections/climate/containers/model");
    let put = json!({ "digest": arm.digest });
    let tag: Tag = read(
        amy.client
            .put(format!("{base}/tags/v1?arch=arm64"))
            .json(&put),
        200,
    )
    .await;
    assert_eq!(
        (tag.arch.as_str(), tag.digest.as_str()),
        ("arm64", arm.digest.as_str())
    );
    let digest = async |query: &str, status: u16| {
        let request = amy.client.get(format!("{base}/images/v1{query}"));
        if status == 404 {
            return answered(request, 404).await;
        }
        read::<ImageDetail>(request, status).await.image.digest
    };
    assert_eq!(digest("?arch=arm64", 200).await, arm.digest);
    assert_eq!(digest("?arch=amd64", 200).await, amd.digest);
    assert_eq!(digest("", 200).await, amd.digest, "the usual one");
    assert!(digest("?arch=ppc64le", 404).await.contains("ppc64le"));
    let only: Tag = read(
        amy.client
            .put(format!("{base}/tags/arm?arch=arm64"))
            .json(&put),
        200,
    )
    .await;
    assert_eq!(only.arch, "arm64");
    let found: ImageDetail = read(amy.client.get(format!("{base}/images/arm")), 200).await;
    assert_eq!(found.image.digest, arm.digest, "the only one there is");
    let problem: Problem = read(
        amy.client
            .put(format!("{base}/tags/v1"))
            .json(&json!({ "frozen": true })),
        422,
    )
    .await;
    assert!(problem.fields["arch"].contains("amd64, arm64"));
}

#[tokio::test]
async fn the_file_comes_whole_in_ranges_and_as_headers() {
    let app = TestApp::start().await;
    app.user("amy").await;
    seed::collection(&app, "amy", "climate", false).await;
    let pushed = seed::push(&app, "amy", "climate/model", "1.0", 1).await;
    let url = app.url("/api/v1/collections/climate/containers/model/images/1.0/file");
    let client = app.client();
    let whole = client.get(&url).send().await.unwrap();
    let etag = whole.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(etag, format!("\"{}\"", pushed.digest));
    assert!(
        whole.headers()["content-disposition"]
            .to_str()
            .unwrap()
            .contains(".sif")
    );
    assert_eq!(whole.bytes().await.unwrap(), pushed.bytes);
    let part = client
        .get(&url)
        .header("range", "bytes=4-9")
        .send()
        .await
        .unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.bytes().await.unwrap(), pushed.bytes.slice(4..10));
    let same = client
        .get(&url)
        .header("if-none-match", &etag)
        .send()
        .await
        .unwrap();
    assert_eq!(same.status(), 304);
    let beyond = client
        .get(&url)
        .header("range", format!("bytes={}-", pushed.size))
        .send()
        .await
        .unwrap();
    assert_eq!(beyond.status(), 416);
    let head = client.head(&url).send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(
        head.headers()["content-length"],
        pushed.size.to_string().as_str()
    );
}

/// The newest image of `climate/model`, which its list and its own answer name alike.
async fn newest(app: &TestApp, client: &reqwest::Client) -> Image {
    let list = app.url("/api/v1/containers?collection=climate&q=model");
    let listed: ContainerPage = read(client.get(list), 200).await;
    let url = app.url("/api/v1/collections/climate/containers/model");
    let own: Container = read(client.get(&url), 200).await;
    assert_eq!(listed.items[0].newest, own.newest);
    let newest = own.newest.unwrap();
    let images: ImagePage = read(client.get(format!("{url}/images")), 200).await;
    assert!(images.items.contains(&newest), "{newest:?}");
    newest
}

db_test!(
    a_container_names_the_image_that_its_page_opens_with,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        seed::collection(&app, "amy", "climate", false).await;
        let first = seed::push(&app, "amy", "climate/model", "v1", 1).await;
        app.clock.advance(Duration::seconds(1));
        let second = seed::push(&app, "amy", "climate/model", "v2", 2).await;
        let found = newest(&app, &amy.client).await;
        assert_eq!(
            (found.digest, found.tags),
            (second.digest.clone(), vec!["v2".to_owned()])
        );
        assert_eq!(
            (found.size_bytes, found.pushed_by.as_deref()),
            (second.size, Some("amy"))
        );
        assert_eq!(
            (found.arch.as_deref(), found.signature),
            (Some("amd64"), None)
        );

        let tags = app.url("/api/v1/collections/climate/containers/model/tags");
        let point = async |tag: &str, digest: &str| {
            app.clock.advance(Duration::seconds(1));
            let change = json!({ "digest": digest });
            answered(amy.client.put(format!("{tags}/{tag}")).json(&change), 200).await;
            newest(&app, &amy.client).await
        };
        let moved = point("v2", &first.digest).await;
        assert_eq!(
            (&*moved.digest, moved.tags.len()),
            (&*first.digest, 2),
            "the tag moved back"
        );
        point("v3", &second.digest).await;
        let other = point("v3?arch=arm64", &first.digest).await;
        assert_eq!(
            other.digest, second.digest,
            "that for the usual architecture"
        );
        for frozen in [true, false] {
            let put = amy.client.put(format!("{tags}/v3?arch=amd64"));
            answered(put.json(&json!({ "frozen": frozen })), 200).await;
            assert_eq!(newest(&app, &amy.client).await.frozen, frozen);
        }

        for tag in ["v1", "v2", "v3?arch=amd64", "v3?arch=arm64"] {
            answered(amy.client.delete(format!("{tags}/{tag}")), 204).await;
        }
        let untagged = newest(&app, &amy.client).await;
        assert_eq!(
            (untagged.digest, untagged.tags),
            (second.digest, Vec::new())
        );

        // What has not arrived is no image yet.
        let viewer = seed::viewer(&app, "amy").await;
        let home = second.ids[0];
        let row = push::ensure_container(app.core(), &viewer, home, "empty", "").await;
        seed::announce(&app, "amy", row.unwrap().id, 3).await;
        let url = app.url("/api/v1/collections/climate/containers/empty");
        let empty: Container = read(amy.client.get(url), 200).await;
        assert_eq!((empty.images, empty.newest), (0, None));
    }
);
