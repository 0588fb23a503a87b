//! How often anybody may ask, and where that is counted.

use std::time::Duration;

use super::{
    kind::{Flag, Hidden, Kind, Optional, Text},
    layers::Raw,
    section::section,
};

section! {
    /// How often anybody may ask, and where that is counted.
    pub struct Rates: "Rate limits" {
        /// How often each token may be used, and each person who is signed in may ask; none for no limit.
        /// A whole cluster may work with one token, so this is there to stop what runs wild.
        api_user_throttle_rate: Optional<Per> = ("API_USER_THROTTLE_RATE", "60000/minute"),
        /// How often programs without credentials may ask from one address (of IPv6, one /64); none for no limit.
        api_anon_throttle_rate: Optional<Per> = ("API_ANON_THROTTLE_RATE", "12000/minute"),
        /// How often people who are not signed in may ask from one address for what pages show; none for no limit.
        view_rate_limit: Optional<Per> = ("VIEW_RATE_LIMIT", "6000/1m"),
        /// Whether VIEW_RATE_LIMIT refuses. Without it, it is only logged who exceeds it, at the level debug.
        view_rate_limit_block: Flag = ("VIEW_RATE_LIMIT_BLOCK", "true"),
        /// A Redis or Valkey where all servers of one registry count together: redis://host:6379/0, rediss:// with TLS, or
        /// redis+unix:///path. Without it, and while it cannot be reached, each server counts for itself.
        redis_url: Hidden<Text> = ("REDIS_URL", ""),
    }
}

/// So many requests in so much time: as many at once, and more as time goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many requests.
    pub count: u32,
    /// In how much time.
    pub period: Duration,
}

/// `<number>/<time>`, as the original and its framework write it.
#[derive(Debug)]
pub enum Per {}

impl Kind for Per {
    type Value = Rate;
    const WORDS: &str = "rate, such as 100/minute, 50/10s or 1000/1d";

    fn parse(raw: &Raw) -> Result<Rate, String> {
        let text = raw.text()?;
        rate(text).ok_or_else(|| {
            format!("“{text}” is no rate; write for example 100/minute, 50/10s, 1000/1d or none")
        })
    }
}

/// Reads a number, a slash, perhaps a multiplier, and a unit, of which the first letter counts.
fn rate(text: &str) -> Option<Rate> {
    const UNITS: [(&str, u64); 4] = [
        ("seconds", 1),
        ("minutes", 60),
        ("hours", 3_600),
        ("days", 86_400),
    ];
    let (count, rest) = text.split_once('/')?;
    let count: u32 = count.trim().parse().ok().filter(|count| *count > 0)?;
    let rest = rest.trim().to_ascii_lowercase();
    let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let times = rest.strip_suffix(unit).filter(|digits| !digits.is_empty());
    let times: u64 = times.map_or(Ok(1), str::parse).ok()?;
    let short = match unit {
        "sec" => "s",
        "min" => "m",
        other => other,
    };
    // `minute` and `minutes`, `m` and `min`; but not `month`, which would be read as a minute.
    let (_, seconds) = UNITS.into_iter().find(|(name, _)| {
        *name == short || name.strip_suffix('s') == Some(short) || name.get(..1) == Some(short)
    })?;
    let seconds = times.checked_mul(seconds)?;
    // More than a year is a slip, and less than nothing is no time.
    (1..=366 * 86_400).contains(&seconds).then(|| Rate {
        count,
        period: Duration::from_secs(seconds),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_the_original_and_its_framework_write_them() {
        for (text, count, seconds) in [
            ("50/1d", 50, 86_400),
            ("100/day", 100, 86_400),
            ("1000/days", 1000, 86_400),
            ("5/s", 5, 1),
            ("5/10s", 5, 10),
            ("60/min", 60, 60),
            ("60/Minute", 60, 60),
            ("7/2h", 7, 7_200),
            ("7 / 2 h".replace(' ', "").as_str(), 7, 7_200),
        ] {
            let period = Duration::from_secs(seconds);
            assert_eq!(rate(text), Some(Rate { count, period }), "{text}");
        }
        for text in [
            "",
            "5",
            "/s",
            "5/",
            "0/s",
            "-1/s",
            "5/0s",
            "5/month",
            "5/x",
            "5/1",
            "1.5/s",
            "5/99999999999999999999s",
            "5/367d",
            "99999999999/s",
            "é/é",
        ] {
            assert_eq!(rate(text), None, "{text}");
        }
    }
}
