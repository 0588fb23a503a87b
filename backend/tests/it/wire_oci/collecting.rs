//! Collecting what nothing needs: blobs that manifests name stay, and count once; others go after the grace period.

use bytes::Bytes;
use chrono::Duration;
use futures_util::TryStreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use sif::Arch;
use sregistry_server::services::sweep;

use super::{EMPTY, MANIFEST, Oci};
use crate::{
    common::TestApp,
    db_test,
    wire_library::{Library, hex_of, image_for},
};

/// A note of one layer, as `oras push` makes them.
async fn note(oci: &Oci<'_>, name: &str, tag: &str, text: &'static str) -> String {
    let config = oci.blob(name, &Bytes::from_static(b"{}")).await;
    let layer = oci.blob(name, &Bytes::from_static(text.as_bytes())).await;
    let value = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": "text/x-note",
        "config": { "mediaType": EMPTY, "digest": config, "size": 2 },
        "layers": [{ "mediaType": "text/plain", "digest": layer, "size": text.len() }],
    });
    let kept = oci.manifest(name, tag, &value).await;
    assert_eq!(kept.status, 201, "{}", kept.text());
    layer
}

/// Lets the grace period pass for everything that is unused now.
async fn collect(app: &TestApp) {
    // What is unused is noted by the first run, and goes with a run after the grace period.
    for _ in 0..3 {
        sweep::blobs(app.core()).await.unwrap();
        app.clock.advance(Duration::days(30));
    }
}

/// Whether the repository has a blob.
async fn has(oci: &Oci<'_>, name: &str, digest: &str) -> bool {
    let path = format!("/v2/{name}/blobs/{digest}");
    oci.ask(Method::HEAD, &path).await.status == 200
}

/// The bytes of a container as its page counts them.
async fn counted(app: &TestApp, path: &str) -> i64 {
    let shown = app.get(&format!("/api/v1/collections/{path}")).await;
    let shown: Value = shown.json().await.unwrap();
    shown["size_bytes"].as_i64().unwrap()
}

/// How many blobs the store has.
async fn stored(app: &TestApp) -> usize {
    let found: Vec<_> = app.core().blobs.list().try_collect().await.unwrap();
    found.len()
}

db_test!(
    blobs_that_nothing_names_go_after_their_time,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let oci = Oci::of(&app, &amy);
        let alone = oci
            .blob("amy/tools/notes", &Bytes::from_static(b"alone"))
            .await;
        let named = note(&oci, "amy/tools/notes", "1", "named").await;
        sweep::blobs(app.core()).await.unwrap();
        assert!(
            has(&oci, "tools/notes", &alone).await,
            "a push may be under way"
        );
        collect(&app).await;
        assert!(!has(&oci, "tools/notes", &alone).await);
        assert!(has(&oci, "tools/notes", &named).await);
        assert_eq!(counted(&app, "tools/containers/notes").await, 2 + 5);
        assert_eq!(stored(&app).await, 2);
    }
);

db_test!(
    what_a_deleted_manifest_named_goes_with_it,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let oci = Oci::of(&app, &amy);
        let first = note(&oci, "amy/tools/notes", "1", "first note").await;
        let second = note(&oci, "amy/tools/notes", "2", "second note").await;
        let found = oci.ask(Method::HEAD, "/v2/tools/notes/manifests/1").await;
        let digest = found.header("docker-content-digest");
        let path = format!("/v2/tools/notes/manifests/{digest}");
        assert_eq!(oci.ask(Method::DELETE, &path).await.status, 202);
        collect(&app).await;
        assert!(!has(&oci, "tools/notes", &first).await);
        assert!(has(&oci, "tools/notes", &second).await);
        assert_eq!(counted(&app, "tools/containers/notes").await, 2 + 11);
    }
);

db_test!(
    a_blob_stays_for_the_manifest_that_names_it_when_its_image_goes,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let (oci, library) = (Oci::of(&app, &amy), Library::of(&app, &amy));
        let sif = image_for(Arch::Amd64, 1);
        library.push("amy/tools/bwa", &["1"], "amd64", &sif).await;
        // An artefact that carries the same bytes among others: two layers are no SIF image.
        let config = oci.blob("amy/tools/bwa", &Bytes::from_static(b"{}")).await;
        let layer = oci.blob("amy/tools/bwa", &sif).await;
        let readme = oci
            .blob("amy/tools/bwa", &Bytes::from_static(b"read me"))
            .await;
        let value = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": "application/x-bundle",
            "config": { "mediaType": EMPTY, "digest": config, "size": 2 },
            "layers": [
                { "mediaType": "application/octet-stream", "digest": layer, "size": sif.len() },
                { "mediaType": "text/plain", "digest": readme, "size": 7 },
            ],
        });
        assert_eq!(
            oci.manifest("amy/tools/bwa", "bundle", &value).await.status,
            201
        );
        let path = format!(
            "/api/v1/collections/tools/containers/bwa/images/sha256:{}",
            hex_of(&sif)
        );
        let gone = amy.client.delete(app.url(&path)).send().await.unwrap();
        assert_eq!(gone.status(), 204);
        collect(&app).await;
        let kept = oci.get(&format!("/v2/tools/bwa/blobs/{layer}")).await;
        assert_eq!(kept.bytes, sif);
        let found = oci.get("/v2/tools/bwa/manifests/bundle").await;
        assert_eq!(found.json(), value);
        let size = i64::try_from(sif.len()).unwrap();
        assert_eq!(counted(&app, "tools/containers/bwa").await, 2 + 7 + size);
    }
);
