//! How many bytes may come: what was announced, what the registry takes, what the quota and the disk leave.

use entity::collection;

use super::{
    super::{
        Core, Error, Result,
        quota::{Quota, shown_size},
    },
    lied,
};

/// Refuses more bytes than may come or than there is room for. `counts` says whether the quota is asked.
pub(super) async fn check_room(
    core: &Core,
    collection: &collection::Model,
    size: u64,
    counts: bool,
) -> Result<i64> {
    let max = core.settings.storage.max_image_size;
    if size > max {
        return Err(Error::TooLarge(format!(
            "this image has {}; this registry takes {} at most",
            shown_size(size),
            shown_size(max)
        )));
    }
    let bytes = i64::try_from(size).map_err(Error::internal)?;
    if counts {
        Quota::of(core, collection).await?.fits(bytes)?;
    }
    check_disk(core, size).await?;
    Ok(bytes)
}

/// Refuses more bytes than the disk has room for.
pub(super) async fn check_disk(core: &Core, size: u64) -> Result<()> {
    match core.blobs.free_space().await? {
        Some(free) if free < size => {
            let need = format!("{size} bytes are needed and {free} are free");
            Err(Error::NoSpace(need.into()))
        }
        _ => Ok(()),
    }
}

/// The most bytes that an upload may have, and why.
pub(super) struct Limit {
    pub(super) bytes: u64,
    announced: Option<u64>,
    max: u64,
}

impl Limit {
    pub(super) async fn of(
        core: &Core,
        collection: &collection::Model,
        announced: Option<u64>,
    ) -> Result<Self> {
        let max = core.settings.storage.max_image_size;
        let bytes = if let Some(size) = announced {
            size
        } else {
            let quota = Quota::of(core, collection).await?;
            max.min(u64::try_from(quota.left()).unwrap_or(0))
        };
        Ok(Self {
            bytes,
            announced,
            max,
        })
    }

    pub(super) fn exceeded(&self) -> Error {
        let shown = shown_size(self.bytes);
        match self.announced {
            Some(size) => lied(size, "more"),
            None if self.bytes < self.max => {
                Error::Quota(format!("the quota leaves {shown} for this upload"))
            }
            None => Error::TooLarge(format!("this registry takes {shown} at most")),
        }
    }
}
