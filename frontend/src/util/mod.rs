//! Pure helpers, testable without a browser.

pub mod bytes;
pub mod html;
pub mod json;
pub mod number;
pub mod query;
pub mod recipe;
pub mod squarify;
pub mod text;
pub mod time;
