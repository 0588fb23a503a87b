//! Moments as people read them.

use shared_types::Timestamp;

/// How long ago something was, in one unit: `3 hours ago`.
pub fn ago(then: Timestamp, now_unix: i64) -> String {
    let seconds = (now_unix - then.unix()).max(0);
    let (value, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        86_400..2_592_000 => (seconds / 86_400, "day"),
        2_592_000..31_536_000 => (seconds / 2_592_000, "month"),
        _ => (seconds / 31_536_000, "year"),
    };
    let plural = if value == 1 { "" } else { "s" };
    format!("{value} {unit}{plural} ago")
}

/// How long something still lasts: `in 3 days`, or nothing where it is over.
pub fn until(then: Timestamp, now_unix: i64) -> Option<String> {
    let seconds = then.unix() - now_unix;
    let (value, unit) = match seconds {
        ..=0 => return None,
        1..3600 => return Some("within an hour".to_owned()),
        3600..86_400 => (seconds / 3600, "hour"),
        86_400..7_776_000 => (seconds / 86_400, "day"),
        7_776_000..63_072_000 => (seconds / 2_592_000, "month"),
        _ => (seconds / 31_536_000, "year"),
    };
    let plural = if value == 1 { "" } else { "s" };
    Some(format!("in {value} {unit}{plural}"))
}

/// The moment in full, for tooltips and facts.
pub fn full(at: Timestamp) -> String {
    at.0.format("%-d %B %Y, %H:%M UTC").to_string()
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
