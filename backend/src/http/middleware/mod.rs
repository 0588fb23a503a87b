//! What every request passes through, outermost first: request id, access log, panic guard, security headers, credentials,
//! the source for the audit log.
//!
//! Rule: a middleware looks at the request as a whole; it knows no resource.

pub mod auth;
pub mod guard;
pub mod log;
pub mod request_id;
pub mod secret;
pub mod security;
pub mod source;
