//! What all pages share, as contexts: the session, notices, and what a person chose.

mod address;
pub mod asked;
pub mod choice;
pub mod session;
pub mod theme;
pub mod toasts;

pub use address::{use_go, use_here, use_query};
pub use asked::ask;
pub use session::use_session;
pub use toasts::use_toasts;
