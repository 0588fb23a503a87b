//! Robots: accounts of programs.

use std::future::Future;

use gloo_net::http::Method;
use shared_types::{NewRobot, Robot, RobotChange, RobotPage};

use super::{ApiResult, client, query};
use crate::routes::encode;

/// A page of robots: those of a collection, or all that the person manages.
pub fn list(
    collection: &str,
    words: &str,
    cursor: &str,
) -> impl Future<Output = ApiResult<RobotPage>> + use<> {
    let parts = query(&[("collection", collection), ("q", words), ("cursor", cursor)]);
    client::get(&format!("/robots{parts}"))
}

/// One robot.
pub fn get(name: &str) -> impl Future<Output = ApiResult<Robot>> + use<> {
    client::get(&format!("/robots/{}", encode(name)))
}

/// Makes a robot.
pub async fn create(new: &NewRobot) -> ApiResult<Robot> {
    client::send(Method::POST, "/robots", new).await
}

/// Changes a robot.
pub async fn change(name: &str, change: &RobotChange) -> ApiResult<Robot> {
    client::send(Method::PATCH, &format!("/robots/{}", encode(name)), change).await
}

/// Deletes a robot.
pub async fn delete(name: &str) -> ApiResult<()> {
    client::delete(&format!("/robots/{}", encode(name))).await
}
