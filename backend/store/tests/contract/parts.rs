//! What every kind of store promises for uploads in parts.

use std::{fs, path::PathBuf, time::Duration};

use bytes::Bytes;
use futures_util::future::join_all;
use store::{BlobStore, Digest, Error, PartStored, PartWriter, PartsId};

use crate::bed::{Bed, PART, bytes, get, keys, part, put, send};

const NOTHING: [PathBuf; 0] = [];

contract!(
    parts_in_order_make_the_blob,
    parts_in_any_order_make_the_blob,
    parts_sent_at_once_make_the_blob,
    a_part_sent_again_replaces_the_first,
    a_missing_part_is_named,
    a_part_of_the_wrong_length_stays_missing,
    a_part_with_the_wrong_digest_stays_missing,
    what_is_no_part_is_refused,
    a_part_given_up_stays_missing,
    a_later_attempt_takes_over,
    an_attempt_with_all_its_bytes_is_superseded_too,
    an_upload_outlives_a_restart,
    completing_twice_says_the_same,
    an_aborted_upload_leaves_nothing,
    sweeping_spares_what_is_wanted,
);

/// An upload of four parts, the last one short.
async fn four(store: &BlobStore) -> (Bytes, PartsId) {
    let whole = bytes(4, 3 * PART + 77);
    let id = store.begin_parts(whole.len() as u64, PART).await.unwrap();
    (whole, id)
}

pub async fn complete(bed: &Bed, store: &BlobStore, id: &PartsId, whole: &Bytes) {
    let stored = store.complete_parts(id).await.unwrap();
    assert_eq!(stored.size, whole.len() as u64);
    assert_eq!(stored.sha256, Digest::of(whole));
    assert_eq!(stored.key, id.blob_key());
    assert!(get(store, &stored.key).await == *whole);
    store.idle().await;
    assert_eq!(bed.leftovers(), NOTHING);
}

/// The end of a part that has begun. Its error comes with the write or with the end: between them
/// is a queue.
async fn rest(mut writer: PartWriter, data: Bytes) -> store::Result<PartStored> {
    writer.write(data).await?;
    writer.finish().await
}

pub async fn missing(store: &BlobStore, id: &PartsId) -> (u32, u32) {
    match store.complete_parts(id).await {
        Err(Error::MissingParts { first, count }) => (first, count),
        other => panic!("{other:?}"),
    }
}

async fn parts_in_order_make_the_blob(bed: Bed) {
    let store = bed.open().await;
    for len in [0, 1, PART - 1, PART, PART + 1, 5 * PART] {
        let whole = bytes(len, len);
        let id = store.begin_parts(len, PART).await.unwrap();
        let mut sent = Vec::new();
        for number in 1..=u32::try_from(len.div_ceil(PART).max(1)).unwrap() {
            let data = part(&whole, number);
            let stored = send(&store, &id, number, data.clone()).await.unwrap();
            assert_eq!((stored.number, stored.size), (number, data.len() as u64));
            sent.push(stored);
        }
        assert_eq!(store.list_parts(&id).await.unwrap(), sent);
        complete(&bed, &store, &id, &whole).await;
    }
}

async fn parts_in_any_order_make_the_blob(bed: Bed) {
    let store = bed.open().await;
    for order in [[4, 3, 2, 1], [2, 1, 4, 3], [1, 3, 2, 4], [3, 4, 1, 2]] {
        let (whole, id) = four(&store).await;
        for number in order {
            send(&store, &id, number, part(&whole, number))
                .await
                .unwrap();
        }
        complete(&bed, &store, &id, &whole).await;
    }
}

async fn parts_sent_at_once_make_the_blob(bed: Bed) {
    let store = bed.open().await;
    let count = 24;
    let whole = bytes(1, u64::from(count) * PART);
    let id = store.begin_parts(whole.len() as u64, PART).await.unwrap();
    let sends = (1..=count).map(|number| send(&store, &id, number, part(&whole, number)));
    for sent in join_all(sends).await {
        sent.unwrap();
    }
    complete(&bed, &store, &id, &whole).await;
}

async fn a_part_sent_again_replaces_the_first(bed: Bed) {
    let store = bed.open().await;
    for again in [1, 2, 3, 4] {
        let (whole, id) = four(&store).await;
        let mut first: Vec<PartStored> = Vec::new();
        for number in 1..=4 {
            let data = if number == again {
                bytes(99, PART)
            } else {
                part(&whole, number)
            };
            let due = part(&whole, number).len();
            first.push(send(&store, &id, number, data.slice(..due)).await.unwrap());
        }
        // All is hashed; the part in the middle of it changes.
        store.idle().await;
        let second = send(&store, &id, again, part(&whole, again)).await.unwrap();
        assert_ne!(second.etag, first[again as usize - 1].etag);
        complete(&bed, &store, &id, &whole).await;
    }
}

async fn a_missing_part_is_named(bed: Bed) {
    let store = bed.open().await;
    let (whole, id) = four(&store).await;
    assert_eq!(missing(&store, &id).await, (1, 4));
    send(&store, &id, 1, part(&whole, 1)).await.unwrap();
    send(&store, &id, 3, part(&whole, 3)).await.unwrap();
    assert_eq!(missing(&store, &id).await, (2, 2));
    assert_eq!(keys(&store).await, []);
    // Nothing is lost by asking too early.
    send(&store, &id, 4, part(&whole, 4)).await.unwrap();
    send(&store, &id, 2, part(&whole, 2)).await.unwrap();
    complete(&bed, &store, &id, &whole).await;
}

async fn a_part_of_the_wrong_length_stays_missing(bed: Bed) {
    let store = bed.open().await;
    let (whole, id) = four(&store).await;
    for (number, due) in [(1, PART), (4, 77)] {
        let error = send(&store, &id, number, bytes(1, due - 1))
            .await
            .unwrap_err();
        let short = matches!(error, Error::Length { expected, actual } if expected == due && actual == due - 1);
        assert!(short, "{error:?}");
        let error = send(&store, &id, number, bytes(1, due + 1))
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::Length { expected, .. } if expected == due),
            "{error:?}"
        );
    }
    assert_eq!(missing(&store, &id).await, (1, 4));
    for number in 1..=4 {
        send(&store, &id, number, part(&whole, number))
            .await
            .unwrap();
    }
    complete(&bed, &store, &id, &whole).await;
}

async fn a_part_with_the_wrong_digest_stays_missing(bed: Bed) {
    let store = bed.open().await;
    let (whole, id) = four(&store).await;
    for number in 1..=4 {
        let data = part(&whole, number);
        let expected = Digest::of(&data);
        let mut writer = store
            .write_part_expecting(&id, number, expected)
            .await
            .unwrap();
        assert_eq!(writer.due(), data.len() as u64);
        writer.write(bytes(1, data.len() as u64)).await.unwrap();
        assert!(matches!(
            writer.finish().await,
            Err(Error::DigestMismatch { .. })
        ));
        assert_eq!(missing(&store, &id).await.0, number);
        let mut writer = store
            .write_part_expecting(&id, number, expected)
            .await
            .unwrap();
        writer.write(data).await.unwrap();
        assert_eq!(writer.finish().await.unwrap().etag, expected.to_hex());
    }
    complete(&bed, &store, &id, &whole).await;
}

async fn what_is_no_part_is_refused(bed: Bed) {
    let store = bed.open().await;
    let (_, id) = four(&store).await;
    for number in [0, 5, u32::MAX] {
        let error = store.write_part(&id, number).await.unwrap_err();
        assert!(
            matches!(error, Error::UnknownPart { last: 4, .. }),
            "{number}: {error}"
        );
    }
    let nobody: PartsId = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
    assert!(matches!(
        store.write_part(&nobody, 1).await,
        Err(Error::UnknownParts(_))
    ));
    assert!(matches!(
        store.complete_parts(&nobody).await,
        Err(Error::UnknownParts(_))
    ));
    assert!(matches!(
        store.list_parts(&nobody).await,
        Err(Error::UnknownParts(_))
    ));
    store.abort_parts(&nobody).await.unwrap();
    for (size, part_size) in [(1, 0), (u64::MAX, 1), (100_001, 1)] {
        let error = store.begin_parts(size, part_size).await.unwrap_err();
        assert!(
            matches!(error, Error::PartSize { .. }),
            "{size}/{part_size}: {error}"
        );
    }
}

async fn a_part_given_up_stays_missing(bed: Bed) {
    let store = bed.open().await;
    let (whole, id) = four(&store).await;
    for number in 1..=4 {
        send(&store, &id, number, part(&whole, number))
            .await
            .unwrap();
    }
    // Some of the new bytes are there: the old part is gone, and that is known.
    let mut writer = store.write_part(&id, 2).await.unwrap();
    writer.write(bytes(5, 100)).await.unwrap();
    drop(writer);
    store.idle().await;
    assert_eq!(missing(&store, &id).await, (2, 1));
    let restarted = bed.open().await;
    assert_eq!(missing(&restarted, &id).await, (2, 1));
    send(&restarted, &id, 2, part(&whole, 2)).await.unwrap();
    complete(&bed, &restarted, &id, &whole).await;
}

async fn a_later_attempt_takes_over(bed: Bed) {
    let store = bed.open().await;
    let (whole, id) = four(&store).await;
    let mut slow = store.write_part(&id, 1).await.unwrap();
    slow.write(bytes(9, 5_000)).await.unwrap();
    for number in 1..=4 {
        send(&store, &id, number, part(&whole, number))
            .await
            .unwrap();
    }
    let error = rest(slow, bytes(9, PART - 5_000)).await.unwrap_err();
    assert!(matches!(error, Error::Superseded), "{error:?}");
    complete(&bed, &store, &id, &whole).await;
}

async fn an_attempt_with_all_its_bytes_is_superseded_too(bed: Bed) {
    let store = bed.open().await;
    let (_, id) = four(&store).await;
    // Whether the bytes are on disk when the second attempt begins is up to the threads: mostly
    // they are.
    for _ in 0..20 {
        let mut first = store.write_part(&id, 1).await.unwrap();
        first.write(bytes(1, PART)).await.unwrap();
        let second = store.write_part(&id, 1).await.unwrap();
        let error = first.finish().await.unwrap_err();
        assert!(matches!(error, Error::Superseded), "{error:?}");
        drop(second);
        assert_eq!(missing(&store, &id).await, (1, 4));
    }
}

async fn an_upload_outlives_a_restart(bed: Bed) {
    let store = bed.open().await;
    let (whole, id) = four(&store).await;
    send(&store, &id, 3, part(&whole, 3)).await.unwrap();
    let sent = send(&store, &id, 1, part(&whole, 1)).await.unwrap();
    store.idle().await;

    let store = bed.open().await;
    let there = store.list_parts(&id).await.unwrap();
    assert_eq!(
        there.iter().map(|part| part.number).collect::<Vec<_>>(),
        [1, 3]
    );
    assert_eq!(there[0], sent);
    send(&store, &id, 2, part(&whole, 2)).await.unwrap();
    store.idle().await;

    let store = bed.open().await;
    send(&store, &id, 4, part(&whole, 4)).await.unwrap();
    complete(&bed, &store, &id, &whole).await;
}

async fn completing_twice_says_the_same(bed: Bed) {
    let store = bed.open().await;
    let (whole, id) = four(&store).await;
    for number in 1..=4 {
        send(&store, &id, number, part(&whole, number))
            .await
            .unwrap();
    }
    let (one, two) = tokio::join!(store.complete_parts(&id), store.complete_parts(&id));
    assert_eq!(one.unwrap(), two.unwrap());
    complete(&bed, &store, &id, &whole).await;
    complete(&bed, &bed.open().await, &id, &whole).await;
    assert!(matches!(
        store.write_part(&id, 1).await,
        Err(Error::UnknownParts(_))
    ));
}

async fn an_aborted_upload_leaves_nothing(bed: Bed) {
    let store = bed.open().await;
    let (whole, id) = four(&store).await;
    send(&store, &id, 1, part(&whole, 1)).await.unwrap();
    let running = store.write_part(&id, 2).await.unwrap();
    store.abort_parts(&id).await.unwrap();
    store.abort_parts(&id).await.unwrap();
    let error = rest(running, part(&whole, 2)).await.unwrap_err();
    assert!(matches!(error, Error::UnknownParts(_)), "{error:?}");
    assert!(matches!(
        store.complete_parts(&id).await,
        Err(Error::UnknownParts(_))
    ));
    store.idle().await;
    assert_eq!(bed.leftovers(), NOTHING);
    // Aborting what is complete does not touch the blob.
    let (whole, id) = four(&store).await;
    for number in 1..=4 {
        send(&store, &id, number, part(&whole, number))
            .await
            .unwrap();
    }
    let key = store.complete_parts(&id).await.unwrap().key;
    store.abort_parts(&id).await.unwrap();
    assert!(get(&store, &key).await == whole);
}

async fn sweeping_spares_what_is_wanted(bed: Bed) {
    let store = bed.open().await;
    let blob = put(&store, &bytes(1, 10), 10).await;
    let (whole, wanted) = four(&store).await;
    let (_, stale) = four(&store).await;
    let (_, busy) = four(&store).await;
    let writer = store.write_part(&busy, 1).await.unwrap();
    for number in 1..=4 {
        send(&store, &wanted, number, part(&whole, number))
            .await
            .unwrap();
    }
    let keep = |id: &str| id == wanted.as_str();
    assert_eq!(
        store
            .sweep(Duration::from_hours(1), keep)
            .await
            .unwrap()
            .files,
        0
    );
    let swept = store.sweep(Duration::ZERO, keep).await.unwrap();
    assert_eq!(swept.files, 2);
    assert!(swept.bytes >= 3 * PART + 77);
    assert!(matches!(
        store.list_parts(&stale).await,
        Err(Error::UnknownParts(_))
    ));
    assert_eq!(store.list_parts(&busy).await.unwrap(), []);
    drop(writer);
    store.idle().await;
    assert_eq!(store.sweep(Duration::ZERO, keep).await.unwrap().files, 2);
    complete(&bed, &store, &wanted, &whole).await;
    assert_eq!(get(&store, &blob.key).await.len(), 10);
}

#[tokio::test]
async fn half_an_upload_without_its_journal_is_swept() {
    let bed = Bed::mapped();
    let store = bed.open().await;
    let (_, id) = four(&store).await;
    let parts = bed.folder.path().join("parts");
    fs::remove_file(parts.join(format!("{id}.journal"))).unwrap();
    let store = bed.open().await;
    assert!(matches!(
        store.list_parts(&id).await,
        Err(Error::UnknownParts(_))
    ));
    assert_eq!(
        store.sweep(Duration::ZERO, |_| false).await.unwrap().files,
        1
    );
    assert_eq!(bed.leftovers(), NOTHING);
}
