//! The part of an address after `?`: page state lives there.

/// Makes the address of a list with one part of its state changed. Changing anything but the cursor starts at the first page.
pub fn with(path: &str, current: &[(&str, String)], name: &str, value: &str) -> String {
    let mut parts = Vec::new();
    for (key, old) in current {
        let text = if *key == name { value } else { old.as_str() };
        let stale = *key == "cursor" && name != "cursor";
        if !text.is_empty() && !stale {
            parts.push(format!("{key}={}", crate::routes::encode(text)));
        }
    }
    if parts.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", parts.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changing_a_filter_starts_at_the_first_page() {
        let state = [
            ("q", "a b".to_owned()),
            ("sort", "name".to_owned()),
            ("cursor", "xyz".to_owned()),
        ];
        assert_eq!(
            with("/collections", &state, "sort", "size"),
            "/collections?q=a%20b&sort=size"
        );
        assert_eq!(
            with("/collections", &state, "cursor", "n1"),
            "/collections?q=a%20b&sort=name&cursor=n1"
        );
        assert_eq!(
            with("/collections", &state, "cursor", ""),
            "/collections?q=a%20b&sort=name"
        );
    }
}
