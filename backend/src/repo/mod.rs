//! Database queries, one module a table: SQL and rows only.
//!
//! Rule: free functions over `ConnectionTrait`, so that they compose inside a transaction. No rights, no HTTP, no store.

pub mod blob;
pub mod collection;
pub mod container;
pub mod download;
pub mod image;
pub mod link;
pub mod session;
pub mod tag;
pub mod token;
pub mod upload;
pub mod user;
