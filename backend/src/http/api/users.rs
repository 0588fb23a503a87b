//! Users of the JSON API: for superusers, and what everybody may know of a person.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use shared_types::{AccountDeletion, NewUser, Profile, User, UserChange, UserPage};

use super::{
    Tag,
    error::ApiError,
    reply::{Created, Done},
};
use crate::{
    http::extract::{ApiCaller, Body, SignedIn},
    services::{Core, account, paging::Window, profiles, users},
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Users;

#[OpenApi(tag = "Tag::Users")]
impl Users {
    /// List users
    #[oai(path = "/users", method = "get", operation_id = "list_users")]
    async fn list(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// Words of the name or the address, in any case.
        q: Query<Option<String>>,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<UserPage>, ApiError> {
        let window = Window {
            cursor: cursor.0,
            limit: limit.0,
        };
        Ok(Json(
            users::list(&core, &caller.0, q.0.as_deref(), &window).await?,
        ))
    }

    /// Create a user
    ///
    /// A local account. Without a password the user cannot sign in with one, but tokens can be made for it.
    #[oai(path = "/users", method = "post", operation_id = "create_user")]
    async fn create(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        new: Body<NewUser>,
    ) -> Result<Created<User>, ApiError> {
        let user = users::create(&core, &caller.0, new.0).await?;
        let name = user.username.clone();
        Ok(Created::at(&["users", &name], user))
    }

    /// Show a user
    #[oai(path = "/users/:username", method = "get", operation_id = "get_user")]
    async fn get(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The user name.
        username: Path<String>,
    ) -> Result<Json<User>, ApiError> {
        Ok(Json(users::get(&core, &caller.0, &username).await?))
    }

    /// Show a person
    ///
    /// What everybody may know of somebody whom they meet: an owner or contributor of a collection that the caller may see, or in a team.
    /// Others do not exist.
    #[oai(
        path = "/profiles/:username",
        method = "get",
        operation_id = "get_profile"
    )]
    async fn profile(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// The user name.
        username: Path<String>,
    ) -> Result<Json<Profile>, ApiError> {
        Ok(Json(profiles::get(&core, &caller.0, &username).await?))
    }

    /// Change a user
    ///
    /// What is absent stays as it is. A new password and being disabled end the user's sessions; the tokens of a disabled user do not
    /// work. The last superuser stays one.
    #[oai(
        path = "/users/:username",
        method = "patch",
        operation_id = "change_user"
    )]
    async fn change(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The user name.
        username: Path<String>,
        change: Body<UserChange>,
    ) -> Result<Json<User>, ApiError> {
        Ok(Json(
            users::change(&core, &caller.0, &username, change.0).await?,
        ))
    }

    /// Show what deleting a user removes
    ///
    /// Also says what stands in the way.
    #[oai(
        path = "/users/:username/deletion",
        method = "get",
        operation_id = "preview_user_deletion"
    )]
    async fn preview(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The user name.
        username: Path<String>,
    ) -> Result<Json<AccountDeletion>, ApiError> {
        Ok(Json(account::preview(&core, &caller.0, &username).await?))
    }

    /// Delete a user
    ///
    /// With sessions, tokens, logins and memberships; images stay. Collections and teams of others need another owner first, and the
    /// last superuser stays.
    #[oai(
        path = "/users/:username",
        method = "delete",
        operation_id = "delete_user"
    )]
    async fn delete(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The user name.
        username: Path<String>,
    ) -> Result<Done, ApiError> {
        account::delete(&core, &caller.0, &username).await?;
        Ok(Done::Done)
    }
}
