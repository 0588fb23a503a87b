//! The people of a collection.

use crate::{Timestamp, object, page, request, samples, words};

words! {
    /// What a person is in a collection.
    pub enum CollectionRole {
        /// Manages, pushes, deletes.
        Owner = "owner",
        /// Pulls; pushes where the collection says so.
        Contributor = "contributor",
    }
}

object! {
    /// A person of a collection.
    pub struct CollectionMember {
        /// The user name.
        pub username: String,
        /// The name for people.
        pub display_name: String,
        /// Owner or contributor.
        pub role: CollectionRole,
        /// Since when.
        pub since: Timestamp,
    } = CollectionMember {
        username: "ben".to_owned(),
        display_name: "Ben".to_owned(),
        role: CollectionRole::Contributor,
        since: samples::moment(),
    }
}

page! {
    /// A page of the people of a collection.
    CollectionMemberPage, CollectionMember
}

request! {
    /// What a person shall be in a collection.
    pub struct CollectionMemberChange {
        /// Owner or contributor.
        pub role: CollectionRole,
    } = CollectionMemberChange { role: CollectionRole::Owner }
}

object! {
    /// A person who could be let into a collection.
    pub struct Candidate {
        /// The user name.
        pub username: String,
        /// The name for people.
        pub display_name: String,
        /// The teams that this person and the caller are both in.
        pub teams: Vec<String>,
    } = Candidate {
        username: "cara".to_owned(),
        display_name: "Cara".to_owned(),
        teams: vec!["climate-group".to_owned()],
    }
}

page! {
    /// A page of people who could be let into a collection.
    CandidatePage, Candidate
}

request! {
    /// To whom a collection is handed over.
    pub struct CollectionTransfer {
        /// The user name.
        pub username: String,
    } = CollectionTransfer { username: "ben".to_owned() }
}

request! {
    /// Another name for a collection.
    pub struct CollectionRename {
        /// The new name: lower case letters, digits and single `-`.
        pub name: String,
    } = CollectionRename { name: "weather".to_owned() }
}
