//! `library://` from the outside: what real clients send, in their order, to a real server.

mod bad_input;
mod bytes;
pub mod client;
mod discovery;
mod multipart;
mod private;
mod pull;
mod push;
mod search;
mod transcripts;

pub use client::{Answer, Library, hex_of, image_for, image_of_size};
