//! What refers to a manifest.

use entity::manifest;
use futures_util::{StreamExt, stream::BoxStream};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QuerySelect, StreamTrait};

use super::manifest::{Brief, briefly};

/// What is asked of what refers to a manifest.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// In this container.
    pub container_id: i64,
    /// To the manifest with this digest.
    pub subject: &'a str,
    /// Of this type; absent for all.
    pub artifact_type: Option<&'a str>,
    /// After the manifest with this id.
    pub after: i64,
}

/// What refers to a manifest, in the order in which it came, row by row: what is said of one may be long.
pub async fn after<'db>(
    db: &'db (impl ConnectionTrait + StreamTrait),
    asked: &Asked<'_>,
    limit: u64,
) -> Result<BoxStream<'db, Result<Brief, DbErr>>, DbErr> {
    let mut select = briefly()
        .filter(manifest::Column::ContainerId.eq(asked.container_id))
        .filter(manifest::Column::SubjectSha256.eq(asked.subject))
        .filter(manifest::Column::Id.gt(asked.after))
        .limit(limit);
    if let Some(wanted) = asked.artifact_type {
        select = select.filter(manifest::Column::ArtifactType.eq(wanted));
    }
    let rows = select.into_model::<Brief>().stream(db).await?;
    Ok(rows.boxed())
}
