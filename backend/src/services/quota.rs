//! Quotas: how many bytes the collections of one user may hold together, and how many one collection may.
//!
//! Rule: they are asked before bytes flow, and again in the transaction that would use them up.

use entity::collection;
use sea_orm::ConnectionTrait;
use shared_types::{AuditAction, CollectionQuota, CollectionQuotaChange, LimitRule};

use super::{
    Core, Error, Result,
    access::{self, Action},
    audit::{Actor, Entry},
    paging::unsigned,
};
use crate::{
    domain::access::Viewer,
    repo::{self, limit::UNLIMITED, push::Usage},
};

/// The quotas that hold where a user, or a collection, has none of their own.
#[derive(Debug, Clone, Copy)]
pub(super) struct General {
    /// Of a user.
    pub(super) user: Option<i64>,
    /// Of a collection.
    pub(super) collection: Option<i64>,
}

impl General {
    /// Those of the settings.
    pub(super) fn of(core: &Core) -> Self {
        let registry = &core.settings.registry;
        let bytes =
            |quota: Option<u64>| quota.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
        Self {
            user: bytes(registry.user_quota),
            collection: bytes(registry.collection_quota),
        }
    }

    fn for_collection(self, usage: Usage) -> Part {
        Part {
            limit: match usage.limit {
                Some(UNLIMITED) => None,
                own => own.or(self.collection),
            },
            used: usage.used,
        }
    }
}

/// How much may be used, and is used.
#[derive(Debug, Clone, Copy, Default)]
pub struct Part {
    /// The most, in bytes; absent for no limit.
    pub limit: Option<i64>,
    /// Bytes in use.
    pub used: i64,
}

impl Part {
    /// Bytes that may still come.
    pub fn left(self) -> i64 {
        self.limit
            .map_or(i64::MAX, |limit| limit.saturating_sub(self.used))
    }

    fn fits(self, size: i64, whose: &str) -> Result<()> {
        if size <= self.left() {
            return Ok(());
        }
        let shown = |bytes: i64| shown_size(u64::try_from(bytes).unwrap_or(0));
        Err(Error::Quota(format!(
            "the quota{whose} is used up: {} of {} are in use and this image has {}",
            shown(self.used),
            shown(self.limit.unwrap_or(i64::MAX)),
            shown(size)
        )))
    }
}

/// What counts for a push into a collection.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    maker: Part,
    collection: Part,
}

impl Quota {
    /// The quotas that count for a collection: its own, and that of who made it.
    pub(super) async fn of(core: &Core, collection: &collection::Model) -> Result<Self> {
        Self::read(core.db.read(), collection, General::of(core)).await
    }

    /// As `of`, inside a transaction: what is in use is read anew.
    pub(super) async fn read(
        db: &impl ConnectionTrait,
        collection: &collection::Model,
        general: General,
    ) -> Result<Self> {
        let usage = repo::push::usage_of_collection(db, collection.id).await?;
        Ok(Self {
            maker: Self::of_user(db, collection.created_by, general).await?,
            collection: general.for_collection(usage),
        })
    }

    /// What a user may use and has used.
    pub(super) async fn of_user(
        db: &impl ConnectionTrait,
        user_id: Option<i64>,
        general: General,
    ) -> Result<Part> {
        let Some(user_id) = user_id else {
            return Ok(Part::default());
        };
        let usage = repo::push::usage(db, user_id).await?;
        Ok(Part {
            limit: usage.limit.or(general.user),
            used: usage.used,
        })
    }

    /// Bytes that may still come.
    pub fn left(self) -> i64 {
        self.maker.left().min(self.collection.left())
    }

    /// The one that leaves less: what a client can be told that knows of one alone.
    pub fn narrower(self) -> Part {
        if self.collection.left() < self.maker.left() {
            self.collection
        } else {
            self.maker
        }
    }

    /// Refuses what does not fit.
    ///
    /// # Errors
    /// `Quota`.
    pub fn fits(self, size: i64) -> Result<()> {
        self.maker.fits(size, "")?;
        self.collection.fits(size, " of the collection")
    }
}

/// How many bytes a collection may hold, and holds.
///
/// # Errors
/// What `access::collection` says.
pub async fn of_collection(core: &Core, viewer: &Viewer, name: &str) -> Result<CollectionQuota> {
    let granted = access::collection(core, viewer, name, Action::Manage).await?;
    Ok(shown(core, &granted.collection))
}

/// The quota of a collection, for those who manage it.
pub(super) fn shown(core: &Core, row: &collection::Model) -> CollectionQuota {
    let part = General::of(core).for_collection(Usage {
        used: row.size_bytes,
        limit: row.quota_bytes,
    });
    CollectionQuota {
        rule: match row.quota_bytes {
            None => LimitRule::Default,
            Some(UNLIMITED) => LimitRule::Unlimited,
            Some(_) => LimitRule::Own,
        },
        limit_bytes: part.limit.map(unsigned),
        used_bytes: unsigned(part.used),
    }
}

/// Sets how many bytes a collection may hold. What is in it already stays, also where that is more.
///
/// # Errors
/// What `access::collection` says, `Forbidden` for who is no administrator, `Invalid`.
pub async fn set_of_collection(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    change: &CollectionQuotaChange,
) -> Result<CollectionQuota> {
    let granted = access::collection(core, viewer, name, Action::See).await?;
    if !viewer.can_allot(granted.facts()) {
        access::person(viewer)?;
        return Err(Error::Forbidden(
            "administrators alone say how much a collection may hold".to_owned(),
        ));
    }
    let (id, bytes) = (granted.collection.id, checked(change)?);
    let by = Actor::of(core, viewer);
    let entry = Entry::collection(AuditAction::CollectionQuota, &granted.collection)
        .with("rule", change.rule)
        .with_some("limit_bytes", change.limit_bytes);
    core.db
        .write(async move |tx| {
            repo::limit::set_quota(tx, id, bytes).await?;
            entry.record(tx, &by).await
        })
        .await?;
    of_collection(core, viewer, name).await
}

/// What the database keeps for a change. A quota of 0 bytes is one: nothing more may come.
fn checked(change: &CollectionQuotaChange) -> Result<Option<i64>> {
    let wrong = |sentence: &str| Err(Error::invalid("limit_bytes", sentence));
    match (change.rule, change.limit_bytes) {
        (LimitRule::Default, None) => Ok(None),
        (LimitRule::Unlimited, None) => Ok(Some(UNLIMITED)),
        (LimitRule::Own, Some(bytes)) => match i64::try_from(bytes) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(_) => wrong("is larger than any store; for no limit, take the rule “unlimited”"),
        },
        (LimitRule::Own, None) => {
            wrong("say how many bytes the collection may hold, or take another rule")
        }
        (_, Some(_)) => wrong("a number goes with the rule “own” only"),
    }
}

/// A size as people write it.
pub(super) fn shown_size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    if unit == 0 {
        format!("{bytes} {name}")
    } else {
        format!("{value:.1} {name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ones_own_quota_counts_before_the_registrys() {
        let general = |collection| General {
            user: None,
            collection,
        };
        let limit =
            |general: General, limit| general.for_collection(Usage { used: 5, limit }).limit;
        assert_eq!(limit(general(Some(9)), None), Some(9));
        assert_eq!(limit(general(Some(9)), Some(20)), Some(20));
        assert_eq!(limit(general(Some(9)), Some(0)), Some(0));
        assert_eq!(limit(general(Some(9)), Some(UNLIMITED)), None);
        assert_eq!(limit(general(None), Some(7)), Some(7));
    }

    #[test]
    fn what_leaves_less_is_told() {
        let part = |limit, used| Part { limit, used };
        let told = |maker, collection| Quota { maker, collection }.narrower();
        assert_eq!(told(part(Some(9), 1), part(Some(5), 1)).limit, Some(5));
        assert_eq!(told(part(Some(9), 8), part(Some(5), 1)).limit, Some(9));
        assert_eq!(told(part(None, 8), part(Some(5), 1)).limit, Some(5));
        assert_eq!(told(part(None, 8), part(None, 1)).used, 8);
    }

    #[test]
    fn a_number_goes_with_the_rule_that_needs_one() {
        let change = |rule, limit_bytes| checked(&CollectionQuotaChange { rule, limit_bytes });
        assert_eq!(change(LimitRule::Own, Some(0)).unwrap(), Some(0));
        assert_eq!(change(LimitRule::Unlimited, None).unwrap(), Some(UNLIMITED));
        assert_eq!(change(LimitRule::Default, None).unwrap(), None);
        for (rule, limit) in [
            (LimitRule::Own, None),
            (LimitRule::Own, Some(u64::MAX)),
            (LimitRule::Default, Some(1)),
            (LimitRule::Unlimited, Some(1)),
        ] {
            assert!(change(rule, limit).is_err(), "{rule} {limit:?}");
        }
    }

    #[test]
    fn sizes_read_as_people_write_them() {
        assert_eq!(shown_size(512), "512 bytes");
        assert_eq!(shown_size(1536), "1.5 KiB");
        assert_eq!(shown_size(10 << 30), "10.0 GiB");
    }
}
