//! Where images are kept, and how they come and go.

use super::{
    kind::{Flag, Hidden, Optional, Size, Text, Time},
    section::section,
};

section! {
    /// Where images are kept, and how they come and go.
    pub struct Storage: "Storage" {
        /// Where images are kept: file:///path/to/folder, or a bucket of an object store with or without a prefix:
        /// s3://bucket/prefix, gs://bucket/prefix, az://container/prefix. Without it, it is the folder images in DATA_DIR.
        url: Text = ("STORAGE_URL", ""),
        /// The address of the object store, such as http://minio:9000. Without it, it is that of the cloud.
        endpoint: Optional<Text> = ("STORAGE_ENDPOINT", ""),
        /// The address under which clients reach the object store, where it is another one.
        external_endpoint: Optional<Text> = ("STORAGE_EXTERNAL_ENDPOINT", ""),
        /// The region of the bucket.
        region: Text = ("STORAGE_REGION", "us-east-1"),
        /// The access key of S3, or the account of Azure. Without it, the service's own variables and roles are asked.
        access_key: Optional<Text> = ("STORAGE_ACCESS_KEY", ""),
        /// The secret key of S3, the account's key of Azure, or the service account of Google Cloud (the JSON itself).
        secret_key: Optional<Hidden<Text>> = ("STORAGE_SECRET_KEY", ""),
        /// Whether addresses name the bucket in their path, as most services other than Amazon's want it. If not, endpoints
        /// must name it in their host.
        path_style: Flag = ("STORAGE_PATH_STYLE", "true"),
        /// How long the object store may say nothing before a request to it has failed.
        timeout: Time = ("STORAGE_TIMEOUT", "60s"),
        /// Whether clients of the library and OCI protocols are sent to the object store for downloads.
        redirect: Flag = ("STORAGE_REDIRECT", "false"),
        /// Whether clients of the library protocol send images straight to the object store (S3 and Google Cloud). The
        /// server then reads them once, to verify their checksum, before anybody sees them.
        direct_uploads: Flag = ("STORAGE_DIRECT_UPLOADS", "false"),
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

impl Storage {
    /// How the object store is reached.
    pub fn access(&self) -> store::Access {
        store::Access {
            endpoint: self.endpoint.clone(),
            external_endpoint: self.external_endpoint.clone(),
            region: Some(self.region.clone()),
            access_key: self.access_key.clone(),
            secret_key: self.secret_key.as_ref().map(|key| key.reveal().clone()),
            path_style: self.path_style,
            timeout: self.timeout,
        }
    }

    /// Whether images are in an object store, and not in a folder.
    pub fn is_remote(&self) -> bool {
        !self.url.starts_with("file://")
    }
}
