//! Robots of the JSON API, and their tokens.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use shared_types::{IssuedToken, NewRobot, NewToken, Robot, RobotChange, RobotPage, TokenPage};

use super::{
    Tag,
    error::ApiError,
    reply::{Created, Done},
};
use crate::{
    http::extract::{Body, SignedIn},
    services::{
        Core,
        paging::Window,
        robots::{self, Listing},
    },
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Robots;

#[OpenApi(tag = "Tag::Robots")]
impl Robots {
    /// List robots
    ///
    /// By name: all that the caller manages, or those that belong to a collection or work in it. With a token, only one of the
    /// scope `admin` may handle robots.
    #[oai(path = "/robots", method = "get", operation_id = "list_robots")]
    async fn list(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// Those that belong to this collection or work in it; its owners may ask.
        collection: Query<Option<String>>,
        /// Words of the name, in any case.
        q: Query<Option<String>>,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<RobotPage>, ApiError> {
        let listing = Listing {
            collection: collection.0,
            q: q.0,
            window: Window {
                cursor: cursor.0,
                limit: limit.0,
            },
        };
        Ok(Json(robots::list(&core, &caller.0, &listing).await?))
    }

    /// Create a robot
    ///
    /// One of a collection, which its owners make and which works there alone; or one of the administrators, in any collections.
    #[oai(path = "/robots", method = "post", operation_id = "create_robot")]
    async fn create(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        new: Body<NewRobot>,
    ) -> Result<Created<Robot>, ApiError> {
        let robot = robots::create(&core, &caller.0, new.0).await?;
        let name = robot.name.clone();
        Ok(Created::at(&["robots", &name], robot))
    }

    /// Show a robot
    #[oai(path = "/robots/:robot", method = "get", operation_id = "get_robot")]
    async fn get(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The robot's user name.
        robot: Path<String>,
    ) -> Result<Json<Robot>, ApiError> {
        Ok(Json(robots::get(&core, &caller.0, &robot).await?))
    }

    /// Change a robot
    ///
    /// What is absent stays as it is. The tokens of a disabled robot do not work.
    #[oai(
        path = "/robots/:robot",
        method = "patch",
        operation_id = "change_robot"
    )]
    async fn change(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The robot's user name.
        robot: Path<String>,
        change: Body<RobotChange>,
    ) -> Result<Json<Robot>, ApiError> {
        Ok(Json(
            robots::change(&core, &caller.0, &robot, change.0).await?,
        ))
    }

    /// Delete a robot
    ///
    /// Its tokens die with it; what it pushed stays.
    #[oai(
        path = "/robots/:robot",
        method = "delete",
        operation_id = "delete_robot"
    )]
    async fn delete(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The robot's user name.
        robot: Path<String>,
    ) -> Result<Done, ApiError> {
        robots::delete(&core, &caller.0, &robot).await?;
        Ok(Done::Done)
    }

    /// List a robot's tokens
    ///
    /// All of them, newest first, without their secrets.
    #[oai(
        path = "/robots/:robot/tokens",
        method = "get",
        operation_id = "list_robot_tokens"
    )]
    async fn tokens(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The robot's user name.
        robot: Path<String>,
    ) -> Result<Json<TokenPage>, ApiError> {
        Ok(Json(robots::list_tokens(&core, &caller.0, &robot).await?))
    }

    /// Create a token for a robot
    ///
    /// Of the scope `pull`, `push` or `manage`. The answer is the only time that the secret is shown.
    #[oai(
        path = "/robots/:robot/tokens",
        method = "post",
        operation_id = "create_robot_token"
    )]
    async fn create_token(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The robot's user name.
        robot: Path<String>,
        new: Body<NewToken>,
    ) -> Result<Created<IssuedToken>, ApiError> {
        let issued = robots::create_token(&core, &caller.0, &robot, new.0).await?;
        let id = issued.token.id.clone();
        Ok(Created::at(&["robots", &robot, "tokens", &id], issued))
    }

    /// Rotate a token of a robot
    ///
    /// A new secret for the same token; the old one stops working at once.
    #[oai(
        path = "/robots/:robot/tokens/:id/rotate",
        method = "post",
        operation_id = "rotate_robot_token"
    )]
    async fn rotate_token(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The robot's user name.
        robot: Path<String>,
        /// The token's id.
        id: Path<String>,
    ) -> Result<Json<IssuedToken>, ApiError> {
        Ok(Json(
            robots::rotate_token(&core, &caller.0, &robot, &id).await?,
        ))
    }

    /// Revoke a token of a robot
    ///
    /// It stops working at once.
    #[oai(
        path = "/robots/:robot/tokens/:id",
        method = "delete",
        operation_id = "delete_robot_token"
    )]
    async fn delete_token(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The robot's user name.
        robot: Path<String>,
        /// The token's id.
        id: Path<String>,
    ) -> Result<Done, ApiError> {
        robots::revoke_token(&core, &caller.0, &robot, &id).await?;
        Ok(Done::Done)
    }
}
