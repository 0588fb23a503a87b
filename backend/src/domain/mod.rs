//! What holds whatever the database, the protocol or the clock: names, references, rights.
//!
//! Rule: pure. No async, no IO, no `now()`; only `shared-types`, the standard library, and crates that compute.

pub mod access;
pub mod address;
pub mod hmac;
