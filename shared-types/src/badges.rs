//! Badges: small pictures with one fact, for READMEs elsewhere.

use crate::words;

words! {
    /// What a badge says.
    pub enum Badge {
        /// What it is called.
        Name = "name",
        /// How often it was downloaded.
        Downloads = "downloads",
        /// How many bytes it has.
        Size = "size",
        /// How many people gave the collection a star.
        Stars = "stars",
        /// How many containers the collection has.
        Containers = "containers",
        /// The container's tag that was moved last.
        Tag = "tag",
    }
}
