//! What time it is: given to the use cases, so that tests can tell them.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, Duration, TimeZone, Utc};

/// A clock: the machine's, or one that a test moves.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Milliseconds that this clock is ahead of the machine's.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// Now, in UTC, in whole milliseconds: what both databases keep exactly.
    pub fn now(&self) -> DateTime<Utc> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the machine's clock"
        )]
        let machine = Utc::now().timestamp_millis();
        let now = machine.saturating_add(self.ahead.load(Ordering::Relaxed));
        Utc.timestamp_millis_opt(now).single().unwrap_or_default()
    }

    /// Moves the clock forward, for every holder of it.
    pub fn advance(&self, by: Duration) {
        self.ahead
            .fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }
}
