//! What holds whatever the database, the protocol or the clock: names, references, rights.
//!
//! Rule: pure. No async, no IO, no `now()`; only `shared-types` and the standard library.

pub mod access;
