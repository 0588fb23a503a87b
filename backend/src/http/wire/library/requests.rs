//! What clients send in the library protocol. Every field may be absent or `null`: what is missing is said in a sentence.

use serde::Deserialize;

use crate::services::{Error, uploads::SentPart};

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
    /// The `ETag` of the answer to it.
    #[serde(default)]
    pub token: String,
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

impl CompletedPart {
    /// What was sent, in the words of the use case.
    pub fn sent(self) -> Result<SentPart, Error> {
        Ok(SentPart {
            number: part_number(self.part_number)?,
            token: self.token,
        })
    }
}

/// The number of a part.
pub fn part_number(number: i64) -> Result<u32, Error> {
    let part = u32::try_from(number).ok().filter(|part| *part > 0);
    part.ok_or_else(|| Error::BadRequest("parts are numbered from 1".to_owned()))
}
