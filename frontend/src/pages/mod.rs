//! The pages, one file each.

pub mod about;
pub mod collection;
pub mod collection_settings;
pub mod collections;
pub mod container;
pub mod errors;
pub mod home;
pub mod login;
pub mod logins;
pub mod new_collection;
pub mod password;
pub mod search;
pub mod setup;
pub mod terms;
pub mod token;
pub mod upload;
pub mod users;
