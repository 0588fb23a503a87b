//! API tokens: one credential for every client.

use crate::{Timestamp, object, page, request, samples, words};

words! {
    /// What a token may be used for. Each includes the ones before it.
    pub enum Scope {
        /// Read what its user may read.
        Pull = "pull",
        /// Push images and move tags too.
        Push = "push",
        /// Create, change and delete collections and containers too.
        Manage = "manage",
        /// Everything that its user may do, administration included.
        Admin = "admin",
    }
}

object! {
    /// A token, without its secret.
    pub struct Token {
        /// The public id, the middle part of the secret.
        pub id: String,
        /// What its owner calls it.
        pub name: String,
        /// What it may be used for.
        pub scope: Scope,
        /// The collections it is limited to; empty where it is not limited.
        pub collections: Vec<String>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it stops working.
        pub expires_at: Option<Timestamp>,
        /// When it was last used, to within a minute.
        pub last_used_at: Option<Timestamp>,
    } = Token {
        id: "7h2k9m4p".to_owned(),
        name: "cluster login node".to_owned(),
        scope: Scope::Push,
        collections: Vec::new(),
        created_at: samples::moment(),
        expires_at: None,
        last_used_at: Some(samples::moment()),
    }
}

page! {
    /// A page of tokens.
    TokenPage, Token
}

request! {
    /// A new token.
    pub struct NewToken {
        /// What to call it, 1 to 100 characters.
        pub name: String,
        /// What it may be used for; `push` where absent.
        pub scope: Option<Scope>,
        /// The collections to limit it to; absent or empty for no limit.
        pub collections: Option<Vec<String>>,
        /// In how many days it stops working; absent for never.
        pub expires_in_days: Option<u32>,
    } = NewToken {
        name: "cluster login node".to_owned(),
        scope: Some(Scope::Push),
        collections: None,
        expires_in_days: Some(365),
    }
}

object! {
    /// A token just made or rotated: the only time that its secret is shown.
    pub struct IssuedToken {
        /// The token.
        pub token: Token,
        /// The secret, 200 characters or more: what clients are given.
        pub secret: String,
    } = IssuedToken { token: crate::Sample::sample(), secret: "sreg_7h2k9m4p_…".to_owned() }
}
