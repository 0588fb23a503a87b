//! What every kind of store promises for whole blobs.

use std::{
    fs,
    future::poll_fn,
    io::{Read, Seek, SeekFrom},
    path::PathBuf,
    pin::pin,
    task::Poll,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_util::TryStreamExt;
use store::{Access, BlobKey, BlobStore, Digest, Error};

use crate::bed::{Bed, bytes, get, keys, put};

const MIB: u64 = 1 << 20;
const NOTHING: [PathBuf; 0] = [];

contract!(
    what_is_written_is_read,
    large_blobs_come_in_frames,
    ranges_are_exact,
    what_is_not_there_is_not_found,
    a_dropped_writer_leaves_nothing,
    a_finish_given_up_leaves_nothing,
    the_limit_holds,
    a_wrong_digest_leaves_nothing,
    deleting_is_idempotent_and_spares_readers,
    listing_gives_blobs_only,
    files_can_be_read_and_seeked,
    blobs_outlive_a_restart,
    a_fresh_upload_is_not_swept,
);

async fn what_is_written_is_read(bed: Bed) {
    let store = bed.open().await;
    for len in [0, 1, 4_095, 4_096, 4_097, MIB - 1, MIB, MIB + 1] {
        let data = bytes(len, len);
        let stored = put(&store, &data, 65_537).await;
        assert_eq!(stored.size, len);
        assert_eq!(stored.sha256, Digest::of(&data));
        assert_eq!(store.size(&stored.key).await.unwrap(), Some(len));
        assert!(get(&store, &stored.key).await == data, "{len} bytes");
    }
    assert_eq!(bed.leftovers(), NOTHING);
}

async fn large_blobs_come_in_frames(bed: Bed) {
    let store = bed.open().await;
    // More than two windows of the map, more than two parts of an object upload.
    let data = bytes(7, 33 * MIB + 5);
    let stored = put(&store, &data, 480 << 10).await;
    assert_eq!(stored.sha256, Digest::of(&data));
    let frames: Vec<Bytes> = store
        .open(&stored.key, None)
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    if bed.on_folder() {
        assert!(frames.iter().all(|frame| frame.len() as u64 <= MIB));
    }
    assert!(frames.concat() == data);
}

async fn ranges_are_exact(bed: Bed) {
    let store = bed.open().await;
    let len = 17 * MIB + 3;
    let data = bytes(1, len);
    let key = put(&store, &data, 1 << 20).await.key;
    let near = 16 * MIB;
    for range in [
        0..len,
        0..1,
        1..2,
        len - 1..len,
        4_095..4_098,
        near - 1..near + 2,
        5..len - 5,
    ] {
        let reader = store.open(&key, Some(range.clone())).await.unwrap();
        assert_eq!(reader.len(), range.end - range.start);
        let read = reader.try_collect::<Vec<_>>().await.unwrap().concat();
        let (start, end) = (usize::try_from(range.start), usize::try_from(range.end));
        assert!(read == data[start.unwrap()..end.unwrap()], "{range:?}");
    }
    for start in [0, 1, len] {
        let reader = store.open(&key, Some(start..start)).await.unwrap();
        assert!(reader.is_empty());
        assert_eq!(reader.try_collect::<Vec<_>>().await.unwrap(), [""; 0]);
    }
    for range in [0..len + 1, len..len + 1, u64::MAX - 1..u64::MAX] {
        let error = store.open(&key, Some(range.clone())).await.unwrap_err();
        assert!(
            matches!(error, Error::OutOfRange { len: l } if l == len),
            "{range:?}: {error}"
        );
    }
}

async fn what_is_not_there_is_not_found(bed: Bed) {
    let store = bed.open().await;
    let key: BlobKey = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
    assert!(matches!(store.open(&key, None).await, Err(Error::NotFound)));
    assert!(matches!(
        store.open(&key, Some(0..1)).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(store.open_file(&key).await, Err(Error::NotFound)));
    assert_eq!(store.size(&key).await.unwrap(), None);
}

async fn a_dropped_writer_leaves_nothing(bed: Bed) {
    let store = bed.open().await;
    for len in [0, 10, 20 * MIB] {
        let mut writer = store.begin(u64::MAX).await.unwrap();
        writer.write(bytes(1, len)).await.unwrap();
        drop(writer);
        store.idle().await;
        assert_eq!(bed.leftovers(), NOTHING, "{len} bytes");
    }
    assert_eq!(keys(&store).await, []);
}

async fn a_finish_given_up_leaves_nothing(bed: Bed) {
    let store = bed.open().await;
    // Given up before the answer is there, and after it is there but not taken.
    for answered in [false, true] {
        for len in [0, 10, 20 * MIB] {
            let mut writer = store.begin(u64::MAX).await.unwrap();
            writer.write(bytes(1, len)).await.unwrap();
            let known = {
                let mut finish = pin!(writer.finish(None));
                let first = poll_fn(|cx| Poll::Ready(finish.as_mut().poll(cx))).await;
                if first.is_pending() && answered {
                    store.idle().await;
                }
                match first {
                    Poll::Ready(stored) => vec![stored.unwrap().key],
                    Poll::Pending => vec![],
                }
            };
            store.idle().await;
            assert_eq!(keys(&store).await, known, "{len} bytes");
            assert_eq!(bed.leftovers(), NOTHING, "{len} bytes");
            for key in known {
                store.delete(&key).await.unwrap();
            }
        }
    }
}

async fn the_limit_holds(bed: Bed) {
    let store = bed.open().await;
    let mut writer = store.begin(10).await.unwrap();
    writer.write(bytes(1, 10)).await.unwrap();
    assert_eq!(writer.finish(None).await.unwrap().size, 10);

    let mut writer = store.begin(10).await.unwrap();
    writer.write(bytes(1, 10)).await.unwrap();
    let error = writer.write(bytes(1, 1)).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: 10 }), "{error}");
    assert!(writer.write(Bytes::new()).await.is_err());
    assert!(writer.finish(None).await.is_err());
    store.idle().await;
    assert_eq!(bed.leftovers(), NOTHING);
    assert_eq!(keys(&store).await.len(), 1);
}

async fn a_wrong_digest_leaves_nothing(bed: Bed) {
    let store = bed.open().await;
    for len in [0, 10, 20 * MIB] {
        let data = bytes(1, len);
        let mut writer = store.begin(u64::MAX).await.unwrap();
        writer.write(data.clone()).await.unwrap();
        let announced = Digest::of(b"other bytes");
        let Error::DigestMismatch { expected, actual } =
            writer.finish(Some(announced)).await.unwrap_err()
        else {
            panic!("another error");
        };
        assert_eq!((expected, actual), (announced, Digest::of(&data)));
        store.idle().await;
        assert_eq!(keys(&store).await, []);
        assert_eq!(bed.leftovers(), NOTHING);

        let mut writer = store.begin(u64::MAX).await.unwrap();
        writer.write(data).await.unwrap();
        let stored = writer.finish(Some(actual)).await.unwrap();
        store.delete(&stored.key).await.unwrap();
    }
}

async fn deleting_is_idempotent_and_spares_readers(bed: Bed) {
    let store = bed.open().await;
    let data = bytes(1, 3 * MIB);
    let key = put(&store, &data, 1 << 20).await.key;
    let reader = store.open(&key, None).await.unwrap();
    store.delete(&key).await.unwrap();
    store.delete(&key).await.unwrap();
    assert_eq!(store.size(&key).await.unwrap(), None);
    let read = reader.try_collect::<Vec<_>>().await.unwrap().concat();
    assert!(read == data);
}

async fn listing_gives_blobs_only(bed: Bed) {
    let store = bed.open().await;
    assert_eq!(keys(&store).await, []);
    let before = SystemTime::now() - Duration::from_secs(5);
    let mut written = Vec::new();
    for len in 0..5 {
        written.push((put(&store, &bytes(len, len), 10).await.key, len));
    }
    let unfinished = store.begin(10).await.unwrap();
    let parts = store.begin_parts(10, 10).await.unwrap();
    let stray = bed.folder.path().join("blobs/5F/AV");
    fs::create_dir_all(&stray).unwrap();
    fs::write(stray.join("notes.txt"), "no blob").unwrap();

    let mut listed: Vec<_> = store.list().try_collect().await.unwrap();
    assert!(listed.iter().all(|(_, _, at)| *at > before));
    listed.sort();
    written.sort();
    let listed: Vec<_> = listed
        .into_iter()
        .map(|(key, size, _)| (key, size))
        .collect();
    assert_eq!(listed, written);
    drop(unfinished);
    store.abort_parts(&parts).await.unwrap();
}

async fn files_can_be_read_and_seeked(bed: Bed) {
    let store = bed.open().await;
    let data = bytes(3, MIB + 77);
    let key = put(&store, &data, 1 << 20).await.key;
    let mut file = store.open_file(&key).await.unwrap();
    assert_eq!(file.len(), MIB + 77);
    tokio::task::spawn_blocking(move || {
        let mut all = Vec::new();
        file.read_to_end(&mut all).unwrap();
        assert!(all == data);
        let end = data.len();
        for (to, start) in [
            (SeekFrom::Start(5), 5),
            (SeekFrom::Current(10), 15 + 7),
            (SeekFrom::Current(-10), 19),
            (SeekFrom::End(-7), end - 7),
            (SeekFrom::Start(600_000), 600_000),
            (SeekFrom::Start(0), 0),
        ] {
            let mut seven = [0; 7];
            assert_eq!(file.seek(to).unwrap(), start as u64, "{to:?}");
            file.read_exact(&mut seven).unwrap();
            assert_eq!(seven, data[start..start + 7], "{to:?}");
        }
        file.seek(SeekFrom::Start(data.len() as u64 + 9)).unwrap();
        assert_eq!(file.read(&mut [0; 9]).unwrap(), 0);
        assert!(file.seek(SeekFrom::Current(-i64::MAX)).is_err());
    })
    .await
    .unwrap();
}

async fn blobs_outlive_a_restart(bed: Bed) {
    let data = bytes(1, 100_000);
    let key = put(&bed.open().await, &data, 1_000).await.key;
    let again = bed.open().await;
    assert!(get(&again, &key).await == data);
}

async fn a_fresh_upload_is_not_swept(bed: Bed) {
    let store = bed.open().await;
    let mut writer = store.begin(100).await.unwrap();
    writer.write(bytes(1, 50)).await.unwrap();
    let swept = store
        .sweep(Duration::from_hours(1), |_| false)
        .await
        .unwrap();
    assert_eq!((swept.files, swept.bytes), (0, 0));
    writer.write(bytes(2, 50)).await.unwrap();
    let stored = writer.finish(None).await.unwrap();
    assert_eq!(get(&store, &stored.key).await.len(), 100);
}

#[tokio::test]
async fn what_a_crash_left_is_swept() {
    let bed = Bed::mapped();
    let store = bed.open().await;
    let kept = put(&store, &bytes(1, 10), 10).await;
    fs::write(
        bed.folder.path().join("tmp/01ARZ3NDEKTSV4RRFFQ69G5FAV"),
        bytes(1, 1_000),
    )
    .unwrap();
    let swept = store.sweep(Duration::MAX, |_| false).await.unwrap();
    assert_eq!(swept.files, 0);
    let swept = store.sweep(Duration::ZERO, |_| false).await.unwrap();
    assert_eq!((swept.files, swept.bytes), (1, 1_000));
    assert_eq!(keys(&store).await, [kept.key]);
}

#[tokio::test]
async fn many_uploads_leave_the_runtime_its_blocking_threads() {
    let bed = Bed::mapped();
    std::thread::spawn(move || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder
            .max_blocking_threads(1)
            .build()
            .unwrap()
            .block_on(async {
                let store = bed.open().await;
                let mut writers = Vec::new();
                for seed in 0..64 {
                    let mut writer = store.begin(1_000).await.unwrap();
                    writer.write(bytes(seed, 500)).await.unwrap();
                    writers.push(writer);
                }
                // The only thread of the pool is free while 64 uploads run.
                assert_eq!(tokio::task::spawn_blocking(|| 7).await.unwrap(), 7);
                for (seed, mut writer) in (0..).zip(writers) {
                    writer.write(bytes(seed, 500)).await.unwrap();
                    assert_eq!(writer.finish(None).await.unwrap().size, 1_000);
                }
                store.idle().await;
                assert_eq!(bed.leftovers(), NOTHING);
            });
    })
    .join()
    .unwrap();
}

#[tokio::test]
async fn blobs_are_not_for_everybody() {
    use std::os::unix::fs::PermissionsExt;
    let bed = Bed::mapped();
    let store = bed.open().await;
    let stored = put(&store, &bytes(1, 10), 10).await;
    let mut path = bed.folder.path().join(stored.key.path());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o137, 0);
    while path.pop() && path != bed.folder.path() {
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o027,
            0,
            "{path:?}"
        );
    }
}

#[tokio::test]
async fn an_address_opens_the_store_it_names() {
    let bed = Bed::mapped();
    let folder = bed.folder.path().join("blobs");
    let open = async |url: &str| {
        let opened = BlobStore::open_url(url, &Access::default(), "/nonexistent".into()).await;
        opened.unwrap()
    };
    let path = folder.to_str().unwrap();
    let key = put(&open(path).await, &bytes(1, 10), 10).await.key;
    let same = open(&format!("file://{path}")).await;
    assert_eq!(same.size(&key).await.unwrap(), Some(10));
    let free = same.free_space().await.unwrap();
    assert!(free.is_some_and(|bytes| bytes > 0));
}
