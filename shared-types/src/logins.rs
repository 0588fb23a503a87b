//! Signing in through other providers: why it did not work, and which logins an account has.

use crate::{Timestamp, object, request, samples, words};

words! {
    /// Why signing in through a provider did not work. The sign-in page gets the word in `?problem=`.
    pub enum SignInProblem {
        /// The provider did not answer, or not as it should.
        Unavailable = "unavailable",
        /// The provider, or the person there, said no.
        Denied = "denied",
        /// The sign-in was not begun in this browser, took too long, or was used already.
        Expired = "expired",
        /// What came back does not prove who it is.
        NotGenuine = "not_genuine",
        /// The provider vouches for the person, but this registry does not take them in.
        NotAdmitted = "not_admitted",
        /// There is no account for this login, and none is made.
        NoAccount = "no_account",
        /// The account is disabled.
        Disabled = "disabled",
        /// The login belongs to another account of the registry.
        OtherAccount = "other_account",
        /// There is no such provider here.
        UnknownProvider = "unknown_provider",
    }
}

impl SignInProblem {
    /// What happened and what to do, for a person.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Unavailable => {
                "this way to sign in does not answer just now; try again later or take another one"
            }
            Self::Denied => "the sign-in was refused or given up at the provider; try again",
            Self::Expired => {
                "this sign-in was not begun in this browser, took too long or was used already; begin again"
            }
            Self::NotGenuine => {
                "what the provider sent does not prove who you are; try again, and tell the registry's administrators if it stays so"
            }
            Self::NotAdmitted => {
                "this login may not use the registry; ask the registry's administrators"
            }
            Self::NoAccount => {
                "there is no account for this login; sign in another way and connect it, or ask the registry's administrators"
            }
            Self::Disabled => "this account is disabled; ask the registry's administrators",
            Self::OtherAccount => "this login is connected to another account of the registry",
            Self::UnknownProvider => "there is no such way to sign in here",
        }
    }
}

/// Whether an address is a path of the registry itself, so that a browser may be sent there after signing in.
pub fn is_local_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 2000
        && !path.contains(|c: char| c == '\\' || c.is_control())
}

object! {
    /// A login at another provider that opens one's account.
    pub struct ConnectedLogin {
        /// What it is disconnected by.
        pub id: String,
        /// The provider's word in URLs.
        pub provider: String,
        /// What the provider is called.
        pub label: String,
        /// Who one is there: user name or address.
        pub login: String,
        /// The e-mail address that the provider told.
        pub email: Option<String>,
        /// The provider vouches for the address.
        pub email_verified: bool,
        /// The provider is one of the ways to sign in now.
        pub usable: bool,
        /// When it was connected.
        pub connected_at: Timestamp,
        /// When it was last used.
        pub last_used_at: Timestamp,
    } = ConnectedLogin {
        id: "7".to_owned(),
        provider: "github".to_owned(),
        label: "GitHub".to_owned(),
        login: "amy".to_owned(),
        email: Some("amy@example.org".to_owned()),
        email_verified: true,
        usable: true,
        connected_at: samples::moment(),
        last_used_at: samples::moment(),
    }
}

object! {
    /// How one can sign in to one's account.
    pub struct AccountLogins {
        /// There is a password, and this registry takes passwords.
        pub password: bool,
        /// Logins at other providers, oldest first.
        pub connected: Vec<ConnectedLogin>,
    } = AccountLogins { password: true, connected: vec![crate::Sample::sample()] }
}

request! {
    /// What connecting a login takes: nothing for providers with a page of their own, else user name and password there.
    pub struct LoginConnection {
        /// One of the registry's providers, such as `github`.
        pub provider: String,
        /// The user name at the provider.
        pub username: Option<String>,
        /// The password at the provider.
        pub password: Option<String>,
        /// The path of the registry to come back to.
        pub next: Option<String>,
    } = LoginConnection { provider: "github".to_owned(), username: None, password: None, next: Some("/account/logins".to_owned()) }
}

object! {
    /// What to do next to connect a login.
    pub struct LoginConnectionStarted {
        /// Where the browser goes; absent where the login is connected already.
        pub url: Option<String>,
    } = LoginConnectionStarted { url: Some("https://github.com/login/oauth/authorize?client_id=x".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_registry_are_local() {
        for good in ["/", "/token", "/search?q=a%20b#x", "/collections/ü"] {
            assert!(is_local_path(good), "{good}");
        }
        let long = format!("/{}", "a".repeat(2000));
        for bad in [
            "",
            "token",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a\\b",
            "/a\r\nb",
            "/\t/evil.example",
            &long,
        ] {
            assert!(!is_local_path(bad), "{bad}");
        }
    }

    #[test]
    fn every_problem_has_a_sentence() {
        for problem in SignInProblem::ALL {
            assert!(problem.sentence().len() > 20, "{problem}");
        }
    }
}
