//! Keys, sessions and ways to sign in.

use super::{
    kind::{Flag, Hidden, Optional, Text, Time},
    section::section,
};

section! {
    /// Keys, sessions and ways to sign in.
    pub struct Security: "Security" {
        /// The key from which all others are derived: at least 32 characters nobody can guess.
        /// Without it, one is made at the first start and kept in DATA_DIR/secret-key. Whoever changes it makes all tokens
        /// and links invalid. Replicas need the same one.
        secret_key: Hidden<Text> = ("SECRET_KEY", ""),
        /// How long someone stays signed in without coming back.
        session_lifetime: Time = ("SESSION_LIFETIME", "14d"),
        /// How long a sign-in lasts at most, however often someone comes back.
        session_max_age: Time = ("SESSION_MAX_AGE", "30d"),
        /// Whether people can sign in with a password that this server keeps.
        local_accounts: Flag = ("LOCAL_ACCOUNTS", "true"),
        /// Whether the JSON API and the older client's API answer only those who are signed in or bring a token. What public collections hold can
        /// still be pulled.
        api_require_auth: Flag = ("API_REQUIRE_AUTH", "false"),
        /// How long it is kept who did what from where; `none` for ever.
        audit_retention: Optional<Time> = ("AUDIT_RETENTION", "365d"),
    }
}
