//! The JSON API of collections, containers, images and tags, asked over HTTP.

mod collections;
mod deletion;
mod explore;
mod images;
mod invisible;
mod lists;
mod private_only;
mod stars;
mod tags;
