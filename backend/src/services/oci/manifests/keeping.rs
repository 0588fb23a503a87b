//! Keeping a manifest: the rows that one transaction makes.

use chrono::{DateTime, Utc};
use entity::{blob, container, image};
use sea_orm::ConnectionTrait;
use shared_types::{AuditAction, AuditThing};

use super::{
    super::{
        super::{
            Result,
            audit::{self, Actor},
            tags::{self, DEFAULT_ARCH, Pointed},
        },
        manifest::{Descriptor, EMPTY_SHA256, Manifest},
    },
    missing,
    removal::untag,
};
use crate::repo::{
    self,
    manifest::{Brief, New, OCI, SIF, Tagged},
};

/// What a tag is for whose manifest names no architecture.
const ANY_ARCH: &str = "any";

/// A manifest on its way into the database.
pub(super) struct Keeping {
    pub(super) container: container::Model,
    pub(super) user: i64,
    pub(super) by: Actor,
    pub(super) now: DateTime<Utc>,
    pub(super) bytes: Vec<u8>,
    pub(super) manifest: Manifest,
    pub(super) sha256: String,
    pub(super) arch: Option<String>,
    pub(super) annotations: Option<String>,
    pub(super) metadata: Option<String>,
    pub(super) tag: Option<String>,
}

impl Keeping {
    /// Keeps it; returns the SIF image that has its bytes only now.
    pub(super) async fn keep(&self, tx: &impl ConnectionTrait) -> Result<Option<i64>> {
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
        let digest = std::slice::from_ref(&self.sha256);
        let known = repo::manifest::by_digests(tx, self.container.id, digest).await?;
        let row = repo::manifest::ensure(tx, self.row(only)).await?;
        if known.is_empty() && only.is_none() {
            let size = i64::try_from(self.bytes.len()).unwrap_or_default();
            let kept = (row.id, &*self.sha256, size);
            self.record(tx, AuditAction::ManifestPush, kept).await?;
        }
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
            let pushed = (image.id, &*image.sha256, blob.size);
            self.record(tx, AuditAction::ImagePush, pushed).await?;
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
        let known = repo::image::find_by_sha256(tx, self.container.id, &self.sha256).await?;
        let image = repo::push::ensure_other(tx, &new).await?;
        if known.is_none_or(|image| image.kind != OCI) {
            let pushed = (image.id, &*image.sha256, image.size);
            self.record(tx, AuditAction::ImagePush, pushed).await?;
        }
        Ok(image)
    }

    async fn record(
        &self,
        tx: &impl ConnectionTrait,
        action: AuditAction,
        content: (i64, &str, i64),
    ) -> Result<()> {
        let kind = match action {
            AuditAction::ImagePush => AuditThing::Image,
            _ => AuditThing::Manifest,
        };
        audit::content(tx, &self.by, (action, kind), self.container.id, content).await
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
                untag(tx, self.container.id, row, &self.by).await?;
            }
        }
        for (arch, image) in images {
            let to = Pointed {
                container_id: self.container.id,
                name: tag,
                arch,
                image,
                manifest_id: Some(manifest_id),
                by: &self.by,
            };
            tags::point(tx, to).await?;
        }
        Ok(())
    }
}
