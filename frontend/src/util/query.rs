//! The part of an address after `?`: page state lives there.

/// The state of a list, as its address has it. All lists share this type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query(pub Vec<(&'static str, String)>);

impl Query {
    /// One part; empty where the address does not name it.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value)
    }

    /// Whether one part is this.
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.get(name) == value
    }

    /// The address with one part changed.
    pub fn to(&self, path: &str, name: &str, value: &str) -> String {
        with(path, &self.0, name, value)
    }
}

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

    #[test]
    fn a_state_knows_its_parts() {
        let state = Query(vec![("q", "a".to_owned()), ("cursor", "x".to_owned())]);
        assert!(state.is("q", "a") && state.is("mine", ""));
        assert_eq!(state.to("/keys", "q", ""), "/keys");
        assert_eq!(state.to("/keys", "cursor", "n1"), "/keys?q=a&cursor=n1");
    }
}
