//! Download limits of containers and collections, and how much a collection may hold.

use crate::{Timestamp, object, request, samples, words};

words! {
    /// Which limit is in force.
    pub enum LimitRule {
        /// The registry's own, whatever it is.
        Default = "default",
        /// None at all.
        Unlimited = "unlimited",
        /// One of its own.
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

object! {
    /// How many bytes a collection may hold, and holds. What its maker may store counts beside it.
    pub struct CollectionQuota {
        /// Which quota is in force.
        pub rule: LimitRule,
        /// The most bytes; absent where there is no quota.
        pub limit_bytes: Option<u64>,
        /// Bytes of what is in it.
        pub used_bytes: u64,
    } = CollectionQuota {
        rule: LimitRule::Own,
        limit_bytes: Some(50 << 30),
        used_bytes: 12 << 30,
    }
}

request! {
    /// A quota to set.
    pub struct CollectionQuotaChange {
        /// Which quota shall be in force.
        pub rule: LimitRule,
        /// The most bytes, for the rule `own`. With 0 nothing more may come.
        pub limit_bytes: Option<u64>,
    } = CollectionQuotaChange { rule: LimitRule::Own, limit_bytes: Some(50 << 30) }
}
