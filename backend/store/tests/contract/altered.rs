//! What is under a blob's key is what was verified, or an error: where somebody else writes to the bucket.

use std::{io::Read, sync::Arc};

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload, aws::AmazonS3Builder, azure::MicrosoftAzureBuilder,
    path::Path,
};
use store::{BlobKey, BlobStore, Digest, Error, Stored};
use url::Url;

use crate::bed::{Bed, Kind, bytes, get, put, send};

const MIB: u64 = 1 << 20;

/// Writes other bytes under a blob's key, as anybody may who has the bucket's keys.
async fn overwrite(bed: &Bed, key: &BlobKey, data: &Bytes) {
    let (bucket, prefix): (Arc<dyn ObjectStore>, Path) = match &bed.kind {
        Kind::Object(objects) => (Arc::clone(objects), Path::default()),
        Kind::Service(url, access) => {
            let url: Url = url.parse().unwrap();
            let (name, endpoint) = (url.host_str().unwrap(), access.endpoint.clone().unwrap());
            let (id, secret) = (access.access_key.clone(), access.secret_key.clone());
            let bucket: Arc<dyn ObjectStore> = if url.scheme() == "s3" {
                let bucket = AmazonS3Builder::new()
                    .with_bucket_name(name)
                    .with_region("us-east-1")
                    .with_endpoint(endpoint)
                    .with_allow_http(true)
                    .with_access_key_id(id.unwrap())
                    .with_secret_access_key(secret.unwrap());
                Arc::new(bucket.build().unwrap())
            } else {
                let options = object_store::ClientOptions::new().with_allow_http(true);
                let bucket = MicrosoftAzureBuilder::new()
                    .with_container_name(name)
                    .with_endpoint(endpoint)
                    .with_client_options(options)
                    .with_account(id.unwrap())
                    .with_access_key(secret.unwrap());
                Arc::new(bucket.build().unwrap())
            };
            (bucket, Path::from_url_path(url.path()).unwrap())
        }
        Kind::Mapped | Kind::Read => unreachable!("folders give no marks"),
    };
    let path: Path = prefix
        .parts()
        .chain(Path::from(key.path()).parts())
        .collect();
    assert!(
        bucket.head(&path).await.is_ok(),
        "{path} is where the blob is"
    );
    let payload = PutPayload::from(data.clone());
    bucket.put(&path, payload).await.unwrap();
}

/// Blobs in each way in which they come.
async fn each_way(store: &BlobStore, data: &Bytes) -> Vec<Stored> {
    let streamed = put(store, data, 480 << 10).await;
    let id = store.begin_parts(data.len() as u64, MIB).await.unwrap();
    for (number, start) in (1..).zip((0..data.len()).step_by(1 << 20)) {
        let part = data.slice(start..data.len().min(start + (1 << 20)));
        send(store, &id, number, part).await.unwrap();
    }
    let in_parts = store.complete_parts(&id).await.unwrap();
    let id = store.begin_append().await.unwrap();
    let mut writer = store.append(&id, None, u64::MAX).await.unwrap();
    writer.write(data.clone()).await.unwrap();
    writer.finish().await.unwrap();
    let grown = store.finish_append(&id, None).await.unwrap();
    // The same again, as after an answer that got lost.
    assert_eq!(store.finish_append(&id, None).await.unwrap(), grown);
    vec![streamed, in_parts, grown]
}

async fn other_bytes_are_not_given_out(bed: Bed) {
    let store = bed.open().await;
    // In one request, and in several.
    for len in [70_000, 9 * MIB] {
        let (data, other) = (bytes(1, len), bytes(2, len));
        for stored in each_way(&store, &data).await {
            assert_eq!(stored.sha256, Digest::of(&data));
            let blob = stored.key.marked(stored.mark.as_deref());
            assert!(stored.mark.is_some() && store.marked(blob.mark));
            assert!(store.is_intact(blob, len).await.unwrap());
            let mut read = Vec::new();
            let mut file = store.open_file(blob).await.unwrap();
            let mut reading = tokio::task::spawn_blocking(move || {
                file.read_exact(&mut [0; 10]).unwrap();
                file
            })
            .await
            .unwrap();
            for range in [None, Some(0..len), Some(5..60_000)] {
                let reader = store.open(blob, range).await.unwrap();
                read = reader.try_collect::<Vec<_>>().await.unwrap().concat();
            }
            assert!(read == data[5..60_000]);

            overwrite(&bed, &stored.key, &other).await;
            for range in [None, Some(0..len), Some(5..60_000)] {
                let refused = store.open(blob, range.clone()).await.unwrap_err();
                assert!(
                    matches!(refused, Error::Altered { .. }),
                    "{range:?}: {refused:?}"
                );
                assert!(refused.is_remote());
            }
            assert!(!store.is_intact(blob, len).await.unwrap());
            let again = store.open_file(blob).await.unwrap();
            let refused = tokio::task::spawn_blocking(move || {
                let mut first = again;
                // What was fetched before may be read; nothing after it is.
                (
                    first.read(&mut [0; 10]),
                    reading.read_to_end(&mut Vec::new()),
                )
            });
            let (first, rest) = refused.await.unwrap();
            assert!(Error::from(first.unwrap_err()).is_remote());
            if len > MIB {
                assert!(Error::from(rest.unwrap_err()).is_remote());
            }

            // Looked at anew, it is what it is.
            let now = store.verify(&stored.key).await.unwrap().unwrap();
            assert_eq!((now.size, now.sha256), (len, Digest::of(&other)));
            assert_ne!(now.mark, stored.mark);
            let blob = now.key.marked(now.mark.as_deref());
            assert!(store.is_intact(blob, len).await.unwrap());
            assert!(get(&store, &now.key).await == other);
            store.delete(&now.key).await.unwrap();
            assert!(!store.is_intact(blob, len).await.unwrap());
            assert_eq!(store.verify(&now.key).await.unwrap(), None);
        }
    }
}

#[tokio::test]
async fn in_memory() {
    other_bytes_are_not_given_out(Bed::memory()).await;
}

#[tokio::test]
async fn on_s3() {
    if let Some(bed) = Bed::service() {
        other_bytes_are_not_given_out(bed).await;
    }
}

#[tokio::test]
async fn on_azure() {
    if let Some(bed) = Bed::azure() {
        other_bytes_are_not_given_out(bed).await;
    }
}

/// A mark of another store is no reason to refuse: blobs were moved, or the bucket got another address.
#[tokio::test]
async fn a_mark_of_another_place_refuses_nothing() {
    let bed = Bed::memory();
    let store = bed.open().await;
    let stored = put(&store, &bytes(1, 100), 10).await;
    let elsewhere = Some("0123456789abcdef \"etag\"");
    assert!(!store.marked(elsewhere));
    let blob = stored.key.marked(elsewhere);
    assert!(store.is_intact(blob, 100).await.unwrap());
    assert!(!store.is_intact(blob, 101).await.unwrap());
    store.open(blob, None).await.unwrap();

    let folder = Bed::mapped();
    let folder = folder.open().await;
    let stored = put(&folder, &bytes(1, 100), 10).await;
    assert_eq!(stored.mark, None);
    let blob = stored.key.marked(elsewhere);
    assert!(folder.is_intact(blob, 100).await.unwrap());
    folder.open(blob, None).await.unwrap();
    let verified = folder.verify(&stored.key).await.unwrap();
    assert_eq!(verified, Some(stored));
}
