//! The people of a collection, and what only its owners do with it as a whole.

use std::future::Future;

use gloo_net::http::Method;
use shared_types::{
    CandidatePage, CollectionDetail, CollectionMember, CollectionMemberChange,
    CollectionMemberPage, CollectionRename, CollectionRole, CollectionTransfer,
};

use super::{ApiResult, client, query};
use crate::routes::encode;

fn path(collection: &str, rest: &str) -> String {
    format!("/collections/{}{rest}", encode(collection))
}

/// Owners and contributors.
pub fn list(
    collection: &str,
    cursor: &str,
) -> impl Future<Output = ApiResult<CollectionMemberPage>> + use<> {
    let parts = query(&[("cursor", cursor), ("limit", "100")]);
    client::get(&path(collection, &format!("/members{parts}")))
}

/// Who could be let in.
pub fn candidates(
    collection: &str,
    words: &str,
) -> impl Future<Output = ApiResult<CandidatePage>> + use<> {
    let parts = query(&[("q", words)]);
    client::get(&path(collection, &format!("/candidates{parts}")))
}

/// Lets somebody in, or gives them another role.
pub async fn put(
    collection: &str,
    username: &str,
    role: CollectionRole,
) -> ApiResult<CollectionMember> {
    let path = path(collection, &format!("/members/{}", encode(username)));
    client::send(Method::PUT, &path, &CollectionMemberChange { role }).await
}

/// Takes somebody out, or leaves.
pub async fn remove(collection: &str, username: &str) -> ApiResult<()> {
    client::delete(&path(collection, &format!("/members/{}", encode(username)))).await
}

/// Hands the collection over.
pub async fn transfer(collection: &str, username: &str) -> ApiResult<CollectionDetail> {
    let to = CollectionTransfer {
        username: username.to_owned(),
    };
    client::send(Method::POST, &path(collection, "/transfer"), &to).await
}

/// Gives the collection another name.
pub async fn rename(collection: &str, name: &str) -> ApiResult<CollectionDetail> {
    let new = CollectionRename {
        name: name.to_owned(),
    };
    client::send(Method::POST, &path(collection, "/rename"), &new).await
}
