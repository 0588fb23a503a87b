//! Users and their roles.

use crate::{Timestamp, object, page, request, samples, words};

words! {
    /// What a user may do in the registry.
    pub enum Role {
        /// Works in the own collections and those shared with them.
        User = "user",
        /// Manages every collection.
        Admin = "admin",
        /// Manages every collection, the users and the settings.
        Superuser = "superuser",
    }
}

object! {
    /// A user, as administrators see one.
    pub struct User {
        /// The user name.
        pub username: String,
        /// The name for people.
        pub display_name: String,
        /// The e-mail address.
        pub email: Option<String>,
        /// The role.
        pub role: Role,
        /// A disabled user cannot sign in, and their tokens do not work.
        pub disabled: bool,
        /// When the account was made.
        pub created_at: Timestamp,
        /// When the user last signed in.
        pub last_login_at: Option<Timestamp>,
        /// How many collections the user owns.
        pub collections: u64,
        /// Bytes stored in the collections that the user created.
        pub used_bytes: u64,
        /// How many bytes the user may store; absent where there is no limit.
        pub quota_bytes: Option<u64>,
    } = User {
        username: "amy".to_owned(),
        display_name: "Amy".to_owned(),
        email: Some("amy@example.org".to_owned()),
        role: Role::User,
        disabled: false,
        created_at: samples::moment(),
        last_login_at: Some(samples::moment()),
        collections: 2,
        used_bytes: 1_085_440,
        quota_bytes: None,
    }
}

object! {
    /// A person, as everybody may see one who meets them: as an owner or a contributor, or in a team.
    pub struct Profile {
        /// The user name.
        pub username: String,
        /// The name for people.
        pub display_name: String,
        /// When the account was made.
        pub created_at: Timestamp,
    } = Profile { username: "amy".to_owned(), display_name: "Amy".to_owned(), created_at: samples::moment() }
}

page! {
    /// A page of users.
    UserPage, User
}

request! {
    /// A new local account.
    pub struct NewUser {
        /// The user name: lower case letters, digits, `-`, `_`, `.`.
        pub username: String,
        /// The password, 10 characters at least; without one the user cannot sign in with a password.
        pub password: Option<String>,
        /// The name for people; the user name where absent.
        pub display_name: Option<String>,
        /// The e-mail address.
        pub email: Option<String>,
        /// The role; `user` where absent.
        pub role: Option<Role>,
    } = NewUser {
        username: "ben".to_owned(),
        password: Some("correct horse battery".to_owned()),
        display_name: Some("Ben".to_owned()),
        email: None,
        role: Some(Role::User),
    }
}

request! {
    /// Changes to a user; what is absent stays.
    #[derive(Default)]
    pub struct UserChange {
        /// The name for people.
        pub display_name: Option<String>,
        /// The e-mail address; empty to remove it.
        pub email: Option<String>,
        /// The role.
        pub role: Option<Role>,
        /// Whether the account is disabled.
        pub disabled: Option<bool>,
        /// A new password; ends the user's sessions.
        pub password: Option<String>,
        /// How many bytes the user may store; 0 removes the limit.
        pub quota_bytes: Option<u64>,
    } = UserChange {
        display_name: None,
        email: None,
        role: Some(Role::Admin),
        disabled: None,
        password: None,
        quota_bytes: None,
    }
}

request! {
    /// A change of one's own password.
    pub struct PasswordChange {
        /// The password in use now.
        pub current: String,
        /// The new one, 10 characters at least.
        pub new: String,
    } = PasswordChange { current: "correct horse battery".to_owned(), new: "staple correct horse".to_owned() }
}
