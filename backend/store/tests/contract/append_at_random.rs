//! Growing uploads as real life has them: goes whole and cut, two senders at once, restarts.

use proptest::prelude::*;

use crate::{
    append::{add, complete},
    bed::{Bed, bytes},
};

/// One thing a client or an operator does.
#[derive(Debug, Clone)]
enum Step {
    Add(u64),
    Cut(u64),
    Wrong(u64),
    Race(u64, u64),
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let len = 0..200_000_u64;
    let step = prop_oneof![
        6 => len.clone().prop_map(Step::Add),
        3 => len.clone().prop_map(Step::Cut),
        1 => (1..50_u64).prop_map(Step::Wrong),
        2 => (len.clone(), len).prop_map(|(one, two)| Step::Race(one, two)),
        2 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whoever goes on where the store says makes the file that was sent, whatever happens on the
    /// way, and its digest is that of the bytes.
    #[test]
    fn who_goes_on_where_the_store_says_sends_the_file(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build();
        runtime.unwrap().block_on(play(steps));
    }
}

async fn play(steps: Vec<Step>) {
    let bed = Bed::mapped();
    let mut store = bed.open().await;
    let source = bytes(1, 4 << 20);
    let id = store.begin_append().await.unwrap();
    for step in steps {
        let at = store.appended(&id).await.unwrap();
        let piece = |len: u64| {
            let at = usize::try_from(at).unwrap();
            source.slice(at..at + usize::try_from(len).unwrap())
        };
        match step {
            Step::Add(len) => {
                let end = add(&store, &id, Some(at), &piece(len)).await.unwrap();
                assert_eq!(end, at + len);
            }
            Step::Cut(len) => {
                let mut writer = store.append(&id, Some(at), u64::MAX).await.unwrap();
                writer.write(piece(len)).await.unwrap();
                drop(writer);
            }
            Step::Wrong(by) => {
                add(&store, &id, Some(at + by), &bytes(2, 10))
                    .await
                    .unwrap_err();
            }
            Step::Race(one, two) => {
                let (one, two) = (piece(one), piece(two));
                let (one, two) = tokio::join!(
                    add(&store, &id, Some(at), &one),
                    add(&store, &id, Some(at), &two)
                );
                assert!(one.is_ok() || two.is_ok(), "{one:?}, {two:?}");
            }
            Step::Restart => {
                store.idle().await;
                store = bed.open().await;
            }
        }
        // A go that was cut is still being written; the client asks where it stands.
        store.idle().await;
    }
    let end = usize::try_from(store.appended(&id).await.unwrap()).unwrap();
    complete(&bed, &store, &id, &source[..end]).await;
}
