//! An OCI manifest or index in a container, byte for byte as it was pushed.

use sea_orm::entity::prelude::*;

/// An OCI manifest or index in a container, byte for byte as it was pushed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "manifests")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub container_id: i64,
    /// 64 lower case hexadecimal digits, of `content`.
    pub sha256: String,
    pub media_type: String,
    /// What kind of artefact it is, where it or its config says so.
    pub artifact_type: Option<String>,
    /// The digest of the manifest that this one refers to, which need not be here.
    pub subject_sha256: Option<String>,
    /// The image that it is; absent for an index over SIF images, which are images themselves.
    pub image_id: Option<i64>,
    /// Made by the registry for images that came by another door, and made again when it is asked for.
    pub made: bool,
    pub size: i64,
    pub content: Vec<u8>,
    /// JSON, an object of texts.
    #[sea_orm(column_type = "Text", nullable)]
    pub annotations: Option<String>,
    pub created_by: Option<i64>,
    pub created_at: DateTimeUtc,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
