//! Transfers between clients and an object store, by addresses that carry their own permission.
//!
//! The rule: what a client wrote becomes a blob only after the server has read it and found it to be what was announced,
//! and from then on no address that was handed out can change it. Bytes sent in one piece go to a place of their own and
//! are copied, for such an address works again and again; those sent in parts are safe where they are, because the upload
//! ends when it is completed.

use std::time::{Duration, SystemTime};

use futures_util::TryStreamExt;
use object_store::{
    ObjectStore, ObjectStoreExt,
    multipart::PartId,
    path::Path,
    signer::{Method, SignedUrlOptions},
};
use url::Url;

use crate::{
    BlobKey, BlobStore, Digest, Error, Result, Stored, Swept, error::says, object::Object,
    store::Kind,
};

/// Where clients put what they send in one piece.
const INCOMING: &str = "incoming";

/// An upload that a client makes with the object store itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Direct {
    /// The key of the blob it becomes.
    pub key: BlobKey,
    /// The object store's name of an upload in parts; absent for one in one piece.
    pub upload: Option<String>,
}

impl BlobStore {
    /// An address from which a client may read a blob without credentials, for a time; nothing where the store is a folder.
    pub async fn sign_read(&self, key: &BlobKey, lifetime: Duration) -> Result<Option<Url>> {
        match &self.0 {
            Kind::Local(_) => Ok(None),
            Kind::Object(object) => object.sign_read(key, lifetime).await,
        }
    }

    /// Begins an upload that the client makes with the object store itself, in one piece or in parts; nothing where it
    /// cannot.
    pub async fn begin_direct(&self, parts: bool) -> Result<Option<Direct>> {
        match &self.0 {
            Kind::Local(_) => Ok(None),
            Kind::Object(object) => object.begin_direct(parts).await,
        }
    }

    /// The address to which the client sends the bytes with PUT: all of them, or those of part `part`, from 1.
    pub async fn sign_write(&self, direct: &Direct, part: u32, lifetime: Duration) -> Result<Url> {
        match &self.0 {
            Kind::Local(_) => Err(Error::NotFound),
            Kind::Object(object) => object.sign_write(direct, part, lifetime).await,
        }
    }

    /// Makes what the client sent a blob, after reading all of it. `tokens` are the `ETag`s of the parts, in order.
    ///
    /// Fails with [`Error::NotFound`] where nothing was sent, [`Error::PartsRefused`] where the parts are not there, and
    /// with [`Error::Length`] or [`Error::DigestMismatch`] where the bytes are others; then nothing is kept. May be
    /// repeated.
    pub async fn finish_direct(
        &self,
        direct: &Direct,
        tokens: Vec<String>,
        size: u64,
        expected: Digest,
    ) -> Result<Stored> {
        match &self.0 {
            Kind::Local(_) => Err(Error::NotFound),
            Kind::Object(object) => object.finish_direct(direct, tokens, size, expected).await,
        }
    }

    /// Removes what such an upload put into the store; one that is gone already is as good.
    pub async fn abort_direct(&self, direct: &Direct) -> Result<()> {
        match &self.0 {
            Kind::Local(_) => Ok(()),
            Kind::Object(object) => object.abort_direct(direct).await,
        }
    }
}

impl Object {
    /// An address to read a blob from; nothing where the store cannot make one.
    pub(crate) async fn sign_read(&self, key: &BlobKey, lifetime: Duration) -> Result<Option<Url>> {
        let Some(signer) = &self.remote.signer else {
            return Ok(None);
        };
        let path = self.path(key);
        Ok(Some(signer.signed_url(Method::GET, &path, lifetime).await?))
    }

    /// Begins an upload; nothing where clients cannot send to this store.
    pub(crate) async fn begin_direct(&self, parts: bool) -> Result<Option<Direct>> {
        let Some(multipart) = &self.remote.multipart else {
            return Ok(None);
        };
        let key = BlobKey::random();
        let upload = if parts {
            Some(multipart.create_multipart(&self.path(&key)).await?)
        } else {
            None
        };
        Ok(Some(Direct { key, upload }))
    }

    /// An address to send the bytes of an upload to, or those of a part, from 1.
    pub(crate) async fn sign_write(
        &self,
        direct: &Direct,
        part: u32,
        lifetime: Duration,
    ) -> Result<Url> {
        let signer = self.remote.signer.as_ref().ok_or(Error::NotFound)?;
        let Some(upload) = &direct.upload else {
            let path = self.incoming(&direct.key);
            return Ok(signer.signed_url(Method::PUT, &path, lifetime).await?);
        };
        let options = SignedUrlOptions::new().with_query([
            ("partNumber", part.to_string()),
            ("uploadId", upload.clone()),
        ]);
        let path = self.path(&direct.key);
        let address = signer.signed_url_opts(Method::PUT, &path, lifetime, &options);
        Ok(address.await?)
    }

    /// Makes what a client sent a blob. `tokens` are what the store answered to the parts.
    pub(crate) async fn finish_direct(
        &self,
        direct: &Direct,
        tokens: Vec<String>,
        size: u64,
        expected: Digest,
    ) -> Result<Stored> {
        let (path, incoming) = (self.path(&direct.key), self.incoming(&direct.key));
        let there = self.length(&path).await?;
        if there.is_none() {
            if let Some(upload) = &direct.upload {
                self.assemble(&path, upload, tokens).await?;
            } else {
                // What is too long is not even copied.
                let sent = self.length(&incoming).await?.ok_or(Error::NotFound)?;
                self.refuse_length(direct, sent, size).await?;
                self.remote.store.copy(&incoming, &path).await?;
            }
        }
        let sent = self.head(&path).await?.ok_or(Error::NotKept {
            expected: size,
            actual: 0,
        })?;
        self.refuse_length(direct, sent.size, size).await?;
        let stored = self.verify_as(direct.key.clone(), &sent).await?;
        if let Err(error) = stored.sha256.expect(Some(expected)) {
            self.abort_direct(direct).await?;
            return Err(error);
        }
        self.remove(&incoming).await?;
        Ok(stored)
    }

    /// Removes what a client sent, and ends the upload.
    pub(crate) async fn abort_direct(&self, direct: &Direct) -> Result<()> {
        if let (Some(upload), Some(multipart)) = (&direct.upload, &self.remote.multipart) {
            match multipart
                .abort_multipart(&self.path(&direct.key), upload)
                .await
            {
                // Completed, or aborted before.
                Err(error) if !is_absent(&error) => return Err(error.into()),
                _ => {}
            }
        }
        self.remove(&self.incoming(&direct.key)).await?;
        self.remove(&self.path(&direct.key)).await
    }

    /// Removes what clients sent before `before` and nobody wants.
    pub(crate) async fn sweep_incoming(
        &self,
        before: SystemTime,
        keep: impl Fn(&str) -> bool,
    ) -> Result<Swept> {
        let mut swept = Swept::default();
        let folder = self.remote.prefix.clone().join(INCOMING);
        let mut found = self.remote.store.list(Some(&folder));
        while let Some(meta) = found.try_next().await? {
            let old = SystemTime::from(meta.last_modified) < before;
            if old && !meta.location.filename().is_some_and(&keep) {
                self.remove(&meta.location).await?;
                swept.count(meta.size);
            }
        }
        Ok(swept)
    }

    fn incoming(&self, key: &BlobKey) -> Path {
        self.remote.prefix.clone().join(INCOMING).join(key.as_str())
    }

    async fn assemble(&self, path: &Path, upload: &str, tokens: Vec<String>) -> Result<()> {
        let multipart = self.remote.multipart.as_ref().ok_or(Error::NotFound)?;
        let parts = tokens.into_iter().map(|content_id| PartId { content_id });
        let id = upload.to_owned();
        match multipart
            .complete_multipart(path, &id, parts.collect())
            .await
        {
            Ok(_) => Ok(()),
            // Two may complete at once; then the other one was quicker.
            Err(_) if self.length(path).await?.is_some() => Ok(()),
            Err(error) if is_refusal(&error) => Err(Error::PartsRefused(error)),
            Err(error) => Err(error.into()),
        }
    }

    async fn refuse_length(&self, direct: &Direct, actual: u64, expected: u64) -> Result<()> {
        if actual == expected {
            return Ok(());
        }
        self.abort_direct(direct).await?;
        Err(Error::Length { expected, actual })
    }

    async fn length(&self, path: &Path) -> Result<Option<u64>> {
        Ok(self.head(path).await?.map(|meta| meta.size))
    }

    async fn remove(&self, path: &Path) -> Result<()> {
        match self.remote.store.delete(path).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            removed => Ok(removed?),
        }
    }
}

/// Whether a store says that what was asked for is not there.
fn is_absent(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::NotFound { .. })
        || says(error, &["status code: 404", "NoSuchUpload"])
}

/// Whether a store refused what it was asked, and did not fail.
fn is_refusal(error: &object_store::Error) -> bool {
    is_absent(error)
        || says(
            error,
            &["status code: 400", "InvalidPart", "EntityTooSmall"],
        )
}
