//! Quotas: how many bytes the collections of one user may hold together.
//!
//! Rule: they are asked before bytes flow, and again in the transaction that would use them up.

use entity::collection;
use sea_orm::ConnectionTrait;

use super::{Core, Error, Result};
use crate::repo;

/// How much a collection's maker may use, and has used.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    /// The most, in bytes; absent for no limit.
    pub limit: Option<i64>,
    /// Bytes in use.
    pub used: i64,
}

impl Quota {
    /// The quota that counts for a collection: that of who made it.
    pub(super) async fn of(core: &Core, collection: &collection::Model) -> Result<Self> {
        Self::read(core.db.read(), collection.created_by, Self::general(core)).await
    }

    /// The limit of users who have none of their own.
    pub(super) fn general(core: &Core) -> Option<i64> {
        let quota = core.settings.registry.user_quota;
        quota.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX))
    }

    /// As `of`, inside a transaction.
    pub(super) async fn read(
        db: &impl ConnectionTrait,
        user_id: Option<i64>,
        general: Option<i64>,
    ) -> Result<Self> {
        let Some(user_id) = user_id else {
            return Ok(Self {
                limit: None,
                used: 0,
            });
        };
        let usage = repo::push::usage(db, user_id).await?;
        Ok(Self {
            limit: usage.limit.or(general),
            used: usage.used,
        })
    }

    /// Bytes that may still come.
    pub fn left(self) -> i64 {
        self.limit
            .map_or(i64::MAX, |limit| limit.saturating_sub(self.used))
    }

    /// Refuses what does not fit.
    ///
    /// # Errors
    /// `Quota`.
    pub fn fits(self, size: i64) -> Result<()> {
        if size <= self.left() {
            return Ok(());
        }
        let shown = |bytes: i64| shown_size(u64::try_from(bytes).unwrap_or(0));
        Err(Error::Quota(format!(
            "the quota is used up: {} of {} are in use and this image has {}",
            shown(self.used),
            shown(self.limit.unwrap_or(i64::MAX)),
            shown(size)
        )))
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
