//! Keys: finding them by everything that clients know of one.

use chrono::{DateTime, Utc};
use entity::{key, key_part, key_user_id, user};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
    sea_query::{Expr, OnConflict},
};

use crate::repo::{join, like};

/// What a search asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Every key.
    All,
    /// Keys that this user brought.
    BroughtBy(i64),
    /// The key with this fingerprint, its own or a subkey's, in upper case digits.
    Fingerprint(String),
    /// Keys with this id of 16 upper case digits.
    LongId(String),
    /// Keys with this id of 8 upper case digits.
    ShortId(String),
    /// Keys with a user id that has this address, in lower case.
    Email(String),
    /// Keys with a user id that is this text, in lower case.
    Text(String),
    /// Keys with a user id that contains all these words.
    Words(Vec<String>),
}

/// A key as it is written.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its fingerprint.
    pub fingerprint: String,
    /// The algorithm's number.
    pub algorithm: i32,
    /// Bits of the primary key.
    pub bits: i32,
    /// The packets.
    pub packets: Vec<u8>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// Its owner took it back.
    pub revoked: bool,
    /// Fingerprint and id of the primary key and the subkeys.
    pub parts: Vec<(String, String)>,
    /// Its user ids.
    pub users: Vec<User>,
}

/// A user id as it is written.
#[derive(Debug, Clone)]
pub struct User {
    /// The text.
    pub text: String,
    /// The address in it.
    pub email: Option<String>,
    /// When it was certified.
    pub created_at: DateTime<Utc>,
    /// Its owner took it back.
    pub revoked: bool,
}

/// Keys that a search asks for, in no order yet.
pub fn search(wanted: &Wanted) -> Select<key::Entity> {
    let part = |column: key_part::Column, digits: &str| {
        let ids = key_part::Entity::find()
            .select_only()
            .column(key_part::Column::KeyId)
            .filter(column.eq(digits));
        key::Column::Id.in_subquery(ids.into_query())
    };
    let user = |condition: Condition| {
        let ids = key_user_id::Entity::find()
            .select_only()
            .column(key_user_id::Column::KeyId)
            .filter(condition);
        key::Column::Id.in_subquery(ids.into_query())
    };
    let keys = key::Entity::find();
    match wanted {
        Wanted::All => keys,
        Wanted::BroughtBy(user) => keys.filter(key::Column::UserId.eq(*user)),
        Wanted::Fingerprint(digits) => keys.filter(part(key_part::Column::Fingerprint, digits)),
        Wanted::LongId(digits) => keys.filter(part(key_part::Column::LongId, digits)),
        Wanted::ShortId(digits) => keys.filter(part(key_part::Column::ShortId, digits)),
        Wanted::Email(address) => keys.filter(user(
            Condition::all().add(key_user_id::Column::Email.eq(address)),
        )),
        Wanted::Text(text) => keys.filter(user(
            Condition::all().add(key_user_id::Column::Search.eq(text)),
        )),
        Wanted::Words(words) => {
            let contains = |word: &String| like(key_user_id::Column::Search, word);
            let all = words.iter().map(contains);
            keys.filter(user(all.fold(Condition::all(), Condition::add)))
        }
    }
}

/// A key by the fingerprint of its primary key.
pub async fn by_fingerprint(
    db: &impl ConnectionTrait,
    fingerprint: &str,
) -> Result<Option<key::Model>, DbErr> {
    key::Entity::find()
        .filter(key::Column::Fingerprint.eq(fingerprint))
        .one(db)
        .await
}

/// Keys by the id of any of their parts: several may share one.
pub async fn by_long_id(
    db: &impl ConnectionTrait,
    long_id: &str,
    limit: u64,
) -> Result<Vec<key::Model>, DbErr> {
    search(&Wanted::LongId(long_id.to_owned()))
        .order_by_asc(key::Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// Keys by their rows' ids, in no order.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> Result<Vec<key::Model>, DbErr> {
    key::Entity::find()
        .filter(key::Column::Id.is_in(ids))
        .all(db)
        .await
}

/// Finds or makes the row of a key, and keeps it for this transaction. What is in a new one comes with `write`.
pub async fn claim(
    tx: &impl ConnectionTrait,
    fingerprint: &str,
    now: DateTime<Utc>,
) -> Result<key::Model, DbErr> {
    let row = key::ActiveModel {
        id: NotSet,
        fingerprint: Set(fingerprint.to_owned()),
        algorithm: Set(0),
        bits: Set(0),
        packets: Set(Vec::new()),
        created_at: Set(now),
        expires_at: Set(None),
        revoked: Set(false),
        user_id: Set(None),
        added_at: Set(now),
        updated_at: Set(now),
    };
    // A write of what is there already locks the row, in the words of both engines.
    let known = OnConflict::column(key::Column::Fingerprint)
        .update_column(key::Column::Fingerprint)
        .to_owned();
    key::Entity::insert(row)
        .on_conflict(known)
        .exec_with_returning(tx)
        .await
}

/// Writes what a key holds, in place of what was there.
pub async fn write(
    tx: &impl ConnectionTrait,
    id: i64,
    key: &Written,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    key::Entity::update_many()
        .col_expr(key::Column::Algorithm, Expr::value(key.algorithm))
        .col_expr(key::Column::Bits, Expr::value(key.bits))
        .col_expr(key::Column::Packets, Expr::value(key.packets.clone()))
        .col_expr(key::Column::CreatedAt, Expr::value(key.created_at))
        .col_expr(key::Column::ExpiresAt, Expr::value(key.expires_at))
        .col_expr(key::Column::Revoked, Expr::value(key.revoked))
        .col_expr(key::Column::UpdatedAt, Expr::value(now))
        .filter(key::Column::Id.eq(id))
        .exec(tx)
        .await?;
    key_part::Entity::delete_many()
        .filter(key_part::Column::KeyId.eq(id))
        .exec(tx)
        .await?;
    let parts = key
        .parts
        .iter()
        .map(|(fingerprint, long_id)| key_part::ActiveModel {
            id: NotSet,
            key_id: Set(id),
            fingerprint: Set(fingerprint.clone()),
            long_id: Set(long_id.clone()),
            short_id: Set(long_id.get(8..).unwrap_or_default().to_owned()),
        });
    key_part::Entity::insert_many(parts)
        .exec_without_returning(tx)
        .await?;
    key_user_id::Entity::delete_many()
        .filter(key_user_id::Column::KeyId.eq(id))
        .exec(tx)
        .await?;
    let users = key.users.iter().map(|user| key_user_id::ActiveModel {
        id: NotSet,
        key_id: Set(id),
        text: Set(user.text.clone()),
        search: Set(user.text.to_lowercase()),
        email: Set(user.email.clone()),
        created_at: Set(user.created_at),
        revoked: Set(user.revoked),
    });
    if !key.users.is_empty() {
        key_user_id::Entity::insert_many(users)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Notes who brought a key, where nobody is noted yet.
pub async fn bind(tx: &impl ConnectionTrait, id: i64, user_id: i64) -> Result<(), DbErr> {
    key::Entity::update_many()
        .col_expr(key::Column::UserId, Expr::value(user_id))
        .filter(key::Column::Id.eq(id))
        .filter(key::Column::UserId.is_null())
        .exec(tx)
        .await
        .map(drop)
}

/// The user ids of keys, in order.
pub async fn users_of(
    db: &impl ConnectionTrait,
    keys: impl IntoIterator<Item = i64>,
) -> Result<Vec<key_user_id::Model>, DbErr> {
    key_user_id::Entity::find()
        .filter(key_user_id::Column::KeyId.is_in(keys))
        .order_by_asc(key_user_id::Column::Id)
        .all(db)
        .await
}

/// The names of the people who brought keys.
pub async fn owners_of(
    db: &impl ConnectionTrait,
    keys: impl IntoIterator<Item = i64>,
) -> Result<Vec<(i64, String)>, DbErr> {
    key::Entity::find()
        .select_only()
        .column(key::Column::Id)
        .column(user::Column::Username)
        .join(sea_orm::JoinType::InnerJoin, join::user_of_key())
        .filter(key::Column::Id.is_in(keys))
        .into_tuple()
        .all(db)
        .await
}

/// Removes a key.
pub async fn delete(tx: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    key::Entity::delete_by_id(id).exec(tx).await.map(drop)
}
