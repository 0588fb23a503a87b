//! What all pages share, as contexts: the session, notices, and what a person chose.

pub mod choice;
pub mod session;
pub mod theme;
pub mod toasts;

pub use session::use_session;
pub use toasts::use_toasts;
