//! Uploads from a browser: in pieces, resumable, for files of any size.

use crate::{Timestamp, object, page, request, samples};

request! {
    /// An upload to begin.
    pub struct NewUpload {
        /// The collection's name; it is made where it is missing and the caller may make collections.
        pub collection: String,
        /// The container's name; it is made where it is missing.
        pub container: String,
        /// The tag that the image gets.
        pub tag: String,
        /// The size of the file.
        pub size_bytes: u64,
        /// `sha256:` and 64 hexadecimal digits, where the caller knows them already.
        pub digest: Option<String>,
        /// The architecture that the file is for, where the caller has read it: then only this one's tag must not be frozen.
        pub arch: Option<String>,
        /// What to say of the image.
        pub description: Option<String>,
    } = NewUpload {
        collection: "climate".to_owned(),
        container: "samtools".to_owned(),
        tag: "1.17".to_owned(),
        size_bytes: 1_085_440,
        digest: None,
        arch: Some("amd64".to_owned()),
        description: None,
    }
}

object! {
    /// An unfinished upload.
    pub struct Upload {
        /// Its id.
        pub id: String,
        /// The collection's name.
        pub collection: String,
        /// The container's name.
        pub container: String,
        /// The tag that the image gets.
        pub tag: String,
        /// The size of the file.
        pub size_bytes: u64,
        /// How many bytes have arrived: the offset of the next one.
        pub received_bytes: u64,
        /// The digest announced, if one was.
        pub digest: Option<String>,
        /// A good length for the pieces.
        pub chunk_bytes: u64,
        /// When it was begun.
        pub created_at: Timestamp,
        /// When it is given up if nothing more arrives. Each piece moves it.
        pub expires_at: Timestamp,
    } = Upload {
        id: "Zm9vYmFyYmF6cXV4".to_owned(),
        collection: "climate".to_owned(),
        container: "samtools".to_owned(),
        tag: "1.17".to_owned(),
        size_bytes: 1_085_440,
        received_bytes: 524_288,
        digest: None,
        chunk_bytes: 67_108_864,
        created_at: samples::moment(),
        expires_at: samples::moment(),
    }
}

page! {
    /// A page of one's unfinished uploads, newest first.
    UploadPage, Upload
}

request! {
    /// The end of an upload.
    pub struct CompleteUpload {
        /// The digest of the whole file: `sha256:` and 64 hexadecimal digits.
        pub digest: String,
    } = CompleteUpload { digest: samples::digest() }
}
