//! Who is signed in, and what kind of registry this is.

use crate::{ErrorCode, Role, object, request, words};

words! {
    /// How one signs in with a provider.
    pub enum ProviderKind {
        /// With a form: user name and password.
        Password = "password",
        /// By going to the provider's own page.
        Redirect = "redirect",
    }
}

object! {
    /// One way to sign in.
    pub struct LoginProvider {
        /// The word in URLs, such as `local`.
        pub id: String,
        /// What the button says.
        pub label: String,
        /// Form or redirect.
        pub kind: ProviderKind,
    } = LoginProvider { id: "local".to_owned(), label: "Local account".to_owned(), kind: ProviderKind::Password }
}

object! {
    /// What kind of registry this is: names, contacts, rules.
    pub struct Registry {
        /// The long name, for people.
        pub name: String,
        /// The short name, one word.
        pub uri: String,
        /// The public address, without a final slash.
        pub url: String,
        /// The version of the server.
        pub version: String,
        /// Whom to ask.
        pub help_email: Option<String>,
        /// The institution's own page.
        pub institution_site: Option<String>,
        /// Every collection is private.
        pub private_only: bool,
        /// A new collection is private unless its creator says otherwise.
        pub default_private: bool,
        /// No administrator exists yet: the one-time link of the server's log creates the first.
        pub setup_required: bool,
        /// The ways to sign in.
        pub providers: Vec<LoginProvider>,
    } = Registry {
        name: "Institute of Computing".to_owned(),
        uri: "institute".to_owned(),
        url: "https://containers.example.org".to_owned(),
        version: "0.1.0".to_owned(),
        help_email: Some("help@example.org".to_owned()),
        institution_site: Some("https://example.org".to_owned()),
        private_only: false,
        default_private: false,
        setup_required: false,
        providers: vec![crate::Sample::sample()],
    }
}

object! {
    /// The person who is signed in.
    pub struct Account {
        /// The user name.
        pub username: String,
        /// The name for people.
        pub display_name: String,
        /// The e-mail address.
        pub email: Option<String>,
        /// What the person may do in the registry.
        pub role: Role,
        /// The current terms of use have been accepted.
        pub terms_accepted: bool,
        /// The person may create collections.
        pub may_create_collections: bool,
        /// Bytes stored in the collections that the person created.
        pub used_bytes: u64,
        /// How many bytes the person may store; absent where there is no limit.
        pub quota_bytes: Option<u64>,
    } = Account {
        username: "amy".to_owned(),
        display_name: "Amy".to_owned(),
        email: Some("amy@example.org".to_owned()),
        role: Role::User,
        terms_accepted: true,
        may_create_collections: true,
        used_bytes: 1_085_440,
        quota_bytes: None,
    }
}

object! {
    /// Who is signed in, what the registry is, and what the browser needs for changes.
    pub struct Session {
        /// The person; absent for a visitor.
        pub account: Option<Account>,
        /// The registry.
        pub registry: Registry,
        /// Send this as `X-CSRF-Token` with every change; absent without a browser session.
        pub csrf_token: Option<String>,
    } = Session {
        account: Some(crate::Sample::sample()),
        registry: crate::Sample::sample(),
        csrf_token: Some("Zm9yIGV4YW1wbGUgb25seQ".to_owned()),
    }
}

request! {
    /// User name and password.
    pub struct Login {
        /// The user name, in any case.
        pub username: String,
        /// The password.
        pub password: String,
    } = Login { username: "amy".to_owned(), password: "correct horse battery".to_owned() }
}

request! {
    /// The first administrator.
    pub struct Setup {
        /// The code of the one-time link.
        pub code: String,
        /// The user name of the new superuser.
        pub username: String,
        /// The password, 10 characters at least.
        pub password: String,
        /// The e-mail address.
        pub email: Option<String>,
    } = Setup {
        code: "c2V0dXAtY29kZQ".to_owned(),
        username: "amy".to_owned(),
        password: "correct horse battery".to_owned(),
        email: None,
    }
}

object! {
    /// Whether a one-time link still works.
    pub struct SetupStatus {
        /// The link can be used now.
        pub usable: bool,
        /// Why not, where it cannot.
        pub reason: Option<ErrorCode>,
    } = SetupStatus { usable: true, reason: None }
}

object! {
    /// The terms of use.
    pub struct Terms {
        /// The version, a word that changes when the text does.
        pub version: String,
        /// The text as sanitised HTML.
        pub html: String,
    } = Terms { version: "1".to_owned(), html: "<p>Be kind.</p>".to_owned() }
}

request! {
    /// Acceptance of the terms of use.
    pub struct TermsAcceptance {
        /// The version that was read.
        pub version: String,
    } = TermsAcceptance { version: "1".to_owned() }
}
