//! What only a real object store shows: addresses that are wrong, keys that are, parts of a large blob, prefixes.

use std::time::Duration;

use bytes::Bytes;
use store::{Access, BlobStore, Error};

use crate::bed::{Bed, Kind, bytes, get, keys, put};

const MIB: u64 = 1 << 20;

#[tokio::test]
async fn a_blob_of_many_parts_is_what_was_written() {
    let Some(bed) = Bed::service() else { return };
    let store = bed.open().await;
    let frame = bytes(7, 1_000_003);
    let mut whole = Vec::new();
    let mut writer = store.begin(64 * MIB).await.unwrap();
    for _ in 0..40 {
        whole.extend_from_slice(&frame);
        writer.write(frame.clone()).await.unwrap();
    }
    let stored = writer.finish(None).await.unwrap();
    let whole = Bytes::from(whole);
    assert_eq!(stored.sha256, store::Digest::of(&whole));
    assert!(get(&store, &stored.key).await == whole);
    let (start, end) = (9 * MIB - 1, 17 * MIB + 1);
    let reader = store.open(&stored.key, Some(start..end)).await.unwrap();
    assert_eq!(reader.len(), end - start);
    store.delete(&stored.key).await.unwrap();
    assert_eq!(keys(&store).await, []);
}

#[tokio::test]
async fn a_large_blob_with_a_wrong_digest_leaves_nothing() {
    let Some(bed) = Bed::service() else { return };
    let store = bed.open().await;
    let mut writer = store.begin(64 * MIB).await.unwrap();
    for seed in 0..20 {
        writer.write(bytes(seed, MIB)).await.unwrap();
    }
    let wrong = store::Digest::of(b"something else");
    let error = writer.finish(Some(wrong)).await.unwrap_err();
    assert!(matches!(error, Error::DigestMismatch { .. }), "{error:?}");
    store.idle().await;
    assert_eq!(keys(&store).await, []);
}

#[tokio::test]
async fn stores_with_other_prefixes_do_not_see_each_other() {
    let (Some(one), Some(other)) = (Bed::service(), Bed::service()) else {
        return;
    };
    let (one, other) = (one.open().await, other.open().await);
    let key = put(&one, &bytes(1, 10), 10).await.key;
    assert_eq!(other.size(&key).await.unwrap(), None);
    assert_eq!(keys(&other).await, []);
    assert_eq!(keys(&one).await, [key]);
}

/// What the start says of a place that cannot be used, and that it says so soon.
async fn sentence(change: impl FnOnce(&mut String, &mut Access)) -> Option<String> {
    let bed = Bed::service()?;
    let Kind::Service(mut url, mut access) = bed.kind else {
        unreachable!("a service is one");
    };
    change(&mut url, &mut access);
    let opened = BlobStore::open_url(&url, &access, bed.folder.path().join("scratch"));
    let opened = tokio::time::timeout(Duration::from_secs(20), opened).await;
    Some(opened.unwrap().unwrap_err().to_string())
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_said_so() {
    let bucket = format!("s3://none-{}/x", rand::random::<u64>());
    let said = sentence(|url, _| url.clone_from(&bucket)).await;
    let Some(said) = said else { return };
    assert!(said.contains("no such bucket"), "{said}");
    assert!(said.contains(&bucket), "{said}");
}

#[tokio::test]
async fn a_wrong_key_is_said_so_and_not_shown() {
    let said = sentence(|_, access| access.secret_key = Some("hunter2".to_owned())).await;
    let Some(said) = said else { return };
    assert!(said.contains("STORAGE_SECRET_KEY"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn a_service_that_is_down_is_said_so() {
    // Nothing listens on the port of a socket that was bound and given back.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", port.local_addr().unwrap());
    drop(port);
    let said = sentence(|_, access| access.endpoint = Some(address.clone())).await;
    let Some(said) = said else { return };
    assert!(said.contains("STORAGE_ENDPOINT"), "{said}");
    assert!(said.contains(&address), "{said}");
}
