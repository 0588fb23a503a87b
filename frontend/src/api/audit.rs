//! The audit log.

use shared_types::AuditPage;

use super::{Call, client, query};
use crate::{routes::encode, util::query::Query};

/// A page of the log: of a collection, or where none is named of the whole registry.
pub fn list(collection: Option<&str>, state: &Query) -> Call<AuditPage> {
    let parts = query(&[
        ("actor", state.get("actor")),
        ("action", state.get("action")),
        ("thing", state.get("thing")),
        ("cursor", state.get("cursor")),
        ("limit", "50"),
    ]);
    let path = collection.map_or_else(
        || "/audit".to_owned(),
        |name| format!("/collections/{}/audit", encode(name)),
    );
    client::get(&format!("{path}{parts}"))
}
