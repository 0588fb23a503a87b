//! Uploads in parts as real life has them: any order, again, given up, racing, restarted.

use bytes::Bytes;
use futures_util::future::join_all;
use proptest::prelude::*;

use crate::{
    bed::{Bed, PART, bytes, send},
    parts::{complete, missing},
};

/// One thing a client or an operator does.
#[derive(Debug, Clone)]
enum Step {
    Send { number: u32, seed: u64 },
    GiveUp { number: u32, bytes: u64 },
    Race { numbers: Vec<u32>, seed: u64 },
    Restart,
}

fn steps(count: u32) -> impl Strategy<Value = Vec<Step>> {
    let number = 1..=count;
    let step = prop_oneof![
        8 => (number.clone(), any::<u64>()).prop_map(|(number, seed)| Step::Send { number, seed }),
        2 => (number.clone(), 0..PART).prop_map(|(number, bytes)| Step::GiveUp { number, bytes }),
        2 => (prop::collection::vec(number, 1..5), any::<u64>())
            .prop_map(|(numbers, seed)| Step::Race { numbers, seed }),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever happens on the way, the blob is made of the last bytes stored for each part, and
    /// its digest is that of the bytes.
    #[test]
    fn the_last_bytes_of_each_part_count(
        last in 1..=PART,
        (count, steps) in (1..6u32).prop_flat_map(|count| (Just(count), steps(count))),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build();
        runtime.unwrap().block_on(play(last, count, steps));
    }
}

async fn play(last: u64, count: u32, steps: Vec<Step>) {
    let bed = Bed::mapped();
    let mut store = bed.open().await;
    let due = |number: u32| if number == count { last } else { PART };
    let size = u64::from(count - 1) * PART + last;
    let id = store.begin_parts(size, PART).await.unwrap();
    let mut model: Vec<Option<Bytes>> = vec![None; count as usize];
    for step in steps {
        match step {
            Step::Send { number, seed } => {
                let data = bytes(seed, due(number));
                send(&store, &id, number, data.clone()).await.unwrap();
                model[number as usize - 1] = Some(data);
            }
            Step::GiveUp {
                number,
                bytes: sent,
            } => {
                let mut writer = store.write_part(&id, number).await.unwrap();
                writer
                    .write(bytes(1, sent.min(due(number) - 1)))
                    .await
                    .unwrap();
                drop(writer);
                store.idle().await;
                model[number as usize - 1] = None;
            }
            Step::Race { numbers, seed } => {
                let sends = numbers
                    .iter()
                    .zip(seed..u64::MAX)
                    .map(|(number, seed)| send(&store, &id, *number, bytes(seed, due(*number))));
                // Of those that race for one part all but one may be superseded, so the model
                // cannot tell which one it is: it asks what is there, then sends once more.
                join_all(sends).await;
                store.idle().await;
                for number in numbers {
                    let there = store.list_parts(&id).await.unwrap();
                    assert!(there.iter().any(|part| part.number == number));
                    let data = bytes(seed, due(number));
                    send(&store, &id, number, data.clone()).await.unwrap();
                    model[number as usize - 1] = Some(data);
                }
            }
            Step::Restart => {
                store.idle().await;
                store = bed.open().await;
            }
        }
    }
    let absent = model.iter().filter(|part| part.is_none()).count();
    if absent > 0 {
        assert_eq!(missing(&store, &id).await.1 as usize, absent);
    }
    for (number, part) in (1..).zip(&mut model) {
        if part.is_none() {
            let data = bytes(number.into(), due(number));
            send(&store, &id, number, data.clone()).await.unwrap();
            *part = Some(data);
        }
    }
    let whole = model
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .concat()
        .into();
    complete(&bed, &store, &id, &whole).await;
}
