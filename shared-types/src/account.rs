//! One's own account as a whole: everything that is kept about a person, and what deleting the account removes.

use crate::{
    AuditEntry, CollectionRole, ConnectedLogin, Role, ShareLink, TeamRole, Timestamp, Token,
    object, request, samples,
};

object! {
    /// What an account is made of.
    pub struct AccountProfile {
        /// The user name.
        pub username: String,
        /// The name for people.
        pub display_name: String,
        /// The e-mail address.
        pub email: Option<String>,
        /// The role.
        pub role: Role,
        /// Whether a password is kept, as a hash that it cannot be read from.
        pub password: bool,
        /// The version of the terms of use that was accepted last.
        pub terms_version: Option<String>,
        /// When that was.
        pub terms_accepted_at: Option<Timestamp>,
        /// How many bytes the person may store, where that was set for them.
        pub quota_bytes: Option<u64>,
        /// When the account was made.
        pub created_at: Timestamp,
        /// When the person signed in last.
        pub last_login_at: Option<Timestamp>,
    } = AccountProfile {
        username: "amy".to_owned(),
        display_name: "Amy".to_owned(),
        email: Some("amy@example.org".to_owned()),
        role: Role::User,
        password: true,
        terms_version: None,
        terms_accepted_at: None,
        quota_bytes: None,
        created_at: samples::moment(),
        last_login_at: Some(samples::moment()),
    }
}

object! {
    /// A browser in which somebody is signed in.
    pub struct AccountSession {
        /// What the browser calls itself.
        pub user_agent: String,
        /// When it was signed in.
        pub created_at: Timestamp,
        /// When it was there last.
        pub last_seen_at: Timestamp,
        /// When the sign-in ends by itself.
        pub expires_at: Timestamp,
    } = AccountSession {
        user_agent: "Mozilla/5.0".to_owned(),
        created_at: samples::moment(),
        last_seen_at: samples::moment(),
        expires_at: samples::moment(),
    }
}

object! {
    /// A collection that a person belongs to.
    pub struct AccountCollection {
        /// Its name.
        pub name: String,
        /// What the person is in it.
        pub role: CollectionRole,
        /// Since when.
        pub since: Timestamp,
    } = AccountCollection {
        name: "climate".to_owned(),
        role: CollectionRole::Owner,
        since: samples::moment(),
    }
}

object! {
    /// A team that a person is in.
    pub struct AccountTeam {
        /// Its name.
        pub name: String,
        /// What the person is in it.
        pub role: TeamRole,
        /// Since when.
        pub since: Timestamp,
    } = AccountTeam {
        name: "modellers".to_owned(),
        role: TeamRole::Member,
        since: samples::moment(),
    }
}

object! {
    /// A request of a person to be let into a team.
    pub struct AccountTeamRequest {
        /// The team's name.
        pub team: String,
        /// What the person wrote.
        pub message: String,
        /// When.
        pub created_at: Timestamp,
    } = AccountTeamRequest {
        team: "modellers".to_owned(),
        message: "I run the nightly builds".to_owned(),
        created_at: samples::moment(),
    }
}

object! {
    /// A public key that a person brought.
    pub struct AccountKey {
        /// Its fingerprint.
        pub fingerprint: String,
        /// When it came.
        pub added_at: Timestamp,
    } = AccountKey {
        fingerprint: "8883491F4268F173C6E5DC49EDECE4F3F38D871E".to_owned(),
        added_at: samples::moment(),
    }
}

object! {
    /// An image that a person pushed.
    pub struct AccountImage {
        /// The container, as `collection/container`.
        pub container: String,
        /// The digest.
        pub digest: String,
        /// How many bytes it has.
        pub size: u64,
        /// When it was announced.
        pub created_at: Timestamp,
    } = AccountImage {
        container: "climate/model".to_owned(),
        digest: samples::digest(),
        size: 104_857_600,
        created_at: samples::moment(),
    }
}

object! {
    /// Everything that is kept about a person, but for secrets.
    pub struct AccountExport {
        /// When this was put together.
        pub exported_at: Timestamp,
        /// The address of the registry.
        pub registry: String,
        /// The account.
        pub profile: AccountProfile,
        /// Logins at other providers that open it.
        pub logins: Vec<ConnectedLogin>,
        /// Browsers that are signed in.
        pub sessions: Vec<AccountSession>,
        /// Tokens, without their secrets.
        pub tokens: Vec<Token>,
        /// Collections that the person belongs to.
        pub collections: Vec<AccountCollection>,
        /// Teams that the person is in.
        pub teams: Vec<AccountTeam>,
        /// Requests to be let into others.
        pub team_requests: Vec<AccountTeamRequest>,
        /// Collections that the person gave a star.
        pub stars: Vec<String>,
        /// Public keys that the person brought.
        pub keys: Vec<AccountKey>,
        /// Share links that the person made, without their secrets.
        pub share_links: Vec<ShareLink>,
        /// Images that the person pushed, newest first.
        pub images: Vec<AccountImage>,
        /// What the person did, as the audit log has it, newest first.
        pub audit: Vec<AuditEntry>,
        /// Lists of which there is more than is shown here: ask the administrators for the rest.
        pub truncated: Vec<String>,
    } = AccountExport {
        exported_at: samples::moment(),
        registry: "https://registry.example.org".to_owned(),
        profile: crate::Sample::sample(),
        logins: vec![crate::Sample::sample()],
        sessions: vec![crate::Sample::sample()],
        tokens: vec![crate::Sample::sample()],
        collections: vec![crate::Sample::sample()],
        teams: vec![crate::Sample::sample()],
        team_requests: vec![crate::Sample::sample()],
        stars: vec!["climate".to_owned()],
        keys: vec![crate::Sample::sample()],
        share_links: vec![crate::Sample::sample()],
        images: vec![crate::Sample::sample()],
        audit: vec![crate::Sample::sample()],
        truncated: Vec::new(),
    }
}

object! {
    /// What deleting an account would remove, and what stands in the way.
    pub struct AccountDeletion {
        /// The user name, which has to be typed to confirm it.
        pub username: String,
        /// Whether the password has to be typed too; where not, the sign-in must be a recent one.
        pub password_required: bool,
        /// Nothing stands in the way.
        pub possible: bool,
        /// Nobody else could manage the registry.
        pub last_superuser: bool,
        /// Collections without another owner: they have to be handed over or deleted first.
        pub sole_owner_of: Vec<String>,
        /// Teams of others without another owner: they need another one first, or are deleted.
        pub sole_owner_of_teams: Vec<String>,
        /// Teams with nobody else in them: they are deleted.
        pub teams: Vec<String>,
        /// How many browsers are signed out.
        pub sessions: u64,
        /// How many tokens stop working.
        pub tokens: u64,
        /// How many logins at other providers are forgotten.
        pub logins: u64,
        /// How many collections the person leaves.
        pub collections: u64,
        /// How many share links stop working.
        pub share_links: u64,
        /// How many images, which stay, will no longer say who pushed them.
        pub images: u64,
        /// How many public keys, which stay, will no longer say who brought them.
        pub keys: u64,
    } = AccountDeletion {
        username: "amy".to_owned(),
        password_required: true,
        possible: false,
        last_superuser: false,
        sole_owner_of: vec!["climate".to_owned()],
        sole_owner_of_teams: Vec::new(),
        teams: Vec::new(),
        sessions: 2,
        tokens: 1,
        logins: 1,
        collections: 1,
        share_links: 0,
        images: 12,
        keys: 1,
    }
}

request! {
    /// The confirmation that an account shall be deleted.
    pub struct AccountDeletionConfirmation {
        /// The user name of the account.
        pub username: String,
        /// The password, where the account has one.
        pub password: Option<String>,
    } = AccountDeletionConfirmation {
        username: "amy".to_owned(),
        password: Some("correct horse battery staple".to_owned()),
    }
}
