//! Bytes that the registry has already: whoever may read them need not send them again.

use entity::image;
use shared_types::{AuditAction, AuditThing};

use super::{
    super::{
        Core, Error, Result, access,
        audit::{self, Actor},
        blobs,
        quota::Quota,
    },
    Target,
};
use crate::{
    domain::access::{CollectionFacts, Viewer},
    repo::{self, push::Among},
};

/// Gives an image the bytes that the registry has already, if the caller may read them and they fit the quota.
pub(super) async fn attach(
    core: &Core,
    viewer: &Viewer,
    target: &Target,
    image: &image::Model,
) -> Result<bool> {
    let Some(blob) = repo::blob::find_live(core.db.read(), &image.sha256).await? else {
        return Ok(false);
    };
    if !may_read(core, viewer, target, blob.id).await? {
        return Ok(false);
    }
    if Quota::of(core, &target.granted.collection).await?.left() < blob.size {
        return Ok(false);
    }
    if !blobs::is_intact(core, &blob).await? {
        return Ok(false);
    }
    let (by, now) = (Actor::of(core, viewer), core.clock.now());
    let (image_id, container) = (image.id, target.container.clone());
    core.db
        .write(async move |tx| {
            // The row may be on its way out since it was read; then the bytes are sent after all.
            if repo::blob::reuse(tx, blob.id).await? {
                let given =
                    repo::push::attach_blob(tx, image_id, blob.id, blob.size, None, now).await?;
                if given {
                    repo::push::add_bytes(tx, &container, blob.size, now).await?;
                    let what = (AuditAction::ImagePush, AuditThing::Image);
                    let pushed = (image_id, &*blob.sha256, blob.size);
                    audit::content(tx, &by, what, container.id, pushed).await?;
                }
                return Ok(given);
            }
            Ok::<_, Error>(false)
        })
        .await
}

/// Whether the caller may read these bytes in some collection that has them. One that may be read is enough, and the one that is
/// pushed to is the likeliest.
async fn may_read(core: &Core, viewer: &Viewer, target: &Target, blob_id: i64) -> Result<bool> {
    let user_id = access::person(viewer)?.id;
    let here = Among::One(target.granted.collection.id);
    for among in [here, Among::Public, Among::Own, Among::All] {
        let found = repo::push::holder(core.db.read(), blob_id, user_id, among).await?;
        let seen = found.is_some_and(|holder| {
            viewer.can_see(CollectionFacts {
                name: &holder.name,
                private: holder.private,
                contributors_may_push: false,
                membership: holder.membership(),
            })
        });
        if seen {
            return Ok(true);
        }
    }
    Ok(false)
}
