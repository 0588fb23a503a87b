//! Collections: what holds containers, and who may do what in them.

use crate::{CollectionQuota, Timestamp, object, page, request, samples, words};

words! {
    /// Which collections a list shows.
    pub enum CollectionFilter {
        /// All that the caller may see.
        All = "all",
        /// Those that the caller owns or contributes to.
        Mine = "mine",
        /// The private ones among those that the caller may see.
        Private = "private",
        /// Those that the caller gave a star.
        Starred = "starred",
    }
}

words! {
    /// In which order a list is shown.
    pub enum SortOrder {
        /// Last changed first.
        Updated = "updated",
        /// By name.
        Name = "name",
        /// Largest first.
        Size = "size",
        /// Most downloaded first.
        Downloads = "downloads",
        /// Most stars first; for collections.
        Stars = "stars",
    }
}

object! {
    /// What the caller may do with a collection and what is in it.
    pub struct Rights {
        /// Push images and move tags.
        pub push: bool,
        /// Change settings, freeze, delete.
        pub manage: bool,
    } = Rights { push: true, manage: true }
}

object! {
    /// A collection.
    pub struct Collection {
        /// The name, unique in the registry.
        pub name: String,
        /// One line of what it is for.
        pub description: String,
        /// Only its people may see it.
        pub private: bool,
        /// The user names of its owners.
        pub owners: Vec<String>,
        /// How many containers it has.
        pub containers: u64,
        /// Bytes of all its images.
        pub size_bytes: u64,
        /// Downloads of all its images.
        pub downloads: u64,
        /// How many people gave it a star.
        pub stars: u64,
        /// The caller is one of them.
        pub starred: bool,
        /// When it was made.
        pub created_at: Timestamp,
        /// When something in it last changed.
        pub updated_at: Timestamp,
        /// What the caller may do.
        pub rights: Rights,
        /// How much it may hold; for those who manage it.
        pub quota: Option<CollectionQuota>,
    } = Collection {
        name: "climate".to_owned(),
        description: "Models and tools of the climate group".to_owned(),
        private: false,
        owners: vec!["amy".to_owned()],
        containers: 3,
        size_bytes: 1_085_440,
        downloads: 42,
        stars: 7,
        starred: false,
        created_at: samples::moment(),
        updated_at: samples::moment(),
        rights: crate::Sample::sample(),
        quota: Some(crate::Sample::sample()),
    }
}

page! {
    /// A page of collections.
    CollectionPage, Collection
}

object! {
    /// A collection with all that its page shows.
    pub struct CollectionDetail {
        /// The collection.
        pub collection: Collection,
        /// The README as Markdown.
        pub readme: String,
        /// The README as sanitised HTML.
        pub readme_html: String,
        /// The user names of its contributors.
        pub contributors: Vec<String>,
        /// Contributors may push too.
        pub contributors_may_push: bool,
    } = CollectionDetail {
        collection: crate::Sample::sample(),
        readme: "# Climate".to_owned(),
        readme_html: "<h1>Climate</h1>".to_owned(),
        contributors: vec!["ben".to_owned()],
        contributors_may_push: false,
    }
}

request! {
    /// A new collection.
    pub struct NewCollection {
        /// The name: lower case letters, digits and single `-`.
        pub name: String,
        /// One line of what it is for.
        pub description: Option<String>,
        /// Only its people may see it; the registry's default where absent.
        pub private: Option<bool>,
    } = NewCollection {
        name: "climate".to_owned(),
        description: Some("Models and tools of the climate group".to_owned()),
        private: Some(false),
    }
}

request! {
    /// Changes to a collection; what is absent stays.
    #[derive(Default)]
    pub struct CollectionChange {
        /// One line of what it is for.
        pub description: Option<String>,
        /// The README as Markdown, 256 KiB at most.
        pub readme: Option<String>,
        /// Only its people may see it.
        pub private: Option<bool>,
        /// Contributors may push too.
        pub contributors_may_push: Option<bool>,
    } = CollectionChange {
        description: None,
        readme: Some("# Climate".to_owned()),
        private: Some(true),
        contributors_may_push: None,
    }
}

object! {
    /// Whether a collection of this name could be created now.
    pub struct NameCheck {
        /// The name that was asked for.
        pub name: String,
        /// It keeps the rules and is free.
        pub available: bool,
        /// Why not, where it is not available.
        pub message: Option<String>,
    } = NameCheck { name: "climate".to_owned(), available: true, message: None }
}
