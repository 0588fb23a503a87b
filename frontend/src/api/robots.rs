//! Robots: accounts of programs.

use gloo_net::http::Method;
use shared_types::{NewRobot, Robot, RobotChange, RobotPage};

use super::{Call, client, query};
use crate::routes::encode;

/// A page of robots: those of a collection, or all that the person manages.
pub fn list(collection: &str, words: &str, cursor: &str) -> Call<RobotPage> {
    let parts = query(&[("collection", collection), ("q", words), ("cursor", cursor)]);
    client::get(&format!("/robots{parts}"))
}

/// One robot.
pub fn get(name: &str) -> Call<Robot> {
    client::get(&format!("/robots/{}", encode(name)))
}

/// Makes a robot.
pub fn create(new: &NewRobot) -> Call<Robot> {
    client::send(Method::POST, "/robots", new)
}

/// Changes a robot.
pub fn change(name: &str, change: &RobotChange) -> Call<Robot> {
    client::send(Method::PATCH, &format!("/robots/{}", encode(name)), change)
}

/// Deletes a robot.
pub fn delete(name: &str) -> Call<()> {
    client::delete(&format!("/robots/{}", encode(name)))
}
