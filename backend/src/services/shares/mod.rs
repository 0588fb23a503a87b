//! Share links: one image for people who have no account, for a time, and for a number of downloads.
//!
//! Rule: the secret in the link is its whole authority; it has 256 bits, leaves once, and only its hash is kept. A link stays with
//! the image that it was made for, whatever becomes of the tag, and ends with its time, its uses, its image, or a revocation.

mod uses;

use std::{collections::HashMap, net::IpAddr};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{share_link, share_link::Column};
use shared_types::{
    AuditAction, AuditThing, NewShareLink, Reference, Scope, ShareLink, ShareLinkPage, ShareState,
};

use super::{
    Core, Error, Result,
    access::{self, Action},
    audit::{Actor, Entry},
    containers,
    error::{Problems, Resource},
    images::{self, ImagePath},
    keys,
    paging::{self, By, Window, unsigned},
    pull::{self, File},
    view,
};
use crate::{
    domain::access::{Person, Viewer},
    repo::{self, share::Target},
};

pub use uses::Visit;
pub(super) use uses::{Ends, settle, take_use};

/// Letters of a secret: 32 random bytes in hexadecimal digits.
const SECRET: usize = 64;
/// Longest note, in characters.
pub const LONGEST_NOTE: usize = 200;
/// Most downloads of one link.
pub const MOST_USES: u64 = 1_000_000;
/// Most links of one user that have not ended.
const MOST_LINKS: u64 = 1000;

/// A link just made.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Its description.
    pub link: ShareLink,
    /// Its path on this server: the only time that it is known.
    pub path: String,
}

/// What a link leads to.
#[derive(Debug)]
pub struct Shared {
    /// The bytes.
    pub file: File,
    /// The name to save them under.
    pub filename: String,
    /// Who follows the link.
    pub visit: Visit,
}

/// Makes a link to an image.
///
/// # Errors
/// What `containers::find` says, `NotFound` where there is no such image, `Invalid`, `Conflict` where the caller has too many.
pub async fn create(
    core: &Core,
    viewer: &Viewer,
    path: ImagePath<'_>,
    new: NewShareLink,
) -> Result<Issued> {
    let (granted, container) = containers::find(
        core,
        viewer,
        path.collection,
        path.container,
        Action::Manage,
    )
    .await?;
    let maker = access::person(viewer)?;
    let row = images::resolve(core.db.read(), &container, path).await?;
    let image = row.blob_id.map(|_| row.id).ok_or_else(|| path.missing())?;
    let life = checked(core, &new)?;
    let tag = match path.parse()? {
        Reference::Tag(tag) => Some(tag),
        Reference::Digest(_) => None,
    };
    let secret = keys::random_text::<{ SECRET / 2 }>();
    let now = core.clock.now();
    let new = repo::share::New {
        public_id: keys::random_text::<8>(),
        secret_hash: keys::hash(&secret),
        image_id: image,
        tag: tag.clone(),
        note: new.note.unwrap_or_default().trim().to_owned(),
        created_by: maker.id,
        expires_at: now + life,
        max_uses: new.max_uses.and_then(|uses| i64::try_from(uses).ok()),
    };
    let (by, home) = (Actor::of(core, viewer), granted.collection);
    let image_name = format!("{}/{}:{}", path.collection, path.container, path.reference);
    let link = core
        .db
        .write(async move |tx| {
            if repo::share::count_live(tx, new.created_by, now).await? >= MOST_LINKS {
                return Err(Error::Conflict(format!(
                    "{MOST_LINKS} links are enough; revoke some that are not needed"
                )));
            }
            let link = repo::share::insert(tx, new, now).await?;
            let made = AuditAction::ShareCreate;
            Entry::new(made, AuditThing::ShareLink, link.id, &link.public_id)
                .within(&home)
                .with("image", image_name)
                .with("expires_at", link.expires_at.to_rfc3339())
                .with_some("max_uses", link.max_uses)
                .record(tx, &by)
                .await?;
            Ok(link)
        })
        .await?;
    tracing::info!(
        user = maker.username,
        link = link.public_id,
        container.ref = %format_args!("{}/{}", path.collection, path.container),
        "an image was shared"
    );
    let shared = pull::shared(core, image, tag).await?;
    let (_, filename) = shared.ok_or_else(|| path.missing())?;
    let mut shown = shown(core, vec![link]).await?;
    Ok(Issued {
        link: shown.pop().ok_or_else(|| path.missing())?,
        path: format!("/share/{secret}/{filename}"),
    })
}

/// Checks what a link shall be; gives how long it lives.
fn checked(core: &Core, new: &NewShareLink) -> Result<TimeDelta> {
    let longest = core.settings.registry.share_link_max_age.as_secs() / 3600;
    let mut problems = Problems::default();
    let hours = u64::from(new.expires_in_hours);
    if hours == 0 || hours > longest {
        let sentence = format!("a link lives for 1 to {longest} hours");
        problems.check("expires_in_hours", Err(sentence));
    }
    if new
        .max_uses
        .is_some_and(|uses| uses == 0 || uses > MOST_USES)
    {
        let sentence =
            format!("a link gives 1 to {MOST_USES} downloads; leave it out for any number");
        problems.check("max_uses", Err(sentence));
    }
    let note = new.note.as_deref().unwrap_or_default();
    if note.chars().count() > LONGEST_NOTE || note.chars().any(char::is_control) {
        let sentence = format!("a note is one line of {LONGEST_NOTE} characters at most");
        problems.check("note", Err(sentence));
    }
    problems.into_result()?;
    Ok(TimeDelta::hours(i64::from(new.expires_in_hours)))
}

/// The links of an image, newest first, those that have ended too.
///
/// # Errors
/// What `containers::find` says, `NotFound` where there is no such image, `BadRequest` for a bad window.
pub async fn of_image(
    core: &Core,
    viewer: &Viewer,
    path: ImagePath<'_>,
    window: &Window,
) -> Result<ShareLinkPage> {
    let (_, container) = containers::find(
        core,
        viewer,
        path.collection,
        path.container,
        Action::Manage,
    )
    .await?;
    let image = images::resolve(core.db.read(), &container, path).await?;
    page(core, repo::share::of_image(image.id), window).await
}

/// The caller's own links, newest first, those that have ended too.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `BadRequest` for a bad window.
pub async fn own(core: &Core, viewer: &Viewer, window: &Window) -> Result<ShareLinkPage> {
    let owner = keeper(viewer)?;
    if viewer.limited_to().is_some() {
        return Err(Error::Forbidden(
            "this token is limited to some collections; ask for the links of one image".to_owned(),
        ));
    }
    page(core, repo::share::of_user(owner.id), window).await
}

/// Who may handle share links at all.
fn keeper(viewer: &Viewer) -> Result<&Person> {
    let person = access::person(viewer)?;
    if viewer.has_scope(Scope::Manage) {
        return Ok(person);
    }
    Err(Error::Forbidden(
        "this token may not handle share links; sign in, or use one with the scope “manage”"
            .to_owned(),
    ))
}

async fn page(
    core: &Core,
    select: sea_orm::Select<share_link::Entity>,
    window: &Window,
) -> Result<ShareLinkPage> {
    let by = By::largest("share", Column::Id, Column::Id);
    let page = paging::fetch(core.db.read(), select, window, by).await?;
    Ok(ShareLinkPage {
        items: shown(core, page.items).await?,
        total: page.total,
        next: page.next,
    })
}

/// Ends a link: whoever made it may, and whoever manages the collection.
///
/// # Errors
/// `Unauthenticated`, `Forbidden` for tokens of a lesser scope, `NotFound`.
pub async fn revoke(core: &Core, viewer: &Viewer, public_id: &str) -> Result<()> {
    let person = keeper(viewer)?;
    let missing = || Error::NotFound(Resource::ShareLink);
    // PostgreSQL refuses some characters with an error of its own, so nothing odd is looked up.
    if !public_id.bytes().all(|c| c.is_ascii_alphanumeric()) {
        return Err(missing());
    }
    let found = repo::share::find(core.db.read(), public_id).await?;
    let link = found.ok_or_else(missing)?;
    let own = link.created_by == Some(person.id) && viewer.limited_to().is_none();
    if !own && !manages(core, viewer, &link).await? {
        return Err(missing());
    }
    let (by, now) = (Actor::of(core, viewer), core.clock.now());
    core.db
        .write(async move |tx| {
            repo::share::revoke(tx, link.id, now).await?;
            let gone = AuditAction::ShareRevoke;
            let mut entry = Entry::new(gone, AuditThing::ShareLink, link.id, &link.public_id);
            if let Some(id) = link.image_id
                && let Some(image) = repo::image::by_id(tx, id).await?
            {
                entry = entry.below(tx, image.container_id).await?;
            }
            entry.record(tx, &by).await
        })
        .await?;
    tracing::info!(
        user = person.username,
        link = public_id,
        "share link revoked"
    );
    Ok(())
}

async fn manages(core: &Core, viewer: &Viewer, link: &share_link::Model) -> Result<bool> {
    let targets = repo::share::targets(core.db.read(), link.image_id).await?;
    let Some(target) = targets.first() else {
        return Ok(viewer.is_admin());
    };
    match access::collection(core, viewer, &target.collection, Action::Manage).await {
        Ok(_) => Ok(true),
        Err(Error::NotFound(_) | Error::Forbidden(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What a link leads to, if it works. Its uses are counted when bytes leave (`pull::begin`).
///
/// # Errors
/// `NotFound` where there is no such link, `Gone` where it works no longer.
pub async fn open(core: &Core, secret: &str, address: Option<IpAddr>) -> Result<Shared> {
    let missing = || Error::NotFound(Resource::ShareLink);
    if secret.len() != SECRET || !secret.bytes().all(|c| c.is_ascii_hexdigit()) {
        return Err(missing());
    }
    let found = repo::share::by_secret(core.db.read(), &keys::hash(secret)).await?;
    let (link, maker) = found.ok_or_else(missing)?;
    if maker.is_some_and(|maker| maker.disabled_at.is_some()) {
        return Err(Error::Gone(
            "this share link works no longer: the account of whoever made it is disabled"
                .to_owned(),
        ));
    }
    in_force(&link, core.clock.now())?;
    let shared = match link.image_id {
        Some(image) => pull::shared(core, image, link.tag.clone()).await?,
        None => None,
    };
    let (file, filename) = shared.ok_or_else(deleted)?;
    Ok(Shared {
        file,
        filename,
        visit: Visit::of(core, link.id, address),
    })
}

fn deleted() -> Error {
    Error::Gone("what this share link led to was deleted".to_owned())
}

/// Refuses a link that was revoked, or whose time or image is gone.
fn in_force(link: &share_link::Model, now: DateTime<Utc>) -> Result<()> {
    match state(link, now) {
        ShareState::Active | ShareState::UsedUp => Ok(()),
        ShareState::Gone => Err(deleted()),
        ShareState::Revoked => Err(Error::Gone(
            "this share link was revoked; ask whoever gave it to you for another".to_owned(),
        )),
        ShareState::Expired => {
            let end = link.expires_at.format("%Y-%m-%d %H:%M");
            Err(Error::Gone(format!(
                "this share link ended on {end} UTC; ask whoever gave it to you for another"
            )))
        }
    }
}

fn state(link: &share_link::Model, now: DateTime<Utc>) -> ShareState {
    if link.revoked_at.is_some() {
        ShareState::Revoked
    } else if link.image_id.is_none() {
        ShareState::Gone
    } else if link.expires_at <= now {
        ShareState::Expired
    } else if link.max_uses.is_some_and(|most| link.uses >= most) {
        ShareState::UsedUp
    } else {
        ShareState::Active
    }
}

/// Links as people see them: two queries, however many.
pub(super) async fn shown(core: &Core, links: Vec<share_link::Model>) -> Result<Vec<ShareLink>> {
    let (db, now) = (core.db.read(), core.clock.now());
    let images = links.iter().filter_map(|link| link.image_id);
    let targets: HashMap<i64, Target> = repo::share::targets(db, images)
        .await?
        .into_iter()
        .map(|target| (target.image_id, target))
        .collect();
    let makers = links.iter().filter_map(|link| link.created_by);
    let names = repo::collection::usernames(db, makers).await?;
    let show = |link: share_link::Model| {
        let target = link.image_id.and_then(|id| targets.get(&id));
        ShareLink {
            state: state(&link, now),
            collection: target.map(|target| target.collection.clone()),
            container: target.map(|target| target.container.clone()),
            digest: target.map(|target| view::digest(&target.sha256)),
            created_by: link.created_by.and_then(|id| names.get(&id).cloned()),
            id: link.public_id,
            tag: link.tag,
            note: link.note,
            created_at: link.created_at.into(),
            expires_at: link.expires_at.into(),
            max_uses: link.max_uses.map(unsigned),
            uses: unsigned(link.uses),
            last_used_at: link.last_used_at.map(Into::into),
            revoked_at: link.revoked_at.map(Into::into),
        }
    };
    Ok(links.into_iter().map(show).collect())
}
