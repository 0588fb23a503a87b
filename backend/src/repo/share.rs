//! Links that share images, and their uses.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{collection, container, image, share_link, share_use, user};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult,
    JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::Expr,
};

use crate::repo::join;

/// How long a link that has ended is kept, so that whoever follows it is told so, in days.
const KEPT: i64 = 30;
/// How long an interrupted download may be taken up again, in hours.
pub const RESUMED_WITHIN: i64 = 24;

/// What a new link is made from.
#[derive(Debug, Clone)]
pub struct New {
    /// What people and programs call it.
    pub public_id: String,
    /// The hash of the secret.
    pub secret_hash: String,
    /// What it shares.
    pub image_id: i64,
    /// The tag that was named.
    pub tag: Option<String>,
    /// What it is for.
    pub note: String,
    /// Who makes it.
    pub created_by: i64,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
    /// How many downloads it gives.
    pub max_uses: Option<i64>,
}

/// Makes a link.
pub async fn insert(
    tx: &impl ConnectionTrait,
    new: New,
    now: DateTime<Utc>,
) -> Result<share_link::Model, DbErr> {
    let row = share_link::ActiveModel {
        id: NotSet,
        public_id: Set(new.public_id),
        secret_hash: Set(new.secret_hash),
        image_id: Set(Some(new.image_id)),
        tag: Set(new.tag),
        note: Set(new.note),
        created_by: Set(Some(new.created_by)),
        created_at: Set(now),
        expires_at: Set(new.expires_at),
        max_uses: Set(new.max_uses),
        uses: Set(0),
        last_used_at: Set(None),
        revoked_at: Set(None),
    };
    share_link::Entity::insert(row)
        .exec_with_returning(tx)
        .await
}

/// How many links of a user have not ended by time.
pub async fn count_live(
    db: &impl ConnectionTrait,
    user_id: i64,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    of_user(user_id)
        .filter(share_link::Column::ExpiresAt.gt(now))
        .filter(share_link::Column::RevokedAt.is_null())
        .count(db)
        .await
}

/// A link by the hash of its secret, with whoever made it.
pub async fn by_secret(
    db: &impl ConnectionTrait,
    secret_hash: &str,
) -> Result<Option<(share_link::Model, Option<user::Model>)>, DbErr> {
    share_link::Entity::find()
        .filter(share_link::Column::SecretHash.eq(secret_hash))
        .join(JoinType::LeftJoin, join::user_of_share())
        .select_also(user::Entity)
        .one(db)
        .await
}

/// A link by its public id.
pub async fn find(
    db: &impl ConnectionTrait,
    public_id: &str,
) -> Result<Option<share_link::Model>, DbErr> {
    share_link::Entity::find()
        .filter(share_link::Column::PublicId.eq(public_id))
        .one(db)
        .await
}

/// A user's links, in no order yet.
pub fn of_user(user_id: i64) -> Select<share_link::Entity> {
    share_link::Entity::find().filter(share_link::Column::CreatedBy.eq(user_id))
}

/// The links of an image, in no order yet.
pub fn of_image(image_id: i64) -> Select<share_link::Entity> {
    share_link::Entity::find().filter(share_link::Column::ImageId.eq(image_id))
}

/// What a link shares, by name.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Target {
    /// The image.
    pub image_id: i64,
    /// The collection's name.
    pub collection: String,
    /// The container's name.
    pub container: String,
    /// The digits of the digest.
    pub sha256: String,
}

/// These images, by name.
pub async fn targets(
    db: &impl ConnectionTrait,
    images: impl IntoIterator<Item = i64>,
) -> Result<Vec<Target>, DbErr> {
    image::Entity::find()
        .select_only()
        .column_as(image::Column::Id, "image_id")
        .column_as(collection::Column::Name, "collection")
        .column_as(container::Column::Name, "container")
        .column(image::Column::Sha256)
        .join(JoinType::InnerJoin, join::container_of_image())
        .join(JoinType::InnerJoin, join::collection_of_container())
        .filter(image::Column::Id.is_in(images))
        .into_model::<Target>()
        .all(db)
        .await
}

/// Ends a link.
pub async fn revoke(tx: &impl ConnectionTrait, id: i64, now: DateTime<Utc>) -> Result<(), DbErr> {
    share_link::Entity::update_many()
        .col_expr(share_link::Column::RevokedAt, Expr::value(now))
        .filter(share_link::Column::Id.eq(id))
        .filter(share_link::Column::RevokedAt.is_null())
        .exec(tx)
        .await
        .map(drop)
}

/// Notes that a link is followed and reads it. The row stays locked until the transaction ends, so that uses take turns.
pub async fn follow(
    tx: &impl ConnectionTrait,
    id: i64,
    now: DateTime<Utc>,
) -> Result<Option<share_link::Model>, DbErr> {
    share_link::Entity::update_many()
        .col_expr(share_link::Column::LastUsedAt, Expr::value(now))
        .filter(share_link::Column::Id.eq(id))
        .exec(tx)
        .await?;
    share_link::Entity::find_by_id(id).one(tx).await
}

/// The latest use of a link by a client, if it may still be taken up.
pub async fn latest_use(
    tx: &impl ConnectionTrait,
    link: i64,
    client: &str,
    now: DateTime<Utc>,
) -> Result<Option<share_use::Model>, DbErr> {
    share_use::Entity::find()
        .filter(share_use::Column::ShareLinkId.eq(link))
        .filter(share_use::Column::Client.eq(client))
        .filter(share_use::Column::StartedAt.gt(now - TimeDelta::hours(RESUMED_WITHIN)))
        .order_by_desc(share_use::Column::Id)
        .one(tx)
        .await
}

/// Takes one use of a link, for a first transfer of so many bytes. Returns the use's id.
pub async fn begin_use(
    tx: &impl ConnectionTrait,
    link: i64,
    client: &str,
    bytes: i64,
    now: DateTime<Utc>,
) -> Result<i64, DbErr> {
    share_link::Entity::update_many()
        .col_expr(
            share_link::Column::Uses,
            Expr::col(share_link::Column::Uses).add(1),
        )
        .filter(share_link::Column::Id.eq(link))
        .exec(tx)
        .await?;
    let row = share_use::ActiveModel {
        id: NotSet,
        share_link_id: Set(link),
        client: Set(client.to_owned()),
        started_at: Set(now),
        bytes: Set(bytes),
        finished_at: Set(None),
    };
    let row = share_use::Entity::insert(row)
        .exec_with_returning(tx)
        .await?;
    Ok(row.id)
}

/// Adds bytes to a use; a negative number takes away.
pub async fn add_bytes(tx: &impl ConnectionTrait, id: i64, bytes: i64) -> Result<(), DbErr> {
    share_use::Entity::update_many()
        .col_expr(
            share_use::Column::Bytes,
            Expr::col(share_use::Column::Bytes).add(bytes),
        )
        .filter(share_use::Column::Id.eq(id))
        .exec(tx)
        .await
        .map(drop)
}

/// Notes that the end of the file was sent.
pub async fn finish_use(
    tx: &impl ConnectionTrait,
    id: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    share_use::Entity::update_many()
        .col_expr(share_use::Column::FinishedAt, Expr::value(now))
        .filter(share_use::Column::Id.eq(id))
        .exec(tx)
        .await
        .map(drop)
}

/// Removes uses that nobody can take up any more, and links that ended long ago.
pub async fn delete_ended(tx: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
    let before = now - TimeDelta::hours(RESUMED_WITHIN);
    share_use::Entity::delete_many()
        .filter(share_use::Column::StartedAt.lt(before))
        .exec(tx)
        .await?;
    let before = now - TimeDelta::days(KEPT);
    share_link::Entity::delete_many()
        .filter(
            Condition::any()
                .add(share_link::Column::ExpiresAt.lt(before))
                .add(share_link::Column::RevokedAt.lt(before)),
        )
        .exec(tx)
        .await
        .map(drop)
}
