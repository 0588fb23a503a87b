//! Paths that hold a secret: whoever has the path has what it opens. So it stays out of the log, and browsers tell it nobody.

/// What stands before a secret in a path.
const BEFORE: &[&[&str]] = &[
    &["share"],
    &["invite"],
    &["api", "v1", "setup"],
    &["api", "v1", "team_invitations"],
];

/// A path without its secret and what follows; nothing where it holds none.
pub fn before_secret(path: &str) -> Option<String> {
    BEFORE
        .iter()
        .find(|before| {
            // As routes read it: several slashes are one.
            let mut segments = path.split('/').filter(|segment| !segment.is_empty());
            before.iter().all(|word| segments.next() == Some(*word)) && segments.next().is_some()
        })
        .map(|before| format!("/{}/", before.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_something_is_cut_off() {
        for (path, shown) in [
            ("/share/s3cret/tool.sif", "/share/"),
            ("/invite/s3cret", "/invite/"),
            ("//invite//s3cret", "/invite/"),
            ("/api/v1/setup/s3cret", "/api/v1/setup/"),
            (
                "/api/v1/team_invitations/s3cret/accept",
                "/api/v1/team_invitations/",
            ),
        ] {
            assert_eq!(before_secret(path).as_deref(), Some(shown), "{path}");
        }
    }

    #[test]
    fn other_paths_are_left_alone() {
        for path in [
            "/",
            "/invite",
            "/invites/x",
            "/share/",
            "/api/v1/setup",
            "/api/v1/teams/hpc/invitations/x",
        ] {
            assert_eq!(before_secret(path), None, "{path}");
        }
    }
}
