//! Labels: what the makers of images wrote on them.

use crate::object;

object! {
    /// A label's key, and how much it is used.
    pub struct LabelKey {
        /// The key.
        pub key: String,
        /// How many different values it has.
        pub values: u64,
        /// How many images have it.
        pub images: u64,
    } = LabelKey { key: "maintainer".to_owned(), values: 3, images: 12 }
}

object! {
    /// The keys that are used most.
    pub struct LabelKeys {
        /// The most used first, 250 at most.
        pub items: Vec<LabelKey>,
        /// How many there are in all.
        pub total: u64,
    } = LabelKeys { items: vec![crate::Sample::sample()], total: 1 }
}

object! {
    /// A value of a label, and how much it is used.
    pub struct LabelValue {
        /// The value.
        pub value: String,
        /// How many images have it.
        pub images: u64,
    } = LabelValue { value: "amy".to_owned(), images: 7 }
}

object! {
    /// The values of a label that are used most.
    pub struct LabelValues {
        /// The key.
        pub key: String,
        /// The most used first, 250 at most.
        pub items: Vec<LabelValue>,
        /// How many there are in all.
        pub total: u64,
    } = LabelValues { key: "maintainer".to_owned(), items: vec![crate::Sample::sample()], total: 1 }
}
