//! What the people who run a registry look at: jobs, the store, limits, settings.

use crate::{LimitRule, Timestamp, object, samples};

object! {
    /// A job that runs from time to time.
    pub struct ScheduledJob {
        /// The name.
        pub name: String,
        /// What it does.
        pub description: String,
        /// How often it runs, in seconds.
        pub every_seconds: u64,
        /// When it last began; absent where it never ran.
        pub started_at: Option<Timestamp>,
        /// When that run ended; absent while it runs, or where the server ended first.
        pub ended_at: Option<Timestamp>,
        /// Why that run failed; absent where it did not.
        pub problem: Option<String>,
    } = ScheduledJob {
        name: "collect_blobs".to_owned(),
        description: "Remove bytes that nothing uses any more.".to_owned(),
        every_seconds: 3600,
        started_at: Some(samples::moment()),
        ended_at: Some(samples::moment()),
        problem: None,
    }
}

object! {
    /// The jobs that run from time to time.
    pub struct ScheduledJobs {
        /// By name.
        pub items: Vec<ScheduledJob>,
    } = ScheduledJobs { items: vec![crate::Sample::sample()] }
}

object! {
    /// What is in the store.
    pub struct StorageFigures {
        /// What kind of store it is: `folder`, `s3`, `gs` or `az`.
        pub kind: String,
        /// How many blobs there are. Bytes that several images share are one.
        pub blobs: u64,
        /// Bytes of all blobs.
        pub size_bytes: u64,
        /// Bytes that images would take if none were shared.
        pub referenced_bytes: u64,
        /// How many blobs nothing uses any more. They go when their grace period is over.
        pub unused_blobs: u64,
        /// Bytes of these.
        pub unused_bytes: u64,
        /// How many uploads are under way.
        pub uploads: u64,
        /// Bytes that are free, where the store knows.
        pub free_bytes: Option<u64>,
    } = StorageFigures {
        kind: "folder".to_owned(),
        blobs: 31,
        size_bytes: 9_126_805_504,
        referenced_bytes: 9_200_000_000,
        unused_blobs: 1,
        unused_bytes: 1_085_440,
        uploads: 0,
        free_bytes: Some(120_000_000_000),
    }
}

object! {
    /// A setting in force.
    pub struct SettingInForce {
        /// The name.
        pub name: String,
        /// The value as one would write it; dots for a secret that is set, nothing where it is not set.
        pub value: String,
        /// Where the value came from.
        pub source: String,
        /// Somebody set it; else it is the default.
        pub changed: bool,
    } = SettingInForce {
        name: "REGISTRY_NAME".to_owned(),
        value: "Research Registry".to_owned(),
        source: "environment".to_owned(),
        changed: true,
    }
}

object! {
    /// The settings in force.
    pub struct SettingsInForce {
        /// In the order of the documentation.
        pub items: Vec<SettingInForce>,
    } = SettingsInForce { items: vec![crate::Sample::sample()] }
}

object! {
    /// A limit in force.
    pub struct LimitInForce {
        /// What is limited.
        pub what: String,
        /// How far, as one would write it; `none` for no limit.
        pub value: String,
        /// The setting that says so; absent where nobody can change it.
        pub setting: Option<String>,
        /// Where the value came from.
        pub source: String,
    } = LimitInForce {
        what: "Bytes that one collection may hold".to_owned(),
        value: "50GiB".to_owned(),
        setting: Some("COLLECTION_QUOTA".to_owned()),
        source: "environment".to_owned(),
    }
}

object! {
    /// How full a quota is.
    pub struct QuotaUse {
        /// The name of the collection or the user.
        pub name: String,
        /// Bytes in use.
        pub used_bytes: u64,
        /// The most bytes.
        pub limit_bytes: u64,
        /// Whether the quota is the registry's or one of its own.
        pub rule: LimitRule,
    } = QuotaUse {
        name: "climate".to_owned(),
        used_bytes: 12 << 30,
        limit_bytes: 50 << 30,
        rule: LimitRule::Own,
    }
}

object! {
    /// The limits in force, and who has used most of a quota.
    pub struct LimitsInForce {
        /// What holds where nothing else is said of a token, a user, a collection or a container.
        pub items: Vec<LimitInForce>,
        /// The collections with the fullest quotas, fullest first: ten at most.
        pub collections: Vec<QuotaUse>,
        /// The same of users, and of what they made; absent for those who do not manage users.
        pub users: Option<Vec<QuotaUse>>,
        /// Requests that came too often and were refused, since the server that answers began.
        pub refused_requests: u64,
    } = LimitsInForce {
        items: vec![crate::Sample::sample()],
        collections: vec![crate::Sample::sample()],
        users: None,
        refused_requests: 7,
    }
}
