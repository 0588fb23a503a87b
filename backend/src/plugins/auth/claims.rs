//! Reading what providers say in JSON.

use serde_json::Value;

/// Longest value taken: providers are not asked for novels.
const LONGEST: usize = 500;

/// A text, where there is one that is not empty. Numbers count: many providers number their users.
pub fn text(value: &Value, name: &str) -> Option<String> {
    let text = match value.get(name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty() && text.len() <= LONGEST).then_some(text)
}

/// Whether something is said to be so. Some providers write it as a text.
pub fn is_true(value: &Value, name: &str) -> bool {
    match value.get(name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_and_numbers_are_read_and_nothing_else() {
        let value =
            json!({"a": " x ", "b": 7, "c": "", "d": null, "e": ["x"], "f": "x".repeat(501)});
        let read: Vec<_> = ["a", "b", "c", "d", "e", "f", "g"]
            .map(|name| text(&value, name))
            .into();
        assert_eq!(
            read,
            [
                Some("x".to_owned()),
                Some("7".to_owned()),
                None,
                None,
                None,
                None,
                None
            ]
        );
    }

    #[test]
    fn only_what_is_said_to_be_true_is() {
        let value = json!({"a": true, "b": "True", "c": false, "d": "false", "e": 1});
        let read = ["a", "b", "c", "d", "e", "f"].map(|name| is_true(&value, name));
        assert_eq!(read, [true, true, false, false, false, false]);
    }
}
