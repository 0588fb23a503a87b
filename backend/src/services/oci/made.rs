//! Manifests that the registry makes itself: for SIF images that came by another door, and for tags with several architectures.
//!
//! Rule: the same image gives the same bytes, whoever asks and whenever. They are kept when they were made first, so that what a digest
//! meant once it goes on to mean.

use entity::{container, image, manifest};
use serde::Serialize;

use super::{
    super::{Core, Error, Result},
    manifest::{EMPTY_SHA256, OCI_INDEX, OCI_MANIFEST, SIF_CONFIG, SIF_LAYER},
};
use crate::repo::{
    self,
    manifest::{New, OCI, Tagged},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Image {
    schema_version: u8,
    media_type: &'static str,
    config: Described,
    layers: [Described; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    schema_version: u8,
    media_type: &'static str,
    manifests: Vec<Described>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    media_type: String,
    digest: String,
    size: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<Platform>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<Title>,
}

#[derive(Serialize)]
struct Platform {
    architecture: String,
    os: &'static str,
}

#[derive(Serialize)]
struct Title {
    /// What clients that know no better call the file.
    #[serde(rename = "org.opencontainers.image.title")]
    title: String,
}

impl Described {
    fn new(media_type: &str, hex: &str, size: i64) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: format!("sha256:{hex}"),
            size,
            platform: None,
            annotations: None,
        }
    }
}

/// The manifest that a tag means: what was put under it, else the image's, else an index over the architectures that it has.
/// Where it is frozen, what was frozen decides alone.
pub(super) async fn of_tag(
    core: &Core,
    container: &container::Model,
    name: &str,
) -> Result<Option<manifest::Model>> {
    let rows = repo::manifest::tagged(core.db.read(), container.id, Some(name)).await?;
    of_rows(core, container, rows).await
}

/// As `of_tag`, from the rows of one tag; the one that moved last comes first.
pub(super) async fn of_rows(
    core: &Core,
    container: &container::Model,
    mut rows: Vec<Tagged>,
) -> Result<Option<manifest::Model>> {
    if rows.iter().any(|row| row.frozen) {
        rows.retain(|row| row.frozen);
    }
    let Some(latest) = rows.first() else {
        return Ok(None);
    };
    if let Some(id) = latest.manifest_id
        && let Some(found) = repo::manifest::by_id(core.db.read(), id).await?
    {
        return Ok(Some(found));
    }
    if rows.len() > 1 {
        return index(core, container, rows).await;
    }
    of_row(core, container, latest).await
}

/// The manifest of one row's image.
async fn of_row(
    core: &Core,
    container: &container::Model,
    row: &Tagged,
) -> Result<Option<manifest::Model>> {
    let db = core.db.read();
    if let Some(id) = row.manifest_id
        && let Some(found) = repo::manifest::by_id(db, id).await?
        && found.image_id == Some(row.image_id)
    {
        return Ok(Some(found));
    }
    if row.kind == OCI {
        return Ok(repo::manifest::by_digest(db, container.id, &row.sha256).await?);
    }
    let own = repo::manifest::of_image(db, row.image_id).await?;
    if let Some(made) = own.iter().find(|manifest| manifest.made) {
        return Ok(repo::manifest::by_id(db, made.id).await?);
    }
    let image = repo::image::by_id(db, row.image_id).await?;
    match image {
        Some(image) => make(core, container, &image).await,
        None => Ok(None),
    }
}

/// The manifest of a container with this digest; what was not asked for yet is made first.
pub(super) async fn by_digest(
    core: &Core,
    container: &container::Model,
    hex: &str,
) -> Result<Option<manifest::Model>> {
    let db = core.db.read();
    if let Some(found) = repo::manifest::by_digest(db, container.id, hex).await? {
        return Ok(Some(found));
    }
    make_all(core, container).await?;
    Ok(repo::manifest::by_digest(db, container.id, hex).await?)
}

/// Makes what can be made in a container and was not asked for yet.
pub(super) async fn make_all(core: &Core, container: &container::Model) -> Result<()> {
    let db = core.db.read();
    for image in repo::manifest::without_manifest(db, container.id).await? {
        make(core, container, &image).await?;
    }
    for rows in names(repo::manifest::tagged(db, container.id, None).await?) {
        if rows.len() > 1 {
            of_rows(core, container, rows).await?;
        }
    }
    Ok(())
}

/// The rows of all tags by name, each name's in their order.
pub(super) fn names(rows: Vec<Tagged>) -> Vec<Vec<Tagged>> {
    let mut by_name: std::collections::BTreeMap<String, Vec<Tagged>> =
        std::collections::BTreeMap::new();
    for row in rows {
        by_name.entry(row.name.clone()).or_default().push(row);
    }
    by_name.into_values().collect()
}

/// Makes the manifest of a SIF image.
async fn make(
    core: &Core,
    container: &container::Model,
    image: &image::Model,
) -> Result<Option<manifest::Model>> {
    let Some(blob_id) = image.blob_id else {
        return Ok(None);
    };
    let mut layer = Described::new(SIF_LAYER, &image.sha256, image.size);
    layer.annotations = Some(Title {
        title: format!("{}.sif", container.name),
    });
    let content = Image {
        schema_version: 2,
        media_type: OCI_MANIFEST,
        config: Described::new(SIF_CONFIG, EMPTY_SHA256, 2),
        layers: [layer],
    };
    let new = New {
        artifact_type: Some(SIF_CONFIG.to_owned()),
        image_id: Some(image.id),
        ..new(core, container, OCI_MANIFEST, &content)?
    };
    let kept = core
        .db
        .write(async move |tx| {
            let row = repo::manifest::ensure(tx, new.clone()).await?;
            repo::manifest::add_blobs(tx, row.id, [blob_id]).await?;
            Ok::<_, Error>(row)
        })
        .await?;
    Ok(Some(kept))
}

/// The index over a tag's architectures.
async fn index(
    core: &Core,
    container: &container::Model,
    mut rows: Vec<Tagged>,
) -> Result<Option<manifest::Model>> {
    rows.sort_by(|a, b| a.arch.cmp(&b.arch));
    let mut manifests = Vec::with_capacity(rows.len());
    for row in &rows {
        let Some(child) = of_row(core, container, row).await? else {
            continue;
        };
        let mut described = Described::new(&child.media_type, &child.sha256, child.size);
        described.platform = Some(Platform {
            architecture: row.arch.clone(),
            os: "linux",
        });
        manifests.push(described);
    }
    let content = Index {
        schema_version: 2,
        media_type: OCI_INDEX,
        manifests,
    };
    let new = new(core, container, OCI_INDEX, &content)?;
    let there = repo::manifest::by_digest(core.db.read(), container.id, &new.sha256).await?;
    if there.is_some() {
        return Ok(there);
    }
    let kept = core
        .db
        .write(async move |tx| {
            repo::manifest::ensure(tx, new.clone())
                .await
                .map_err(Error::from)
        })
        .await?;
    Ok(Some(kept))
}

fn new(
    core: &Core,
    container: &container::Model,
    media_type: &str,
    content: &impl Serialize,
) -> Result<New> {
    let content = serde_json::to_vec(content).map_err(Error::internal)?;
    Ok(New {
        container_id: container.id,
        sha256: store::Digest::of(&content).to_hex(),
        media_type: media_type.to_owned(),
        artifact_type: None,
        subject_sha256: None,
        image_id: None,
        made: true,
        content,
        annotations: None,
        created_by: None,
        created_at: core.clock.now(),
    })
}
