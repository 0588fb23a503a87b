//! How fast bytes go: over the last seconds, so that it follows the network and does not jump.

use std::collections::VecDeque;

/// Milliseconds that count.
const WINDOW: f64 = 6000.0;
/// Milliseconds after which a pace can be told.
const ENOUGH: f64 = 400.0;

/// Moments and how many bytes had gone at each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meter(VecDeque<(f64, u64)>);

impl Meter {
    /// Notes how many bytes have gone, at a moment in milliseconds.
    pub fn note(&mut self, now: f64, bytes: u64) {
        // Fewer than before: bytes were lost with the connection, and what was known says nothing any more.
        if self.0.back().is_some_and(|(_, last)| bytes < *last) {
            self.0.clear();
        }
        self.0.push_back((now, bytes));
        while self.0.len() > 2 && self.0.front().is_some_and(|(at, _)| now - at > WINDOW) {
            self.0.pop_front();
        }
    }

    /// Bytes a second, once it can be told.
    pub fn pace(&self) -> Option<f64> {
        let ((start, first), (end, last)) = (self.0.front()?, self.0.back()?);
        let bytes = last.saturating_sub(*first);
        (end - start >= ENOUGH && bytes > 0).then(|| bytes as f64 / (end - start) * 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(pace: Option<f64>, expected: f64) -> bool {
        pace.is_some_and(|pace| (pace - expected).abs() < 0.5)
    }

    #[test]
    fn the_pace_is_that_of_the_last_seconds() {
        let mut meter = Meter::default();
        assert_eq!(meter.pace(), None);
        meter.note(0.0, 0);
        meter.note(100.0, 50);
        assert_eq!(meter.pace(), None, "too early to tell");
        meter.note(1000.0, 1000);
        assert!(near(meter.pace(), 1000.0));
        for second in 2..20_u32 {
            meter.note(
                f64::from(second) * 1000.0,
                1000 + u64::from(second - 1) * 10,
            );
        }
        assert!(near(meter.pace(), 10.0), "{:?}", meter.pace());
    }

    #[test]
    fn bytes_lost_with_the_connection_start_the_measure_anew() {
        let mut meter = Meter::default();
        meter.note(0.0, 0);
        meter.note(1000.0, 1000);
        meter.note(2000.0, 500);
        assert_eq!(meter.pace(), None);
        meter.note(3000.0, 600);
        assert!(near(meter.pace(), 100.0));
    }
}
