//! Manifests as clients write them: what they are, and what they name. Pure; bytes in, facts out.
//!
//! Rule: what this module does not know it lets through, byte for byte; what could be read in two ways it refuses.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::{Error, Result};

/// The manifest of OCI.
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The index of OCI.
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// The manifest of Docker.
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// The index of Docker.
pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// The one layer of a SIF image.
pub const SIF_LAYER: &str = "application/vnd.sylabs.sif.layer.v1.sif";
/// The config of a SIF image, which says nothing.
pub const SIF_CONFIG: &str = "application/vnd.sylabs.sif.config.v1+json";
/// The same as `SIF_LAYER`, as the first clients misspelt it.
const OLD_SIF_LAYER: &str = "appliciation/vnd.sylabs.sif.layer.tar";

/// The config of most artefacts: an empty object.
pub const EMPTY: &[u8] = b"{}";
/// Its digest.
pub const EMPTY_SHA256: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/// How much a manifest may name: far more than any image, and not enough to keep the database busy.
const MOST_NAMED: usize = 2000;

/// What a manifest points at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Descriptor {
    /// What it is.
    #[serde(default, rename = "mediaType")]
    pub media_type: String,
    /// Its digest, as written.
    pub digest: String,
    /// Its size. Some clients write 0 for what they do not know.
    #[serde(default)]
    pub size: i64,
    /// Where else it can be had.
    #[serde(default)]
    pub urls: Vec<String>,
    /// What is said of it.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// What kind of artefact it is.
    #[serde(default, rename = "artifactType")]
    pub artifact_type: Option<String>,
    /// What it runs on.
    #[serde(default)]
    pub platform: Option<Platform>,
}

impl Descriptor {
    /// The 64 digits of its digest; absent for other algorithms than SHA-256.
    pub fn hex(&self) -> Option<String> {
        sha256_hex(&self.digest)
    }

    /// Whether registries need not have it.
    fn is_elsewhere(&self) -> bool {
        self.media_type.contains("nondistributable")
            || self.media_type.contains(".foreign.")
            || !self.urls.is_empty()
    }
}

/// What an image runs on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Platform {
    /// Such as `amd64`.
    #[serde(default)]
    pub architecture: String,
    /// Such as `linux`.
    #[serde(default)]
    pub os: String,
    /// Such as `v8`.
    #[serde(default)]
    pub variant: Option<String>,
}

/// A manifest, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// What it is, in the words of its client.
    pub media_type: String,
    /// What kind of artefact it is: what it says, or what its config is.
    pub artifact_type: Option<String>,
    /// The digest of what it refers to, 64 digits.
    pub subject: Option<String>,
    /// What is said of it.
    pub annotations: BTreeMap<String, String>,
    /// What it names.
    pub body: Body,
}

/// What a manifest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Blobs.
    Image {
        /// The config.
        config: Box<Descriptor>,
        /// The layers.
        layers: Vec<Descriptor>,
    },
    /// Other manifests.
    Index {
        /// The manifests.
        manifests: Vec<Descriptor>,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    schema_version: Option<i64>,
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<Box<Descriptor>>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
    subject: Option<Descriptor>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

impl Manifest {
    /// Reads a manifest. `content_type` is what the client calls it.
    ///
    /// # Errors
    /// `BadManifest`.
    pub fn parse(content_type: Option<&str>, bytes: &[u8]) -> Result<Self> {
        let raw: Raw = serde_json::from_slice(bytes)
            .map_err(|error| bad(format!("the manifest cannot be read: {error}")))?;
        if raw.schema_version != Some(2) {
            return Err(bad("the manifest must have “schemaVersion” 2"));
        }
        let media_type = media_type(content_type, &raw)?;
        let body = match (media_type.as_str(), raw.manifests) {
            (OCI_INDEX | DOCKER_LIST, Some(manifests)) => {
                if raw.config.is_some() || raw.layers.is_some() {
                    return Err(bad("an index has no config and no layers"));
                }
                Body::Index { manifests }
            }
            (OCI_INDEX | DOCKER_LIST, None) => return Err(bad("the index has no “manifests”")),
            (_, Some(_)) => return Err(bad("a manifest has no “manifests”; an index has")),
            (_, None) => Body::Image {
                config: raw
                    .config
                    .ok_or_else(|| bad("the manifest has no “config”"))?,
                layers: raw.layers.unwrap_or_default(),
            },
        };
        let subject = raw.subject.map(|subject| {
            subject
                .hex()
                .ok_or_else(|| bad("the subject's digest is not “sha256:” and 64 digits"))
        });
        let parsed = Self {
            artifact_type: artifact_type(raw.artifact_type, &body),
            media_type,
            subject: subject.transpose()?,
            annotations: raw.annotations.unwrap_or_default(),
            body,
        };
        parsed.check()?;
        Ok(parsed)
    }

    fn check(&self) -> Result<()> {
        if self.named().count() > MOST_NAMED {
            let sentence = format!("a manifest may name {MOST_NAMED} things at most");
            return Err(bad(sentence));
        }
        for descriptor in self.named() {
            let well_formed = descriptor
                .digest
                .split_once(':')
                .is_some_and(|(algorithm, value)| !algorithm.is_empty() && !value.is_empty());
            if !well_formed || descriptor.size < 0 {
                return Err(bad(format!(
                    "“{}” of {} bytes is no digest and size",
                    descriptor.digest, descriptor.size
                )));
            }
        }
        Ok(())
    }

    /// All that it names.
    fn named(&self) -> Box<dyn Iterator<Item = &Descriptor> + '_> {
        match &self.body {
            Body::Image { config, layers } => {
                Box::new(std::iter::once(&**config).chain(layers.iter()))
            }
            Body::Index { manifests } => Box::new(manifests.iter()),
        }
    }

    /// What must be here for it to be complete.
    pub fn required(&self) -> Vec<&Descriptor> {
        self.named().filter(|named| !named.is_elsewhere()).collect()
    }

    /// The layer that makes it a SIF image: the only one, if it says so.
    pub fn sif_layer(&self) -> Option<&Descriptor> {
        match &self.body {
            Body::Image { layers, .. } => match layers.as_slice() {
                [one] if matches!(one.media_type.as_str(), SIF_LAYER | OLD_SIF_LAYER) => Some(one),
                _ => None,
            },
            Body::Index { .. } => None,
        }
    }

    /// The bytes of all that it names.
    pub fn total_size(&self) -> i64 {
        self.named()
            .fold(0, |sum, named| sum.saturating_add(named.size))
    }

    /// Whether it names manifests, not blobs.
    pub fn is_index(&self) -> bool {
        matches!(self.body, Body::Index { .. })
    }
}

/// What a manifest is: what the client calls it, what it calls itself, or what it looks like. The first two must not differ.
fn media_type(content_type: Option<&str>, raw: &Raw) -> Result<String> {
    let called = content_type
        .and_then(|text| text.split(';').next())
        .map(|text| text.trim().to_ascii_lowercase())
        .filter(|text| !text.is_empty() && text != "application/json");
    let own = raw.media_type.clone().filter(|text| !text.is_empty());
    if let (Some(called), Some(own)) = (&called, &own)
        && called != own
    {
        return Err(bad(format!(
            "the manifest was sent as “{called}” and calls itself “{own}”"
        )));
    }
    let looks = if raw.manifests.is_some() {
        OCI_INDEX
    } else {
        OCI_MANIFEST
    };
    let media_type = called.or(own).unwrap_or_else(|| looks.to_owned());
    match media_type.as_str() {
        OCI_MANIFEST | OCI_INDEX | DOCKER_MANIFEST | DOCKER_LIST => Ok(media_type),
        other => Err(bad(format!("“{other}” is no manifest that is kept here"))),
    }
}

fn artifact_type(said: Option<String>, body: &Body) -> Option<String> {
    said.filter(|text| !text.is_empty()).or_else(|| match body {
        Body::Image { config, .. } => {
            Some(config.media_type.clone()).filter(|text| !text.is_empty())
        }
        Body::Index { .. } => None,
    })
}

fn bad(sentence: impl Into<String>) -> Error {
    Error::BadManifest(sentence.into())
}

/// The 64 digits of a SHA-256 digest as the protocol writes it: in lower case.
pub fn sha256_hex(digest: &str) -> Option<String> {
    let hex = digest.strip_prefix("sha256:")?;
    let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    (hex.len() == 64 && hex.bytes().all(lower)).then(|| hex.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn descriptor(media_type: &str) -> Value {
        json!({ "mediaType": media_type, "digest": format!("sha256:{EMPTY_SHA256}"), "size": 2 })
    }

    fn parse(content_type: Option<&str>, value: &Value) -> Result<Manifest> {
        Manifest::parse(content_type, value.to_string().as_bytes())
    }

    fn sif() -> Value {
        json!({ "schemaVersion": 2, "config": descriptor(SIF_CONFIG), "layers": [descriptor(SIF_LAYER)] })
    }

    #[test]
    fn one_sif_layer_makes_a_sif_image() {
        let parsed = parse(Some(OCI_MANIFEST), &sif()).unwrap();
        assert!(parsed.sif_layer().is_some());
        assert_eq!(parsed.artifact_type.as_deref(), Some(SIF_CONFIG));
        assert_eq!(parsed.total_size(), 4);
        let mut two = sif();
        two["layers"] = json!([descriptor(SIF_LAYER), descriptor(SIF_LAYER)]);
        assert!(parse(None, &two).unwrap().sif_layer().is_none());
    }

    #[test]
    fn what_is_not_said_is_read_from_the_shape() {
        let index = json!({ "schemaVersion": 2, "manifests": [] });
        assert_eq!(parse(None, &index).unwrap().media_type, OCI_INDEX);
        let parsed = parse(Some("application/json; charset=utf-8"), &sif()).unwrap();
        assert_eq!(parsed.media_type, OCI_MANIFEST);
        let mut own = sif();
        own["mediaType"] = json!(DOCKER_MANIFEST);
        assert_eq!(parse(None, &own).unwrap().media_type, DOCKER_MANIFEST);
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let mut both = sif();
        both["manifests"] = json!([]);
        let mut renamed = sif();
        renamed["mediaType"] = json!(OCI_INDEX);
        let mut old = sif();
        old["schemaVersion"] = json!(1);
        for (content_type, value) in [
            (Some(OCI_MANIFEST), &both),
            (Some(OCI_INDEX), &both),
            (Some(OCI_MANIFEST), &renamed),
            (Some("text/plain"), &sif()),
            (None, &old),
            (None, &json!({ "schemaVersion": 2 })),
            (None, &json!([])),
        ] {
            let refused = parse(content_type, value);
            assert!(
                matches!(refused, Err(Error::BadManifest(_))),
                "{content_type:?} {value}"
            );
        }
    }

    #[test]
    fn layers_that_are_elsewhere_need_not_be_here() {
        let mut value = sif();
        value["layers"] = json!([
            descriptor("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"),
            descriptor("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
            descriptor("application/vnd.oci.image.layer.v1.tar+gzip"),
        ]);
        assert_eq!(parse(None, &value).unwrap().required().len(), 2);
    }

    #[test]
    fn digests_have_one_spelling() {
        let good = format!("sha256:{EMPTY_SHA256}");
        assert_eq!(sha256_hex(&good).as_deref(), Some(EMPTY_SHA256));
        for bad in [
            good.to_ascii_uppercase(),
            good.replace("sha256:", "sha256."),
            good.replace("sha256", "sha512"),
            good[..70].to_owned(),
        ] {
            assert_eq!(sha256_hex(&bad), None, "{bad}");
        }
    }

    #[test]
    fn the_empty_config_has_its_digest() {
        assert_eq!(store::Digest::of(EMPTY).to_hex(), EMPTY_SHA256);
    }
}
