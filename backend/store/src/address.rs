//! Addresses of stores, as administrators write them.

use std::path::PathBuf;

use url::Url;

use crate::{Error, Result, remote::Remote};

/// What an address means. Addresses can hold credentials: only their scheme is repeated.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Folder(PathBuf),
    Bucket(Url),
}

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self> {
        const KNOWN: &str = "file:///path/to/folder, a plain path, s3://bucket/prefix, gs://bucket/prefix or \
                             az://container/prefix";
        let wrong = |what: &str| Error::Address(format!("{what}: write {KNOWN}"));
        if url.is_empty() {
            return Err(wrong("there is no storage address"));
        }
        let Some((scheme, _)) = url.split_once("://") else {
            return Ok(Self::Folder(PathBuf::from(url)));
        };
        let parsed = Url::parse(url).ok();
        match scheme {
            "file" => parsed
                .and_then(|url| url.to_file_path().ok())
                .map(Self::Folder)
                .ok_or_else(|| wrong("the storage address is no local path")),
            scheme if Remote::knows(scheme) => parsed
                .map(Self::Bucket)
                .ok_or_else(|| wrong("the storage address names no bucket")),
            _ => Err(wrong(&format!("there is no storage of kind `{scheme}`"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, BlobStore};

    #[test]
    fn an_address_means_a_folder_or_a_bucket() {
        for (url, folder) in [
            ("file:///srv/blobs", "/srv/blobs"),
            ("file://localhost/srv/blobs", "/srv/blobs"),
            ("file:///srv/my%20blobs", "/srv/my blobs"),
            ("/srv/blobs", "/srv/blobs"),
            ("blobs/here", "blobs/here"),
        ] {
            let found = Address::parse(url).unwrap();
            assert_eq!(found, Address::Folder(folder.into()), "{url}");
        }
        for url in ["s3://bucket", "gs://bucket/a/b", "az://container/"] {
            let found = Address::parse(url).unwrap();
            assert_eq!(found, Address::Bucket(url.parse().unwrap()), "{url}");
        }
    }

    #[tokio::test]
    async fn an_address_that_means_nothing_is_refused_without_its_secrets() {
        for url in [
            "",
            "s3://",
            "s3://id:secret@bucket",
            "s3://bucket/prefix?key=secret",
            "ftp://secret@x",
            "file://secret/srv",
        ] {
            let opened = BlobStore::open_url(url, &Access::default(), "scratch".into()).await;
            let error = opened.unwrap_err().to_string();
            assert!(error.contains("storage"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
