//! The people of a collection, and what only its owners do with it as a whole.

use gloo_net::http::Method;
use shared_types::{
    CandidatePage, CollectionDetail, CollectionMember, CollectionMemberChange,
    CollectionMemberPage, CollectionRename, CollectionRole, CollectionTransfer,
};

use super::{Call, client, query};
use crate::routes::encode;

fn path(collection: &str, rest: &str) -> String {
    format!("/collections/{}{rest}", encode(collection))
}

/// Owners and contributors.
pub fn list(collection: &str, cursor: &str) -> Call<CollectionMemberPage> {
    let parts = query(&[("cursor", cursor), ("limit", "100")]);
    client::get(&path(collection, &format!("/members{parts}")))
}

/// Who could be let in.
pub fn candidates(collection: &str, words: &str) -> Call<CandidatePage> {
    let parts = query(&[("q", words)]);
    client::get(&path(collection, &format!("/candidates{parts}")))
}

/// Lets somebody in, or gives them another role.
pub fn put(collection: &str, username: &str, role: CollectionRole) -> Call<CollectionMember> {
    let path = path(collection, &format!("/members/{}", encode(username)));
    client::send(Method::PUT, &path, &CollectionMemberChange { role })
}

/// Takes somebody out, or leaves.
pub fn remove(collection: &str, username: &str) -> Call<()> {
    client::delete(&path(collection, &format!("/members/{}", encode(username))))
}

/// Hands the collection over.
pub fn transfer(collection: &str, username: &str) -> Call<CollectionDetail> {
    let to = CollectionTransfer {
        username: username.to_owned(),
    };
    client::send(Method::POST, &path(collection, "/transfer"), &to)
}

/// Gives the collection another name.
pub fn rename(collection: &str, name: &str) -> Call<CollectionDetail> {
    let new = CollectionRename {
        name: name.to_owned(),
    };
    client::send(Method::POST, &path(collection, "/rename"), &new)
}
