//! Uploads of the web application: a file in pieces, resumable, that becomes an image with a tag.
//!
//! Rule: what can be refused is refused before bytes flow; the rest is what every push goes through, in one transaction.

use std::collections::HashMap;

use bytes::Bytes;
use entity::upload_session::{Column, Model};
use futures_util::Stream;
use shared_types::{Image, LARGEST_NUMBER, NewUpload, Upload, UploadPage, names};
use store::Digest;

use super::{
    super::{
        Core, Error, Result, access,
        audit::Actor,
        error::Problems,
        images::{self, ImagePath},
        paging::{self, By, Window},
        push::{self, Target, check_tag, tag_arch},
        tags, view,
    },
    complete::{Home, announce, check_image},
    gone,
    sessions::{self, Finished, NewSession, Open},
};
use crate::{domain::access::Viewer, repo};

/// Begins an upload; its collection and container are found or made.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `Invalid`, `Frozen`, `NotAnImage` for an empty file, `TooLarge`, `Quota`, `NoSpace`,
/// `NotFound`, `NameTaken`.
pub async fn begin(core: &Core, viewer: &Viewer, new: NewUpload) -> Result<Upload> {
    let person = access::person(viewer)?;
    let (tag, sha256) = checked(&new)?;
    if new.size_bytes == 0 {
        return Err(Error::NotAnImage("an empty file is no image".to_owned()));
    }
    let home = push::ensure_collection(core, viewer, &person.username, &new.collection).await?;
    let place = push::ensure_container(core, viewer, home.id, &new.container, "").await?;
    let arch = new.arch.as_deref();
    not_frozen(core, place.id, &tag, arch, sha256).await?;
    let session = NewSession {
        container_id: place.id,
        size: Some(new.size_bytes),
        sha256,
        tag: Some(tag),
        description: new.description.unwrap_or_default(),
    };
    let row = sessions::insert(core, viewer, session).await?;
    Ok(shown(core, &row, (&home.name, &place.name), 0))
}

/// Tag and digest of an upload to begin, if all its fields can be taken.
fn checked(new: &NewUpload) -> Result<(String, Option<Digest>)> {
    let mut problems = Problems::default();
    problems.check("collection", names::check_collection(&new.collection));
    problems.check("container", names::check_container(&new.container));
    if let Some(text) = &new.description {
        problems.check("description", names::check_description(text));
    }
    if new.size_bytes > LARGEST_NUMBER {
        let sentence = "this is more than any disk holds".to_owned();
        problems.check("size_bytes", Err(sentence));
    }
    if let Some(arch) = &new.arch {
        problems.check("arch", names::check_arch(arch));
    }
    problems.into_result()?;
    let digest = new.digest.as_deref().map(digest).transpose()?;
    Ok((check_tag(&new.tag)?, digest))
}

fn digest(text: &str) -> Result<Digest> {
    text.parse()
        .map_err(|error: store::InvalidDigest| Error::invalid("digest", error.to_string()))
}

/// Refuses an upload that would end at a frozen tag, while nothing has been sent. Without an architecture any of the tag's
/// counts.
async fn not_frozen(
    core: &Core,
    container_id: i64,
    tag: &str,
    arch: Option<&str>,
    sha256: Option<Digest>,
) -> Result<()> {
    let db = core.db.read();
    let hex = sha256.map(|digest| digest.to_hex());
    for row in repo::tag::find(db, container_id, tag, arch).await? {
        if !row.frozen {
            continue;
        }
        // What the tag points at already may be sent again.
        let image = repo::image::by_id(db, row.image_id).await?;
        if hex.is_none() || image.map(|image| image.sha256) != hex {
            return Err(tags::frozen(tag));
        }
    }
    Ok(())
}

/// One's own unfinished uploads, newest first.
///
/// # Errors
/// `Unauthenticated`, `BadRequest` for a bad window.
pub async fn list(core: &Core, viewer: &Viewer, window: &Window) -> Result<UploadPage> {
    let user = access::person(viewer)?.id;
    let db = core.db.read();
    let select = repo::upload_session::unfinished(viewer, user, core.clock.now());
    let by = By::largest("uploads", Column::Id, Column::Id);
    let page = paging::fetch(db, select, window, by).await?;
    let containers = page.items.iter().filter_map(|row| row.container_id);
    let names: HashMap<i64, (String, String)> =
        repo::upload_session::places(db, containers).await?;
    let mut items = Vec::new();
    for row in &page.items {
        // A container that went between two queries takes its uploads with it.
        let place = row.container_id.and_then(|id| names.get(&id));
        if let Some((collection, container)) = place {
            let received = sessions::received(core, row).await?;
            items.push(shown(core, row, (collection, container), received));
        }
    }
    Ok(UploadPage {
        items,
        total: page.total,
        next: page.next,
    })
}

/// An unfinished upload of one's own.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden`.
pub async fn get(core: &Core, viewer: &Viewer, id: &str) -> Result<Upload> {
    let open = Open::find(core, viewer, id).await?;
    let received = sessions::received(core, &open.row).await?;
    Ok(of_web(core, &open.row, &open.target, received))
}

/// Takes the bytes at `offset`.
///
/// # Errors
/// As `sessions::append`.
pub async fn append(
    core: &Core,
    viewer: &Viewer,
    id: &str,
    offset: u64,
    length: Option<u64>,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send,
) -> Result<Upload> {
    let open = Open::find(core, viewer, id).await?;
    if length == Some(0) {
        return Err(Error::BadRequest(
            "a piece has one byte at least".to_owned(),
        ));
    }
    let (row, received) = open.append(core, Some(offset), length, body).await?;
    Ok(of_web(core, &row, &open.target, received))
}

/// Makes what was uploaded an image with its tag. It may be repeated: who did not hear the first answer gets it again.
///
/// # Errors
/// As `sessions::finish`; `NotAnImage` and `Quota`, then nothing is kept; `Frozen` where the tag was frozen in the meantime,
/// then it can be completed later.
pub async fn complete(core: &Core, viewer: &Viewer, id: &str, digest_text: &str) -> Result<Image> {
    let expected = digest(digest_text)?;
    let row = sessions::own(core, viewer, id).await?;
    if row.state == repo::upload::DONE {
        let container = row.container_id.ok_or_else(gone)?;
        let target = Target::by_id(core, viewer, container).await;
        let target = target.map_err(|_| gone())?;
        return image(core, viewer, &target, &expected).await;
    }
    let finished = sessions::finish(core, viewer, id, expected).await?;
    let (key, mark) = finished.place();
    let arch = match check_image(core, key, mark).await {
        Ok(arch) => arch,
        Err(error) => return refuse(core, &finished, error).await,
    };
    match record(core, viewer, &finished, arch).await {
        Ok((claimed, image_id)) => {
            finished.settle(core, &claimed).await;
            announce(core, &finished.target, image_id, &claimed.blob).await;
            image(core, viewer, &finished.target, &expected).await
        }
        // Another request has completed the same upload in the meantime.
        Err(Error::NotFound(missing)) => {
            let found = image(core, viewer, &finished.target, &expected).await;
            found.map_err(|_| Error::NotFound(missing))
        }
        Err(error) => refuse(core, &finished, error).await,
    }
}

/// Leaves nothing of a file that can never become an image.
async fn refuse<T>(core: &Core, finished: &Finished, error: Error) -> Result<T> {
    if matches!(error, Error::NotAnImage(_) | Error::Quota(_)) {
        finished.discard(core).await;
    }
    Err(error)
}

/// The transaction that makes the bytes an image and points the tag at it.
async fn record(
    core: &Core,
    viewer: &Viewer,
    finished: &Finished,
    arch: Option<&'static str>,
) -> Result<(repo::blob::Claimed, i64)> {
    let now = core.clock.now();
    let user = access::person(viewer)?.id;
    let by = Actor::of(core, viewer);
    let home = Home::of(core, &finished.target, &by);
    let container_id = finished.target.container.id;
    let tag = finished.row.tag.clone().ok_or_else(gone)?;
    let new = repo::push::NewImage {
        container_id,
        sha256: finished.sha256().to_owned(),
        description: finished.row.description.clone(),
        created_by: user,
        created_at: now,
    };
    let finished = finished.clone();
    core.db
        .write(async move |tx| {
            let claimed = finished.claim(tx, now).await?;
            let image = repo::push::ensure_image(tx, &new).await?;
            home.give(tx, image.id, &claimed.blob, arch, now).await?;
            // What was pushed before keeps the architecture that it was found to have.
            let arch = tag_arch(None, image.arch.as_deref().or(arch))?;
            tags::set(tx, container_id, &tag, &arch, &image, &by).await?;
            Ok((claimed, image.id))
        })
        .await
}

async fn image(core: &Core, viewer: &Viewer, target: &Target, digest: &Digest) -> Result<Image> {
    let path = ImagePath {
        collection: &target.granted.collection.name,
        container: &target.container.name,
        reference: &digest.to_string(),
        arch: None,
    };
    Ok(images::get(core, viewer, path).await?.image)
}

fn of_web(core: &Core, row: &Model, target: &Target, received: u64) -> Upload {
    let place = (&*target.granted.collection.name, &*target.container.name);
    shown(core, row, place, received)
}

fn shown(core: &Core, row: &Model, place: (&str, &str), received: u64) -> Upload {
    view::upload(row, place, received, core.settings.storage.part_size)
}
