//! Download limits of collections and containers.

use std::future::Future;

use gloo_net::http::Method;
use shared_types::{DownloadLimit, DownloadLimitChange};

use super::{ApiResult, client};
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
pub fn get(holder: &Holder) -> impl Future<Output = ApiResult<DownloadLimit>> + use<> {
    client::get(&holder.path())
}

/// Sets the limit.
pub async fn set(holder: &Holder, change: &DownloadLimitChange) -> ApiResult<DownloadLimit> {
    client::send(Method::PUT, &holder.path(), change).await
}
