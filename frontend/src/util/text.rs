//! Words as people read them: sentences of what the server says, and nouns after numbers.

use std::borrow::Cow;

use super::bytes;

/// A message with a capital letter and a full stop. Messages of the API have neither, so that programs can join them.
pub fn sentence(message: &str) -> String {
    let mut letters = message.trim().chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let mut out: String = first.to_uppercase().collect();
    out.push_str(letters.as_str());
    if !out.ends_with(['.', '!', '?', '…', '”']) {
        out.push('.');
    }
    out
}

/// The text, or nothing where there is only white space: what optional fields of forms send.
pub fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The words of a list that people write with spaces, commas or on several lines.
pub fn words(text: &str) -> Vec<String> {
    text.split([' ', ',', '\n', '\t'])
        .filter_map(filled)
        .collect()
}

/// A number and what it counts: `1 container`, `12 containers`. The noun comes in the plural.
pub fn counted(count: u64, nouns: &str) -> String {
    format!("{} {}", bytes::count(count), noun(count, nouns))
}

/// A noun as it stands after a number.
pub fn noun(count: u64, nouns: &str) -> Cow<'_, str> {
    if count != 1 {
        return nouns.into();
    }
    match nouns.strip_suffix("ies") {
        Some(stem) => format!("{stem}y").into(),
        None => nouns.strip_suffix('s').unwrap_or(nouns).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        for (count, nouns, shown) in [
            (0, "containers", "0 containers"),
            (1, "containers", "1 container"),
            (1, "keys", "1 key"),
            (1, "entries", "1 entry"),
            (1234, "entries", "1\u{202f}234 entries"),
        ] {
            assert_eq!(counted(count, nouns), shown);
        }
    }

    #[test]
    fn messages_become_sentences() {
        for (message, shown) in [
            ("a name is missing", "A name is missing."),
            ("Already one.", "Already one."),
            ("ändern", "Ändern."),
            ("  ", ""),
        ] {
            assert_eq!(sentence(message), shown);
        }
    }

    #[test]
    fn lists_are_read_however_they_are_written() {
        assert_eq!(words(" climate,ocean\n air "), ["climate", "ocean", "air"]);
        assert!(words(" , ").is_empty());
    }

    #[test]
    fn white_space_is_nothing() {
        assert_eq!(filled(" a b "), Some("a b".to_owned()));
        assert_eq!(filled("  "), None);
    }
}
