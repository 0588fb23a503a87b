//! Pure helpers, testable without a browser.

pub mod bytes;
pub mod query;
pub mod recipe;
pub mod text;
pub mod time;
