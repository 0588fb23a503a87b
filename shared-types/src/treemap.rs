//! The registry as a treemap.

use crate::{object, words};

words! {
    /// What the rectangles of a treemap are.
    pub enum TreemapLevel {
        /// Containers, grouped by their collections.
        Containers = "containers",
        /// Collections: there are too many containers to show each.
        Collections = "collections",
    }
}

object! {
    /// A collection in a treemap.
    pub struct TreemapCollection {
        /// Its name.
        pub name: String,
        /// How many containers it has.
        pub containers: u64,
        /// Bytes of all its images.
        pub size_bytes: u64,
        /// Downloads of all its images.
        pub downloads: u64,
        /// The names of its containers, in order; empty where only collections are shown.
        pub names: Vec<String>,
        /// Their bytes, in the order of the names.
        pub sizes: Vec<u64>,
        /// Their downloads, in the order of the names.
        pub counts: Vec<u64>,
    } = TreemapCollection {
        name: "climate".to_owned(),
        containers: 2,
        size_bytes: 2_170_880,
        downloads: 43,
        names: vec!["ocean".to_owned(), "samtools".to_owned()],
        sizes: vec![1_085_440, 1_085_440],
        counts: vec![1, 42],
    }
}

object! {
    /// What the registry holds, to be drawn as a treemap.
    pub struct Treemap {
        /// What its rectangles are.
        pub level: TreemapLevel,
        /// How many containers there are in all.
        pub containers: u64,
        /// The collections that have something in them, by name.
        pub collections: Vec<TreemapCollection>,
    } = Treemap {
        level: TreemapLevel::Containers,
        containers: 2,
        collections: vec![crate::Sample::sample()],
    }
}
