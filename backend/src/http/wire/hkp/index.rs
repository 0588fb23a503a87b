//! Lists of keys: one for programs, in the format of the HKP draft, and one for people.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::services::{keyserver::lookup::Found, paging::Page};

/// What may not stand in a user id of the format: `+` too, for clients make a space of it.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b':')
    .add(b'%')
    .add(b'+')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\');

/// What may not stand in the value of an address's query.
const QUERY: &AsciiSet = &ESCAPED.add(b' ').add(b'&').add(b'#').add(b'\'').add(b'=');

/// `info`, then for each key a line `pub` with all its seven fields, for some clients take them for granted, and its lines `uid`.
pub fn machine(keys: &[Found], now: DateTime<Utc>) -> String {
    let mut out = format!("info:1:{}\n", keys.len());
    for found in keys {
        let key = &found.key;
        let flags = match (key.revoked, found.expired(now)) {
            (true, true) => "re",
            (true, false) => "r",
            (false, true) => "e",
            (false, false) => "",
        };
        let expires = key.expires_at.map(|at| at.timestamp().to_string());
        // Writing to a text cannot fail.
        let _ = writeln!(
            out,
            "pub:{}:{}:{}:{}:{}:{flags}",
            key.fingerprint,
            key.algorithm,
            key.bits,
            key.created_at.timestamp(),
            expires.unwrap_or_default(),
        );
        for user in &found.users {
            let flags = if user.revoked { "r" } else { "" };
            let _ = writeln!(
                out,
                "uid:{}:{}::{flags}",
                utf8_percent_encode(&user.text, ESCAPED),
                user.created_at.timestamp(),
            );
        }
    }
    out
}

/// A page with links to the keys.
pub fn page(words: &str, page: &Page<Found>, now: DateTime<Utc>) -> String {
    let title = format!("Keys for “{}”", escape(words));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n<h1>{title}</h1>\n\
         <p>{} found.</p>\n<ul>\n",
        page.total
    );
    for found in &page.items {
        let fingerprint = &found.key.fingerprint;
        let created = found.key.created_at.format("%Y-%m-%d");
        let state = if found.key.revoked {
            ", revoked"
        } else if found.expired(now) {
            ", expired"
        } else {
            ""
        };
        let by = found
            .username
            .as_deref()
            .map(|name| format!(", brought by {}", escape(name)));
        let _ = write!(
            out,
            "<li><a href=\"/pks/lookup?op=get&amp;search=0x{fingerprint}\"><code>{fingerprint}</code></a>, {} bits, \
             made {created}{state}{}\n<ul>\n",
            found.key.bits,
            by.unwrap_or_default(),
        );
        for user in &found.users {
            let _ = writeln!(out, "<li>{}</li>", escape(&user.text));
        }
        out.push_str("</ul></li>\n");
    }
    out.push_str("</ul>\n");
    if let Some(next) = &page.next {
        let words = utf8_percent_encode(words, QUERY);
        let _ = writeln!(
            out,
            "<p><a href=\"/pks/lookup?op=index&amp;search={words}&amp;x-pagetoken={}\">More</a></p>",
            escape(next)
        );
    }
    out.push_str("</html>\n");
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
