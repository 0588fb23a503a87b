//! Verified bytes in the store become a blob: the one way, for every door.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};
use store::BlobKey;

use super::{
    super::{Core, Error, Result},
    delete_object,
};
use crate::repo::{self, blob::Claimed};

/// Verified bytes in the store that no blob's row knows of yet. In this order: `find`, `claim` in the transaction that
/// also says what the bytes are for, `settle` after it.
#[derive(Debug, Clone)]
pub(super) struct Landed {
    pub(super) key: String,
    pub(super) sha256: String,
    pub(super) size: i64,
    /// The key under which the database expects these bytes although the store has none: a push heals that.
    lost: Option<String>,
}

impl Landed {
    pub(super) async fn find(core: &Core, key: &str, sha256: &str, size: i64) -> Result<Self> {
        Ok(Self {
            key: key.to_owned(),
            sha256: sha256.to_owned(),
            size,
            lost: lost_object(core, sha256).await?,
        })
    }

    /// The blob's row, live: a new one, or the one that is there already.
    pub(super) async fn claim(
        &self,
        tx: &impl ConnectionTrait,
        now: DateTime<Utc>,
    ) -> Result<Claimed, DbErr> {
        let lost = self.lost.as_deref();
        repo::blob::claim(tx, &self.sha256, &self.key, self.size, lost, now).await
    }

    /// Removes what nobody needs after the transaction: a second copy, or the object that this one replaces.
    pub(super) async fn settle(&self, core: &Core, claimed: &Claimed) {
        if claimed.blob.key != self.key {
            delete_object(core, &self.key).await;
        }
        if let Some(replaced) = &claimed.replaced {
            delete_object(core, replaced).await;
        }
    }
}

async fn lost_object(core: &Core, sha256: &str) -> Result<Option<String>> {
    let live = repo::blob::find_live(core.db.read(), sha256).await?;
    let Some(live) = live else { return Ok(None) };
    let key: BlobKey = live.key.parse().map_err(Error::internal)?;
    let there = core.blobs.size(&key).await? == u64::try_from(live.size).ok();
    Ok(Some(live.key).filter(|_| !there))
}
