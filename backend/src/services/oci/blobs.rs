//! Blobs of repositories: reading, sending, taking over, removing.
//!
//! Rule: a repository has a blob because it was sent or mounted there, or because an image or a manifest there has it. Knowing a digest
//! is no right to what it names.

use bytes::Bytes;
use futures_util::Stream;
use shared_types::{AuditAction, AuditThing};
use store::Digest;

use super::{
    super::{
        Core, Error, Result,
        access::Action,
        audit::{self, Actor},
        error::Resource,
        pull::{self, File},
        quota::{General, Quota},
        uploads::sessions::{self, Finished, NewSession, Session},
    },
    Repository, digest, find,
    manifest::{EMPTY, EMPTY_SHA256},
    target,
};
use crate::{domain::access::Viewer, repo};

/// A blob that the caller may read.
#[derive(Debug, Clone)]
pub struct Blob {
    /// 64 hexadecimal digits.
    pub sha256: String,
    /// Length in bytes.
    pub size: u64,
    /// Where its bytes are.
    pub bytes: Where,
    /// The image whose bytes these are: getting them is a download of it.
    pub image: Option<File>,
}

/// Where the bytes of a blob are.
#[derive(Debug, Clone)]
pub enum Where {
    /// In the store, by key and by what the store said of it.
    Store(String, Option<String>),
    /// Here.
    Here(&'static [u8]),
}

/// A blob of a repository.
///
/// # Errors
/// As every question about a repository; `Invalid` for a bad digest; `NotFound`.
pub async fn blob(
    core: &Core,
    viewer: &Viewer,
    repository: &Repository,
    text: &str,
) -> Result<Blob> {
    let hex = digest(text)?;
    let (_, container) = find(core, viewer, repository, Action::See).await?;
    let db = core.db.read();
    let found = repo::held::find(db, container.id, std::slice::from_ref(&hex)).await?;
    let Some(row) = found.into_iter().next() else {
        return empty(hex);
    };
    let image = match repo::held::image_of(db, container.id, row.id).await? {
        Some(id) => Some(pull::file(core, id).await?),
        None => None,
    };
    Ok(Blob {
        sha256: hex,
        size: u64::try_from(row.size).map_err(Error::internal)?,
        bytes: Where::Store(row.key, row.store_mark),
        image,
    })
}

/// The empty config, which manifests that the registry made name, is in every repository.
fn empty(hex: String) -> Result<Blob> {
    if hex != EMPTY_SHA256 {
        return Err(unknown(&hex));
    }
    Ok(Blob {
        sha256: hex,
        size: EMPTY.len() as u64,
        bytes: Where::Here(EMPTY),
        image: None,
    })
}

fn unknown(hex: &str) -> Error {
    Error::NotFound(Resource::Blob(format!("sha256:{hex}")))
}

/// Takes a blob from another repository that the caller may read. False where there is nothing to take, whatever the reason: then it
/// is sent.
///
/// # Errors
/// As every push; `Invalid` for a bad digest; `Quota`.
pub async fn mount(
    core: &Core,
    viewer: &Viewer,
    repository: &Repository,
    text: &str,
    from: Option<&str>,
) -> Result<bool> {
    let hex = digest(text)?;
    let target = target(core, viewer, repository).await?;
    let db = core.db.read();
    let wanted = std::slice::from_ref(&hex);
    let mut found = repo::held::find(db, target.container.id, wanted).await?;
    if found.is_empty()
        && let Some(from) = from.and_then(|name| Repository::parse(name).ok())
        && let Ok((_, source)) = find(core, viewer, &from, Action::See).await
    {
        found = repo::held::find(db, source.id, wanted).await?;
    }
    let Some(blob) = found.into_iter().next() else {
        return Ok(false);
    };
    let now = core.clock.now();
    let (collection, general) = (target.granted.collection, General::of(core));
    let container = target.container.id;
    core.db
        .write(async move |tx| {
            repo::container::touch(tx, container, now).await?;
            // It may be on its way out since it was read; then it is sent after all.
            if !repo::blob::reuse(tx, blob.id).await? {
                return Ok(false);
            }
            if repo::held::link(tx, container, blob.id, now).await? {
                Quota::read(tx, &collection, general)
                    .await?
                    .fits(blob.size)?;
                repo::container::add_size(tx, container, blob.size).await?;
            }
            Ok::<_, Error>(true)
        })
        .await
}

/// Begins to take a blob.
///
/// # Errors
/// As every push.
pub async fn begin(core: &Core, viewer: &Viewer, repository: &Repository) -> Result<Session> {
    let target = target(core, viewer, repository).await?;
    let new = NewSession {
        container_id: target.container.id,
        ..NewSession::default()
    };
    sessions::begin(core, viewer, new).await
}

/// How much of a blob has arrived.
///
/// # Errors
/// `NotFound` for everybody but who began the upload, in another repository, and once it has ended.
pub async fn state(
    core: &Core,
    viewer: &Viewer,
    repository: &Repository,
    id: &str,
) -> Result<Session> {
    let (_, container) = find(core, viewer, repository, Action::Push).await?;
    let session = sessions::state(core, viewer, id).await?;
    if session.container_id == container.id {
        Ok(session)
    } else {
        Err(Error::NotFound(Resource::Upload))
    }
}

/// Takes more bytes of a blob, at `offset` or wherever it ends.
///
/// # Errors
/// As `state` and `sessions::append`.
pub async fn append(
    core: &Core,
    viewer: &Viewer,
    (repository, id): (&Repository, &str),
    offset: Option<u64>,
    length: Option<u64>,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send,
) -> Result<Session> {
    state(core, viewer, repository, id).await?;
    sessions::append(core, viewer, id, offset, length, body).await
}

/// Makes what has arrived a blob of the repository.
///
/// # Errors
/// As `state`; `Invalid` for a bad digest, `DigestMismatch` where the bytes are others (then nothing is kept), `Quota`.
pub async fn finish(
    core: &Core,
    viewer: &Viewer,
    repository: &Repository,
    id: &str,
    text: &str,
) -> Result<()> {
    let expected = Digest::from_hex(&digest(text)?).map_err(Error::internal)?;
    state(core, viewer, repository, id).await?;
    let finished = sessions::finish(core, viewer, id, expected).await?;
    let kept = keep(core, viewer, repository, &finished).await;
    if matches!(kept, Err(Error::Quota(_))) {
        finished.discard(core).await;
    }
    kept
}

async fn keep(
    core: &Core,
    viewer: &Viewer,
    repository: &Repository,
    finished: &Finished,
) -> Result<()> {
    let (granted, _) = find(core, viewer, repository, Action::Push).await?;
    let now = core.clock.now();
    let (collection, general) = (granted.collection, General::of(core));
    let claiming = finished.clone();
    let claimed = core
        .db
        .write(async move |tx| {
            let (container, size) = (claiming.container_id(), claiming.size());
            repo::container::touch(tx, container, now).await?;
            let claimed = claiming.claim(tx, now).await?;
            if repo::held::link(tx, container, claimed.blob.id, now).await? {
                Quota::read(tx, &collection, general).await?.fits(size)?;
                repo::container::add_size(tx, container, size).await?;
            }
            Ok::<_, Error>(claimed)
        })
        .await?;
    finished.settle(core, &claimed).await;
    Ok(())
}

/// Gives up an upload.
///
/// # Errors
/// As `state`.
pub async fn abort(core: &Core, viewer: &Viewer, repository: &Repository, id: &str) -> Result<()> {
    state(core, viewer, repository, id).await?;
    sessions::abort(core, viewer, id).await
}

/// Takes a blob from a repository. Other repositories that have it keep it.
///
/// # Errors
/// As every question about a repository; `NotFound`; `Unsupported` where an image or a manifest needs it.
pub async fn delete_blob(
    core: &Core,
    viewer: &Viewer,
    repository: &Repository,
    text: &str,
) -> Result<()> {
    let hex = digest(text)?;
    let (_, container) = find(core, viewer, repository, Action::DeleteImages).await?;
    let by = Actor::of(core, viewer);
    core.db
        .write(async |tx| {
            repo::container::add_size(tx, container.id, 0).await?;
            let found = repo::held::find(tx, container.id, std::slice::from_ref(&hex)).await?;
            let blob = found.into_iter().next().ok_or_else(|| unknown(&hex))?;
            let needed = repo::held::is_named(tx, container.id, blob.id).await?
                || repo::held::image_of(tx, container.id, blob.id)
                    .await?
                    .is_some();
            if needed {
                return Err(Error::Unsupported(
                    "a manifest needs this blob; delete the manifest, and it goes by itself"
                        .to_owned(),
                ));
            }
            if repo::held::unlink(tx, container.id, blob.id).await? {
                repo::container::add_size(tx, container.id, -blob.size).await?;
                let what = (AuditAction::BlobDelete, AuditThing::Blob);
                let gone = (blob.id, &*blob.sha256, blob.size);
                audit::content(tx, &by, what, container.id, gone).await?;
            }
            Ok(())
        })
        .await
}
