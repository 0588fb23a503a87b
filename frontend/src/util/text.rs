//! Words of the server as sentences for people.

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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn white_space_is_nothing() {
        assert_eq!(filled(" a b "), Some("a b".to_owned()));
        assert_eq!(filled("  "), None);
    }
}
