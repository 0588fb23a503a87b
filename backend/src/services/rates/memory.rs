//! Buckets in this server's memory.
//!
//! Rule: their number is bounded whatever comes. Full buckets go first, then those that are nearly full: an address that asks
//! wildly is remembered longest.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};

use super::{Key, bucket};
use crate::config::Rate;

/// Into how many parts the memory is split, so that requests do not wait for each other.
const SHARDS: usize = 64;
/// Most buckets of one part.
const MOST: usize = 2048;

type Shard = HashMap<Key, i64, RandomState>;

/// Buckets that are not full, each with when it will be, in nanoseconds since 1970.
pub(super) struct Buckets {
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

impl std::fmt::Debug for Buckets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Buckets(…)")
    }
}

impl Default for Buckets {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }
}

impl Buckets {
    /// Takes a request out of a bucket.
    ///
    /// # Errors
    /// How long to wait until there is one in it.
    pub(super) fn take(&self, key: Key, rate: Rate, now: DateTime<Utc>) -> Result<(), Duration> {
        let now = now.timestamp_nanos_opt().unwrap_or(i64::MAX);
        let mut shard = self.shard(key);
        if let Some(full_at) = shard.get_mut(&key) {
            *full_at = bucket::take(*full_at, now, rate)?;
            return Ok(());
        }
        let full_at = bucket::take(0, now, rate)?;
        if shard.len() >= MOST {
            make_room(&mut shard, now);
        }
        shard.insert(key, full_at);
        Ok(())
    }

    fn shard(&self, key: Key) -> MutexGuard<'_, Shard> {
        // The high bits: the map below uses the low ones of its own hash.
        let part = usize::try_from(self.hasher.hash_one(key) >> 32).unwrap_or_default() % SHARDS;
        let shard = self.shards.get(part).unwrap_or(&self.shards[0]);
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are kept.
    pub(super) fn len(&self) -> usize {
        let sizes = self.shards.iter().map(|shard| {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.len()
        });
        sizes.sum()
    }
}

/// Forgets full buckets; and where that does not make room for a while, the half that is nearest to it.
fn make_room(shard: &mut Shard, now: i64) {
    shard.retain(|_, full_at| *full_at > now);
    if shard.len() <= MOST / 2 {
        return;
    }
    let mut times: Vec<i64> = shard.values().copied().collect();
    let middle = times.len() / 2;
    let (_, median, _) = times.select_nth_unstable(middle);
    let median = *median;
    let mut alike = middle;
    // Of those that are alike some must go too, else a flood of them would stay.
    shard.retain(|_, full_at| {
        if *full_at < median {
            alike = alike.saturating_sub(1);
            return false;
        }
        true
    });
    shard.retain(|_, full_at| {
        let goes = *full_at == median && alike > 0;
        alike -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use chrono::TimeZone;

    use super::*;
    use crate::services::rates::Kind;

    fn at(millis: i64) -> DateTime<Utc> {
        Utc.timestamp_millis_opt(1_700_000_000_000 + millis)
            .unwrap()
    }

    fn from(number: u32) -> Key {
        Key::Address(Kind::Program, IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    fn rate(count: u32, seconds: u64) -> Rate {
        Rate {
            count,
            period: Duration::from_secs(seconds),
        }
    }

    #[test]
    fn each_has_a_bucket_of_its_own() {
        let buckets = Buckets::default();
        let rate = rate(2, 60);
        for key in [from(1), from(2), Key::Token(1), Key::Person(1)] {
            assert_eq!(buckets.take(key, rate, at(0)), Ok(()));
            assert_eq!(buckets.take(key, rate, at(0)), Ok(()));
            assert_eq!(
                buckets.take(key, rate, at(0)),
                Err(Duration::from_secs(30)),
                "{key:?}"
            );
        }
        assert_eq!(buckets.take(from(1), rate, at(30_000)), Ok(()));
    }

    #[test]
    fn a_flood_of_addresses_takes_bounded_memory_and_the_wildest_are_not_forgotten() {
        let buckets = Buckets::default();
        // None of these buckets fills while the flood lasts.
        let rate = rate(4, 86_400);
        let wild = from(u32::MAX);
        while buckets.take(wild, rate, at(0)).is_ok() {}
        for number in 0..1_000_000 {
            assert_eq!(buckets.take(from(number), rate, at(1)), Ok(()));
        }
        assert!(buckets.len() <= SHARDS * MOST, "{}", buckets.len());
        assert!(buckets.take(wild, rate, at(2)).is_err());
    }

    #[test]
    fn full_buckets_make_room_before_any_other() {
        let buckets = Buckets::default();
        for number in 0..200_000 {
            // Full again before the next comes.
            let now = at(i64::from(number) * 10);
            assert_eq!(buckets.take(from(number), rate(1000, 1), now), Ok(()));
        }
        let slow = rate(1, 86_400);
        let now = at(3_000_000);
        assert_eq!(buckets.take(Key::Token(7), slow, now), Ok(()));
        for number in 0..300_000 {
            let later = now + chrono::TimeDelta::milliseconds(i64::from(number) * 10);
            assert_eq!(buckets.take(from(number), rate(1000, 1), later), Ok(()));
        }
        assert!(buckets.take(Key::Token(7), slow, now).is_err());
    }
}
