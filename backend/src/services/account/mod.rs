//! A person's account as a whole: giving out all that is kept about them, and deleting it.
//!
//! Rule: what others depend on is never left without somebody who can act, and what a person did stays in the log under a name that says nothing.

mod deletion;
mod export;

pub use deletion::{delete, delete_own, preview, preview_own};
pub use export::export;
