//! Signatures inside images.

use chrono::{DateTime, Utc};
use entity::image_signature;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::Expr,
};

/// A signature as it was found in a file.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The number of its object.
    pub object_id: i64,
    /// A word of `shared_types::SignatureKind`.
    pub kind: String,
    /// Of the primary key that the file names.
    pub fingerprint: Option<String>,
    /// The key id that the signature names.
    pub signer: Option<String>,
    /// Why what was signed is not what is in the file.
    pub file_problem: Option<String>,
    /// Comma separated numbers of the objects that it covers.
    pub objects: String,
    /// It covers every object that is not a signature.
    pub complete: bool,
    /// The signature.
    pub message: Vec<u8>,
}

/// What was found out about a signature.
#[derive(Debug, Clone)]
pub struct Checked {
    /// A word of `shared_types::SignatureState`.
    pub state: String,
    /// Why.
    pub problem: Option<String>,
    /// The key that it was checked with.
    pub key_id: Option<i64>,
    /// When it was made.
    pub signed_at: Option<DateTime<Utc>>,
    /// When it or its key ends.
    pub valid_until: Option<DateTime<Utc>>,
}

/// What is known of a signature, for those who ask no more than whether it holds.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Standing {
    /// A word of `shared_types::SignatureState`, without regard to `valid_until`.
    pub state: String,
    /// It covers every object that is not a signature.
    pub complete: bool,
    /// When it or its key ends.
    pub valid_until: Option<DateTime<Utc>>,
}

/// Notes the signatures of an image, in place of what was known. They are to be checked.
pub async fn replace(
    tx: &impl ConnectionTrait,
    image_id: i64,
    state: &str,
    found: Vec<Found>,
) -> Result<(), DbErr> {
    image_signature::Entity::delete_many()
        .filter(image_signature::Column::ImageId.eq(image_id))
        .exec(tx)
        .await?;
    if found.is_empty() {
        return Ok(());
    }
    let rows = found.into_iter().map(|found| image_signature::ActiveModel {
        id: NotSet,
        image_id: Set(image_id),
        object_id: Set(found.object_id),
        kind: Set(found.kind),
        fingerprint: Set(found.fingerprint),
        signer: Set(found.signer),
        key_id: Set(None),
        state: Set(state.to_owned()),
        problem: Set(None),
        file_problem: Set(found.file_problem),
        objects: Set(found.objects),
        complete: Set(found.complete),
        message: Set(found.message),
        signed_at: Set(None),
        valid_until: Set(None),
        checked_at: Set(None),
    });
    image_signature::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await
        .map(drop)
}

/// Takes signatures that are to be checked, and marks them as checked in this transaction: whoever changes a key meanwhile waits for
/// its end, and asks for another check.
pub async fn claim(
    tx: &impl ConnectionTrait,
    limit: u64,
    now: DateTime<Utc>,
) -> Result<Vec<image_signature::Model>, DbErr> {
    let ids: Vec<i64> = image_signature::Entity::find()
        .select_only()
        .column(image_signature::Column::Id)
        .filter(image_signature::Column::CheckedAt.is_null())
        .order_by_asc(image_signature::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(tx)
        .await?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    image_signature::Entity::update_many()
        .col_expr(image_signature::Column::CheckedAt, Expr::value(now))
        .filter(image_signature::Column::Id.is_in(ids))
        .filter(image_signature::Column::CheckedAt.is_null())
        .exec_with_returning(tx)
        .await
}

/// Notes what was found out.
pub async fn set_checked(
    tx: &impl ConnectionTrait,
    id: i64,
    checked: Checked,
) -> Result<(), DbErr> {
    image_signature::Entity::update_many()
        .col_expr(image_signature::Column::State, Expr::value(checked.state))
        .col_expr(
            image_signature::Column::Problem,
            Expr::value(checked.problem),
        )
        .col_expr(image_signature::Column::KeyId, Expr::value(checked.key_id))
        .col_expr(
            image_signature::Column::SignedAt,
            Expr::value(checked.signed_at),
        )
        .col_expr(
            image_signature::Column::ValidUntil,
            Expr::value(checked.valid_until),
        )
        .filter(image_signature::Column::Id.eq(id))
        .exec(tx)
        .await
        .map(drop)
}

/// Asks for another check of the signatures that a key may have made.
pub async fn recheck(
    tx: &impl ConnectionTrait,
    key_id: i64,
    fingerprint: &str,
    long_ids: &[String],
) -> Result<(), DbErr> {
    let theirs = Condition::any()
        .add(image_signature::Column::KeyId.eq(key_id))
        .add(image_signature::Column::Fingerprint.eq(fingerprint))
        .add(image_signature::Column::Signer.is_in(long_ids));
    image_signature::Entity::update_many()
        .col_expr(
            image_signature::Column::CheckedAt,
            Expr::value(Option::<DateTime<Utc>>::None),
        )
        .filter(theirs)
        .exec(tx)
        .await
        .map(drop)
}

/// The signatures of an image, in the order of the file.
pub async fn of_image(
    db: &impl ConnectionTrait,
    image_id: i64,
) -> Result<Vec<image_signature::Model>, DbErr> {
    image_signature::Entity::find()
        .filter(image_signature::Column::ImageId.eq(image_id))
        .order_by_asc(image_signature::Column::ObjectId)
        .order_by_asc(image_signature::Column::Id)
        .all(db)
        .await
}

/// What is known of the signatures of these images, with the image of each.
pub async fn standings(
    db: &impl ConnectionTrait,
    images: impl IntoIterator<Item = i64>,
) -> Result<Vec<(i64, Standing)>, DbErr> {
    let rows: Vec<(i64, String, bool, Option<DateTime<Utc>>)> = image_signature::Entity::find()
        .select_only()
        .columns([
            image_signature::Column::ImageId,
            image_signature::Column::State,
            image_signature::Column::Complete,
            image_signature::Column::ValidUntil,
        ])
        .filter(image_signature::Column::ImageId.is_in(images))
        .into_tuple()
        .all(db)
        .await?;
    let known = rows
        .into_iter()
        .map(|(image, state, complete, valid_until)| {
            let standing = Standing {
                state,
                complete,
                valid_until,
            };
            (image, standing)
        });
    Ok(known.collect())
}
