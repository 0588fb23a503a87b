//! Queries of a push: the container behind an id, the image that arrives, and what its people have used.

use chrono::{DateTime, Utc};
use entity::{collection, collection_member, container, image, tag, user};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, JoinType,
    QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use crate::{
    domain::access::Membership,
    repo::{self, join},
};

/// A container and its collection.
pub async fn container_by_id(
    db: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<(container::Model, String)>, DbErr> {
    let Some(row) = container::Entity::find_by_id(id).one(db).await? else {
        return Ok(None);
    };
    let collection = collection::Entity::find_by_id(row.collection_id)
        .one(db)
        .await?;
    Ok(collection.map(|collection| (row, collection.name)))
}

/// An image by id.
pub async fn image_by_id(
    db: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<image::Model>, DbErr> {
    image::Entity::find_by_id(id).one(db).await
}

/// An image that a client announces.
#[derive(Debug, Clone)]
pub struct NewImage {
    /// Where it belongs.
    pub container_id: i64,
    /// 64 hexadecimal digits.
    pub sha256: String,
    /// What its pusher says of it.
    pub description: String,
    /// Who pushes.
    pub created_by: i64,
    /// Now.
    pub created_at: DateTime<Utc>,
}

/// The image with this digest in this container, made if it was not there.
pub async fn ensure_image(
    tx: &impl ConnectionTrait,
    new: &NewImage,
) -> Result<image::Model, DbErr> {
    let row = image::ActiveModel {
        id: NotSet,
        container_id: Set(new.container_id),
        kind: Set(repo::manifest::SIF.to_owned()),
        sha256: Set(new.sha256.clone()),
        blob_id: Set(None),
        size: Set(0),
        arch: Set(None),
        description: Set(new.description.clone()),
        signed: Set(false),
        encrypted: Set(false),
        metadata: Set(None),
        inspected_at: Set(None),
        problem: Set(None),
        downloads: Set(0),
        created_by: Set(Some(new.created_by)),
        created_at: Set(new.created_at),
        pushed_at: Set(None),
    };
    let unique = [image::Column::ContainerId, image::Column::Sha256];
    image::Entity::insert(row)
        .on_conflict(OnConflict::columns(unique).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    image::Entity::find()
        .filter(image::Column::ContainerId.eq(new.container_id))
        .filter(image::Column::Sha256.eq(&new.sha256))
        .one(tx)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("the image just made".to_owned()))
}

/// Gives an image its bytes. False where it has them already.
pub async fn attach_blob(
    tx: &impl ConnectionTrait,
    image_id: i64,
    blob_id: i64,
    size: i64,
    arch: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let changed = image::Entity::update_many()
        .col_expr(image::Column::BlobId, Expr::value(blob_id))
        .col_expr(image::Column::Size, Expr::value(size))
        .col_expr(image::Column::Arch, Expr::value(arch))
        .col_expr(image::Column::PushedAt, Expr::value(now))
        .filter(image::Column::Id.eq(image_id))
        .filter(image::Column::BlobId.is_null())
        .filter(image::Column::Kind.eq(repo::manifest::SIF))
        .exec(tx)
        .await?;
    if changed.rows_affected != 1 {
        return Ok(false);
    }
    // What OCI clients sent counts in the size of the container already; from now on the image counts in its place.
    if let Some(image) = image_by_id(tx, image_id).await?
        && repo::held::unlink(tx, image.container_id, blob_id).await?
    {
        repo::container::add_size(tx, image.container_id, -size).await?;
    }
    Ok(true)
}

/// An image that is no SIF, complete with its manifest.
#[derive(Debug, Clone)]
pub struct NewOther {
    /// Where it belongs.
    pub container_id: i64,
    /// 64 hexadecimal digits of its manifest's digest.
    pub sha256: String,
    /// Bytes of all that the manifest names.
    pub size: i64,
    /// The architecture, where it is known.
    pub arch: Option<String>,
    /// JSON of `shared_types::OciMetadata`.
    pub metadata: Option<String>,
    /// Who pushes.
    pub created_by: i64,
    /// Now.
    pub created_at: DateTime<Utc>,
}

/// The image with this manifest in this container, made if it was not there.
pub async fn ensure_other(
    tx: &impl ConnectionTrait,
    new: &NewOther,
) -> Result<image::Model, DbErr> {
    let announced = NewImage {
        container_id: new.container_id,
        sha256: new.sha256.clone(),
        description: String::new(),
        created_by: new.created_by,
        created_at: new.created_at,
    };
    let row = ensure_image(tx, &announced).await?;
    if row.kind == repo::manifest::OCI {
        return Ok(row);
    }
    image::Entity::update_many()
        .col_expr(image::Column::Kind, Expr::value(repo::manifest::OCI))
        .col_expr(image::Column::Size, Expr::value(new.size))
        .col_expr(image::Column::Arch, Expr::value(new.arch.clone()))
        .col_expr(image::Column::Metadata, Expr::value(new.metadata.clone()))
        .col_expr(image::Column::InspectedAt, Expr::value(new.created_at))
        .col_expr(image::Column::PushedAt, Expr::value(new.created_at))
        .filter(image::Column::Id.eq(row.id))
        .filter(image::Column::BlobId.is_null())
        .exec(tx)
        .await?;
    let missing = || DbErr::RecordNotFound("the image just made".to_owned());
    image_by_id(tx, row.id).await?.ok_or_else(missing)
}

/// Counts bytes that have come to a container and its collection.
pub async fn add_bytes(
    tx: &impl ConnectionTrait,
    container: &container::Model,
    size: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    container::Entity::update_many()
        .col_expr(
            container::Column::SizeBytes,
            Expr::col(container::Column::SizeBytes).add(size),
        )
        .col_expr(container::Column::UpdatedAt, Expr::value(now))
        .filter(container::Column::Id.eq(container.id))
        .exec(tx)
        .await?;
    collection::Entity::update_many()
        .col_expr(
            collection::Column::SizeBytes,
            Expr::col(collection::Column::SizeBytes).add(size),
        )
        .col_expr(collection::Column::UpdatedAt, Expr::value(now))
        .filter(collection::Column::Id.eq(container.collection_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Removes an image whose bytes were refused, unless bytes have come meanwhile or something points at it.
pub async fn remove_empty_image(tx: &impl ConnectionTrait, image_id: i64) -> Result<(), DbErr> {
    let tags = sea_orm::sea_query::Query::select()
        .column(tag::Column::ImageId)
        .from(tag::Entity)
        .to_owned();
    image::Entity::delete_many()
        .filter(image::Column::Id.eq(image_id))
        .filter(image::Column::BlobId.is_null())
        .filter(image::Column::Kind.eq(repo::manifest::SIF))
        .filter(image::Column::Id.not_in_subquery(tags))
        .exec(tx)
        .await?;
    Ok(())
}

/// The bytes in all collections that a user made, or in one collection, and their own limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes in use.
    pub used: i64,
    /// The most that may be used, as stored; absent for the registry's own limit.
    pub limit: Option<i64>,
}

/// What a user has used.
pub async fn usage(db: &impl ConnectionTrait, user_id: i64) -> Result<Usage, DbErr> {
    // Added up here: the two engines give sums different types.
    let sizes: Vec<i64> = collection::Entity::find()
        .select_only()
        .column(collection::Column::SizeBytes)
        .filter(collection::Column::CreatedBy.eq(user_id))
        .into_tuple()
        .all(db)
        .await?;
    let owner = user::Entity::find_by_id(user_id).one(db).await?;
    Ok(Usage {
        used: sizes.into_iter().fold(0, i64::saturating_add),
        limit: owner.and_then(|owner| owner.quota_bytes),
    })
}

/// How many bytes a collection holds, and its own limit.
pub async fn usage_of_collection(
    db: &impl ConnectionTrait,
    collection_id: i64,
) -> Result<Usage, DbErr> {
    let found: Option<(i64, Option<i64>)> = collection::Entity::find_by_id(collection_id)
        .select_only()
        .columns([
            collection::Column::SizeBytes,
            collection::Column::QuotaBytes,
        ])
        .into_tuple()
        .one(db)
        .await?;
    let (used, limit) = found.unwrap_or_default();
    Ok(Usage { used, limit })
}

/// The user name behind an id.
pub async fn username(
    db: &impl ConnectionTrait,
    user_id: Option<i64>,
) -> Result<Option<String>, DbErr> {
    let Some(id) = user_id else { return Ok(None) };
    Ok(user::Entity::find_by_id(id)
        .one(db)
        .await?
        .map(|user| user.username))
}

/// A collection that has an image with certain bytes.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Holder {
    /// Its name.
    pub name: String,
    /// Only its people may see it.
    pub private: bool,
    role: Option<String>,
}

impl Holder {
    /// What the user is in it.
    pub fn membership(&self) -> Option<Membership> {
        self.role.as_deref().and_then(Membership::from_word)
    }
}

/// Among which collections one is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// This one alone.
    One(i64),
    /// Those that are public.
    Public,
    /// Those that the user belongs to.
    Own,
    /// All of them.
    All,
}

/// One of the collections that have an image with this blob. One is looked for, not all: thousands may have it.
pub async fn holder(
    db: &impl ConnectionTrait,
    blob_id: i64,
    user_id: i64,
    among: Among,
) -> Result<Option<Holder>, DbErr> {
    let to_member = collection::Entity::belongs_to(collection_member::Entity)
        .from(collection::Column::Id)
        .to(collection_member::Column::CollectionId)
        .on_condition(move |_, member| {
            Expr::col((member, collection_member::Column::UserId))
                .eq(user_id)
                .into()
        })
        .into();
    let found = image::Entity::find()
        .select_only()
        .column(collection::Column::Name)
        .column(collection::Column::Private)
        .column(collection_member::Column::Role)
        .join(JoinType::InnerJoin, join::container_of_image())
        .join(JoinType::InnerJoin, join::collection_of_container())
        .join(JoinType::LeftJoin, to_member)
        .filter(image::Column::BlobId.eq(blob_id));
    let found = match among {
        Among::One(id) => found.filter(collection::Column::Id.eq(id)),
        Among::Public => found.filter(collection::Column::Private.eq(false)),
        Among::Own => found.filter(collection_member::Column::Role.is_not_null()),
        Among::All => found,
    };
    found.into_model().one(db).await
}

/// All tags of a container.
pub async fn tags(db: &impl ConnectionTrait, container_id: i64) -> Result<Vec<tag::Model>, DbErr> {
    tag::Entity::find()
        .filter(tag::Column::ContainerId.eq(container_id))
        .order_by_asc(tag::Column::UpdatedAt)
        .order_by_asc(tag::Column::Id)
        .all(db)
        .await
}
