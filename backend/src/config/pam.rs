//! Signing in with accounts of the machine, or whatever its PAM knows.

use super::{
    kind::{Optional, Path, Text, Time},
    section::section,
};

section! {
    /// Signing in with accounts of the machine, or whatever its PAM knows.
    pub struct Pam: "PAM" {
        /// The service whose rules count: the file of that name in /etc/pam.d. It is asked where PLUGINS_ENABLED names pam_auth.
        service: Text = ("PAM_SERVICE", "sregistry"),
        /// A folder with the service's file in place of /etc/pam.d.
        service_dir: Optional<Path> = ("PAM_SERVICE_DIR", ""),
        /// What the form is called on the sign-in page.
        label: Text = ("PAM_LABEL", "System account"),
        /// How long the machine may take for an answer.
        timeout: Time = ("PAM_TIMEOUT", "10s"),
    }
}

impl Pam {
    /// Notes what cannot work, where PAM is in use.
    pub(super) fn validate(&self, require: &mut impl FnMut(bool, &str, &str)) {
        require(
            cfg!(feature = "pam"),
            "PLUGINS_ENABLED",
            "names pam_auth, but this server was built without it; build it with --features pam",
        );
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        require(
            !self.service.is_empty()
                && self.service.chars().all(name)
                && !self.service.starts_with('.'),
            "PAM_SERVICE",
            "must be the name of a file in /etc/pam.d",
        );
        require(
            self.timeout.as_secs() >= 1,
            "PAM_TIMEOUT",
            "leaves no time for an answer; write 1s or more",
        );
    }
}
