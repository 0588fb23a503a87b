//! What happens when the system refuses: a full disk, folders that do not belong together.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use store::{BlobStore, Error};

use crate::bed::{Bed, bytes, get, put};

const NOTHING: [PathBuf; 0] = [];

/// A filesystem of its own, gone with the guard.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    /// `None` where mounting is not allowed.
    fn new(folder: &'a Path, size: &str) -> Option<Self> {
        fs::create_dir_all(folder).unwrap();
        let options = format!("size={size},mode=0750");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(folder)
            .output();
        let mounted = mount.is_ok_and(|output| output.status.success());
        mounted.then_some(Self(folder))
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        Command::new("umount")
            .arg("--lazy")
            .arg(self.0)
            .status()
            .unwrap();
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

/// Where mounting is refused, the two tests that follow and the one beside the writer
/// (`local::tests`) still meet a full disk.
#[tokio::test]
async fn a_full_disk_is_no_space_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mounted) = Mounted::new(folder.path(), "2m") else {
        return;
    };
    let store = BlobStore::local(folder.path().to_path_buf()).await.unwrap();
    assert!(
        store
            .free_space()
            .await
            .unwrap()
            .is_some_and(|free| free <= 2 << 20)
    );

    let mut writer = store.begin(u64::MAX).await.unwrap();
    let mut refused = None;
    for seed in 0..64 {
        if let Err(error) = writer.write(bytes(seed, 100_000)).await {
            refused = Some(error);
            break;
        }
    }
    let error = refused.unwrap();
    assert!(matches!(error, Error::NoSpace), "{error:?}");
    drop(writer);
    store.idle().await;
    assert_eq!(files(&folder.path().join("tmp")), NOTHING);

    // All bytes fit into the queue: the answer comes at the end.
    let mut writer = store.begin(u64::MAX).await.unwrap();
    writer.write(bytes(1, 3 << 20)).await.unwrap();
    let error = writer.finish(None).await.unwrap_err();
    assert!(matches!(error, Error::NoSpace), "{error:?}");

    let error = store.begin_parts(3 << 20, 1 << 20).await.unwrap_err();
    assert!(matches!(error, Error::NoSpace), "{error:?}");
    assert_eq!(files(&folder.path().join("parts")), NOTHING);

    let whole = bytes(2, 3 << 20);
    let id = store.begin_append().await.unwrap();
    let mut writer = store.append(&id, None, u64::MAX).await.unwrap();
    writer.write(whole.clone()).await.unwrap();
    let error = writer.finish().await.unwrap_err();
    assert!(matches!(error, Error::NoSpace), "{error:?}");
    // What fits into whole frames stays, and is what was sent.
    let mut writer = store.append(&id, Some(0), u64::MAX).await.unwrap();
    writer.write(whole.slice(..1 << 20)).await.unwrap();
    writer.write(whole.slice(1 << 20..)).await.unwrap();
    let error = writer.finish().await.unwrap_err();
    assert!(matches!(error, Error::NoSpace), "{error:?}");
    assert_eq!(store.appended(&id).await.unwrap(), 1 << 20);
    let stored = store.finish_append(&id, None).await.unwrap();
    assert!(get(&store, &stored.key).await == whole[..1 << 20]);
    store.delete(&stored.key).await.unwrap();

    let data = bytes(1, 1 << 20);
    let stored = put(&store, &data, 100_000).await;
    assert!(get(&store, &stored.key).await == data);
    drop(store);
    drop(mounted);
}

#[tokio::test]
async fn an_upload_that_cannot_fit_is_refused_at_once() {
    let bed = Bed::mapped();
    let store = bed.open().await;
    let free = store.free_space().await.unwrap().unwrap();
    let error = store
        .begin_parts(free + (64 << 30), 1 << 30)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NoSpace), "{error:?}");
    assert_eq!(bed.leftovers(), NOTHING);
}

#[tokio::test]
async fn folders_on_two_filesystems_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let tmp = folder.path().join("tmp");
    let Some(mounted) = Mounted::new(&tmp, "1m") else {
        return;
    };
    let error = BlobStore::local(folder.path().to_path_buf())
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::SplitFilesystem(path) if path.ends_with("/tmp")),
        "{error:?}"
    );
    drop(mounted);
    BlobStore::local(folder.path().to_path_buf()).await.unwrap();
}

#[tokio::test]
async fn a_root_that_is_no_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    assert!(BlobStore::local(file).await.is_err());
}
