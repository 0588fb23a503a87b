//! What happened lately: for plots.

use crate::object;

object! {
    /// What happened on one day.
    pub struct ActivityDay {
        /// The day in UTC, as `2026-01-31`.
        pub date: String,
        /// How many times a tag came to be or moved.
        pub pushes: u64,
        /// Downloads.
        pub downloads: u64,
    } = ActivityDay { date: "2026-01-31".to_owned(), pushes: 2, downloads: 17 }
}

object! {
    /// What happened in a collection or a container, day by day.
    pub struct Activity {
        /// Each day up to today, also those on which nothing happened.
        pub days: Vec<ActivityDay>,
    } = Activity { days: vec![crate::Sample::sample()] }
}
