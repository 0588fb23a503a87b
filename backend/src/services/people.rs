//! What the server remembers about people between requests: uses of tokens, sign-ins on their way, the terms of use.
//!
//! Rule: all of this may be lost at any moment, and each process has its own. What must hold is in the database.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::{DateTime, Utc};
use moka::sync::Cache;
use shared_types::Terms;
use tokio::sync::{OnceCell, Semaphore};

use super::keys;

/// Most sign-ins through other providers remembered.
const MOST_JOURNEYS: u64 = 100_000;
/// Passwords checked at once: each takes a core for a moment.
const PASSWORDS_AT_ONCE: usize = 2;

/// What is remembered.
pub struct Memory {
    /// Tokens used since the last time this was written down, and when.
    uses: Mutex<HashMap<i64, DateTime<Utc>>>,
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
            journeys: Cache::builder()
                .max_capacity(MOST_JOURNEYS)
                .time_to_live(super::providers::LIFETIME)
                .build(),
            passwords: Arc::new(Semaphore::new(PASSWORDS_AT_ONCE)),
            terms: OnceCell::new(),
            superuser: AtomicBool::new(false),
        }
    }
}

impl Memory {
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
