//! From a reference to an image and its bytes, for every door that pulls.
//!
//! Rule: one query finds the image, decides and says where the bytes are. Nothing is written on the way: downloads are counted
//! in memory (`downloads`) and written by a job.

use chrono::{DateTime, Utc};
use shared_types::{ImageRef, Reference};
use url::Url;

pub use super::downloads::{Claim, Counted, Counters, Transfer, begin, flush};
use super::{
    Core, Error, Result,
    access::Action,
    containers,
    error::Resource,
    limits::{self, Tallies, Tally},
    tickets::{self, Place},
    uploads::direct,
};
use crate::{
    domain::access::{CollectionFacts, Membership, Viewer},
    repo::{self, manifest::OCI, pull::Row},
};

/// The entity of collections whose maker is gone, and of references that name none.
pub const NO_ENTITY: &str = "library";

/// The architecture that clients mean who name none.
const USUAL_ARCH: &str = "amd64";

/// An image, as clients that pull or push see it.
#[derive(Debug, Clone)]
pub struct Image {
    /// The row's id.
    pub id: i64,
    /// 64 lower case hexadecimal digits.
    pub sha256: String,
    /// Bytes; 0 until they have arrived.
    pub size: i64,
    /// Whether the bytes have arrived.
    pub uploaded: bool,
    /// The architecture, where it is known.
    pub arch: Option<String>,
    /// What its pusher said of it.
    pub description: String,
    /// It carries signatures.
    pub signed: bool,
    /// It is encrypted.
    pub encrypted: bool,
    /// Fingerprints of the keys that signed it; filled by searches only.
    pub fingerprints: Vec<String>,
    /// All tags that point at it.
    pub tags: Vec<String>,
    /// The tag that led here.
    pub tag: Option<String>,
    /// Whether that tag is frozen.
    pub frozen: bool,
    /// The user name of who made the collection.
    pub entity: String,
    /// The collection's id.
    pub collection_id: i64,
    /// The collection's name.
    pub collection: String,
    /// The container's id.
    pub container_id: i64,
    /// The container's name.
    pub container: String,
    /// What the container is for.
    pub container_description: String,
    /// How often the container's images were downloaded.
    pub container_downloads: i64,
    /// When it was announced.
    pub created_at: DateTime<Utc>,
    /// When its bytes were complete.
    pub pushed_at: Option<DateTime<Utc>>,
}

/// The bytes of an image: what a door needs to send them.
#[derive(Debug, Clone)]
pub struct File {
    /// The key in the store.
    pub key: String,
    /// What the store said of the bytes when they were verified.
    pub mark: Option<String>,
    /// Length in bytes.
    pub size: u64,
    /// 64 lower case hexadecimal digits.
    pub sha256: String,
    /// Whether anybody may have it.
    pub public: bool,
    /// What a download of it counts for.
    pub counted: Counted,
    /// What its container and collection may give this week, and have given.
    pub tallies: Tallies,
}

/// Finds the image that a reference names, if the caller may pull it. By digest the architecture does not matter; by tag without one it
/// is amd64, or the only one there is.
///
/// # Errors
/// `NotFound`, in the same words whether it does not exist, is not for this architecture, or is not for the caller to see.
pub async fn resolve(
    core: &Core,
    viewer: &Viewer,
    reference: &ImageRef,
    arch: Option<&str>,
) -> Result<Image> {
    let row = find(core, viewer, reference, arch).await?;
    Ok(image(row))
}

/// As `resolve`, for a place to get the bytes from: an address below the server's own, with its own permission.
///
/// # Errors
/// As `resolve`; `DownloadLimit`.
pub async fn ticket(
    core: &Core,
    viewer: &Viewer,
    reference: &ImageRef,
    arch: Option<&str>,
) -> Result<String> {
    let (row, _) = allowed(core, viewer, reference, arch).await?;
    Ok(tickets::download(core, row.image_id, &filename(&row)))
}

/// As `ticket`, or the place in the object store where clients are sent there. That counts as a download, if it is one, for
/// nobody sees it end.
///
/// # Errors
/// As `ticket`.
pub async fn place(
    core: &Core,
    viewer: &Viewer,
    reference: &ImageRef,
    arch: Option<&str>,
    download: bool,
) -> Result<Place> {
    let (row, key) = allowed(core, viewer, reference, arch).await?;
    let Some(url) = elsewhere(core, &key).await? else {
        let ticket = tickets::download(core, row.image_id, &filename(&row));
        return Ok(Place::Here(ticket));
    };
    if download {
        let what = counted(&row);
        core.counters
            .count(what.image, what.container, what.collection);
    }
    Ok(Place::There(url))
}

/// The address of bytes in the object store, where clients are sent there.
///
/// # Errors
/// `Storage`.
pub async fn elsewhere(core: &Core, key: &str) -> Result<Option<Url>> {
    if !core.settings.storage.redirect {
        return Ok(None);
    }
    let key = key.parse().map_err(Error::internal)?;
    Ok(core.blobs.sign_read(&key, direct::lifetime(core)).await?)
}

/// An image whose bytes the caller may have, with their key in the store.
async fn allowed(
    core: &Core,
    viewer: &Viewer,
    reference: &ImageRef,
    arch: Option<&str>,
) -> Result<(Row, String)> {
    let row = find(core, viewer, reference, arch).await?;
    let Some(key) = row.blob_key.clone() else {
        return Err(missing(reference, arch));
    };
    limits::check(core, counted(&row), tallies(&row))?;
    Ok((row, key))
}

/// The bytes that a reference names, with the name to save them under.
///
/// # Errors
/// As `resolve`.
pub async fn open(
    core: &Core,
    viewer: &Viewer,
    reference: &ImageRef,
    arch: Option<&str>,
) -> Result<(File, String)> {
    let row = find(core, viewer, reference, arch).await?;
    let filename = filename(&row);
    let file = bytes_of(row).ok_or_else(|| missing(reference, arch))?;
    Ok((file, filename))
}

/// The bytes of an image that somebody else was allowed to share, with the name to save them under; nothing where the image is gone.
pub(super) async fn shared(
    core: &Core,
    image_id: i64,
    tag: Option<String>,
) -> Result<Option<(File, String)>> {
    let row = repo::pull::by_id(core.db.read(), None, image_id).await?;
    Ok(row.and_then(|row| {
        let row = Row { tag, ..row };
        let filename = filename(&row);
        Some((bytes_of(row)?, filename))
    }))
}

/// The bytes behind a ticket that was checked.
///
/// # Errors
/// `NotFound` where the image is gone.
pub async fn file(core: &Core, image_id: i64) -> Result<File> {
    let row = repo::pull::by_id(core.db.read(), None, image_id).await?;
    row.and_then(bytes_of)
        .ok_or_else(|| Error::NotFound(Resource::Image(format!("i{image_id}"))))
}

/// The bytes of an image that the caller may pull, with the name to save them under.
///
/// # Errors
/// `NotFound`.
pub async fn file_for(core: &Core, viewer: &Viewer, image_id: i64) -> Result<(File, String)> {
    let missing = || Error::NotFound(Resource::Image(format!("i{image_id}")));
    let row = repo::pull::by_id(core.db.read(), user(viewer), image_id).await?;
    let row = row.filter(|row| viewer.can_see(facts(row)));
    let row = row.ok_or_else(missing)?;
    let filename = filename(&row);
    Ok((bytes_of(row).ok_or_else(missing)?, filename))
}

/// An image by id that the caller may push to, whether or not its bytes have arrived.
pub(super) async fn image_by_id(core: &Core, viewer: &Viewer, image_id: i64) -> Result<Image> {
    let row = repo::pull::by_id(core.db.read(), user(viewer), image_id).await?;
    row.map(image)
        .ok_or_else(|| Error::NotFound(Resource::Image(format!("i{image_id}"))))
}

async fn find(
    core: &Core,
    viewer: &Viewer,
    reference: &ImageRef,
    arch: Option<&str>,
) -> Result<Row> {
    let (collection, container) = (&reference.collection, &reference.container);
    let missing = || missing(reference, arch);
    match &reference.reference {
        Reference::Digest(sha256) => {
            let db = core.db.read();
            let row =
                repo::pull::by_digest(db, user(viewer), collection, container, sha256).await?;
            // Without its bytes an image is there for those who may bring them.
            row.filter(|row| viewer.can_see(facts(row)))
                .filter(|row| row.blob_key.is_some() || viewer.can_push(facts(row)))
                .ok_or_else(missing)
        }
        Reference::Tag(tag) => {
            let db = core.db.read();
            let rows = repo::pull::by_tag(db, user(viewer), collection, container, tag).await?;
            let visible = rows.into_iter().filter(|row| viewer.can_see(facts(row)));
            match pick(visible.collect(), arch) {
                Some(row) => Ok(row),
                None => Err(no_sif(core, viewer, reference, tag)
                    .await
                    .unwrap_or_else(missing)),
            }
        }
    }
}

/// What to say where a tag means something that is no SIF, and the caller may know it.
async fn no_sif(core: &Core, viewer: &Viewer, reference: &ImageRef, tag: &str) -> Option<Error> {
    let (collection, container) = (&reference.collection, &reference.container);
    let found = containers::find(core, viewer, collection, container, Action::See).await;
    let (_, row) = found.ok()?;
    let rows = repo::manifest::tagged(core.db.read(), row.id, Some(tag)).await;
    rows.ok()?.iter().find(|row| row.kind == OCI)?;
    let domain = &core.settings.server.domain_name;
    let host = domain.split_once("://").map_or(&**domain, |(_, host)| host);
    let address =
        format!("oras://{host}/{collection}/{container}:{tag} (images of Docker: docker://)");
    Some(Error::NotFound(Resource::Sif(
        reference.to_string(),
        address,
    )))
}

/// Of one tag's images, the one for an architecture. The rows of the exact spelling come first and decide alone.
fn pick(mut rows: Vec<Row>, arch: Option<&str>) -> Option<Row> {
    let spelling = rows.first()?.tag.clone();
    rows.retain(|row| row.tag == spelling);
    let at = |wanted: &str| {
        rows.iter()
            .position(|row| row.tag_arch.as_deref() == Some(wanted))
    };
    let index = match arch.map(str::trim).filter(|arch| !arch.is_empty()) {
        Some(wanted) => at(wanted)?,
        None => at(USUAL_ARCH).unwrap_or(0),
    };
    (index < rows.len()).then(|| rows.swap_remove(index))
}

fn missing(reference: &ImageRef, arch: Option<&str>) -> Error {
    let shown = match (&reference.reference, arch) {
        (Reference::Tag(_), Some(arch)) => format!("{reference} for {arch}"),
        _ => reference.to_string(),
    };
    Error::NotFound(Resource::Image(shown))
}

fn user(viewer: &Viewer) -> Option<i64> {
    viewer.person().map(|person| person.id)
}

fn facts(row: &Row) -> CollectionFacts<'_> {
    CollectionFacts {
        name: &row.collection,
        private: row.private,
        contributors_may_push: row.contributors_may_push,
        membership: row.role.as_deref().and_then(Membership::from_word),
    }
}

/// What the client would call the file too: `container_tag.sif`.
fn filename(row: &Row) -> String {
    let tag = row
        .tag
        .as_deref()
        .unwrap_or_else(|| row.sha256.get(..12).unwrap_or_default());
    format!("{}_{tag}.sif", row.container)
}

fn bytes_of(row: Row) -> Option<File> {
    Some(File {
        public: !row.private,
        counted: counted(&row),
        tallies: tallies(&row),
        key: row.blob_key?,
        mark: row.blob_mark,
        size: u64::try_from(row.size).ok()?,
        sha256: row.sha256,
    })
}

fn counted(row: &Row) -> Counted {
    Counted {
        image: row.image_id,
        container: row.container_id,
        collection: row.collection_id,
    }
}

fn tallies(row: &Row) -> Tallies {
    Tallies {
        container: Tally {
            own: row.container_limit,
            week: row.container_week,
            downloads: row.container_week_downloads,
        },
        collection: Tally {
            own: row.collection_limit,
            week: row.collection_week,
            downloads: row.collection_week_downloads,
        },
    }
}

/// A row as clients see it.
pub(super) fn image(row: Row) -> Image {
    let tags = row.tags.as_deref().unwrap_or_default().split(',');
    let mut tags: Vec<String> = tags
        .filter(|tag| !tag.is_empty())
        .map(str::to_owned)
        .collect();
    tags.sort_unstable();
    Image {
        id: row.image_id,
        sha256: row.sha256,
        size: row.size,
        uploaded: row.blob_key.is_some(),
        arch: row.tag_arch.or(row.arch),
        description: row.description,
        signed: row.signed,
        encrypted: row.encrypted,
        fingerprints: Vec::new(),
        tags,
        tag: row.tag,
        frozen: row.tag_frozen.unwrap_or(false),
        entity: row.entity.unwrap_or_else(|| NO_ENTITY.to_owned()),
        collection_id: row.collection_id,
        collection: row.collection,
        container_id: row.container_id,
        container: row.container,
        container_description: row.container_description,
        container_downloads: row.container_downloads,
        created_at: row.created_at,
        pushed_at: row.pushed_at,
    }
}
