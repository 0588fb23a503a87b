//! Ticks: when what happens from time to time happens. `services::queue` says what that is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use apalis_cron::{Schedule, Tick, timezone::Utc};

/// How often each replica writes the downloads that it has counted.
pub const FLUSH: Duration = Duration::from_secs(3);

/// How often each replica sends messages to webhooks.
pub const DELIVER: Duration = Duration::from_secs(2);

/// How often each replica clears the queue of what was done long ago.
pub const TIDY: Duration = Duration::from_hours(1);

/// Ticks at whole multiples of a period, so that replicas agree on them.
#[derive(Debug, Clone)]
pub struct Every {
    seconds: u64,
    last: u64,
}

impl Every {
    /// A tick each period of at least a second.
    pub fn new(period: Duration) -> Self {
        Self {
            seconds: period.as_secs().max(1),
            last: 0,
        }
    }

    fn after(&mut self, now: u64) -> u64 {
        let next = (now.max(self.last) / self.seconds + 1) * self.seconds;
        self.last = next;
        next
    }
}

impl Schedule<Utc> for Every {
    fn next_tick(&mut self, _: &Utc) -> Option<Tick<Utc>> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Some(Tick::new(self.after(now.as_secs())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_multiples_of_the_period_and_never_repeat() {
        let mut every = Every::new(Duration::from_secs(10));
        assert_eq!(every.after(1001), 1010);
        assert_eq!(every.after(1009), 1020, "the same tick does not come twice");
        assert_eq!(
            every.after(1055),
            1060,
            "ticks that were slept through do not come back"
        );
    }
}
