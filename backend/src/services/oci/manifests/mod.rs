//! Manifests: reading, keeping, removing.
//!
//! Rule: one transaction keeps a manifest, the image that it is, and the tag, with the container locked. What a frozen tag means neither
//! changes nor goes.

mod described;
mod keeping;
mod removal;

use bytes::Bytes;

use keeping::Keeping;
pub use removal::delete;

use super::{
    super::{
        Core, Error, Result,
        access::{self, Action},
        audit::Actor,
        error::Resource,
        pull::Counted,
        queue::Job,
    },
    Reference, Repository, find, made,
    manifest::Manifest,
    target,
};
use crate::{
    domain::access::Viewer,
    repo::{self, manifest::OCI},
};

/// A manifest, to be sent as it is.
#[derive(Debug, Clone)]
pub struct Content {
    /// What it is.
    pub media_type: String,
    /// Its digest, 64 hexadecimal digits.
    pub sha256: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What getting it counts for: the image that is no file.
    pub counted: Option<Counted>,
}

/// A manifest that the caller may read.
///
/// # Errors
/// As every question about a repository; `Invalid` for a bad reference; `NotFound`.
pub async fn get(
    core: &Core,
    viewer: &Viewer,
    repository: &Repository,
    reference: &str,
) -> Result<Content> {
    let wanted = Reference::parse(reference)?;
    let (granted, container) = find(core, viewer, repository, Action::See).await?;
    let found = match &wanted {
        Reference::Tag(name) => made::of_tag(core, &container, name).await?,
        Reference::Digest(hex) => made::by_digest(core, &container, hex).await?,
    };
    let row = found.ok_or_else(|| unknown(repository, reference))?;
    let image = match row.image_id {
        Some(id) => repo::image::by_id(core.db.read(), id).await?,
        None => None,
    };
    let other = image.filter(|image| image.kind == OCI);
    Ok(Content {
        media_type: row.media_type,
        sha256: row.sha256,
        bytes: row.content,
        counted: other.map(|image| Counted {
            image: image.id,
            container: container.id,
            collection: granted.collection.id,
        }),
    })
}

fn unknown(repository: &Repository, reference: &str) -> Error {
    let separator = if reference.contains(':') { '@' } else { ':' };
    Error::NotFound(Resource::Manifest(format!(
        "{}{separator}{reference}",
        repository.name
    )))
}

/// A manifest that a client sends.
#[derive(Debug, Clone)]
pub struct Sent<'a> {
    /// The tag, or the digest.
    pub reference: &'a str,
    /// What the client calls it.
    pub content_type: Option<&'a str>,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A manifest that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its digest, 64 hexadecimal digits.
    pub sha256: String,
    /// The digest of what it refers to.
    pub subject: Option<String>,
}

/// Keeps a manifest, and points a tag at it where that is what it was sent to.
///
/// # Errors
/// As every push; `Invalid` for a bad reference, `BadManifest`, `NotAnImage` where it claims to be a SIF and is not one, `MissingContent`,
/// `DigestMismatch`, `Frozen`.
pub async fn put(
    core: &Core,
    viewer: &Viewer,
    repository: &Repository,
    sent: Sent<'_>,
) -> Result<Kept> {
    let user = access::person(viewer)?.id;
    let reference = Reference::parse(sent.reference)?;
    let manifest = Manifest::parse(sent.content_type, &sent.bytes)?;
    let sha256 = store::Digest::of(&sent.bytes).to_hex();
    let tag = match reference {
        Reference::Tag(tag) => Some(tag),
        Reference::Digest(hex) if hex == sha256 => None,
        Reference::Digest(hex) => {
            return Err(Error::DigestMismatch(format!(
                "this manifest is sha256:{sha256}, not sha256:{hex}"
            )));
        }
    };
    let target = target(core, viewer, repository).await?;
    if manifest.is_index() {
        // What it names may be manifests that nobody has asked for yet.
        made::make_all(core, &target.container).await?;
    }
    let arch = described::arch(core, &target.container, &manifest).await?;
    let keeping = Keeping {
        annotations: described::annotations(&manifest)?,
        metadata: described::metadata(&manifest, arch.as_deref())?,
        container: target.container,
        user,
        by: Actor::of(core, viewer),
        now: core.clock.now(),
        bytes: sent.bytes.to_vec(),
        manifest,
        sha256,
        arch,
        tag,
    };
    let new_image = core.db.write(async |tx| keeping.keep(tx).await).await?;
    if let Some(image_id) = new_image {
        core.queue.send(Job::InspectImage { image_id }).await;
    }
    tracing::info!(
        container.ref = repository.name,
        manifest.sha256 = keeping.sha256,
        "a manifest was pushed"
    );
    Ok(Kept {
        sha256: keeping.sha256,
        subject: keeping.manifest.subject,
    })
}

fn missing<'a>(digests: impl IntoIterator<Item = &'a str>) -> Error {
    let named: Vec<&str> = digests.into_iter().take(5).collect();
    Error::MissingContent(format!(
        "the manifest names what this repository does not have: {}",
        named.join(", ")
    ))
}
