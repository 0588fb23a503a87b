//! What every kind of store promises for uploads that grow at their end.

use std::{path::PathBuf, time::Duration};

use bytes::Bytes;
use store::{AppendId, AppendWriter, BlobStore, Digest, Error};

use crate::bed::{Bed, bytes, get, keys, put};

const NOTHING: [PathBuf; 0] = [];
const ANY: u64 = u64::MAX;

contract!(
    what_is_added_in_goes_makes_the_blob,
    another_offset_than_the_end_is_refused_with_the_right_one,
    what_arrived_of_a_go_that_was_cut_stays,
    a_later_go_takes_over,
    an_upload_outlives_a_restart,
    two_processes_take_turns,
    what_exceeds_the_limit_is_not_taken,
    other_bytes_than_expected_leave_nothing,
    completing_twice_says_the_same,
    completing_ends_the_go_that_runs,
    an_aborted_upload_leaves_nothing,
    what_is_no_upload_is_refused,
    sweeping_spares_what_is_wanted_or_written_to,
);

/// One whole go.
pub async fn add(
    store: &BlobStore,
    id: &AppendId,
    offset: Option<u64>,
    data: &Bytes,
) -> store::Result<u64> {
    let mut writer = store.append(id, offset, ANY).await?;
    for chunk in data.chunks(4_096) {
        writer.write(data.slice_ref(chunk)).await?;
    }
    writer.finish().await
}

/// The end of a go that has begun. Its error comes with the write or with the end.
async fn rest(mut writer: AppendWriter, data: Bytes) -> store::Result<u64> {
    writer.write(data).await?;
    writer.finish().await
}

pub async fn complete(bed: &Bed, store: &BlobStore, id: &AppendId, whole: &[u8]) {
    let digest = Digest::of(whole);
    let stored = store.finish_append(id, Some(digest)).await.unwrap();
    assert_eq!(stored.size, whole.len() as u64);
    assert_eq!((stored.sha256, &stored.key), (digest, &id.blob_key()));
    assert!(get(store, &stored.key).await == whole);
    store.idle().await;
    assert_eq!(bed.leftovers(), NOTHING);
}

fn is_unknown<T>(result: store::Result<T>) -> bool {
    matches!(result, Err(Error::UnknownAppend(_)))
}

async fn what_is_added_in_goes_makes_the_blob(bed: Bed) {
    let store = bed.open().await;
    for goes in [
        vec![],
        vec![0],
        vec![1],
        vec![70_000, 1, 0, 3 << 20, 4_096, 4_095],
    ] {
        let id = store.begin_append().await.unwrap();
        let mut whole: Vec<u8> = Vec::new();
        for (seed, len) in (0..).zip(goes) {
            let data = bytes(seed, len);
            let before = whole.len() as u64;
            let offset = (seed % 2 == 0).then_some(before);
            whole.extend_from_slice(&data);
            let end = whole.len() as u64;
            assert_eq!(add(&store, &id, offset, &data).await.unwrap(), end);
            assert_eq!(store.appended(&id).await.unwrap(), end);
        }
        complete(&bed, &store, &id, &whole).await;
    }
}

async fn another_offset_than_the_end_is_refused_with_the_right_one(bed: Bed) {
    let store = bed.open().await;
    let id = store.begin_append().await.unwrap();
    let data = bytes(1, 1_000);
    add(&store, &id, Some(0), &data).await.unwrap();
    for offset in [0, 999, 1_001, u64::MAX] {
        let error = add(&store, &id, Some(offset), &data).await.unwrap_err();
        let told = matches!(error, Error::Offset { expected: 1_000, actual } if actual == offset);
        assert!(told, "{error:?}");
    }
    complete(&bed, &store, &id, &data).await;
}

async fn what_arrived_of_a_go_that_was_cut_stays(bed: Bed) {
    let store = bed.open().await;
    let id = store.begin_append().await.unwrap();
    let whole = bytes(2, 300_000);
    let mut writer = store.append(&id, Some(0), ANY).await.unwrap();
    writer.write(whole.slice(..100_000)).await.unwrap();
    writer.write(whole.slice(100_000..123_456)).await.unwrap();
    assert_eq!(writer.end(), 123_456);
    drop(writer);
    store.idle().await;
    assert_eq!(store.appended(&id).await.unwrap(), 123_456);
    add(&store, &id, Some(123_456), &whole.slice(123_456..))
        .await
        .unwrap();
    complete(&bed, &store, &id, &whole).await;
}

async fn a_later_go_takes_over(bed: Bed) {
    let store = bed.open().await;
    let id = store.begin_append().await.unwrap();
    let whole = bytes(3, 50_000);
    // A sender whose connection hangs: the server does not know yet.
    let hanging = store.append(&id, Some(0), ANY).await.unwrap();
    add(&store, &id, Some(0), &whole.slice(..20_000))
        .await
        .unwrap();
    let error = rest(hanging, bytes(9, 5_000)).await.unwrap_err();
    assert!(matches!(error, Error::Superseded), "{error:?}");
    assert_eq!(store.appended(&id).await.unwrap(), 20_000);
    // One that has its bytes and asks for the answer is told as well.
    let hanging = store.append(&id, None, ANY).await.unwrap();
    add(&store, &id, None, &whole.slice(20_000..))
        .await
        .unwrap();
    let error = hanging.finish().await.unwrap_err();
    assert!(matches!(error, Error::Superseded), "{error:?}");
    complete(&bed, &store, &id, &whole).await;
}

async fn an_upload_outlives_a_restart(bed: Bed) {
    let store = bed.open().await;
    let id = store.begin_append().await.unwrap();
    let whole = bytes(4, 5 << 20);
    let half = 3 << 20;
    add(&store, &id, Some(0), &whole.slice(..half))
        .await
        .unwrap();
    let store = bed.open().await;
    assert_eq!(store.appended(&id).await.unwrap(), half as u64);
    add(&store, &id, None, &whole.slice(half..)).await.unwrap();
    // Once more, so that the end has to read everything.
    store.idle().await;
    let store = bed.open().await;
    complete(&bed, &store, &id, &whole).await;
}

async fn two_processes_take_turns(bed: Bed) {
    let (one, other) = (bed.open().await, bed.open().await);
    let id = one.begin_append().await.unwrap();
    let whole = bytes(5, 4 << 20);
    let part = |from: usize, to: usize| whole.slice(from << 20..to << 20);
    add(&one, &id, Some(0), &part(0, 1)).await.unwrap();
    let mut writer = other.append(&id, Some(1 << 20), ANY).await.unwrap();
    let error = one.append(&id, Some(1 << 20), ANY).await.unwrap_err();
    assert!(matches!(error, Error::InUse), "{error:?}");
    let error = one.finish_append(&id, None).await.unwrap_err();
    assert!(matches!(error, Error::InUse), "{error:?}");
    writer.write(part(1, 2)).await.unwrap();
    writer.finish().await.unwrap();
    other.idle().await;
    add(&one, &id, Some(2 << 20), &part(2, 3)).await.unwrap();
    one.idle().await;
    add(&other, &id, Some(3 << 20), &part(3, 4)).await.unwrap();
    other.idle().await;
    complete(&bed, &one, &id, &whole).await;
    assert!(is_unknown(other.append(&id, None, ANY).await));
}

async fn what_exceeds_the_limit_is_not_taken(bed: Bed) {
    let store = bed.open().await;
    let id = store.begin_append().await.unwrap();
    let data = bytes(6, 1_000);
    add(&store, &id, None, &data.slice(..600)).await.unwrap();
    let mut writer = store.append(&id, None, 1_000).await.unwrap();
    writer.write(data.slice(600..700)).await.unwrap();
    for size in [301, 1] {
        let error = writer.write(bytes(7, size)).await.unwrap_err();
        assert!(
            matches!(error, Error::TooLarge { limit: 1_000 }),
            "{error:?}"
        );
    }
    // What came before is on disk when the refusal is told.
    assert_eq!(writer.finish().await.unwrap(), 700);
    assert_eq!(store.appended(&id).await.unwrap(), 700);
    let mut writer = store.append(&id, Some(700), 1_000).await.unwrap();
    writer.write(data.slice(700..)).await.unwrap();
    writer.finish().await.unwrap();
    complete(&bed, &store, &id, &data).await;
}

async fn other_bytes_than_expected_leave_nothing(bed: Bed) {
    let store = bed.open().await;
    let id = store.begin_append().await.unwrap();
    let data = bytes(8, 10_000);
    add(&store, &id, None, &data).await.unwrap();
    let wrong = Digest::of(b"something else");
    match store.finish_append(&id, Some(wrong)).await {
        Err(Error::DigestMismatch { expected, actual }) => {
            assert_eq!((expected, actual), (wrong, Digest::of(&data)));
        }
        other => panic!("{other:?}"),
    }
    store.idle().await;
    assert_eq!(bed.leftovers(), NOTHING);
    assert_eq!(keys(&store).await, []);
    assert!(is_unknown(store.appended(&id).await));
}

async fn completing_twice_says_the_same(bed: Bed) {
    let store = bed.open().await;
    let id = store.begin_append().await.unwrap();
    let data = bytes(9, 10_000);
    add(&store, &id, None, &data).await.unwrap();
    let (one, two) = tokio::join!(
        store.finish_append(&id, None),
        store.finish_append(&id, Some(Digest::of(&data)))
    );
    let one = one.unwrap();
    assert_eq!(one, two.unwrap());
    let restarted = bed.open().await;
    assert_eq!(one, restarted.finish_append(&id, None).await.unwrap());
    let wrong = restarted.finish_append(&id, Some(Digest::of(b""))).await;
    assert!(matches!(wrong, Err(Error::DigestMismatch { .. })));
    assert!(get(&store, &one.key).await == data);
}

async fn completing_ends_the_go_that_runs(bed: Bed) {
    let store = bed.open().await;
    let id = store.begin_append().await.unwrap();
    let data = bytes(10, 10_000);
    add(&store, &id, None, &data).await.unwrap();
    let running = store.append(&id, None, ANY).await.unwrap();
    complete_while(&store, &id, &data).await;
    let error = rest(running, bytes(11, 100)).await.unwrap_err();
    let ended = matches!(error, Error::Superseded | Error::UnknownAppend(_));
    assert!(ended, "{error:?}");
    assert!(is_unknown(store.append(&id, None, ANY).await));
    assert!(get(&store, &id.blob_key()).await == data);
}

async fn complete_while(store: &BlobStore, id: &AppendId, data: &Bytes) {
    let stored = store.finish_append(id, Some(Digest::of(data))).await;
    assert_eq!(stored.unwrap().size, data.len() as u64);
}

async fn an_aborted_upload_leaves_nothing(bed: Bed) {
    let store = bed.open().await;
    let id = store.begin_append().await.unwrap();
    add(&store, &id, None, &bytes(12, 5_000)).await.unwrap();
    let running = store.append(&id, None, ANY).await.unwrap();
    store.abort_append(&id).await.unwrap();
    store.abort_append(&id).await.unwrap();
    assert!(is_unknown(rest(running, bytes(13, 100)).await));
    assert!(is_unknown(store.finish_append(&id, None).await));
    store.idle().await;
    assert_eq!(bed.leftovers(), NOTHING);
    // Aborting what is complete does not touch the blob.
    let id = store.begin_append().await.unwrap();
    let data = bytes(14, 100);
    add(&store, &id, None, &data).await.unwrap();
    let key = store.finish_append(&id, None).await.unwrap().key;
    store.abort_append(&id).await.unwrap();
    assert!(get(&store, &key).await == data);
}

async fn what_is_no_upload_is_refused(bed: Bed) {
    let store = bed.open().await;
    let nobody: AppendId = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
    assert!(is_unknown(store.append(&nobody, None, ANY).await));
    assert!(is_unknown(store.appended(&nobody).await));
    assert!(is_unknown(store.finish_append(&nobody, None).await));
    store.abort_append(&nobody).await.unwrap();
    assert_eq!(bed.leftovers(), NOTHING);
}

async fn sweeping_spares_what_is_wanted_or_written_to(bed: Bed) {
    let store = bed.open().await;
    let blob = put(&store, &bytes(1, 10), 10).await;
    let data = bytes(15, 7_000);
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = store.begin_append().await.unwrap();
        add(&store, &id, None, &data).await.unwrap();
        ids.push(id);
    }
    let [wanted, stale, busy] = &ids[..] else {
        panic!("three uploads")
    };
    store.idle().await;
    let writer = store.append(busy, None, ANY).await.unwrap();
    let keep = |id: &str| id == wanted.as_str();
    let young = store.sweep(Duration::from_hours(1), keep).await.unwrap();
    assert_eq!(young.files, 0);
    let swept = store.sweep(Duration::ZERO, keep).await.unwrap();
    assert_eq!((swept.files, swept.bytes), (1, 7_000));
    assert!(is_unknown(store.appended(stale).await));
    drop(writer);
    store.idle().await;
    assert_eq!(store.sweep(Duration::ZERO, keep).await.unwrap().files, 1);
    complete(&bed, &store, wanted, &data).await;
    assert_eq!(get(&store, &blob.key).await.len(), 10);
}

/// What a killed server leaves is found by the next one.
#[tokio::test]
async fn leftovers_of_an_earlier_process_are_swept() {
    for bed in [Bed::mapped(), Bed::objects()] {
        let store = bed.open().await;
        let id = store.begin_append().await.unwrap();
        add(&store, &id, None, &bytes(16, 100)).await.unwrap();
        store.idle().await;
        let next = bed.open().await;
        let swept = next.sweep(Duration::ZERO, |_| false).await.unwrap();
        assert_eq!((swept.files, swept.bytes), (1, 100));
        assert_eq!(bed.leftovers(), NOTHING);
    }
}
