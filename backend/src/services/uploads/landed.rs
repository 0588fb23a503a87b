//! Verified bytes in the store become a blob: the one way, for every door.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use super::{
    super::{Core, Result, blobs},
    delete_object,
};
use crate::repo::{
    self,
    blob::{Claimed, New},
};

/// Verified bytes in the store that no blob's row knows of yet. In this order: `find`, `claim` in the transaction that
/// also says what the bytes are for, `settle` after it.
#[derive(Debug, Clone)]
pub(super) struct Landed {
    pub(super) new: New,
    /// The key under which the database expects these bytes although the store has none, or others: a push heals that.
    lost: Option<String>,
}

impl Landed {
    pub(super) async fn find(core: &Core, new: New) -> Result<Self> {
        Ok(Self {
            lost: lost_object(core, &new.sha256).await?,
            new,
        })
    }

    /// The blob's row, live: a new one, or the one that is there already.
    pub(super) async fn claim(
        &self,
        tx: &impl ConnectionTrait,
        now: DateTime<Utc>,
    ) -> Result<Claimed, DbErr> {
        repo::blob::claim(tx, &self.new, self.lost.as_deref(), now).await
    }

    /// Removes what nobody needs after the transaction: a second copy, or the object that this one replaces.
    pub(super) async fn settle(&self, core: &Core, claimed: &Claimed) {
        if claimed.blob.key != self.new.key {
            delete_object(core, &self.new.key).await;
        }
        if let Some(replaced) = &claimed.replaced {
            delete_object(core, replaced).await;
        }
    }
}

async fn lost_object(core: &Core, sha256: &str) -> Result<Option<String>> {
    let live = repo::blob::find_live(core.db.read(), sha256).await?;
    let Some(live) = live else { return Ok(None) };
    let there = blobs::is_intact(core, &live).await?;
    Ok(Some(live.key).filter(|_| !there))
}
