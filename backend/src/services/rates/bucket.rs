//! A bucket of requests, kept as one number: when it will be full again.
//!
//! Rule: a full bucket is as good as none, so it need not be kept.

use std::time::Duration;

use crate::config::Rate;

/// Takes a request out of a bucket that is full again at `full_at`. All times are nanoseconds since 1970.
///
/// # Errors
/// How long to wait until there is a request in it.
pub(super) fn take(full_at: i64, now: i64, rate: Rate) -> Result<i64, Duration> {
    let period = i64::try_from(rate.period.as_nanos()).unwrap_or(i64::MAX);
    let each = (period / i64::from(rate.count.max(1))).max(1);
    // A clock that was set back must not lock anybody out for longer than the bucket takes to fill.
    let owed = full_at.saturating_sub(now).clamp(0, period);
    let over = owed.saturating_add(each).saturating_sub(period);
    if over > 0 {
        return Err(Duration::from_nanos(over.unsigned_abs()));
    }
    Ok(now.saturating_add(owed).saturating_add(each))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn rate(count: u32, seconds: u64) -> Rate {
        Rate {
            count,
            period: Duration::from_secs(seconds),
        }
    }

    /// How many requests in a row get through.
    fn at_once(full_at: &mut i64, now: i64, rate: Rate) -> u32 {
        let mut through = 0;
        while let Ok(next) = take(*full_at, now, rate) {
            *full_at = next;
            through += 1;
            assert!(through <= rate.count, "more than the bucket holds");
        }
        through
    }

    #[test]
    fn a_bucket_gives_what_it_holds_and_fills_with_time() {
        let (rate, now) = (rate(60, 60), 1_700_000_000 * SECOND);
        let mut full_at = 0;
        assert_eq!(at_once(&mut full_at, now, rate), 60);
        assert_eq!(take(full_at, now, rate), Err(Duration::from_secs(1)));
        assert_eq!(at_once(&mut full_at, now + SECOND - 1, rate), 0);
        assert_eq!(at_once(&mut full_at, now + SECOND, rate), 1);
        assert_eq!(at_once(&mut full_at, now + 11 * SECOND, rate), 10);
        assert_eq!(at_once(&mut full_at, now + 1000 * SECOND, rate), 60);
    }

    #[test]
    fn a_clock_set_back_holds_nobody_up_for_longer_than_the_period() {
        let (rate, now) = (rate(10, 60), 1_700_000_000 * SECOND);
        let mut full_at = 0;
        at_once(&mut full_at, now, rate);
        let earlier = now - 86_400 * SECOND;
        assert_eq!(take(full_at, earlier, rate), Err(Duration::from_secs(6)));
    }

    proptest! {
        /// Over any time, no more gets through than the bucket held and what came in meanwhile; and who waits as long as they
        /// are told gets through.
        #[test]
        fn no_more_than_the_rate_gets_through(
            count in 1u32..100,
            seconds in 1u64..100,
            steps in prop::collection::vec(0i64..2 * SECOND, 1..300),
        ) {
            let rate = rate(count, seconds);
            let each = i64::try_from(rate.period.as_nanos()).unwrap() / i64::from(count);
            let start = 1_700_000_000 * SECOND;
            let (mut now, mut full_at, mut through) = (start, 0, 0i64);
            for step in steps {
                now += step;
                match take(full_at, now, rate) {
                    Ok(next) => {
                        full_at = next;
                        through += 1;
                    }
                    Err(wait) => {
                        let wait = i64::try_from(wait.as_nanos()).unwrap();
                        prop_assert!(wait > 0 && wait <= each);
                        prop_assert!(take(full_at, now + wait, rate).is_ok());
                    }
                }
                prop_assert!(through <= i64::from(count) + (now - start) / each + 1);
            }
        }
    }
}
