//! Links that share an image with people who have no account.

use crate::{Timestamp, object, page, request, samples, words};

words! {
    /// Whether a share link works.
    pub enum ShareState {
        /// It works.
        Active = "active",
        /// Its time is over.
        Expired = "expired",
        /// It has given as many downloads as it was made for.
        UsedUp = "used_up",
        /// It was revoked.
        Revoked = "revoked",
        /// What it shared was deleted.
        Gone = "gone",
    }
}

object! {
    /// A link that shares one image, without its secret.
    pub struct ShareLink {
        /// The public id.
        pub id: String,
        /// Whether it works.
        pub state: ShareState,
        /// The collection's name; absent where the image is gone.
        pub collection: Option<String>,
        /// The container's name; absent where the image is gone.
        pub container: Option<String>,
        /// The image's digest; absent where the image is gone.
        pub digest: Option<String>,
        /// The tag by which it was shared, a part of the file's name. The link stays with the image when the tag moves.
        pub tag: Option<String>,
        /// What it is for.
        pub note: String,
        /// Who made it; absent where the account is gone.
        pub created_by: Option<String>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it stops working.
        pub expires_at: Timestamp,
        /// How many downloads it gives; absent for any number.
        pub max_uses: Option<u64>,
        /// How many downloads began.
        pub uses: u64,
        /// When the last one was asked for.
        pub last_used_at: Option<Timestamp>,
        /// When it was revoked.
        pub revoked_at: Option<Timestamp>,
    } = ShareLink {
        id: "3f9c1a5e7b2d4860".to_owned(),
        state: ShareState::Active,
        collection: Some("climate".to_owned()),
        container: Some("samtools".to_owned()),
        digest: Some(samples::digest()),
        tag: Some("1.17".to_owned()),
        note: "for the reviewers".to_owned(),
        created_by: Some("amy".to_owned()),
        created_at: samples::moment(),
        expires_at: samples::moment(),
        max_uses: Some(3),
        uses: 1,
        last_used_at: Some(samples::moment()),
        revoked_at: None,
    }
}

page! {
    /// A page of share links, newest first.
    ShareLinkPage, ShareLink
}

request! {
    /// A new share link.
    pub struct NewShareLink {
        /// In how many hours it stops working; the registry's settings have a maximum.
        pub expires_in_hours: u32,
        /// How many downloads it gives; absent for any number.
        pub max_uses: Option<u64>,
        /// What it is for, one line of 200 characters at most.
        pub note: Option<String>,
    } = NewShareLink {
        expires_in_hours: 168,
        max_uses: Some(3),
        note: Some("for the reviewers".to_owned()),
    }
}

object! {
    /// A share link just made: the only time that its secret is shown.
    pub struct IssuedShareLink {
        /// The link's description.
        pub link: ShareLink,
        /// The address to hand out. Whoever has it may download.
        pub url: String,
    } = IssuedShareLink {
        link: crate::Sample::sample(),
        url: "https://containers.example.org/share/…/samtools_1.17.sif".to_owned(),
    }
}
