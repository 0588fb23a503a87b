//! OCI manifests, what refers to them, and which of them a tag means.

use chrono::{DateTime, Utc};
use entity::{image, manifest, manifest_blob, tag};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    sea_query::{OnConflict, Query},
};

use crate::{
    domain::access::Openness,
    repo::{self, join},
};

/// The kind of images that are one SIF file.
pub const SIF: &str = "sif";
/// The kind of images that are whatever else a manifest says.
pub const OCI: &str = "oci";

/// A manifest to keep.
#[derive(Debug, Clone)]
pub struct New {
    /// Where it belongs.
    pub container_id: i64,
    /// Its digest.
    pub sha256: String,
    /// What it is.
    pub media_type: String,
    /// What kind of artefact it is.
    pub artifact_type: Option<String>,
    /// What it refers to.
    pub subject_sha256: Option<String>,
    /// The image that it is.
    pub image_id: Option<i64>,
    /// Made by the registry itself.
    pub made: bool,
    /// Its bytes.
    pub content: Vec<u8>,
    /// JSON of its annotations.
    pub annotations: Option<String>,
    /// Who pushed it.
    pub created_by: Option<i64>,
    /// Now.
    pub created_at: DateTime<Utc>,
}

/// Keeps a manifest. Where it is there already, that row is returned; one that the registry made becomes its pusher's.
pub async fn ensure(tx: &impl ConnectionTrait, new: New) -> Result<manifest::Model, DbErr> {
    let (container_id, sha256) = (new.container_id, new.sha256.clone());
    let size = i64::try_from(new.content.len()).unwrap_or(i64::MAX);
    let row = manifest::ActiveModel {
        id: NotSet,
        container_id: Set(container_id),
        sha256: Set(new.sha256),
        media_type: Set(new.media_type),
        artifact_type: Set(new.artifact_type),
        subject_sha256: Set(new.subject_sha256),
        image_id: Set(new.image_id),
        made: Set(new.made),
        size: Set(size),
        content: Set(new.content),
        annotations: Set(new.annotations),
        created_by: Set(new.created_by),
        created_at: Set(new.created_at),
    };
    let unique = [manifest::Column::ContainerId, manifest::Column::Sha256];
    manifest::Entity::insert(row)
        .on_conflict(OnConflict::columns(unique).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    let missing = || DbErr::RecordNotFound("the manifest just kept".to_owned());
    by_digest(tx, container_id, &sha256)
        .await?
        .ok_or_else(missing)
}

/// Notes which blobs a manifest names.
pub async fn add_blobs(
    tx: &impl ConnectionTrait,
    manifest_id: i64,
    blobs: impl IntoIterator<Item = i64>,
) -> Result<(), DbErr> {
    for blob_id in blobs {
        let row = manifest_blob::ActiveModel {
            manifest_id: Set(manifest_id),
            blob_id: Set(blob_id),
        };
        manifest_blob::Entity::insert(row)
            .on_conflict_do_nothing_on([
                manifest_blob::Column::ManifestId,
                manifest_blob::Column::BlobId,
            ])
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// A manifest of a container.
pub async fn by_digest(
    db: &impl ConnectionTrait,
    container_id: i64,
    sha256: &str,
) -> Result<Option<manifest::Model>, DbErr> {
    manifest::Entity::find()
        .filter(manifest::Column::ContainerId.eq(container_id))
        .filter(manifest::Column::Sha256.eq(sha256))
        .one(db)
        .await
}

/// A manifest by id.
pub async fn by_id(db: &impl ConnectionTrait, id: i64) -> Result<Option<manifest::Model>, DbErr> {
    manifest::Entity::find_by_id(id).one(db).await
}

/// A manifest without its bytes.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Brief {
    /// The row's id.
    pub id: i64,
    /// Its digest.
    pub sha256: String,
    /// What it is.
    pub media_type: String,
    /// What kind of artefact it is.
    pub artifact_type: Option<String>,
    /// The image that it is.
    pub image_id: Option<i64>,
    /// Made by the registry itself.
    pub made: bool,
    /// How many bytes it has.
    pub size: i64,
    /// JSON of its annotations.
    pub annotations: Option<String>,
}

/// The columns of these rows, in the order in which they came.
pub(super) fn briefly() -> sea_orm::Select<manifest::Entity> {
    manifest::Entity::find()
        .select_only()
        .columns([
            manifest::Column::Id,
            manifest::Column::Sha256,
            manifest::Column::MediaType,
            manifest::Column::ArtifactType,
            manifest::Column::ImageId,
            manifest::Column::Made,
            manifest::Column::Size,
            manifest::Column::Annotations,
        ])
        .order_by_asc(manifest::Column::Id)
}

/// The manifests of a container with these digests.
pub async fn by_digests(
    db: &impl ConnectionTrait,
    container_id: i64,
    digests: &[String],
) -> Result<Vec<Brief>, DbErr> {
    briefly()
        .filter(manifest::Column::ContainerId.eq(container_id))
        .filter(manifest::Column::Sha256.is_in(digests))
        .into_model()
        .all(db)
        .await
}

/// The manifests of an image.
pub async fn of_image(db: &impl ConnectionTrait, image_id: i64) -> Result<Vec<Brief>, DbErr> {
    briefly()
        .filter(manifest::Column::ImageId.eq(image_id))
        .into_model()
        .all(db)
        .await
}

/// Removes a manifest; tags that it decided for fall back to their image.
pub async fn delete(tx: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    manifest::Entity::delete_by_id(id).exec(tx).await.map(drop)
}

/// Removes the indexes that the registry made over images of a container: they are made again when they are asked for.
pub async fn delete_made_indexes(
    tx: &impl ConnectionTrait,
    container_id: i64,
) -> Result<(), DbErr> {
    manifest::Entity::delete_many()
        .filter(manifest::Column::ContainerId.eq(container_id))
        .filter(manifest::Column::Made.eq(true))
        .filter(manifest::Column::ImageId.is_null())
        .exec(tx)
        .await
        .map(drop)
}

/// The SIF images of a container that no manifest names yet.
pub async fn without_manifest(
    db: &impl ConnectionTrait,
    container_id: i64,
) -> Result<Vec<image::Model>, DbErr> {
    let named = Query::select()
        .column(manifest::Column::ImageId)
        .from(manifest::Entity)
        .and_where(manifest::Column::ContainerId.eq(container_id))
        .and_where(manifest::Column::ImageId.is_not_null())
        .to_owned();
    image::Entity::find()
        .filter(image::Column::ContainerId.eq(container_id))
        .filter(image::Column::BlobId.is_not_null())
        .filter(image::Column::Id.not_in_subquery(named))
        .all(db)
        .await
}

/// A row of a tag, with what decides which manifest it means.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Tagged {
    /// The row's id.
    pub id: i64,
    /// The tag.
    pub name: String,
    /// The architecture that it is for.
    pub arch: String,
    /// Nothing moves it.
    pub frozen: bool,
    /// The manifest that it was set to by this protocol.
    pub manifest_id: Option<i64>,
    /// The image that it points at.
    pub image_id: i64,
    /// That image's digest.
    pub sha256: String,
    /// That image's kind.
    pub kind: String,
}

/// The rows of one tag of a container, or of all its tags; those that moved last come first.
pub async fn tagged(
    db: &impl ConnectionTrait,
    container_id: i64,
    name: Option<&str>,
) -> Result<Vec<Tagged>, DbErr> {
    let mut select = tag::Entity::find()
        .select_only()
        .columns([
            tag::Column::Id,
            tag::Column::Name,
            tag::Column::Arch,
            tag::Column::Frozen,
            tag::Column::ManifestId,
            tag::Column::ImageId,
        ])
        .columns([image::Column::Sha256, image::Column::Kind])
        .join(JoinType::InnerJoin, join::image_of_tag())
        .filter(tag::Column::ContainerId.eq(container_id));
    if let Some(name) = name {
        select = select.filter(tag::Column::Name.eq(name));
    }
    select
        .order_by_desc(tag::Column::UpdatedAt)
        .order_by_desc(tag::Column::Id)
        .into_model()
        .all(db)
        .await
}

/// How many other tags point at an image.
pub async fn other_tags(
    db: &impl ConnectionTrait,
    image_id: i64,
    but: &[i64],
) -> Result<u64, DbErr> {
    tag::Entity::find()
        .filter(tag::Column::ImageId.eq(image_id))
        .filter(tag::Column::Id.is_not_in(but.iter().copied()))
        .count(db)
        .await
}

/// PostgreSQL would order by the rules of a language.
fn bytewise(engine: DbBackend) -> &'static str {
    match engine {
        DbBackend::Postgres => " COLLATE \"C\"",
        _ => "",
    }
}

/// The names of a container's tags after one of them, in order of their bytes.
pub async fn tag_names(
    db: &impl ConnectionTrait,
    container_id: i64,
    last: &str,
    limit: u64,
) -> Result<Vec<String>, DbErr> {
    let engine = db.get_database_backend();
    let order = bytewise(engine);
    let sql = format!(
        "SELECT name FROM (SELECT DISTINCT name FROM tags WHERE container_id = $1) t \
         WHERE name{order} > $2 ORDER BY name{order} LIMIT $3"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = [container_id.into(), last.into(), limit.into()];
    texts(db, &sql, values).await
}

/// The names of the repositories after one of them that have something in them, in order of their bytes. Private ones are listed
/// where `sees_all`, or for who is a person of their collection; `limited_to` narrows that, where it is not empty.
pub async fn repositories(
    db: &impl ConnectionTrait,
    who: &Reach<'_>,
    last: &str,
    limit: u64,
) -> Result<Vec<String>, DbErr> {
    let engine = db.get_database_backend();
    let order = bytewise(engine);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut values: Vec<sea_orm::Value> = vec![who.user.into(), last.into(), limit.into()];
    let mut private = if who.sees_all {
        "TRUE".to_owned()
    } else {
        "m.role IS NOT NULL".to_owned()
    };
    if !who.limited_to.is_empty() {
        let places: Vec<String> = who
            .limited_to
            .iter()
            .map(|name| {
                values.push(name.clone().into());
                format!("${}", values.len())
            })
            .collect();
        private = format!("{private} AND c.name IN ({})", places.join(", "));
    }
    let public = repo::pull::public(who.openness);
    let sql = format!(
        "SELECT name FROM (SELECT c.name || '/' || n.name AS name FROM collections c \
         JOIN containers n ON n.collection_id = c.id \
         LEFT JOIN collection_members m ON m.collection_id = c.id AND m.user_id = $1 \
         WHERE ({public} OR ({private})) \
         AND EXISTS (SELECT 1 FROM images i WHERE i.container_id = n.id AND i.pushed_at IS NOT NULL)) t \
         WHERE name{order} > $2 ORDER BY name{order} LIMIT $3"
    );
    texts(db, &sql, values).await
}

/// Who asks for a list of repositories.
#[derive(Debug, Clone, Copy)]
pub struct Reach<'a> {
    /// The user; absent for anonymous callers.
    pub user: Option<i64>,
    /// The caller sees every collection.
    pub sees_all: bool,
    /// What the registry shows to strangers.
    pub openness: Openness,
    /// The only collections whose private images the caller's credential reaches; empty for no limit.
    pub limited_to: &'a [String],
}

async fn texts(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = sea_orm::Value>,
) -> Result<Vec<String>, DbErr> {
    let engine = db.get_database_backend();
    let found = db
        .query_all_raw(Statement::from_sql_and_values(engine, sql, values))
        .await?;
    found
        .iter()
        .map(|row| row.try_get::<String>("", "name"))
        .collect()
}
