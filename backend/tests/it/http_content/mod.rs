//! The JSON API of collections, containers, images and tags, asked over HTTP.

mod collections;
mod deletion;
mod images;
mod invisible;
mod lists;
mod tags;
