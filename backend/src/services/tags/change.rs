//! A change to one tag: checked first, then made in one transaction.

use entity::{image, tag};
use sea_orm::ConnectionTrait;
use shared_types::{TagAction, TagChange, names};

use super::{
    super::{
        Error, Result,
        audit::{self, Actor},
    },
    DEFAULT_ARCH, TagPath, missing, set,
};
use crate::repo;

/// A change to a tag, checked.
#[derive(Debug)]
pub(super) struct Change {
    hex: Option<String>,
    frozen: Option<bool>,
}

impl Change {
    pub(super) fn checked(change: &TagChange, path: &TagPath<'_>) -> Result<Self> {
        if change.digest.is_none() && change.frozen.is_none() {
            return Err(Error::BadRequest(
                "say where the tag shall point (digest), or whether it is frozen".into(),
            ));
        }
        names::check_tag(path.tag).map_err(|problem| Error::invalid("tag", problem))?;
        if let Some(arch) = path.arch {
            names::check_arch(arch).map_err(|problem| Error::invalid("arch", problem))?;
        }
        let hex = |text: &String| {
            let hex = text.strip_prefix("sha256:").unwrap_or(text);
            shared_types::digest_hex(hex).map_err(|problem| Error::invalid("digest", problem))
        };
        Ok(Self {
            hex: change.digest.as_ref().map(hex).transpose()?,
            frozen: change.frozen,
        })
    }
}

/// Who changes tags of which container, and when.
pub(super) struct Work<'a> {
    pub(super) container_id: i64,
    pub(super) by: &'a Actor,
}

impl Work<'_> {
    /// Makes the change in a transaction and returns the tag's id.
    pub(super) async fn apply(
        &self,
        tx: &impl ConnectionTrait,
        path: TagPath<'_>,
        change: &Change,
    ) -> Result<i64> {
        let mut arch = path.arch.map(str::to_owned);
        if change.frozen == Some(false) {
            // A tag that comes to be in this very change is not frozen anyway.
            if let Some(tag) = only(tx, self.container_id, path.tag, path.arch).await? {
                self.freeze(tx, &tag, false).await?;
            }
        }
        if let Some(hex) = &change.hex {
            let image = self.image(tx, hex).await?;
            let of_image = || {
                image
                    .arch
                    .clone()
                    .unwrap_or_else(|| DEFAULT_ARCH.to_owned())
            };
            let wanted = arch.get_or_insert_with(of_image);
            set(tx, self.container_id, path.tag, wanted, &image, self.by).await?;
        }
        let found = only(tx, self.container_id, path.tag, arch.as_deref()).await?;
        let tag = found.ok_or_else(|| missing(&path))?;
        if change.frozen == Some(true) {
            self.freeze(tx, &tag, true).await?;
        }
        Ok(tag.id)
    }

    async fn image(&self, tx: &impl ConnectionTrait, hex: &str) -> Result<image::Model> {
        let found = repo::image::find_by_sha256(tx, self.container_id, hex).await?;
        found
            .filter(|image| image.pushed_at.is_some())
            .ok_or_else(|| Error::invalid("digest", "this container has no image of this digest"))
    }

    async fn freeze(
        &self,
        tx: &impl ConnectionTrait,
        tag: &tag::Model,
        frozen: bool,
    ) -> Result<()> {
        if tag.frozen == frozen {
            return Ok(());
        }
        repo::tag::set_frozen(tx, tag.id, frozen).await?;
        let action = if frozen {
            TagAction::Frozen
        } else {
            TagAction::Unfrozen
        };
        let image = repo::image::by_id(tx, tag.image_id).await?;
        let digest = image.as_ref().map(|image| image.sha256.as_str());
        self.record(tx, tag, action, digest, digest).await
    }

    pub(super) async fn record(
        &self,
        tx: &impl ConnectionTrait,
        tag: &tag::Model,
        action: TagAction,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<()> {
        let event = repo::tag::Event {
            container_id: tag.container_id,
            name: &tag.name,
            arch: &tag.arch,
            action,
            from,
            to,
            user_id: self.by.user_id(),
        };
        audit::tag(tx, self.by, event).await
    }
}

/// The one tag that is meant, if it exists.
async fn only(
    tx: &impl ConnectionTrait,
    container_id: i64,
    name: &str,
    arch: Option<&str>,
) -> Result<Option<tag::Model>> {
    let found = repo::tag::find(tx, container_id, name, arch).await?;
    if found.len() > 1 {
        let archs: Vec<_> = found.iter().map(|tag| tag.arch.as_str()).collect();
        return Err(Error::invalid(
            "arch",
            format!("this tag exists for {}: say which", archs.join(", ")),
        ));
    }
    Ok(found.into_iter().next())
}
