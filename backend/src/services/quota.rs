//! Quotas: how many bytes the collections of one user may hold together, and how many one collection may.
//!
//! Rule: they are asked before bytes flow, and again in the transaction that would use them up.

use entity::collection;
use sea_orm::ConnectionTrait;

use super::{Core, Error, Result};
use crate::repo;

/// The quotas that hold where a user has none of their own.
#[derive(Debug, Clone, Copy)]
pub(super) struct General {
    user: Option<i64>,
    collection: Option<i64>,
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
    /// What the collection's maker may use, and has used in all of theirs.
    pub maker: Part,
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
        let used = match general.collection {
            Some(_) => repo::push::size_of(db, collection.id).await?,
            // Nobody asks.
            None => 0,
        };
        Ok(Self {
            maker: Self::of_user(db, collection.created_by, general).await?,
            collection: Part {
                limit: general.collection,
                used,
            },
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

    /// Refuses what does not fit.
    ///
    /// # Errors
    /// `Quota`.
    pub fn fits(self, size: i64) -> Result<()> {
        self.maker.fits(size, "")?;
        self.collection.fits(size, " of the collection")
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
    use super::shown_size;

    #[test]
    fn sizes_read_as_people_write_them() {
        assert_eq!(shown_size(512), "512 bytes");
        assert_eq!(shown_size(1536), "1.5 KiB");
        assert_eq!(shown_size(10 << 30), "10.0 GiB");
    }
}
