//! What all pages share, as contexts: the session, notices, and what a person chose.

pub mod asked;
pub mod choice;
mod go;
pub mod session;
pub mod theme;
pub mod toasts;

pub use asked::ask;
pub use go::use_go;
pub use session::use_session;
pub use toasts::use_toasts;
