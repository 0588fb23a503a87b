//! Database queries, one module a table: SQL and rows only.
//!
//! Rule: free functions over `ConnectionTrait`, so that they compose inside a transaction. No rights, no HTTP, no store.

pub mod account;
pub mod activity;
pub mod audit;
pub mod blob;
pub mod catalog;
pub mod collection;
pub mod collection_change;
pub mod container;
pub mod download;
pub mod held;
pub mod identity;
pub mod image;
pub mod job_run;
mod join;
pub mod key;
pub mod label;
pub mod limit;
pub mod link;
pub mod manifest;
pub mod member;
pub mod pull;
pub mod push;
pub mod referrer;
pub mod robot;
pub mod session;
pub mod share;
pub mod signature;
pub mod star;
pub mod storage;
pub mod tag;
pub mod team;
pub mod team_entry;
pub mod team_picture;
pub mod token;
pub mod topic;
pub mod treemap;
pub mod upkeep;
pub mod upload;
pub mod upload_session;
pub mod user;
pub mod webhook;

use sea_orm::{
    ExprTrait,
    sea_query::{Expr, Func, IntoColumnRef, LikeExpr, SimpleExpr},
};

/// “The column contains these words, in any case.” What is a wildcard to the database is a letter here.
///
/// SQLite knows the cases of ASCII letters only: other letters are found there as they were written.
pub fn like(column: impl IntoColumnRef + Clone, words: &str) -> SimpleExpr {
    let contains = |pattern: &str| {
        Func::lower(Expr::col(column.clone())).like(LikeExpr::new(pattern).escape('\\'))
    };
    let found = contains(&pattern(&words.to_lowercase()));
    if words.is_ascii() {
        return found;
    }
    found.or(contains(&pattern(&words.to_ascii_lowercase())))
}

fn pattern(words: &str) -> String {
    let mut pattern = String::with_capacity(words.len() + 2);
    pattern.push('%');
    for letter in words.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// The sum of a column, 0 over no rows. PostgreSQL would make it a decimal number.
pub fn sum(column: impl IntoColumnRef) -> SimpleExpr {
    let sum = Func::coalesce([Expr::col(column).sum(), Expr::val(0)]);
    Func::cast_as(sum, "bigint").into()
}
