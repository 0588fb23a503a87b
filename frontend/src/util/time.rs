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
}
