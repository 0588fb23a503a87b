//! The pages, one file each.

pub mod about;
pub mod collection;
pub mod collection_settings;
pub mod collections;
pub mod container;
pub mod errors;
pub mod home;
pub mod keys;
pub mod labels;
pub mod login;
pub mod logins;
pub mod new_collection;
pub mod password;
pub mod people;
pub mod profile;
pub mod robots;
pub mod search;
pub mod setup;
pub mod teams;
pub mod terms;
pub mod token;
pub mod tools;
pub mod treemap;
pub mod upload;
pub mod users;
