//! Logins at other providers.

use chrono::{DateTime, Utc};
use entity::{identity, user};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder,
    Statement,
    sea_query::{Expr, ExprTrait, Func},
};

/// What a provider says of someone.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The provider's word in URLs.
    pub provider: String,
    /// What the provider never gives to anybody else.
    pub subject: String,
    /// What people call it.
    pub login: String,
    /// In lower case.
    pub email: Option<String>,
    /// The provider vouches for the address.
    pub email_verified: bool,
}

/// Connects a login with a user. One that is connected already is a violated unique key.
pub async fn insert(
    tx: &impl ConnectionTrait,
    user_id: i64,
    facts: Facts,
    now: DateTime<Utc>,
) -> Result<identity::Model, DbErr> {
    let row = identity::ActiveModel {
        user_id: Set(user_id),
        provider: Set(facts.provider),
        subject: Set(facts.subject),
        login: Set(facts.login),
        email: Set(facts.email),
        email_verified: Set(facts.email_verified),
        created_at: Set(now),
        last_used_at: Set(now),
        ..Default::default()
    };
    identity::Entity::insert(row).exec_with_returning(tx).await
}

/// A login by what the provider calls it.
pub async fn find(
    db: &impl ConnectionTrait,
    provider: &str,
    subject: &str,
) -> Result<Option<identity::Model>, DbErr> {
    identity::Entity::find()
        .filter(identity::Column::Provider.eq(provider))
        .filter(identity::Column::Subject.eq(subject))
        .one(db)
        .await
}

/// Notes that a login was used, and what the provider says by now.
pub async fn touch(
    tx: &impl ConnectionTrait,
    id: i64,
    facts: Facts,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    identity::Entity::update_many()
        .col_expr(identity::Column::Login, Expr::value(facts.login))
        .col_expr(identity::Column::Email, Expr::value(facts.email))
        .col_expr(
            identity::Column::EmailVerified,
            Expr::value(facts.email_verified),
        )
        .col_expr(identity::Column::LastUsedAt, Expr::value(now))
        .filter(identity::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// A user's logins, oldest first.
pub async fn of_user(
    db: &impl ConnectionTrait,
    user_id: i64,
) -> Result<Vec<identity::Model>, DbErr> {
    identity::Entity::find()
        .filter(identity::Column::UserId.eq(user_id))
        .order_by_asc(identity::Column::Id)
        .all(db)
        .await
}

/// Takes a login from its user.
pub async fn delete(tx: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    identity::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Makes sign-ins with one address take turns until the transaction ends: one of two at once makes the account, and the other finds it.
pub async fn lock_email(tx: &impl ConnectionTrait, email: &str) -> Result<(), DbErr> {
    // On SQLite the transaction holds the write lock from its start.
    if tx.get_database_backend() == DbBackend::Postgres {
        let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7237119))";
        let lock = Statement::from_sql_and_values(DbBackend::Postgres, sql, [email.into()]);
        tx.execute_raw(lock).await?;
    }
    Ok(())
}

/// The users to whom an address belongs: it is in their account, or a provider vouches for it. Two are enough to know that it is not clear.
pub async fn users_of_email(
    db: &impl ConnectionTrait,
    email: &str,
) -> Result<Vec<user::Model>, DbErr> {
    let mut users = user::Entity::find()
        .filter(Expr::expr(Func::lower(Expr::col((user::Entity, user::Column::Email)))).eq(email))
        .all(db)
        .await?;
    let vouched = identity::Entity::find()
        .filter(identity::Column::Email.eq(email))
        .filter(identity::Column::EmailVerified.eq(true))
        .all(db)
        .await?;
    for row in vouched {
        if users.iter().all(|user| user.id != row.user_id) {
            users.extend(user::Entity::find_by_id(row.user_id).one(db).await?);
        }
    }
    Ok(users)
}
