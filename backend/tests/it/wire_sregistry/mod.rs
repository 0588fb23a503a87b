//! The original registry's protocol from the outside: what its command line client sends, and its scripts.

mod client;
mod defects;
mod defects_security;
mod labels;
mod lists;
mod push;
mod shub;
mod signatures;
mod tokens;

pub use client::{Cli, sign};
