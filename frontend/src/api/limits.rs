//! Download limits of collections and containers, and quotas of collections.

use gloo_net::http::Method;
use shared_types::{CollectionQuota, CollectionQuotaChange, DownloadLimit, DownloadLimitChange};

use super::{Call, client};
use crate::routes::encode;

/// What a limit is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The collection.
    pub collection: String,
    /// The container; the whole collection where absent.
    pub container: Option<String>,
}

impl Holder {
    fn path(&self) -> String {
        let collection = encode(&self.collection);
        match &self.container {
            None => format!("/collections/{collection}/download_limit"),
            Some(container) => format!(
                "/collections/{collection}/containers/{}/download_limit",
                encode(container)
            ),
        }
    }
}

/// The limit, and how much of it is used.
pub fn get(holder: &Holder) -> Call<DownloadLimit> {
    client::get(&holder.path())
}

/// Sets the limit.
pub fn set(holder: &Holder, change: &DownloadLimitChange) -> Call<DownloadLimit> {
    client::send(Method::PUT, &holder.path(), change)
}

/// How much a collection may hold, and holds.
pub fn quota(collection: &str) -> Call<CollectionQuota> {
    client::get(&quota_path(collection))
}

/// Sets how much a collection may hold.
pub fn set_quota(collection: &str, change: &CollectionQuotaChange) -> Call<CollectionQuota> {
    client::send(Method::PUT, &quota_path(collection), change)
}

fn quota_path(collection: &str) -> String {
    format!("/collections/{}/quota", encode(collection))
}
