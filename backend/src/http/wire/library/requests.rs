//! What clients send in the library protocol. Every field may be absent or `null`: what is missing is said in a sentence.

use serde::Deserialize;

/// Makes an entity.
#[derive(Debug, Deserialize)]
pub struct NewEntity {
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
}

/// Makes a collection.
#[derive(Debug, Deserialize)]
pub struct NewCollection {
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// The entity's id.
    #[serde(default)]
    pub entity: Option<String>,
}

/// Makes a container.
#[derive(Debug, Deserialize)]
pub struct NewContainer {
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// The collection's id.
    #[serde(default)]
    pub collection: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
}

/// Announces an image.
#[derive(Debug, Deserialize)]
pub struct NewImage {
    /// `sha256.` and 64 digits.
    #[serde(default)]
    pub hash: Option<String>,
    /// The container's id.
    #[serde(default)]
    pub container: Option<String>,
    /// What the pusher says of it.
    #[serde(default)]
    pub description: Option<String>,
}

/// Asks for a place to send bytes to.
#[derive(Debug, Deserialize)]
pub struct UploadRequest {
    /// Bytes.
    #[serde(default)]
    pub filesize: Option<i64>,
    /// 64 digits; absent for uploads in parts.
    #[serde(default)]
    pub sha256sum: Option<String>,
}

/// Asks for a place to send a part to.
#[derive(Debug, Deserialize)]
pub struct PartRequest {
    /// The upload.
    #[serde(default, rename = "uploadID")]
    pub upload_id: Option<String>,
    /// From 1.
    #[serde(default, rename = "partNumber")]
    pub part_number: Option<i64>,
}

/// Ends an upload in parts, well or not.
#[derive(Debug, Deserialize)]
pub struct MultipartEnd {
    /// The upload.
    #[serde(default, rename = "uploadID")]
    pub upload_id: Option<String>,
    /// What was sent.
    #[serde(default, rename = "completedParts")]
    pub completed_parts: Option<Vec<CompletedPart>>,
}

/// A part that was sent.
#[derive(Debug, Deserialize)]
pub struct CompletedPart {
    /// From 1.
    #[serde(rename = "partNumber")]
    pub part_number: i64,
}

/// Points a tag at an image. The only objects whose fields begin with capitals.
#[derive(Debug, Deserialize)]
pub struct NewTag {
    /// The architecture; absent in version 1.
    #[serde(default, rename = "Arch", alias = "arch")]
    pub arch: Option<String>,
    /// The tag.
    #[serde(default, rename = "Tag", alias = "tag")]
    pub tag: Option<String>,
    /// The image's id.
    #[serde(default, rename = "ImageID", alias = "imageID")]
    pub image_id: Option<String>,
}
