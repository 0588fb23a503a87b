//! Conditional requests and ranges by the book (RFC 9110, sections 13 and 14): which of the answers
//! a request for a blob gets. Pure: headers in, decision out.

use std::{cmp::Ordering, ops::Range, time::SystemTime};

/// The headers of a GET that decide on its answer, as they came; lines of the same name joined with
/// a comma. For HEAD leave `range` out: ranges are defined for GET alone (14.2).
#[derive(Debug, Clone, Copy, Default)]
pub struct Conditional<'a> {
    /// `If-Match`
    pub if_match: Option<&'a str>,
    /// `If-None-Match`
    pub if_none_match: Option<&'a str>,
    /// `If-Modified-Since`
    pub if_modified_since: Option<&'a str>,
    /// `If-Unmodified-Since`
    pub if_unmodified_since: Option<&'a str>,
    /// `If-Range`
    pub if_range: Option<&'a str>,
    /// `Range`
    pub range: Option<&'a str>,
}

/// What there is to send.
#[derive(Debug, Clone, Copy)]
pub struct Representation<'a> {
    /// Its strong entity tag, with the quotes.
    pub etag: &'a str,
    /// When it last changed, where that is known.
    pub last_modified: Option<SystemTime>,
    /// Its length in bytes.
    pub len: u64,
    /// The time of the answer, its `Date`. Only a date older than that by a second is exact enough
    /// to put ranges together (8.8.2.2).
    pub now: SystemTime,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// 200 with everything.
    Full,
    /// 206 with these bytes: never empty, never beyond the end.
    Partial(Range<u64>),
    /// 304
    NotModified,
    /// 412
    PreconditionFailed,
    /// 416 with `Content-Range: bytes */<len>`
    Unsatisfiable,
}

impl Conditional<'_> {
    /// Decides on the answer, in the order of section 13.2.2.
    pub fn select(&self, there: &Representation<'_>) -> Selected {
        let seconds = there.last_modified.map(seconds);
        let since = |header: Option<&str>| Some((seconds?, date(header?)?));
        if let Some(tags) = self.if_match {
            if !any_tag(tags, there.etag, Comparison::Strong) {
                return Selected::PreconditionFailed;
            }
        } else if since(self.if_unmodified_since).is_some_and(|(changed, since)| changed > since) {
            return Selected::PreconditionFailed;
        }
        if let Some(tags) = self.if_none_match {
            if any_tag(tags, there.etag, Comparison::Weak) {
                return Selected::NotModified;
            }
        } else if since(self.if_modified_since).is_some_and(|(changed, since)| changed <= since) {
            return Selected::NotModified;
        }
        match self.range {
            Some(range)
                if self
                    .if_range
                    .is_none_or(|validator| unchanged(validator, there)) =>
            {
                select_range(range, there.len)
            }
            _ => Selected::Full,
        }
    }
}

/// `If-Range` (13.1.5): an exact, strong match, else the range does not count.
fn unchanged(validator: &str, there: &Representation<'_>) -> bool {
    let validator = validator.trim_matches(OWS);
    if let Some((tag, rest)) = entity_tag(validator) {
        return rest.is_empty() && tag.matches(there.etag, Comparison::Strong);
    }
    let (Some(changed), Some(date)) = (there.last_modified.map(seconds), date(validator)) else {
        return false;
    };
    changed == date && seconds(there.now) > changed
}

/// A `Range` header for a body of `len` bytes. Ranges of another unit, with an error in them, or
/// several at once are passed over, which the book allows for all of them (14.2).
fn select_range(header: &str, len: u64) -> Selected {
    let Some((unit, set)) = header.trim_matches(OWS).split_once('=') else {
        return Selected::Full;
    };
    if !unit.eq_ignore_ascii_case("bytes") {
        return Selected::Full;
    }
    // Empty members of a list are to be passed over (5.6.1.2).
    let mut specs = set
        .split(',')
        .map(|spec| spec.trim_matches(OWS))
        .filter(|s| !s.is_empty());
    let (Some(spec), None) = (specs.next(), specs.next()) else {
        return Selected::Full;
    };
    match spec.split_once('-') {
        Some(("", length)) if is_number(length) => suffix(number(length), len),
        Some((first, "")) if is_number(first) => from(number(first), u64::MAX, len),
        Some((first, last)) if is_number(first) && is_number(last) => match compare(first, last) {
            Ordering::Greater => Selected::Full,
            _ => from(number(first), number(last), len),
        },
        _ => Selected::Full,
    }
}

fn from(first: u64, last: u64, len: u64) -> Selected {
    if first >= len {
        return Selected::Unsatisfiable;
    }
    Selected::Partial(first..last.saturating_add(1).min(len))
}

fn suffix(length: u64, len: u64) -> Selected {
    match (length, len) {
        (0, _) => Selected::Unsatisfiable,
        // Satisfied by all there is, for which no Content-Range can be written.
        (_, 0) => Selected::Full,
        _ => Selected::Partial(len - length.min(len)..len),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Digits as a number; what is too large for any blob is the largest.
fn number(digits: &str) -> u64 {
    digits.parse().unwrap_or(u64::MAX)
}

/// Compares numbers of any length.
fn compare(left: &str, right: &str) -> Ordering {
    let (left, right) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

const OWS: [char; 2] = [' ', '\t'];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Strong,
    Weak,
}

struct Tag<'a> {
    weak: bool,
    /// With the quotes.
    opaque: &'a str,
}

impl Tag<'_> {
    /// Section 8.8.3.2; `ours` is strong.
    fn matches(&self, ours: &str, comparison: Comparison) -> bool {
        self.opaque == ours && (comparison == Comparison::Weak || !self.weak)
    }
}

/// Whether a list of entity tags, or `*`, has ours. The list counts up to the first error in it.
fn any_tag(list: &str, ours: &str, comparison: Comparison) -> bool {
    let mut rest = list.trim_matches(OWS);
    if rest == "*" {
        return true;
    }
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let Some((tag, after)) = entity_tag(rest) else {
            return false;
        };
        let after = after.trim_start_matches(OWS);
        if !after.is_empty() && !after.starts_with(',') {
            return false;
        }
        if tag.matches(ours, comparison) {
            return true;
        }
        rest = after;
    }
}

/// Takes an entity tag off the front. Commas may be part of it.
fn entity_tag(text: &str) -> Option<(Tag<'_>, &str)> {
    let (weak, quoted) = match text.strip_prefix("W/") {
        Some(quoted) => (true, quoted),
        None => (false, text),
    };
    let end = quoted.strip_prefix('"')?.find('"')? + 2;
    let (opaque, rest) = quoted.split_at_checked(end)?;
    let allowed = |byte: u8| byte == 0x21 || byte >= 0x23 && byte != 0x7F;
    let inner = opaque.trim_matches('"');
    inner
        .bytes()
        .all(allowed)
        .then_some((Tag { weak, opaque }, rest))
}

/// Seconds since 1970, as HTTP dates count.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

fn date(text: &str) -> Option<u64> {
    httpdate::parse_http_date(text.trim_matches(OWS))
        .ok()
        .map(seconds)
}
