//! Ways through the registry: the treemap, the labels, the topics.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{OpenApi, param::Query, payload::Json};
use shared_types::{LabelKeys, LabelValues, Topics, Treemap};

use super::{Tag, error::ApiError};
use crate::{
    http::extract::ApiCaller,
    services::{Core, labels, topics, treemap},
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Explore;

#[OpenApi(tag = "Tag::Registry")]
impl Explore {
    /// Show what there is as a treemap
    ///
    /// Names, sizes and downloads of all that the caller may see, in few bytes. Where there are more containers than
    /// `VISUALIZATION_TREEMAP_COLLECTION_SWITCH`, collections only; ask for one to get its containers.
    #[oai(path = "/treemap", method = "get", operation_id = "get_treemap")]
    async fn treemap(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// Only this collection.
        collection: Query<Option<String>>,
    ) -> Result<Json<Treemap>, ApiError> {
        let shown = treemap::get(&core, &caller.0, collection.0.as_deref());
        Ok(Json(shown.await?))
    }

    /// List the keys of labels
    ///
    /// Of images with a tag that the caller may see, the most used first.
    #[oai(path = "/labels", method = "get", operation_id = "list_labels")]
    async fn labels(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// Letters of the key, in any case.
        q: Query<Option<String>>,
    ) -> Result<Json<LabelKeys>, ApiError> {
        Ok(Json(labels::keys(&core, &caller.0, q.0.as_deref()).await?))
    }

    /// List the values of a label
    ///
    /// Of images with a tag that the caller may see, the most used first. A key that no image has, has no values.
    #[oai(
        path = "/label_values",
        method = "get",
        operation_id = "list_label_values"
    )]
    async fn label_values(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// The key, as it is written.
        key: Query<String>,
        /// Letters of the value, in any case.
        q: Query<Option<String>>,
    ) -> Result<Json<LabelValues>, ApiError> {
        let found = labels::values(&core, &caller.0, &key, q.0.as_deref());
        Ok(Json(found.await?))
    }

    /// List topics
    ///
    /// Of containers that the caller may see, the most used first.
    #[oai(path = "/topics", method = "get", operation_id = "list_topics")]
    async fn topics(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// Letters of the topic, in any case.
        q: Query<Option<String>>,
    ) -> Result<Json<Topics>, ApiError> {
        Ok(Json(topics::list(&core, &caller.0, q.0.as_deref()).await?))
    }
}
