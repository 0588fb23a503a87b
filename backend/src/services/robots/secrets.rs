//! The tokens of robots: made, listed, rotated and revoked by whoever manages the robot.
//!
//! Rule: a robot's token administers nothing, whoever makes it.

use shared_types::{IssuedToken, NewToken, Scope, TokenPage};

use super::find;
use crate::{
    domain::access::{Grant, Person, Viewer},
    services::{Core, Error, Result, audit::Actor, tokens, users},
};

/// The robot as the person whom its tokens speak for.
async fn person_of(core: &Core, viewer: &Viewer, name: &str) -> Result<Person> {
    users::person_of(&find(core, viewer, name).await?.user)
}

/// A robot's tokens, newest first.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn list_tokens(core: &Core, viewer: &Viewer, name: &str) -> Result<TokenPage> {
    let robot = person_of(core, viewer, name).await?;
    tokens::list_of(core, &robot).await
}

/// Makes a token for a robot.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `Invalid`, `Conflict` where there are too many.
pub async fn create_token(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    new: NewToken,
) -> Result<IssuedToken> {
    let robot = person_of(core, viewer, name).await?;
    check_token(&new)?;
    let own = Viewer::of(robot, Grant::Local, core.openness());
    tokens::create_as(core, &own, &new, Actor::of(core, viewer)).await
}

/// Refuses what no robot's token may do.
///
/// # Errors
/// `Invalid`.
pub fn check_token(new: &NewToken) -> Result<()> {
    if new.scope == Some(Scope::Admin) {
        let sentence =
            "a robot's token pulls, pushes or manages collections; it administers nothing";
        return Err(Error::invalid("scope", sentence));
    }
    Ok(())
}

/// Gives a token of a robot a new secret; the old one stops working at once.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `Conflict` where it has expired.
pub async fn rotate_token(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    id: &str,
) -> Result<IssuedToken> {
    let robot = person_of(core, viewer, name).await?;
    tokens::rotate_of(core, &robot, id, Actor::of(core, viewer)).await
}

/// Revokes a token of a robot: it stops working at once.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn revoke_token(core: &Core, viewer: &Viewer, name: &str, id: &str) -> Result<()> {
    let robot = person_of(core, viewer, name).await?;
    tokens::revoke_of(core, &robot, id, Actor::of(core, viewer)).await
}
