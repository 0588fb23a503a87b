//! OCI distribution over the same store as every other door: what is pushed by one can be pulled by the other.

use bytes::Bytes;
use reqwest::Method;
use serde_json::{Value, json};
use sif::Arch;

use super::{MANIFEST, Oci, SIF_CONFIG, SIF_LAYER, code};
use crate::{
    common::TestApp,
    db_test,
    wire_library::{Library, hex_of, image_for},
};

db_test!(
    a_sif_goes_in_by_oci_and_out_by_the_library,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let (oci, library) = (Oci::of(&app, &amy), Library::of(&app, &amy));
        let sif = image_for(Arch::Arm64, 1);
        let pushed = oci.push("amy/tools/bwa", "v1", &sif).await;
        assert_eq!(library.pull("tools/bwa:v1").await, sif);
        let shown = library
            .get("/v1/images/amy/tools/bwa:v1?arch=arm64")
            .await
            .data();
        assert_eq!(shown["hash"], format!("sha256.{}", hex_of(&sif)));
        // Byte for byte what was sent, by tag and by digest.
        let found = oci.get("/v2/tools/bwa/manifests/v1").await;
        assert_eq!(found.bytes, pushed.to_string().as_bytes());
        assert_eq!(found.header("content-type"), MANIFEST);
        let digest = found.header("docker-content-digest").to_owned();
        assert_eq!(
            oci.get(&format!("/v2/tools/bwa/manifests/{digest}"))
                .await
                .bytes,
            found.bytes
        );
        // Counted once each: the file and its config.
        let container = amy
            .client
            .get(app.url("/api/v1/collections/tools/containers/bwa"));
        let container: Value = container.send().await.unwrap().json().await.unwrap();
        assert_eq!(container["size_bytes"], sif.len() as u64 + 2);
        assert_eq!(container["tags"][0]["kind"], "sif");
    }
);

db_test!(
    sifs_of_the_library_have_manifests_and_their_tag_an_index,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let (oci, library) = (Oci::of(&app, &amy), Library::of(&app, &amy));
        let one = image_for(Arch::Amd64, 1);
        library.push("amy/tools/bwa", &["v1"], "amd64", &one).await;
        let alone = oci.get("/v2/tools/bwa/manifests/v1").await;
        assert_eq!(alone.header("content-type"), MANIFEST);
        let layer = alone.json()["layers"][0].clone();
        assert_eq!(layer["digest"], format!("sha256:{}", hex_of(&one)));
        let bytes = oci
            .get(&format!(
                "/v2/tools/bwa/blobs/{}",
                layer["digest"].as_str().unwrap()
            ))
            .await;
        assert_eq!(bytes.bytes, one);
        let config = alone.json()["config"]["digest"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(
            oci.get(&format!("/v2/tools/bwa/blobs/{config}"))
                .await
                .text(),
            "{}"
        );
        let two = image_for(Arch::Arm64, 2);
        library.push("amy/tools/bwa", &["v1"], "arm64", &two).await;
        let both = oci.get("/v2/tools/bwa/manifests/v1").await;
        let platforms: Vec<Value> = both.json()["manifests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["platform"]["architecture"].clone())
            .collect();
        assert_eq!(platforms, ["amd64", "arm64"]);
        assert_eq!(
            both.json()["manifests"][0]["digest"],
            alone.header("docker-content-digest")
        );
        let digest = both.header("docker-content-digest");
        assert_eq!(
            oci.get(&format!("/v2/tools/bwa/manifests/{digest}"))
                .await
                .bytes,
            both.bytes
        );
    }
);

db_test!(
    what_is_no_sif_is_kept_and_shown_as_what_it_is,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let (oci, library) = (Oci::of(&app, &amy), Library::of(&app, &amy));
        let layer = oci
            .blob("amy/tools/notes", &Bytes::from_static(b"hello"))
            .await;
        let subject = format!("sha256:{}", "a".repeat(64));
        let value = json!({
            "schemaVersion": 2,
            "artifactType": "text/x-notes",
            "config": { "mediaType": "application/vnd.oci.empty.v1+json", "size": 2,
                "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" },
            "layers": [{ "mediaType": "text/plain", "digest": layer, "size": 5 }],
            "subject": { "mediaType": MANIFEST, "digest": subject, "size": 3 },
            "annotations": { "a": "b" },
        });
        let kept = oci.manifest("amy/tools/notes", "v1", &value).await;
        assert_eq!(kept.status, 201, "{}", kept.text());
        assert_eq!(kept.header("oci-subject"), subject);
        let found = oci
            .get(&format!("/v2/tools/notes/referrers/{subject}"))
            .await
            .json();
        assert_eq!(found["manifests"][0]["artifactType"], "text/x-notes");
        assert_eq!(found["manifests"][0]["annotations"], json!({ "a": "b" }));
        let none = format!("/v2/tools/notes/referrers/{subject}?artifactType=other");
        let none = oci.get(&none).await;
        assert_eq!(none.json()["manifests"], json!([]));
        assert_eq!(none.header("oci-filters-applied"), "artifactType");
        let refused = library
            .get("/v1/imagefile/tools/notes:v1")
            .await
            .refusal(404);
        assert!(refused.contains("oras://"), "{refused}");
        let page = amy
            .client
            .get(app.url("/api/v1/collections/tools/containers/notes/images/v1"));
        let page: Value = page.send().await.unwrap().json().await.unwrap();
        assert_eq!(page["image"]["kind"], "oci");
        assert_eq!(page["image"]["state"], "ready");
        assert_eq!(page["oci"]["artifact_type"], "text/x-notes");
        // A SIF takes its place.
        oci.push("amy/tools/notes", "v1", &image_for(Arch::Amd64, 1))
            .await;
        library.get("/v1/images/tools/notes:v1").await.data();
    }
);

#[tokio::test]
async fn chunks_follow_each_other_or_are_refused_with_the_place_to_go_on() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let oci = Oci::of(&app, &amy);
    let begun = oci
        .ask(Method::POST, "/v2/amy/tools/x/blobs/uploads/")
        .await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    let to = begun.header("location").to_owned();
    let patch = async |range: &str, bytes: &'static [u8]| {
        oci.send(
            Method::PATCH,
            &to,
            &[("content-range", range)],
            Bytes::from_static(bytes),
        )
        .await
    };
    let late = patch("5-9", b"56789").await;
    assert_eq!(code(&late, 416), "BLOB_UPLOAD_INVALID");
    assert_eq!(late.header("location"), to);
    let first = patch("0-4", b"01234").await;
    assert_eq!((first.status, first.header("range")), (202, "0-4"));
    assert_eq!(
        code(&patch("0-4", b"01234").await, 416),
        "BLOB_UPLOAD_INVALID"
    );
    let state = oci.get(&to).await;
    assert_eq!((state.status, state.header("range")), (204, "0-4"));
    let digest = format!("sha256:{}", hex_of(b"0123456789"));
    let last = format!("{to}?digest={digest}");
    let done = oci
        .send(
            Method::PUT,
            &last,
            &[("content-range", "5-9")],
            Bytes::from_static(b"56789"),
        )
        .await;
    assert_eq!(done.status, 201, "{}", done.text());
    let part = oci
        .send(
            Method::GET,
            done.header("location"),
            &[("range", "bytes=-3")],
            Bytes::new(),
        )
        .await;
    assert_eq!((part.status, part.text().as_str()), (206, "789"));
    let refused = oci
        .send(
            Method::GET,
            done.header("location"),
            &[("range", "bytes=5-0")],
            Bytes::new(),
        )
        .await;
    assert_eq!(refused.status, 416);
    assert_eq!(code(&oci.get(&to).await, 404), "BLOB_UPLOAD_UNKNOWN");
}

#[tokio::test]
async fn wrong_bytes_leave_nothing() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let oci = Oci::of(&app, &amy);
    let other = format!("sha256:{}", "0".repeat(64));
    let path = format!("/v2/amy/tools/x/blobs/uploads/?digest={other}");
    let wrong = oci
        .send(Method::POST, &path, &[], Bytes::from_static(b"x"))
        .await;
    assert_eq!(code(&wrong, 400), "DIGEST_INVALID");
    assert_eq!(app.store_files(), 0);
    let layer = oci
        .blob("amy/tools/x", &Bytes::from_static(b"no sif"))
        .await;
    let config = oci.blob("amy/tools/x", &Bytes::from_static(b"{}")).await;
    let mut value = json!({
        "schemaVersion": 2,
        "config": { "mediaType": SIF_CONFIG, "digest": config, "size": 2 },
        "layers": [{ "mediaType": SIF_LAYER, "digest": layer, "size": 6 }],
    });
    let refused = oci.manifest("amy/tools/x", "v1", &value).await;
    assert_eq!(code(&refused, 400), "MANIFEST_INVALID");
    value["layers"][0]["digest"] = json!(other);
    let refused = oci.manifest("amy/tools/x", "v1", &value).await;
    assert_eq!(code(&refused, 404), "MANIFEST_BLOB_UNKNOWN");
    assert_eq!(
        oci.get("/v2/tools/x/tags/list").await.json()["tags"],
        json!([])
    );
}

db_test!(
    deletion_takes_the_tags_and_frozen_ones_stay,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let (oci, library) = (Oci::of(&app, &amy), Library::of(&app, &amy));
        let sif = image_for(Arch::Amd64, 1);
        oci.push("amy/tools/bwa", "v1", &sif).await;
        oci.push("amy/tools/bwa", "v2", &sif).await;
        let freeze = async |frozen: bool| {
            let path = "/api/v1/collections/tools/containers/bwa/tags/v1";
            let change = json!({ "frozen": frozen });
            let request = amy.client.put(app.url(path)).json(&change);
            assert_eq!(request.send().await.unwrap().status(), 200);
        };
        freeze(true).await;
        let digest = oci.get("/v2/tools/bwa/manifests/v1").await;
        let digest = digest.header("docker-content-digest").to_owned();
        let whole = format!("/v2/tools/bwa/manifests/{digest}");
        assert_eq!(code(&oci.ask(Method::DELETE, &whole).await, 403), "DENIED");
        let other = oci.blob("amy/tools/bwa", &image_for(Arch::Amd64, 2)).await;
        let mut moved = oci.get("/v2/tools/bwa/manifests/v1").await.json();
        moved["layers"][0]["digest"] = json!(other);
        assert_eq!(
            code(&oci.manifest("amy/tools/bwa", "v1", &moved).await, 403),
            "DENIED"
        );
        assert_eq!(
            oci.ask(Method::DELETE, "/v2/tools/bwa/manifests/v2")
                .await
                .status,
            202
        );
        assert_eq!(
            oci.get("/v2/tools/bwa/tags/list").await.json()["tags"],
            json!(["v1"])
        );
        freeze(false).await;
        assert_eq!(oci.ask(Method::DELETE, &whole).await.status, 202);
        assert_eq!(code(&oci.get(&whole).await, 404), "MANIFEST_UNKNOWN");
        let hash = format!("/v1/images/tools/bwa:sha256.{}", hex_of(&sif));
        library.get(&hash).await.refusal(404);
    }
);

#[tokio::test]
async fn a_mount_from_a_repository_that_may_not_be_read_reveals_nothing() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    let (amys, bens) = (Oci::of(&app, &amy), Oci::of(&app, &ben));
    let digest = amys
        .blob("amy/secret/x", &Bytes::from_static(b"secret"))
        .await;
    let change = json!({ "private": true });
    let path = app.url("/api/v1/collections/secret");
    assert_eq!(
        amy.client
            .patch(path)
            .json(&change)
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    let mount = async |oci: &Oci<'_>, name: &str, from: &str| {
        let path = format!("/v2/{name}/blobs/uploads/?mount={digest}&from={from}");
        oci.ask(Method::POST, &path).await.status
    };
    assert_eq!(mount(&bens, "ben/own/x", "amy/secret/x").await, 202);
    assert_eq!(mount(&bens, "ben/own/x", "amy/nothing/x").await, 202);
    assert_eq!(mount(&amys, "amy/more/x", "amy/secret/x").await, 201);
    for path in ["/v2/secret/x/tags/list", "/v2/nothing/x/tags/list"] {
        assert_eq!(code(&bens.get(path).await, 404), "NAME_UNKNOWN");
        assert_eq!(app.get(path).await.status(), 401);
    }
}

db_test!(
    lists_come_in_pages_and_show_what_one_may_see,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let oci = Oci::of(&app, &amy);
        let sif = image_for(Arch::Amd64, 1);
        for tag in ["b", "B", "a"] {
            oci.push("amy/tools/bwa", tag, &sif).await;
        }
        let all = oci.get("/v2/tools/bwa/tags/list").await;
        assert_eq!(all.json()["tags"], json!(["B", "a", "b"]));
        let page = oci.get("/v2/tools/bwa/tags/list?n=2").await;
        assert_eq!(page.json()["tags"], json!(["B", "a"]));
        assert_eq!(
            page.header("link"),
            "</v2/tools/bwa/tags/list?n=2&last=a>; rel=\"next\""
        );
        let rest = oci.get("/v2/tools/bwa/tags/list?n=2&last=a").await;
        assert_eq!(
            (rest.json()["tags"].clone(), rest.header("link")),
            (json!(["b"]), "")
        );
        assert_eq!(
            oci.get("/v2/tools/bwa/tags/list?n=0").await.json()["tags"],
            json!([])
        );
        assert_eq!(
            oci.get("/v2/_catalog").await.json()["repositories"],
            json!(["tools/bwa"])
        );
    }
);
