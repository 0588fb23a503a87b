//! Conditional requests and ranges, compared with a model that goes byte by byte and step by step.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use store::range::{Conditional, Representation, Selected};

/// Sun, 06 Nov 1994 08:49:37 GMT
const CHANGED: u64 = 784_111_777;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A blob of `len` bytes, changed long before now, in the middle of a second.
fn blob(len: u64) -> Representation<'static> {
    let last_modified = Some(at(CHANGED) + Duration::from_millis(700));
    Representation {
        etag: "\"sha256:ab\"",
        last_modified,
        len,
        now: at(CHANGED + 86_400),
    }
}

fn ranged(header: &str, len: u64) -> Selected {
    Conditional {
        range: Some(header),
        ..Conditional::default()
    }
    .select(&blob(len))
}

#[test]
fn ranges_of_the_book() {
    use Selected::{Full, Partial, Unsatisfiable};
    for (header, len, expected) in [
        // 14.1.2, with 10,000 bytes
        ("bytes=0-499", 10_000, Partial(0..500)),
        ("bytes=500-999", 10_000, Partial(500..1_000)),
        ("bytes=-500", 10_000, Partial(9_500..10_000)),
        ("bytes=9500-", 10_000, Partial(9_500..10_000)),
        ("bytes=0-0,-1", 10_000, Full),
        ("bytes= 0-999, 4500-5499, -1000", 10_000, Full),
        // what the clients ask first, of a small image
        ("bytes=0-1024", 10, Partial(0..10)),
        ("bytes=0-", 10, Partial(0..10)),
        ("BYTES=1-2", 10, Partial(1..3)),
        (" bytes=1-2\t", 10, Partial(1..3)),
        ("bytes= 1-2 ,, ", 10, Partial(1..3)),
        ("bytes=9-9", 10, Partial(9..10)),
        ("bytes=10-", 10, Unsatisfiable),
        ("bytes=10-20", 10, Unsatisfiable),
        ("bytes=-0", 10, Unsatisfiable),
        ("bytes=-11", 10, Partial(0..10)),
        // nothing there
        ("bytes=0-", 0, Unsatisfiable),
        ("bytes=0-0", 0, Unsatisfiable),
        ("bytes=-0", 0, Unsatisfiable),
        ("bytes=-5", 0, Full),
        // numbers that no machine holds
        ("bytes=0-99999999999999999999999", 10, Partial(0..10)),
        ("bytes=99999999999999999999999-", 10, Unsatisfiable),
        ("bytes=-99999999999999999999999", 10, Partial(0..10)),
        (
            "bytes=99999999999999999999999-99999999999999999999998",
            10,
            Full,
        ),
        (
            "bytes=99999999999999999999998-99999999999999999999999",
            10,
            Unsatisfiable,
        ),
        (
            "bytes=00000000000000000000000000000001-2",
            10,
            Partial(1..3),
        ),
        (
            "bytes=0-18446744073709551615",
            u64::MAX,
            Partial(0..u64::MAX),
        ),
        (
            "bytes=18446744073709551614-",
            u64::MAX,
            Partial(u64::MAX - 1..u64::MAX),
        ),
        // not the grammar
        ("bytes=2-1", 10, Full),
        ("bytes=", 10, Full),
        ("bytes=,", 10, Full),
        ("bytes=-", 10, Full),
        ("bytes=1", 10, Full),
        ("bytes=a-b", 10, Full),
        ("bytes=+1-2", 10, Full),
        ("bytes=1-2-3", 10, Full),
        ("bytes=1 - 2", 10, Full),
        ("bytes=--1", 10, Full),
        ("bytes 1-2", 10, Full),
        ("bytes", 10, Full),
        ("", 10, Full),
        ("bytes =1-2", 10, Full),
        ("lines=1-2", 10, Full),
        ("bytes=0x1-2", 10, Full),
        ("bytes=١-٢", 10, Full),
    ] {
        assert_eq!(ranged(header, len), expected, "{header:?} of {len}");
    }
}

#[derive(Debug, Clone)]
enum Spec {
    FromTo(u128, u128),
    From(u128),
    Suffix(u128),
}

impl Spec {
    fn text(&self, zeros: usize) -> String {
        let zeros = "0".repeat(zeros);
        match self {
            Self::FromTo(first, last) => format!("{zeros}{first}-{zeros}{last}"),
            Self::From(first) => format!("{zeros}{first}-"),
            Self::Suffix(length) => format!("-{zeros}{length}"),
        }
    }

    /// Whether the byte at `place` is meant.
    fn has(&self, place: u128, len: u128) -> bool {
        match *self {
            Self::FromTo(first, last) => first <= place && place <= last,
            Self::From(first) => first <= place,
            Self::Suffix(length) => place + length >= len,
        }
    }
}

fn specs() -> impl Strategy<Value = Spec> {
    let number =
        prop_oneof![6 => 0..40u128, 1 => any::<u128>(), 1 => any::<u64>().prop_map(u128::from)];
    prop_oneof![
        (number.clone(), number.clone()).prop_map(|(first, last)| Spec::FromTo(first, last)),
        number.clone().prop_map(Spec::From),
        number.prop_map(Spec::Suffix),
    ]
}

proptest! {
    #[test]
    fn a_range_selects_what_goes_byte_by_byte(
        spec in specs(), len in 0..40u64, zeros in 0..30usize, before in "[ \t,]{0,3}", after in "[ \t,]{0,3}",
    ) {
        let body: Vec<u64> = (0..len).collect();
        let meant: Vec<u64> =
            body.iter().copied().filter(|place| spec.has(u128::from(*place), len.into())).collect();
        let selected = ranged(&format!("bytes={before}{}{after}", spec.text(zeros)), len);
        let sent = match &selected {
            Selected::Full => body,
            Selected::Partial(range) => range.clone().collect(),
            other => { prop_assert_eq!(other, &Selected::Unsatisfiable); Vec::new() }
        };
        match spec {
            Spec::FromTo(first, last) if last < first => prop_assert_eq!(selected, Selected::Full),
            Spec::Suffix(1..) if len == 0 => prop_assert_eq!(selected, Selected::Full),
            _ => {
                prop_assert_eq!(&sent, &meant);
                prop_assert_eq!(selected == Selected::Unsatisfiable, meant.is_empty());
                prop_assert_ne!(selected, Selected::Full);
            }
        }
    }

    #[test]
    fn whatever_comes_a_range_lies_within(
        header in "(bytes=)?[-0-9 ,=a\"]{0,40}", len in any::<u64>(),
    ) {
        match ranged(&header, len) {
            Selected::Partial(range) => prop_assert!(range.start < range.end && range.end <= len),
            Selected::Full | Selected::Unsatisfiable => {}
            other => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn several_ranges_are_passed_over(one in specs(), two in specs(), len in 0..40u64) {
        let header = format!("bytes={}, {}", one.text(0), two.text(0));
        prop_assert_eq!(ranged(&header, len), Selected::Full);
    }

    #[test]
    fn tags_are_found_in_lists(
        tags in prop::collection::vec((any::<bool>(), "[a,W/ *é]{0,3}"), 1..4),
        ours in "[a,W/ *é]{0,3}", gap in "[ \t]{0,2}(,[ \t]{0,2}){1,3}",
    ) {
        // A blank is no part of a tag: the list ends there.
        let allowed: Vec<_> = tags.iter().take_while(|(_, tag)| !tag.contains(' ')).collect();
        let list: Vec<_> =
            tags.iter().map(|(weak, tag)| format!("{}\"{tag}\"", if *weak { "W/" } else { "" })).collect();
        let (list, etag) = (list.join(&gap), format!("\"{ours}\""));
        let there = Representation { etag: &etag, ..blob(10) };
        let strong = allowed.iter().any(|(weak, tag)| !weak && *tag == ours);
        let weak = allowed.iter().any(|(_, tag)| *tag == ours);
        let if_match = Conditional { if_match: Some(&list), ..Conditional::default() };
        let if_none = Conditional { if_none_match: Some(&list), ..Conditional::default() };
        prop_assert_eq!(if_match.select(&there) == Selected::Full, strong, "{}", list);
        prop_assert_eq!(if_none.select(&there) == Selected::NotModified, weak, "{}", list);
    }
}

/// All headers together, in all combinations, against section 13.2.2 written as its five steps.
#[test]
fn headers_together_follow_the_order_of_the_book() {
    let tags = [
        None,
        Some("\"sha256:ab\""),
        Some("W/\"sha256:ab\""),
        Some("\"x\", \"y\""),
        Some("*"),
    ];
    let dates = [
        None,
        Some("Sun, 06 Nov 1994 08:49:37 GMT"),
        Some("Sunday, 06-Nov-94 08:49:36 GMT"),
        Some("Sun Nov  6 08:49:38 1994"),
        Some("yesterday"),
    ];
    let validators = [
        tags[0], tags[1], tags[2], tags[3], dates[1], dates[2], dates[4],
    ];
    let ranges = [None, Some("bytes=1-2"), Some("bytes=10-")];
    for if_match in tags {
        for if_none_match in tags {
            for if_unmodified_since in dates {
                for if_modified_since in dates {
                    for if_range in validators {
                        for range in ranges {
                            let headers = Conditional {
                                if_match,
                                if_none_match,
                                if_modified_since,
                                if_unmodified_since,
                                if_range,
                                range,
                            };
                            assert_eq!(
                                headers.select(&blob(10)),
                                by_steps(&headers),
                                "{headers:?}"
                            );
                        }
                    }
                }
            }
        }
    }
}

fn by_steps(headers: &Conditional<'_>) -> Selected {
    // What each of the texts above means for this blob.
    let strong = |tags: &str| tags == "*" || tags == "\"sha256:ab\"";
    let weak = |tags: &str| strong(tags) || tags == "W/\"sha256:ab\"";
    let seconds = |date: &str| match date {
        "Sun, 06 Nov 1994 08:49:37 GMT" => Some(CHANGED),
        "Sunday, 06-Nov-94 08:49:36 GMT" => Some(CHANGED - 1),
        "Sun Nov  6 08:49:38 1994" => Some(CHANGED + 1),
        _ => None,
    };
    // 1 and 2
    match (
        headers.if_match,
        headers.if_unmodified_since.and_then(seconds),
    ) {
        (Some(tags), _) if !strong(tags) => return Selected::PreconditionFailed,
        (None, Some(since)) if CHANGED > since => return Selected::PreconditionFailed,
        _ => {}
    }
    // 3 and 4
    match (
        headers.if_none_match,
        headers.if_modified_since.and_then(seconds),
    ) {
        (Some(tags), _) if weak(tags) => return Selected::NotModified,
        (None, Some(since)) if CHANGED <= since => return Selected::NotModified,
        _ => {}
    }
    // 5
    let unchanged = match headers.if_range {
        None | Some("\"sha256:ab\"" | "Sun, 06 Nov 1994 08:49:37 GMT") => true,
        Some(_) => false,
    };
    match headers.range {
        Some("bytes=1-2") if unchanged => Selected::Partial(1..3),
        Some("bytes=10-") if unchanged => Selected::Unsatisfiable,
        _ => Selected::Full,
    }
}

#[test]
fn a_date_of_this_second_is_too_coarse_to_put_ranges_together() {
    let headers = Conditional {
        if_range: Some("Sun, 06 Nov 1994 08:49:37 GMT"),
        range: Some("bytes=1-2"),
        ..Conditional::default()
    };
    let just_now = Representation {
        now: at(CHANGED),
        ..blob(10)
    };
    assert_eq!(headers.select(&just_now), Selected::Full);
    let later = Representation {
        now: at(CHANGED + 1),
        ..blob(10)
    };
    assert_eq!(headers.select(&later), Selected::Partial(1..3));
    let undated = Representation {
        last_modified: None,
        ..blob(10)
    };
    assert_eq!(headers.select(&undated), Selected::Full);
}

#[test]
fn malformed_tags_match_nothing() {
    for tags in [
        "",
        "sha256:ab",
        "\"sha256:ab",
        "'sha256:ab'",
        "w/\"sha256:ab\"",
        "\"x\"\"sha256:ab\"",
        "**",
    ] {
        let if_none = Conditional {
            if_none_match: Some(tags),
            ..Conditional::default()
        };
        assert_eq!(if_none.select(&blob(10)), Selected::Full, "{tags:?}");
        let if_match = Conditional {
            if_match: Some(tags),
            ..Conditional::default()
        };
        assert_eq!(
            if_match.select(&blob(10)),
            Selected::PreconditionFailed,
            "{tags:?}"
        );
        let headers = Conditional {
            if_range: Some(tags),
            range: Some("bytes=1-2"),
            ..Conditional::default()
        };
        assert_eq!(headers.select(&blob(10)), Selected::Full, "{tags:?}");
    }
}
