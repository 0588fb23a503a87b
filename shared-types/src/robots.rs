//! Robots: accounts of programs, which have tokens and nothing else.

use crate::{Scope, Timestamp, object, page, request, samples};

object! {
    /// A robot.
    pub struct Robot {
        /// The user name: `robot-` and what its maker called it.
        pub name: String,
        /// One line of what it is for.
        pub description: String,
        /// The collection whose owners it belongs to; absent where it belongs to the administrators.
        pub collection: Option<String>,
        /// The collections that it works in.
        pub collections: Vec<String>,
        /// A disabled robot's tokens do not work.
        pub disabled: bool,
        /// How many tokens it has.
        pub tokens: u64,
        /// What those of them may be used for that still work.
        pub scopes: Vec<Scope>,
        /// When the first of these ends; absent where none does.
        pub expires_at: Option<Timestamp>,
        /// When one of its tokens was last used, to within a minute.
        pub last_used_at: Option<Timestamp>,
        /// The user name of who made it; absent once they are gone.
        pub created_by: Option<String>,
        /// When it was made.
        pub created_at: Timestamp,
        /// The caller may change it and handle its tokens.
        pub may_manage: bool,
    } = Robot {
        name: "robot-nightly".to_owned(),
        description: "Builds the models at night".to_owned(),
        collection: Some("climate".to_owned()),
        collections: vec!["climate".to_owned()],
        disabled: false,
        tokens: 1,
        scopes: vec![Scope::Push],
        expires_at: None,
        last_used_at: Some(samples::moment()),
        created_by: Some("amy".to_owned()),
        created_at: samples::moment(),
        may_manage: true,
    }
}

page! {
    /// A page of robots.
    RobotPage, Robot
}

request! {
    /// A new robot.
    pub struct NewRobot {
        /// What to call it: lower case letters, digits, `-`, `_`, `.`. Its user name is `robot-` and this.
        pub name: String,
        /// One line of what it is for.
        pub description: Option<String>,
        /// The collection whose owners it shall belong to; absent for one of the administrators.
        pub collection: Option<String>,
        /// The collections that it shall work in; for one of the administrators alone, others work in their own.
        pub collections: Option<Vec<String>>,
    } = NewRobot {
        name: "nightly".to_owned(),
        description: Some("Builds the models at night".to_owned()),
        collection: Some("climate".to_owned()),
        collections: None,
    }
}

request! {
    /// Changes to a robot; what is absent stays.
    #[derive(Default)]
    pub struct RobotChange {
        /// One line of what it is for.
        pub description: Option<String>,
        /// Whether its tokens are refused.
        pub disabled: Option<bool>,
        /// The collections that it shall work in, all of them; for robots of the administrators.
        pub collections: Option<Vec<String>>,
    } = RobotChange { description: None, disabled: Some(true), collections: None }
}
