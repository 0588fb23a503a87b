//! Names that are not settings of this server: those of the original, and slips of the finger.

use super::all_settings;

/// Settings of the original that this server knows of and does not need, or does not have yet. They bring a warning, so
/// that a settings file can be carried over as it is.
const ORIGINAL: &[&str] = &[
    "ADMINS",
    "ALLOWED_HOSTS",
    "API_DEFAULT_PAGINATION_CLASS",
    "API_DEFAULT_SCHEMA_CLASS",
    "API_PAGE_SIZE",
    "API_VERSION",
    "COLLECTIONS_VIEW_PAGE_COUNT",
    "CONTAINER_SIGNED_URL_EXPIRE_SECONDS",
    "DATA_UPLOAD_MAX_MEMORY_SIZE",
    "DEBUG",
    "DISABLE_BUILD_RECEIVE",
    "DISABLE_GITHUB",
    "DJANGO_LOG_LEVEL",
    "DOMAIN_NAME_HTTP",
    "GRAVATAR_DEFAULT_IMAGE",
    "LOGGING_SAVE_RESPONSES",
    "LOGIN_REDIRECT_URL",
];

/// What the names of the original's plugin and storage settings begin with.
const ORIGINAL_PREFIXES: &[&str] = &[
    "AUTH_",
    "ENABLE_",
    "GLOBUS_",
    "GOOGLE_",
    "MINIO_",
    "PLUGIN_",
    "SOCIAL_AUTH_",
];

/// Whether a name is a setting of the original that has no effect here. Some that begin alike have.
pub fn is_original(name: &str) -> bool {
    let alike = || {
        ORIGINAL_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
    };
    ORIGINAL.contains(&name) || (alike() && all_settings().all(|setting| setting.name != name))
}

/// A sentence about a name that nobody knows, with the nearest one that exists.
pub fn unknown(name: &str) -> String {
    match nearest(name) {
        Some(near) => format!("there is no such setting; did you mean {near}?"),
        None => "there is no such setting; `sregistry-server config example` lists all".to_owned(),
    }
}

fn nearest(name: &str) -> Option<&'static str> {
    let name = name.trim().to_ascii_uppercase().replace('-', "_");
    let name = name.strip_prefix(super::layers::PREFIX).unwrap_or(&name);
    all_settings()
        .map(|setting| (distance(name, setting.name), setting.name))
        .min()
        .filter(|(distance, near)| *distance <= near.len() / 3)
        .map(|(_, near)| near)
}

/// How many letters must be changed, added or removed to make one text the other.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let change = diagonal + usize::from(x != y);
            diagonal = *cell;
            left = change.min(*cell + 1).min(left + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_changes() {
        for (a, b, n) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("abc", "abc", 0),
            ("kitten", "sitting", 3),
            ("LISTN", "LISTEN", 1),
        ] {
            assert_eq!(distance(a, b), n, "{a} {b}");
        }
    }

    #[test]
    fn a_slip_is_answered_with_the_setting_meant() {
        assert!(unknown("PRIVAT_ONLY").contains("PRIVATE_ONLY"));
        assert!(unknown("listen").contains("LISTEN"));
        assert!(unknown("SREGISTRY_DATA_DIRR").contains("DATA_DIR"));
        assert!(!unknown("COMPLETELY_DIFFERENT").contains("did you mean"));
    }

    #[test]
    fn no_setting_of_ours_is_called_unused() {
        for setting in all_settings() {
            assert!(!is_original(setting.name), "{}", setting.name);
        }
    }
}
