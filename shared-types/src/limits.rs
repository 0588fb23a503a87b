//! Download limits of containers and collections.

use crate::{Timestamp, object, request, samples, words};

words! {
    /// Which limit is in force.
    pub enum LimitRule {
        /// The registry's own, whatever it is.
        Default = "default",
        /// None at all.
        Unlimited = "unlimited",
        /// One that its owners have set.
        Own = "own",
    }
}

object! {
    /// How many downloads a container or a collection gives in a week, and has given.
    pub struct DownloadLimit {
        /// Which limit is in force.
        pub rule: LimitRule,
        /// Downloads a week; absent where there is no limit.
        pub limit: Option<u64>,
        /// Downloads of this week so far.
        pub used: u64,
        /// When the next week begins.
        pub resets_at: Timestamp,
    } = DownloadLimit {
        rule: LimitRule::Own,
        limit: Some(100),
        used: 42,
        resets_at: samples::moment(),
    }
}

request! {
    /// A limit to set.
    pub struct DownloadLimitChange {
        /// Which limit shall be in force.
        pub rule: LimitRule,
        /// Downloads a week, for the rule `own`.
        pub limit: Option<u64>,
    } = DownloadLimitChange { rule: LimitRule::Own, limit: Some(100) }
}
