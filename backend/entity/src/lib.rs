//! Database rows of the registry, one module a table.
//!
//! Rule: rows only. Nothing here knows about HTTP, JSON or rights.

pub mod audit_entry;
pub mod blob;
pub mod collection;
pub mod collection_member;
pub mod container;
pub mod container_blob;
pub mod download;
pub mod identity;
pub mod image;
pub mod image_signature;
pub mod job_run;
pub mod key;
pub mod key_part;
pub mod key_user_id;
pub mod label;
pub mod manifest;
pub mod manifest_blob;
pub mod one_time_link;
pub mod robot;
pub mod session;
pub mod share_link;
pub mod share_use;
pub mod star;
pub mod tag;
pub mod tag_event;
pub mod team;
pub mod team_invitation;
pub mod team_member;
pub mod team_picture;
pub mod team_request;
pub mod token;
pub mod topic;
pub mod upload;
pub mod upload_session;
pub mod user;
pub mod webhook;
pub mod webhook_delivery;
