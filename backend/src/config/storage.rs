//! Where images are kept, and how they come and go.

use super::{
    kind::{Size, Text, Time},
    section::section,
};

section! {
    /// Where images are kept, and how they come and go.
    pub struct Storage: "Storage" {
        /// Where images are kept: file:///path/to/folder. Without it, it is the folder images in DATA_DIR.
        url: Text = ("STORAGE_URL", ""),
        /// The largest image that may be pushed.
        max_image_size: Size = ("MAX_IMAGE_SIZE", "1TiB"),
        /// How long an upload may be left unfinished before what arrived is removed.
        upload_expiry: Time = ("UPLOAD_EXPIRY", "1d"),
        /// How long an address handed to a client for the bytes of an image stays valid.
        ticket_lifetime: Time = ("TICKET_LIFETIME", "1h"),
        /// The size of the parts in which clients send large images.
        part_size: Size = ("PART_SIZE", "64MiB"),
        /// How long bytes that no image uses any more are kept before they are removed.
        blob_grace: Time = ("BLOB_GRACE", "1d"),
    }
}
