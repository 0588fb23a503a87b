//! Object stores by address: which service, which bucket, what the keys begin with, and how it is spoken to.
//!
//! The rule: no request may wait without end. A service that is down or silent is an error within seconds, one that is
//! slow is waited for as long as bytes move.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::StreamExt;
use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    azure::MicrosoftAzureBuilder,
    gcp::{GoogleCloudStorage, GoogleCloudStorageBuilder},
    multipart::MultipartStore,
    path::Path,
    signer::Signer,
};
use url::Url;

use crate::{BlobKey, Error, Result, error::says, mark::Marker};

/// How an object store is reached. What is absent, the service's own variables and defaults say.
#[derive(Clone)]
pub struct Access {
    /// The address of the service, where it is not that of the cloud.
    pub endpoint: Option<String>,
    /// The address under which clients reach it, for addresses that are handed to them.
    pub external_endpoint: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The access key, or the account.
    pub access_key: Option<String>,
    /// What proves it.
    pub secret_key: Option<String>,
    /// Whether the bucket is in the path of addresses, and not in the name of the host.
    pub path_style: bool,
    /// How long the service may say nothing.
    pub timeout: Duration,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            endpoint: None,
            external_endpoint: None,
            region: None,
            access_key: None,
            secret_key: None,
            path_style: true,
            timeout: Duration::from_mins(1),
        }
    }
}

/// Without what is secret.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("endpoint", &self.endpoint)
            .field("external_endpoint", &self.external_endpoint)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// A bucket, or what lies below a prefix in one.
#[derive(Clone)]
pub(crate) struct Remote {
    pub(crate) store: Arc<dyn ObjectStore>,
    /// What all keys begin with; empty for the whole bucket.
    pub(crate) prefix: Path,
    /// Makes addresses that clients may use without credentials; absent where the store cannot.
    pub(crate) signer: Option<Arc<dyn Signer>>,
    /// Uploads in parts that clients send themselves; absent where the store cannot sign addresses of parts.
    pub(crate) multipart: Option<Arc<dyn MultipartStore>>,
    /// Says what the blobs of this place are.
    pub(crate) marker: Marker,
}

impl Remote {
    /// The bucket that an address names: `s3://bucket/prefix`, `gs://…`, `az://…`.
    pub(crate) fn open(url: &Url, access: &Access) -> Result<Self> {
        let bucket = url.host_str().filter(|host| !host.is_empty());
        let prefix = Path::from_url_path(url.path()).ok();
        let (Some(bucket), Some(prefix)) = (bucket, prefix) else {
            return Err(Error::Address(format!(
                "the storage address names no bucket: write {}://bucket or {}://bucket/prefix",
                url.scheme(),
                url.scheme()
            )));
        };
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
            return Err(Error::Address(
                "the storage address holds more than a bucket and a prefix: keys and options have settings of their own"
                    .to_owned(),
            ));
        }
        let made = match url.scheme() {
            "s3" => s3(bucket, access),
            "gs" => gcs(bucket, access),
            _ => azure(bucket, access),
        };
        let made = made.map_err(|source| Error::Unusable {
            sentence: format!("the settings for {url} cannot be used"),
            source,
        })?;
        Ok(Self {
            prefix,
            marker: Marker::of(url, access),
            ..made
        })
    }

    /// Whether an address names an object store.
    pub(crate) fn knows(scheme: &str) -> bool {
        matches!(scheme, "s3" | "gs" | "az")
    }

    /// Lists, writes and removes, so that what is wrong is known at the start and not at the first push.
    pub(crate) async fn check(&self, url: &Url, access: &Access) -> Result<()> {
        let unusable = |error| unusable(error, url, access);
        // Listing comes first: some services make a bucket of any name that is written to.
        let listed = self.store.list(Some(&self.prefix)).next().await;
        listed.transpose().map_err(unusable)?;
        let probe = self
            .prefix
            .clone()
            .join(format!("{}.probe", BlobKey::random()));
        self.store
            .put(&probe, "probe".into())
            .await
            .map_err(unusable)?;
        self.store.delete(&probe).await.map_err(unusable)
    }
}

/// What is wrong with a store, in a sentence that says what to do.
fn unusable(error: object_store::Error, url: &Url, access: &Access) -> Error {
    let place = match &access.endpoint {
        Some(endpoint) => format!("{url} at {endpoint}"),
        None => url.to_string(),
    };
    let sentence = if says(
        &error,
        &["NoSuchBucket", "ContainerNotFound", "status code: 404"],
    ) {
        format!("{place}: there is no such bucket; make it, or name another")
    } else if says(&error, &["status code: 401", "status code: 403"]) {
        format!(
            "{place}: the keys are not accepted, or may not list, write and remove there; check STORAGE_ACCESS_KEY and \
             STORAGE_SECRET_KEY and what the key may do"
        )
    } else {
        format!("{place} does not answer as an object store does; check STORAGE_ENDPOINT")
    };
    Error::Unusable {
        sentence,
        source: error,
    }
}

/// Few and quick: a client waits for the answer, and repeats what it asked for anyway.
fn retry(access: &Access) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(2),
            base: 2.,
        },
        max_retries: 3,
        retry_timeout: access.timeout,
    }
}

fn client(access: &Access, endpoint: Option<&str>) -> ClientOptions {
    ClientOptions::new()
        .with_connect_timeout(Duration::from_secs(5))
        // The time of a whole transfer depends on its size; that between two reads does not.
        .with_timeout_disabled()
        .with_read_timeout(access.timeout)
        // An administrator who writes http:// means it.
        .with_allow_http(endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")))
}

fn s3(bucket: &str, access: &Access) -> object_store::Result<Remote> {
    let build = |endpoint: Option<&str>| {
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_virtual_hosted_style_request(!access.path_style)
            .with_client_options(client(access, endpoint))
            .with_retry(retry(access));
        if let Some(endpoint) = endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some(region) = &access.region {
            builder = builder.with_region(region);
        }
        if let Some(key) = &access.access_key {
            builder = builder.with_access_key_id(key);
        }
        if let Some(key) = &access.secret_key {
            builder = builder.with_secret_access_key(key);
        }
        builder.build()
    };
    let (internal, external) = both(access, build)?;
    Ok(Remote {
        store: Arc::<AmazonS3>::clone(&internal),
        prefix: Path::default(),
        signer: Some(external),
        multipart: Some(internal),
        marker: Marker::only(),
    })
}

/// The same store twice: as this server reaches it, and as its clients do, which is what addresses are signed for.
fn both<S>(
    access: &Access,
    build: impl Fn(Option<&str>) -> object_store::Result<S>,
) -> object_store::Result<(Arc<S>, Arc<S>)> {
    let internal = Arc::new(build(access.endpoint.as_deref())?);
    let external = match &access.external_endpoint {
        Some(endpoint) => Arc::new(build(Some(endpoint))?),
        None => Arc::clone(&internal),
    };
    Ok((internal, external))
}

fn gcs(bucket: &str, access: &Access) -> object_store::Result<Remote> {
    let build = |endpoint: Option<&str>| {
        let mut builder = GoogleCloudStorageBuilder::from_env()
            .with_bucket_name(bucket)
            .with_client_options(client(access, endpoint))
            .with_retry(retry(access));
        if let Some(endpoint) = endpoint {
            builder = builder.with_base_url(endpoint);
        }
        if let Some(key) = &access.secret_key {
            builder = builder.with_service_account_key(key);
        }
        builder.build()
    };
    let (internal, external) = both(access, build)?;
    Ok(Remote {
        store: Arc::<GoogleCloudStorage>::clone(&internal),
        prefix: Path::default(),
        signer: Some(external),
        multipart: Some(internal),
        marker: Marker::only(),
    })
}

/// Azure signs addresses of whole objects to read. Those to write would need a header that clients do not send.
fn azure(container: &str, access: &Access) -> object_store::Result<Remote> {
    let build = |endpoint: Option<&str>| {
        let mut builder = MicrosoftAzureBuilder::from_env()
            .with_container_name(container)
            .with_client_options(client(access, endpoint))
            .with_retry(retry(access));
        if let Some(endpoint) = endpoint {
            builder = builder.with_endpoint(endpoint.to_owned());
        }
        if let Some(account) = &access.access_key {
            builder = builder.with_account(account);
        }
        if let Some(key) = &access.secret_key {
            builder = builder.with_access_key(key);
        }
        builder.build()
    };
    let (internal, external) = both(access, build)?;
    Ok(Remote {
        store: internal,
        prefix: Path::default(),
        signer: Some(external),
        multipart: None,
        marker: Marker::only(),
    })
}
