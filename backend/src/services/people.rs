//! What the server remembers about people between requests: look-ups of tokens, failed sign-ins, the terms of use.
//!
//! Rule: all of this may be lost at any moment, and each process has its own. What must hold is in the database.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use shared_types::Terms;
use tokio::sync::{OnceCell, Semaphore};

use super::{Error, Result, keys};

/// How long failed sign-ins are held against someone.
const WINDOW: Duration = Duration::from_mins(15);
/// Most accounts and addresses remembered.
const MOST_ATTEMPTS: u64 = 100_000;
/// Failed sign-ins to one account from one address before a pause.
const PER_ACCOUNT: u32 = 5;
/// Failed sign-ins from one address before a pause: many people may share one.
const PER_ADDRESS: u32 = 100;
/// The first pause in seconds; each failure after it doubles it.
const FIRST_PAUSE: i64 = 15;
/// The longest pause in seconds.
const LONGEST_PAUSE: i64 = 900;
/// Passwords checked at once: each takes a core for a moment.
const PASSWORDS_AT_ONCE: usize = 2;

/// What is remembered.
pub struct Memory {
    /// Tokens used since the last time this was written down, and when.
    uses: Mutex<HashMap<i64, DateTime<Utc>>>,
    attempts: Cache<String, Attempts>,
    /// Sign-ins through other providers that have come back.
    journeys: Cache<String, ()>,
    /// Leave to check a password.
    pub(super) passwords: Arc<Semaphore>,
    /// The terms of use.
    pub(super) terms: OnceCell<Terms>,
    /// A superuser exists; true for ever once true, because the last one stays.
    superuser: AtomicBool,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory(…)")
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            uses: Mutex::default(),
            attempts: Cache::builder()
                .max_capacity(MOST_ATTEMPTS)
                .time_to_idle(WINDOW)
                .build(),
            journeys: Cache::builder()
                .max_capacity(MOST_ATTEMPTS)
                .time_to_live(super::providers::LIFETIME)
                .build(),
            passwords: Arc::new(Semaphore::new(PASSWORDS_AT_ONCE)),
            terms: OnceCell::new(),
            superuser: AtomicBool::new(false),
        }
    }
}

/// Failed sign-ins of one account from one address, or of one address.
#[derive(Debug, Clone, Copy)]
struct Attempts {
    failed: u32,
    since: DateTime<Utc>,
    blocked_until: Option<DateTime<Utc>>,
}

impl Memory {
    /// Counts an attempt to sign in, before it is known how it ends: attempts at the same time count too.
    ///
    /// # Errors
    /// `RateLimited` where there were too many.
    pub(super) fn begin_attempt(
        &self,
        account: &str,
        address: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let [by_account, by_address] = attempt_keys(account, address);
        self.attempt(by_address, PER_ADDRESS, now)?;
        self.attempt(by_account, PER_ACCOUNT, now)
    }

    fn attempt(&self, key: String, most: u32, now: DateTime<Utc>) -> Result<()> {
        let mut blocked = None;
        self.attempts.entry(key).and_upsert_with(|entry| {
            let none = Attempts {
                failed: 0,
                since: now,
                blocked_until: None,
            };
            let mut attempts = entry.map_or(none, moka::Entry::into_value);
            if let Some(end) = attempts.blocked_until.filter(|end| *end > now) {
                blocked = Some(end - now);
                return attempts;
            }
            if now - attempts.since > TimeDelta::from_std(WINDOW).unwrap_or_default() {
                attempts.failed = 0;
                attempts.since = now;
            }
            attempts.failed += 1;
            if attempts.failed >= most {
                let doublings = (attempts.failed - most).min(16);
                let pause = FIRST_PAUSE
                    .saturating_mul(1 << doublings)
                    .min(LONGEST_PAUSE);
                attempts.blocked_until = Some(now + TimeDelta::seconds(pause));
            }
            attempts
        });
        match blocked {
            None => Ok(()),
            Some(left) => Err(Error::RateLimited {
                retry_after: left.to_std().unwrap_or_default() + Duration::from_secs(1),
            }),
        }
    }

    /// Forgets what an account failed at from this address: its owner has signed in.
    pub(super) fn forget_attempts(&self, account: &str, address: Option<IpAddr>) {
        let [by_account, by_address] = attempt_keys(account, address);
        self.attempts.invalidate(&by_account);
        // The attempt that succeeded was counted for the address too.
        self.attempts
            .entry(by_address)
            .and_compute_with(|entry| match entry {
                None => moka::ops::compute::Op::Nop,
                Some(entry) => {
                    let mut attempts = entry.into_value();
                    attempts.failed = attempts.failed.saturating_sub(1);
                    moka::ops::compute::Op::Put(attempts)
                }
            });
    }

    /// Lets a sign-in through another provider count: true for the first call with its state, false ever after.
    pub(super) fn take_journey(&self, state: &str) -> bool {
        self.journeys
            .entry(keys::hash(state))
            .or_insert(())
            .is_fresh()
    }

    /// Notes that a token was used, for `take_uses` to write down.
    pub(super) fn note_use(&self, token: i64, now: DateTime<Utc>) {
        self.uses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(token, now);
    }

    /// The tokens used since the last call.
    pub(super) fn take_uses(&self) -> HashMap<i64, DateTime<Utc>> {
        std::mem::take(&mut *self.uses.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether a superuser is known to exist.
    pub(super) fn has_superuser(&self) -> bool {
        self.superuser.load(Ordering::Relaxed)
    }

    /// Notes that a superuser exists.
    pub(super) fn note_superuser(&self) {
        self.superuser.store(true, Ordering::Relaxed);
    }
}

/// The keys of an account at an address and of the address: hashed, so that long names take no more room than short ones.
fn attempt_keys(account: &str, address: Option<IpAddr>) -> [String; 2] {
    let address = address
        .map(|address| network(address).to_string())
        .unwrap_or_default();
    [keys::hash(&format!("{address} {account}")), address]
}

/// What counts as one address: of IPv6 the first half, for whoever has one address there has 2^64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(1_700_000_000 + seconds, 0).unwrap()
    }

    fn pause(result: Result<()>) -> u64 {
        match result {
            Err(Error::RateLimited { retry_after }) => retry_after.as_secs(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pauses_begin_after_some_failures_and_double() {
        let memory = Memory::default();
        let here = Some("203.0.113.9".parse().unwrap());
        for second in 0..5 {
            memory.begin_attempt("amy", here, at(second)).unwrap();
        }
        assert_eq!(pause(memory.begin_attempt("amy", here, at(5))), 15);
        memory.begin_attempt("ben", here, at(5)).unwrap();
        memory
            .begin_attempt("amy", Some("203.0.113.10".parse().unwrap()), at(5))
            .unwrap();
        memory.begin_attempt("amy", here, at(20)).unwrap();
        assert_eq!(pause(memory.begin_attempt("amy", here, at(20))), 31);
    }

    #[test]
    fn success_and_time_forgive() {
        let memory = Memory::default();
        for second in 0..5 {
            memory.begin_attempt("amy", None, at(second)).unwrap();
        }
        memory.forget_attempts("amy", None);
        // Requests at the same time may be a little out of order.
        for second in [6, 5, 4, 5, 6] {
            memory.begin_attempt("amy", None, at(second)).unwrap();
        }
        assert!(memory.begin_attempt("amy", None, at(7)).is_err());
        for second in 0..4 {
            memory
                .begin_attempt("amy", None, at(2000 + second))
                .unwrap();
        }
    }

    #[test]
    fn neighbours_in_ipv6_count_as_one() {
        let [one, two, other] = ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"]
            .map(|address| network(address.parse().unwrap()));
        assert_eq!(one, two);
        assert_ne!(one, other);
        let mapped = network("::ffff:203.0.113.9".parse().unwrap());
        assert_eq!(mapped.to_string(), "203.0.113.9");
    }

    #[test]
    fn one_address_cannot_try_many_accounts_for_ever() {
        let memory = Memory::default();
        let here = Some("203.0.113.9".parse().unwrap());
        for number in 0..PER_ADDRESS {
            memory
                .begin_attempt(&format!("user-{number}"), here, at(0))
                .unwrap();
        }
        assert!(memory.begin_attempt("one-more", here, at(0)).is_err());
    }
}
