//! What can be added to the registry without touching its use cases: ways to sign in.
//!
//! Rule: services know a plugin only by its trait. A plugin knows neither database nor HTTP server; time and randomness are given to it.

pub mod auth;
