//! Sessions, terms, logins, users.

use std::future::Future;

use gloo_net::http::Method;
use shared_types::{
    AccountDeletion, AccountDeletionConfirmation, AccountLogins, Login, LoginConnection,
    LoginConnectionStarted, NewUser, PasswordChange, Profile, Session, Setup, SetupStatus, Terms,
    TermsAcceptance, User, UserChange, UserPage,
};

use super::{ApiResult, client, query};
use crate::routes::encode;

/// Who is signed in.
pub fn session() -> impl Future<Output = ApiResult<Session>> {
    client::get("/session")
}

/// Signs in.
pub async fn login(provider: &str, login: &Login) -> ApiResult<Session> {
    client::send(Method::POST, &format!("/login/{}", encode(provider)), login).await
}

/// Signs out.
pub async fn logout() -> ApiResult<()> {
    client::delete("/session").await
}

/// What deleting one's own account removes, and what stands in its way.
pub fn deletion() -> impl Future<Output = ApiResult<AccountDeletion>> {
    client::get("/account/deletion")
}

/// Deletes one's own account.
pub async fn leave(confirmation: &AccountDeletionConfirmation) -> ApiResult<()> {
    client::send_quietly(Method::POST, "/account/deletion", confirmation).await
}

/// Whether a one-time link still works.
pub fn setup_status(code: &str) -> impl Future<Output = ApiResult<SetupStatus>> + use<> {
    client::get(&format!("/setup/{}", encode(code)))
}

/// Makes the first administrator.
pub async fn setup(setup: &Setup) -> ApiResult<Session> {
    client::send(Method::POST, "/setup", setup).await
}

/// The terms of use.
pub fn terms() -> impl Future<Output = ApiResult<Terms>> {
    client::get("/terms")
}

/// Accepts the terms of use.
pub async fn accept_terms(acceptance: &TermsAcceptance) -> ApiResult<Session> {
    client::send(Method::POST, "/terms", acceptance).await
}

/// How one can sign in to the own account.
pub fn logins() -> impl Future<Output = ApiResult<AccountLogins>> {
    client::get("/account/logins")
}

/// Connects a login with the own account, or begins to.
pub async fn connect_login(wanted: &LoginConnection) -> ApiResult<LoginConnectionStarted> {
    client::send(Method::POST, "/account/logins", wanted).await
}

/// Takes a login from the own account.
pub async fn disconnect_login(id: &str) -> ApiResult<()> {
    client::delete(&format!("/account/logins/{}", encode(id))).await
}

/// Changes the own password.
pub async fn change_password(change: &PasswordChange) -> ApiResult<()> {
    client::send_quietly(Method::PUT, "/account/password", change).await
}

/// What everybody may know of a person.
pub fn profile(username: &str) -> impl Future<Output = ApiResult<Profile>> + use<> {
    client::get(&format!("/profiles/{}", encode(username)))
}

/// Users.
pub fn users(words: &str, cursor: &str) -> impl Future<Output = ApiResult<UserPage>> + use<> {
    client::get(&format!(
        "/users{}",
        query(&[("q", words), ("cursor", cursor)])
    ))
}

/// Makes a user.
pub async fn new_user(user: &NewUser) -> ApiResult<User> {
    client::send(Method::POST, "/users", user).await
}

/// Changes a user.
pub async fn change_user(username: &str, change: &UserChange) -> ApiResult<User> {
    client::send(
        Method::PATCH,
        &format!("/users/{}", encode(username)),
        change,
    )
    .await
}
