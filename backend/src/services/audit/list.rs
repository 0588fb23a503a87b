//! Reading the log, and forgetting what is old.

use std::time::Duration;

use entity::audit_entry::{Column, Model};
use shared_types::{AuditAction, AuditEntry, AuditPage, Timestamp};

use super::super::{
    Core, Error, Result,
    access::{self, Action},
    paging::{self, By, Window},
};
use crate::{domain::access::Viewer, repo::audit::Filter};

/// Longest name that is searched for, in characters.
pub const LONGEST_NAME: usize = 300;

/// Which entries are asked for.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The user name of who did it.
    pub actor: Option<String>,
    /// What was done, such as `tag.move`, or the kind of thing alone, such as `tag`.
    pub action: Option<String>,
    /// The name of the thing.
    pub thing: Option<String>,
    /// The name of the collection.
    pub collection: Option<String>,
    /// The address of who did it.
    pub address: Option<String>,
    /// Not older.
    pub since: Option<Timestamp>,
    /// Older.
    pub until: Option<Timestamp>,
    /// The page.
    pub window: Window,
}

impl Listing {
    fn filter(&self) -> Result<Filter> {
        if let Some(action) = &self.action {
            let known = |known: &&AuditAction| {
                let word = known.as_str();
                let topic = word.split('.').next().unwrap_or_default();
                word == action || topic == action
            };
            if AuditAction::ALL.iter().find(known).is_none() {
                return Err(Error::BadRequest(
                    "action is a word such as “tag.move”, or what comes before its dot".to_owned(),
                ));
            }
        }
        Ok(Filter {
            actor: plain("actor", self.actor.as_deref())?,
            action: self.action.clone(),
            thing: plain("thing", self.thing.as_deref())?,
            collection: plain("collection", self.collection.as_deref())?,
            collection_id: None,
            address: plain("address", self.address.as_deref())?,
            since: self.since.map(|at| at.0),
            until: self.until.map(|at| at.0),
        })
    }
}

/// A name to look for. PostgreSQL refuses some characters with an error of its own.
fn plain(what: &str, text: Option<&str>) -> Result<Option<String>> {
    match text {
        Some(text) if text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control) => {
            Err(Error::BadRequest(format!(
                "{what} is one line of {LONGEST_NAME} characters at most"
            )))
        }
        text => Ok(text.map(str::to_owned)),
    }
}

/// The whole log, newest first: for administrators.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `BadRequest` for a bad filter or window.
pub async fn list(core: &Core, viewer: &Viewer, listing: &Listing) -> Result<AuditPage> {
    access::person(viewer)?;
    if !viewer.can_oversee() {
        return Err(Error::Forbidden(
            "only administrators may read the audit log, with a credential that reaches everywhere"
                .to_owned(),
        ));
    }
    page(core, listing.filter()?, &listing.window, true).await
}

/// What was done in a collection, newest first: for whoever governs it, without addresses.
///
/// # Errors
/// What `access::collection` says, `BadRequest` for a bad filter or window.
pub async fn of_collection(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    listing: &Listing,
) -> Result<AuditPage> {
    let granted = access::collection(core, viewer, name, Action::Govern).await?;
    let filter = Filter {
        collection: None,
        // By the row, not by the name: another collection may have had that before.
        collection_id: Some(granted.collection.id),
        ..listing.filter()?
    };
    page(core, filter, &listing.window, false).await
}

async fn page(core: &Core, filter: Filter, window: &Window, addresses: bool) -> Result<AuditPage> {
    let by = By::largest("audit", Column::Id, Column::Id);
    let select = crate::repo::audit::list(filter);
    let page = paging::fetch(core.db.read(), select, window, by).await?;
    let items = page.items.into_iter().map(|row| shown(row, addresses));
    Ok(AuditPage {
        items: items.collect::<Result<_>>()?,
        total: page.total,
        next: page.next,
    })
}

/// An entry, as it is shown.
pub(in crate::services) fn shown(row: Model, address: bool) -> Result<AuditEntry> {
    let internal = |error: String| Error::internal(error);
    Ok(AuditEntry {
        id: row.id.to_string(),
        at: row.at.into(),
        action: row.action.parse().map_err(internal)?,
        actor: row.actor,
        actor_kind: row.actor_kind.parse().map_err(internal)?,
        token: row.token,
        thing_kind: row.thing_kind.parse().map_err(internal)?,
        thing: row.thing,
        collection: row.collection,
        address: row.address.filter(|_| address),
        request_id: row.request_id,
        door: row.door.parse().map_err(internal)?,
        details: serde_json::from_str(&row.details).map_err(Error::internal)?,
    })
}

/// Forgets entries that are older than the settings say.
///
/// # Errors
/// The database failed.
pub async fn sweep(core: &Core) -> Result<()> {
    let Some(kept) = core.settings.security.audit_retention else {
        return Ok(());
    };
    let age = chrono::Duration::from_std(Duration::max(kept, Duration::from_hours(1)));
    let Some(before) = core
        .clock
        .now()
        .checked_sub_signed(age.unwrap_or(chrono::Duration::MAX))
    else {
        return Ok(());
    };
    let gone = core
        .db
        .write(async move |tx| crate::repo::audit::delete_before(tx, before).await)
        .await?;
    tracing::debug!(gone, "removed old entries of the audit log");
    Ok(())
}
