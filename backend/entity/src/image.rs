//! An image: one SIF file in a container, or what an OCI manifest says.

use sea_orm::entity::prelude::*;

/// An image: one SIF file in a container, or what an OCI manifest says.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "images")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub container_id: i64,
    /// `sif` or `oci`.
    pub kind: String,
    /// 64 lower case hexadecimal digits: of an `oci` image those of its manifest, else of the SHA-256 that the client announced, verified once `blob_id` is there.
    pub sha256: String,
    /// Absent until the bytes have arrived, and for `oci` images, which are no file.
    pub blob_id: Option<i64>,
    /// 0 until the bytes have arrived.
    pub size: i64,
    /// As the clients write it, such as `amd64`.
    pub arch: Option<String>,
    pub description: String,
    pub signed: bool,
    pub encrypted: bool,
    /// What was read inside, as JSON of `shared_types::ImageMetadata`, or of `OciMetadata`.
    #[sea_orm(column_type = "Text", nullable)]
    pub metadata: Option<String>,
    /// When the server read what is inside, or gave up.
    pub inspected_at: Option<DateTimeUtc>,
    /// Why it gave up.
    pub problem: Option<String>,
    pub downloads: i64,
    pub created_by: Option<i64>,
    pub created_at: DateTimeUtc,
    /// When the bytes were complete.
    pub pushed_at: Option<DateTimeUtc>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
