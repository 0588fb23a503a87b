//! Containers: a name in a collection, with its tags.

use crate::{Image, ImageKind, Rights, Timestamp, object, page, request, samples, words};

object! {
    /// A tag: a name, for one architecture, that points at an image.
    pub struct Tag {
        /// The name.
        pub name: String,
        /// The architecture as the clients write it, such as `amd64`.
        pub arch: String,
        /// What the image is.
        pub kind: ImageKind,
        /// The digest of the image, `sha256:` and 64 hexadecimal digits.
        pub digest: String,
        /// Nothing moves the tag or deletes its image.
        pub frozen: bool,
        /// The image's size.
        pub size_bytes: u64,
        /// When it was last moved.
        pub updated_at: Timestamp,
        /// Who moved it last.
        pub updated_by: Option<String>,
    } = Tag {
        name: "1.17".to_owned(),
        arch: "amd64".to_owned(),
        kind: ImageKind::Sif,
        digest: samples::digest(),
        frozen: false,
        size_bytes: 1_085_440,
        updated_at: samples::moment(),
        updated_by: Some("amy".to_owned()),
    }
}

object! {
    /// A container.
    pub struct Container {
        /// The collection's name.
        pub collection: String,
        /// The name, unique in its collection.
        pub name: String,
        /// One line of what it is.
        pub description: String,
        /// Its collection is private.
        pub private: bool,
        /// What it is about, as its collection's owners say; by name.
        pub topics: Vec<String>,
        /// Its tags, last moved first.
        pub tags: Vec<Tag>,
        /// The image that the tag moved last points at, for `amd64` where it has one; without tags the image pushed last.
        pub newest: Option<Image>,
        /// How many images it has, tagged or not.
        pub images: u64,
        /// Bytes of all its images.
        pub size_bytes: u64,
        /// Downloads of all its images.
        pub downloads: u64,
        /// When it was made.
        pub created_at: Timestamp,
        /// When something in it last changed.
        pub updated_at: Timestamp,
        /// What the caller may do.
        pub rights: Rights,
    } = Container {
        collection: "climate".to_owned(),
        name: "samtools".to_owned(),
        description: "Tools for sequence alignments".to_owned(),
        private: false,
        topics: vec!["genomics".to_owned()],
        tags: vec![crate::Sample::sample()],
        newest: Some(crate::Sample::sample()),
        images: 1,
        size_bytes: 1_085_440,
        downloads: 42,
        created_at: samples::moment(),
        updated_at: samples::moment(),
        rights: crate::Sample::sample(),
    }
}

object! {
    /// Somebody who owns collections of what was found.
    pub struct ContainerOwner {
        /// The user name.
        pub username: String,
        /// How many of the containers found are in their collections.
        pub containers: u64,
    } = ContainerOwner { username: "amy".to_owned(), containers: 5 }
}

object! {
    /// A page of containers.
    pub struct ContainerPage {
        /// The items of this page, in the order asked for.
        pub items: Vec<Container>,
        /// How many items the whole list has.
        pub total: u64,
        /// Pass this as `cursor` to get the next page; absent on the last one.
        pub next: Option<String>,
        /// Who owns the collections of the whole list, whatever `owner` narrows it down to: those of most containers first, 25 at
        /// most. Empty where `owners` does not ask for it.
        pub owners: Vec<ContainerOwner>,
    } = ContainerPage {
        items: vec![crate::Sample::sample()],
        total: 1,
        next: None,
        owners: vec![crate::Sample::sample()],
    }
}

request! {
    /// Changes to a container; what is absent stays.
    #[derive(Default)]
    pub struct ContainerChange {
        /// One line of what it is.
        pub description: Option<String>,
        /// What it is about, in place of what it was about before: 20 topics at most, of lower case letters, digits and single `-`.
        pub topics: Option<Vec<String>>,
    } = ContainerChange {
        description: Some("Tools for sequence alignments".to_owned()),
        topics: Some(vec!["genomics".to_owned()]),
    }
}

request! {
    /// Where a tag shall point, and whether it is frozen; what is absent stays.
    #[derive(Default)]
    pub struct TagChange {
        /// The digest of an image of this container.
        pub digest: Option<String>,
        /// Freeze or unfreeze the tag.
        pub frozen: Option<bool>,
    } = TagChange { digest: Some(samples::digest()), frozen: None }
}

words! {
    /// What happened to a tag.
    pub enum TagAction {
        /// It came to be.
        Created = "created",
        /// It was moved to another image.
        Moved = "moved",
        /// It was removed.
        Deleted = "deleted",
        /// It was frozen.
        Frozen = "frozen",
        /// It was unfrozen.
        Unfrozen = "unfrozen",
    }
}

object! {
    /// One entry of the history of a container's tags.
    pub struct TagEvent {
        /// When.
        pub at: Timestamp,
        /// Who; absent where the account is gone.
        pub by: Option<String>,
        /// What.
        pub action: TagAction,
        /// Which tag.
        pub tag: String,
        /// For which architecture.
        pub arch: String,
        /// The digest that it pointed at before.
        pub from_digest: Option<String>,
        /// The digest that it pointed at afterwards.
        pub to_digest: Option<String>,
    } = TagEvent {
        at: samples::moment(),
        by: Some("amy".to_owned()),
        action: TagAction::Created,
        tag: "1.17".to_owned(),
        arch: "amd64".to_owned(),
        from_digest: None,
        to_digest: Some(samples::digest()),
    }
}

page! {
    /// A page of the history of a container's tags, newest first.
    TagEventPage, TagEvent
}
