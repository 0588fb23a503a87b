//! What a manifest says of itself, for the pages and for clients that ask by architecture.

use bytes::Bytes;
use entity::container;
use futures_util::TryStreamExt;
use shared_types::{OciLayer, OciMetadata};

use super::{
    super::{
        super::{Core, Error, Result, blobs, uploads},
        manifest::{Body, Descriptor, Manifest, Platform},
    },
    missing,
};
use crate::repo;

/// The largest config that is read for what it says of the platform.
const LARGEST_CONFIG: i64 = 256 * 1024;

/// The architecture of what a manifest is: as the SIF file says, else as the config does.
pub(super) async fn arch(
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
        let arch = uploads::check_image(core, &blob.key, blob.store_mark.as_deref()).await?;
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
    let frames: Vec<Bytes> = blobs::open(core, blob)
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

pub(super) fn annotations(manifest: &Manifest) -> Result<Option<String>> {
    if manifest.annotations.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(&manifest.annotations)
        .map(Some)
        .map_err(Error::internal)
}

/// What the pages show of a manifest that is no SIF.
pub(super) fn metadata(manifest: &Manifest, arch: Option<&str>) -> Result<Option<String>> {
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
