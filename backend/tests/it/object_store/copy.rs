//! Moving what is stored: from a folder to the service and back.

use std::process::Command;

use sif::Arch;
use sregistry_server::services::relocate;
use store::BlobStore;

use super::{altered::alter, blobs, on, service};
use crate::{
    common::TestApp,
    wire_library::{Library, image_for, image_of_size},
};

#[tokio::test]
async fn a_registry_moves_to_the_service_and_serves_the_same() {
    let Some(service) = service() else { return };
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let images = [image_for(Arch::Amd64, 1), image_of_size(12 << 20, 2)];
    let library = Library::of(&app, &amy);
    for (tag, image) in ["small", "large"].into_iter().zip(&images) {
        library.push("amy/tools/x", &[tag], "amd64", image).await;
    }
    let mut settings = (*app.core().settings).clone();
    on(&service)(&mut settings);
    let moved = settings.storage.clone();
    let target = BlobStore::open_url(&moved.url, &moved.access(), "/nonexistent".into())
        .await
        .unwrap();
    let mut told = 0;
    let (db, blobs_here) = (app.core().db.clone(), app.core().blobs.clone());
    let copied = relocate::copy(&db, &blobs_here, &target, |_| told += 1)
        .await
        .unwrap();
    assert_eq!((copied.total, copied.copied, copied.present), (2, 2, 0));
    assert_eq!((copied.lost.len(), told), (0, 2));
    let again = relocate::copy(&db, &blobs_here, &target, |_| {}).await;
    let again = again.unwrap();
    assert_eq!((again.copied, again.present), (0, 2), "what is there stays");

    drop((db, blobs_here));
    let app = app.restart_with(|settings| settings.storage = moved).await;
    assert_eq!(blobs(&app).await, 2);
    std::fs::remove_dir_all(app.data_dir().join("images")).unwrap();
    let library = Library::with_token(&app, &amy.token);
    for (tag, image) in ["small", "large"].into_iter().zip(&images) {
        assert!(library.pull(&format!("amy/tools/x:{tag}")).await == image);
    }
    // What the new place said of the copies was noted.
    let ticket = library.ticket("amy/tools/x:small").await;
    alter(&app.core().blobs).await;
    library.fetch(&ticket, &[]).await.refusal(503);
}

#[tokio::test]
async fn what_is_damaged_or_missing_is_named_and_the_rest_is_copied() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let library = Library::of(&app, &amy);
    for seed in 1..=3 {
        let image = image_for(Arch::Amd64, seed);
        let tag = format!("v{seed}");
        library.push("amy/tools/x", &[&tag], "amd64", &image).await;
    }
    let files = app.blob_files();
    let mut bytes = std::fs::read(&files[0]).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    // Another file of the same name: those who have the old one open keep it.
    std::fs::remove_file(&files[0]).unwrap();
    std::fs::write(&files[0], bytes).unwrap();
    std::fs::remove_file(&files[1]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let target = format!("file://{}", folder.path().display());
    let run = || {
        Command::new(env!("CARGO_BIN_EXE_sregistry-server"))
            .args(["--json", "store", "copy", "--to", &target])
            .env_clear()
            .env("SREGISTRY_DATA_DIR", app.data_dir())
            .current_dir(folder.path())
            .output()
            .unwrap()
    };
    for (copied, present) in [(1, 0), (0, 1)] {
        let output = run();
        assert_eq!(output.status.code(), Some(1));
        let err = String::from_utf8(output.stderr).unwrap();
        let said = serde_json::from_slice(&output.stdout);
        let said: serde_json::Value = said.unwrap_or_else(|_| panic!("{err}"));
        assert_eq!(said["copied"], copied, "{said}");
        assert_eq!(said["present"], present, "{said}");
        assert_eq!(said["lost"].as_array().unwrap().len(), 2, "{said}");
        assert!(err.contains("missing in file://"), "{err}");
    }
    let copies = BlobStore::local(folder.path().to_path_buf()).await.unwrap();
    let there: Vec<_> = futures_util::TryStreamExt::try_collect(copies.list())
        .await
        .unwrap();
    assert_eq!(there.len(), 1);
}
