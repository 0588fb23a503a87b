//! Moments as people read them.

use chrono::{Datelike, Timelike};
use shared_types::Timestamp;

use super::text;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// How long ago something was, in one unit: `3 hours ago`.
pub fn ago(then: Timestamp, now_unix: i64) -> String {
    let seconds = (now_unix - then.unix()).max(0);
    let (value, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3600 => (seconds / 60, "minutes"),
        3600..86_400 => (seconds / 3600, "hours"),
        86_400..2_592_000 => (seconds / 86_400, "days"),
        2_592_000..31_536_000 => (seconds / 2_592_000, "months"),
        _ => (seconds / 31_536_000, "years"),
    };
    format!("{} ago", text::counted(value.unsigned_abs(), unit))
}

/// How long something still lasts: `in 3 days`, or nothing where it is over.
pub fn until(then: Timestamp, now_unix: i64) -> Option<String> {
    let seconds = then.unix() - now_unix;
    let (value, unit) = match seconds {
        ..=0 => return None,
        1..3600 => return Some("within an hour".to_owned()),
        3600..86_400 => (seconds / 3600, "hours"),
        86_400..7_776_000 => (seconds / 86_400, "days"),
        7_776_000..63_072_000 => (seconds / 2_592_000, "months"),
        _ => (seconds / 31_536_000, "years"),
    };
    Some(format!("in {}", text::counted(value.unsigned_abs(), unit)))
}

/// How long something takes, in two units at most: `12 s`, `3 min`, `1 h 20 min`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what fits"
)]
pub fn span(seconds: f64) -> String {
    match seconds.round().clamp(0.0, 1e9) as u64 {
        ..=90 if seconds < 1.0 => "less than 1 s".to_owned(),
        seconds @ ..=90 => format!("{seconds} s"),
        seconds @ 91..5400 => format!("{} min", (seconds + 30) / 60),
        seconds @ 5400..172_800 => {
            let minutes = (seconds + 30) / 60;
            format!("{} h {} min", minutes / 60, minutes % 60)
        }
        seconds => text::counted((seconds + 43_200) / 86_400, "days"),
    }
}

/// The moment in full, for tooltips and facts.
pub fn full(at: Timestamp) -> String {
    let (at, month) = (at.0, at.0.month0() as usize);
    format!(
        "{} {} {}, {:02}:{:02} UTC",
        at.day(),
        MONTHS.get(month).unwrap_or(&""),
        at.year(),
        at.hour(),
        at.minute()
    )
}

/// Now, in seconds since 1970.
#[cfg(target_arch = "wasm32")]
#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds since 1970 fit for a long time"
)]
pub fn now() -> i64 {
    (js_sys::Date::now() / 1000.0) as i64
}

/// Tests of pure code never ask for the time.
#[cfg(not(target_arch = "wasm32"))]
pub fn now() -> i64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ago_takes_the_largest_whole_unit() {
        let then = Timestamp::from_unix(1_000_000_000);
        for (later, shown) in [
            (-5, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (7200, "2 hours ago"),
            (86_400, "1 day ago"),
            (86_400 * 45, "1 month ago"),
            (86_400 * 800, "2 years ago"),
        ] {
            assert_eq!(ago(then, 1_000_000_000 + later), shown);
        }
    }

    #[test]
    fn spans_have_the_unit_that_people_would_use() {
        for (seconds, shown) in [
            (-3.0, "less than 1 s"),
            (0.4, "less than 1 s"),
            (1.0, "1 s"),
            (90.4, "90 s"),
            (100.0, "2 min"),
            (4800.0, "80 min"),
            (5400.0, "1 h 30 min"),
            (200_000.0, "2 days"),
            (f64::INFINITY, "11\u{202f}574 days"),
        ] {
            assert_eq!(span(seconds), shown, "{seconds}");
        }
    }

    #[test]
    fn the_whole_moment_is_told_in_utc() {
        let shown = |seconds| full(Timestamp::from_unix(seconds));
        assert_eq!(shown(0), "1 January 1970, 00:00 UTC");
        assert_eq!(shown(1_000_000_000), "9 September 2001, 01:46 UTC");
        assert_eq!(shown(1_798_761_599), "31 December 2026, 23:59 UTC");
    }

    #[test]
    fn what_is_over_has_no_time_left() {
        let then = Timestamp::from_unix(1_000_000_000);
        for (left, shown) in [
            (-1, None),
            (0, None),
            (59, Some("within an hour")),
            (3600, Some("in 1 hour")),
            (86_400 * 30, Some("in 30 days")),
            (86_400 * 365, Some("in 12 months")),
            (86_400 * 3650, Some("in 10 years")),
        ] {
            assert_eq!(
                until(then, 1_000_000_000 - left).as_deref(),
                shown,
                "{left}"
            );
        }
    }
}
