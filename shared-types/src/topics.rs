//! Topics: what containers are about.

use crate::object;

object! {
    /// A topic, and how much it is used.
    pub struct Topic {
        /// The topic.
        pub name: String,
        /// How many containers have it.
        pub containers: u64,
    } = Topic { name: "genomics".to_owned(), containers: 5 }
}

object! {
    /// The topics that are used most.
    pub struct Topics {
        /// The most used first, 250 at most.
        pub items: Vec<Topic>,
        /// How many there are in all.
        pub total: u64,
    } = Topics { items: vec![crate::Sample::sample()], total: 1 }
}
