//! Manifests: reading, keeping, removing.
//!
//! Rule: one transaction keeps a manifest, the image that it is, and the tag, with the container locked. What a frozen tag means neither
//! changes nor goes.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use entity::{blob, container, image};
use futures_util::TryStreamExt;
use sea_orm::ConnectionTrait;
use shared_types::{OciLayer, OciMetadata, TagAction};

use super::{
    super::{
        Core, Error, Result,
        access::{self, Action},
        error::Resource,
        images,
        pull::Counted,
        queue::Job,
        tags::{self, DEFAULT_ARCH, Pointed, TagPath},
        uploads,
    },
    Reference, Repository, find, made,
    manifest::{Body, Descriptor, EMPTY_SHA256, Manifest, Platform},
    target,
};
use crate::{
    domain::access::Viewer,
    repo::{
        self,
        manifest::{Brief, New, OCI, SIF, Tagged},
    },
};

/// The largest config that is read for what it says of the platform.
const LARGEST_CONFIG: i64 = 256 * 1024;

/// What a tag is for whose manifest names no architecture.
const ANY_ARCH: &str = "any";

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
    let arch = arch(core, &target.container, &manifest).await?;
    let keeping = Keeping {
        annotations: annotations(&manifest)?,
        metadata: metadata(&manifest, arch.as_deref())?,
        container: target.container,
        user,
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

/// The architecture of what a manifest is: as the SIF file says, else as the config does.
async fn arch(
    core: &Core,
    container: &container::Model,
    manifest: &Manifest,
) -> Result<Option<String>> {
    let db = core.db.read();
    if let Some(layer) = manifest.sif_layer() {
        let hex = layer
            .hex()
            .ok_or_else(|| missing([layer.digest.as_str()]))?;
        let found = repo::held::find(db, container.id, std::slice::from_ref(&hex)).await?;
        let blob = found
            .first()
            .ok_or_else(|| missing([layer.digest.as_str()]))?;
        let arch = uploads::check_image(core, &blob.key).await?;
        return Ok(arch.map(str::to_owned));
    }
    let Body::Image { config, .. } = &manifest.body else {
        return Ok(None);
    };
    let is_image = matches!(
        config.media_type.as_str(),
        "application/vnd.oci.image.config.v1+json"
            | "application/vnd.docker.container.image.v1+json"
    );
    let Some(hex) = config.hex().filter(|_| is_image) else {
        return Ok(None);
    };
    let found = repo::held::find(db, container.id, &[hex]).await?;
    let Some(blob) = found.first().filter(|blob| blob.size <= LARGEST_CONFIG) else {
        return Ok(None);
    };
    let key = blob.key.parse().map_err(Error::internal)?;
    let frames: Vec<Bytes> = core
        .blobs
        .open(&key, None)
        .await?
        .try_collect()
        .await
        .map_err(Error::internal)?;
    // What an odd config says is its pusher's business.
    let said: Option<Platform> = serde_json::from_slice(&frames.concat()).ok();
    Ok(said
        .map(|said| said.architecture)
        .filter(|arch| is_word(arch)))
}

/// Whether a text can be the name of an architecture.
fn is_word(arch: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    !arch.is_empty() && arch.len() <= 32 && arch.bytes().all(word)
}

fn annotations(manifest: &Manifest) -> Result<Option<String>> {
    if manifest.annotations.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(&manifest.annotations)
        .map(Some)
        .map_err(Error::internal)
}

/// What the pages show of a manifest that is no SIF.
fn metadata(manifest: &Manifest, arch: Option<&str>) -> Result<Option<String>> {
    if manifest.sif_layer().is_some() {
        return Ok(None);
    }
    let shown = |one: &Descriptor| OciLayer {
        media_type: one.media_type.clone(),
        digest: one.digest.clone(),
        size_bytes: u64::try_from(one.size).unwrap_or(0),
        title: one
            .annotations
            .get("org.opencontainers.image.title")
            .cloned(),
    };
    let (layers, platforms) = match &manifest.body {
        Body::Image { layers, .. } => (layers, arch.map(str::to_owned).into_iter().collect()),
        Body::Index { manifests } => {
            let platforms = manifests.iter().filter_map(|one| one.platform.as_ref());
            (manifests, platforms.map(platform).collect())
        }
    };
    let found = OciMetadata {
        media_type: manifest.media_type.clone(),
        artifact_type: manifest.artifact_type.clone(),
        subject: manifest.subject.as_ref().map(|hex| format!("sha256:{hex}")),
        platforms,
        layers: layers.iter().map(shown).collect(),
        annotations: manifest.annotations.clone(),
    };
    serde_json::to_string(&found)
        .map(Some)
        .map_err(Error::internal)
}

fn platform(platform: &Platform) -> String {
    let parts = [
        Some(platform.os.as_str()),
        Some(platform.architecture.as_str()),
        platform.variant.as_deref(),
    ];
    let known: Vec<&str> = parts
        .into_iter()
        .flatten()
        .filter(|p| !p.is_empty())
        .collect();
    known.join("/")
}

fn missing<'a>(digests: impl IntoIterator<Item = &'a str>) -> Error {
    let named: Vec<&str> = digests.into_iter().take(5).collect();
    Error::MissingContent(format!(
        "the manifest names what this repository does not have: {}",
        named.join(", ")
    ))
}

/// A manifest on its way into the database.
struct Keeping {
    container: container::Model,
    user: i64,
    now: DateTime<Utc>,
    bytes: Vec<u8>,
    manifest: Manifest,
    sha256: String,
    arch: Option<String>,
    annotations: Option<String>,
    metadata: Option<String>,
    tag: Option<String>,
}

impl Keeping {
    /// Keeps it; returns the SIF image that has its bytes only now.
    async fn keep(&self, tx: &impl ConnectionTrait) -> Result<Option<i64>> {
        // Locks the container: what is read below stays true, and no sweep comes in between.
        repo::container::touch(tx, self.container.id, self.now).await?;
        let (blobs, children) = self.present(tx).await?;
        let mut new_image = None;
        let variants = self.variants(tx, &children).await?;
        let images = if let Some(layer) = self.manifest.sif_layer() {
            let (image, new) = self.sif(tx, layer, &blobs).await?;
            new_image = new.then_some(image.id);
            vec![(self.arch_of(&image), image)]
        } else if variants.is_empty() {
            let image = self.other(tx).await?;
            let arch = self.arch.clone().unwrap_or_else(|| ANY_ARCH.to_owned());
            vec![(arch, image)]
        } else {
            variants
        };
        let only = match images.as_slice() {
            [(_, image)] if children.is_empty() || image.kind == OCI => Some(image.id),
            _ => None,
        };
        let row = repo::manifest::ensure(tx, self.row(only)).await?;
        let named: Vec<i64> = blobs.iter().map(|blob| blob.id).collect();
        repo::manifest::add_blobs(tx, row.id, named).await?;
        if let Some(tag) = &self.tag {
            self.point(tx, tag, row.id, &images).await?;
        }
        Ok(new_image)
    }

    fn row(&self, image_id: Option<i64>) -> New {
        New {
            container_id: self.container.id,
            sha256: self.sha256.clone(),
            media_type: self.manifest.media_type.clone(),
            artifact_type: self.manifest.artifact_type.clone(),
            subject_sha256: self.manifest.subject.clone(),
            image_id,
            made: false,
            content: self.bytes.clone(),
            annotations: self.annotations.clone(),
            created_by: Some(self.user),
            created_at: self.now,
        }
    }

    fn arch_of(&self, image: &image::Model) -> String {
        let known = image.arch.clone().or_else(|| self.arch.clone());
        known.unwrap_or_else(|| DEFAULT_ARCH.to_owned())
    }

    /// The blobs and manifests that it names, all of which must be here.
    async fn present(&self, tx: &impl ConnectionTrait) -> Result<(Vec<blob::Model>, Vec<Brief>)> {
        let required = self.manifest.required();
        let wanted: Vec<String> = required.iter().filter_map(|named| named.hex()).collect();
        let container = self.container.id;
        let (mut blobs, mut children) = (Vec::new(), Vec::new());
        let here: Vec<&str> = if self.manifest.is_index() {
            children = repo::manifest::by_digests(tx, container, &wanted).await?;
            children.iter().map(|child| child.sha256.as_str()).collect()
        } else {
            blobs = repo::held::find(tx, container, &wanted).await?;
            let stored = blobs.iter().map(|blob| blob.sha256.as_str());
            stored.chain([EMPTY_SHA256]).collect()
        };
        let absent: Vec<&str> = required
            .iter()
            .filter(|named| named.hex().is_none_or(|hex| !here.contains(&hex.as_str())))
            .map(|named| named.digest.as_str())
            .collect();
        if absent.is_empty() {
            Ok((blobs, children))
        } else {
            Err(missing(absent))
        }
    }

    /// The images of an index all of whose manifests are SIF images for different architectures; of others none.
    async fn variants(
        &self,
        tx: &impl ConnectionTrait,
        children: &[Brief],
    ) -> Result<Vec<(String, image::Model)>> {
        let mut found: Vec<(String, image::Model)> = Vec::new();
        for child in children {
            let Some(id) = child.image_id else {
                return Ok(Vec::new());
            };
            let image = repo::image::by_id(tx, id).await?;
            let Some(image) = image.filter(|image| image.kind == SIF) else {
                return Ok(Vec::new());
            };
            let arch = image
                .arch
                .clone()
                .unwrap_or_else(|| DEFAULT_ARCH.to_owned());
            if found.iter().any(|(taken, _)| *taken == arch) {
                return Ok(Vec::new());
            }
            found.push((arch, image));
        }
        Ok(found)
    }

    /// The SIF image that it is: the row that every other door would make. True where it has its bytes only now.
    async fn sif(
        &self,
        tx: &impl ConnectionTrait,
        layer: &Descriptor,
        blobs: &[blob::Model],
    ) -> Result<(image::Model, bool)> {
        let hex = layer.hex().unwrap_or_default();
        let blob = blobs.iter().find(|blob| blob.sha256 == hex);
        let blob = blob.ok_or_else(|| missing([layer.digest.as_str()]))?;
        let described = self
            .manifest
            .annotations
            .get("org.opencontainers.image.description");
        let description = described
            .filter(|text| shared_types::names::check_description(text).is_ok())
            .cloned()
            .unwrap_or_default();
        let new = repo::push::NewImage {
            container_id: self.container.id,
            sha256: hex,
            description,
            created_by: self.user,
            created_at: self.now,
        };
        let image = repo::push::ensure_image(tx, &new).await?;
        let arch = self.arch.as_deref();
        let given =
            repo::push::attach_blob(tx, image.id, blob.id, blob.size, arch, self.now).await?;
        if given {
            repo::push::add_bytes(tx, &self.container, blob.size, self.now).await?;
        }
        Ok((image, given))
    }

    /// The image that it is where it is no SIF.
    async fn other(&self, tx: &impl ConnectionTrait) -> Result<image::Model> {
        let new = repo::push::NewOther {
            container_id: self.container.id,
            sha256: self.sha256.clone(),
            size: self.manifest.total_size(),
            arch: self.arch.clone(),
            metadata: self.metadata.clone(),
            created_by: self.user,
            created_at: self.now,
        };
        Ok(repo::push::ensure_other(tx, &new).await?)
    }

    /// Points the tag at it: the one row of a SIF image's architecture, or all rows of the tag.
    async fn point(
        &self,
        tx: &impl ConnectionTrait,
        tag: &str,
        manifest_id: i64,
        images: &[(String, image::Model)],
    ) -> Result<()> {
        let rows = repo::manifest::tagged(tx, self.container.id, Some(tag)).await?;
        if rows.iter().any(|row| row.frozen) {
            // What is frozen may be said again.
            let same = rows
                .iter()
                .filter(|row| row.frozen)
                .all(|row| row.manifest_id == Some(manifest_id) || row.sha256 == self.sha256);
            return if same { Ok(()) } else { Err(tags::frozen(tag)) };
        }
        if self.manifest.is_index() {
            let stays = |row: &Tagged| images.iter().any(|(arch, _)| *arch == row.arch);
            for row in rows.iter().filter(|row| !stays(row)) {
                untag(tx, self.container.id, row, self.user, self.now).await?;
            }
        }
        for (arch, image) in images {
            let to = Pointed {
                container_id: self.container.id,
                name: tag,
                arch,
                image,
                manifest_id: Some(manifest_id),
                user_id: Some(self.user),
            };
            tags::point(tx, to, self.now).await?;
        }
        Ok(())
    }
}

/// Removes one row of a tag and writes the history.
async fn untag(
    tx: &impl ConnectionTrait,
    container_id: i64,
    row: &Tagged,
    user: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    let event = repo::tag::Event {
        container_id,
        name: &row.name,
        arch: &row.arch,
        action: TagAction::Deleted,
        from: Some(&row.sha256),
        to: None,
        user_id: Some(user),
    };
    repo::tag::record(tx, event, now).await?;
    Ok(repo::tag::delete(tx, row.id).await?)
}

/// Removes a tag, or a manifest with all tags that mean it. An image goes with its last manifest.
///
/// # Errors
/// As every question about a repository; `Invalid` for a bad reference; `NotFound`; `Frozen`.
pub async fn delete(
    core: &Core,
    viewer: &Viewer,
    repository: &Repository,
    reference: &str,
) -> Result<()> {
    let wanted = Reference::parse(reference)?;
    let (_, container) = find(core, viewer, repository, Action::DeleteImages).await?;
    let hex = match wanted {
        Reference::Digest(hex) => hex,
        Reference::Tag(tag) => {
            let path = TagPath {
                collection: &repository.collection,
                container: &repository.container,
                tag: &tag,
                arch: None,
            };
            return tags::delete(core, viewer, path).await;
        }
    };
    let user = access::person(viewer)?.id;
    let found = made::by_digest(core, &container, &hex).await?;
    let row = found.ok_or_else(|| unknown(repository, reference))?;
    let indexed = if row.made && row.image_id.is_none() {
        meaning(core, &container, row.id).await?
    } else {
        Vec::new()
    };
    let now = core.clock.now();
    core.db
        .write(async |tx| {
            repo::container::touch(tx, container.id, now).await?;
            let row = repo::manifest::by_id(tx, row.id).await?;
            let row = row.ok_or_else(|| unknown(repository, reference))?;
            let leads_here = |tag: &Tagged| match tag.manifest_id {
                Some(id) => id == row.id,
                None if row.image_id.is_none() => indexed.contains(&tag.name),
                None => {
                    Some(tag.image_id) == row.image_id && (row.made || tag.sha256 == row.sha256)
                }
            };
            let mut gone = Vec::new();
            for tag in repo::manifest::tagged(tx, container.id, None).await? {
                if !leads_here(&tag) {
                    continue;
                }
                if tag.frozen {
                    return Err(tags::frozen(&tag.name));
                }
                untag(tx, container.id, &tag, user, now).await?;
                gone.push(tag.id);
            }
            match row.image_id {
                Some(image) if is_last(tx, image, row.id, &gone).await? => {
                    images::remove(tx, image, user, now).await
                }
                _ => Ok(repo::manifest::delete(tx, row.id).await?),
            }
        })
        .await
}

/// Whether nothing else leads to an image than a manifest and tags that are gone.
async fn is_last(
    tx: &impl ConnectionTrait,
    image_id: i64,
    manifest_id: i64,
    gone: &[i64],
) -> Result<bool> {
    let manifests = repo::manifest::of_image(tx, image_id).await?;
    let others = manifests.iter().any(|other| other.id != manifest_id);
    Ok(!others && repo::manifest::other_tags(tx, image_id, gone).await? == 0)
}

/// The names of the tags that mean an index of ours.
async fn meaning(
    core: &Core,
    container: &container::Model,
    manifest_id: i64,
) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let rows = repo::manifest::tagged(core.db.read(), container.id, None).await?;
    for rows in made::names(rows) {
        let Some(name) = rows.first().map(|row| row.name.clone()) else {
            continue;
        };
        if rows.len() > 1
            && made::of_rows(core, container, rows)
                .await?
                .is_some_and(|found| found.id == manifest_id)
        {
            names.push(name);
        }
    }
    Ok(names)
}
