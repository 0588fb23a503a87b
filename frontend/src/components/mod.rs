//! The pieces that pages are made of.

pub mod act;
pub mod activity;
pub mod audit;
pub mod code;
pub mod command;
pub mod copy;
pub mod dialog;
pub mod dock;
pub mod error;
pub mod field;
pub mod find;
pub mod form;
pub mod frame;
pub mod icon;
pub mod limits;
pub mod lists;
pub mod load;
pub mod menu;
pub mod notices;
pub mod pager;
pub mod pages_of;
pub mod progress;
pub mod robot;
pub mod signed_in;
pub mod star;
mod target;
pub mod when;
