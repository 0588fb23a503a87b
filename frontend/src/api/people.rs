//! Sessions, terms, logins, users.

use gloo_net::http::Method;
use shared_types::{
    AccountDeletion, AccountDeletionConfirmation, AccountLogins, Login, LoginConnection,
    LoginConnectionStarted, NewUser, PasswordChange, Profile, Session, Setup, SetupStatus, Terms,
    TermsAcceptance, User, UserChange, UserPage,
};

use super::{Call, client, query};
use crate::routes::encode;

/// Who is signed in.
pub fn session() -> Call<Session> {
    client::get("/session")
}

/// Signs in.
pub fn login(provider: &str, login: &Login) -> Call<Session> {
    client::send(Method::POST, &format!("/login/{}", encode(provider)), login)
}

/// Signs out.
pub fn logout() -> Call<()> {
    client::delete("/session")
}

/// What deleting one's own account removes, and what stands in its way.
pub fn deletion() -> Call<AccountDeletion> {
    client::get("/account/deletion")
}

/// Deletes one's own account.
pub fn leave(confirmation: &AccountDeletionConfirmation) -> Call<()> {
    client::send_quietly(Method::POST, "/account/deletion", confirmation)
}

/// Whether a one-time link still works.
pub fn setup_status(code: &str) -> Call<SetupStatus> {
    client::get(&format!("/setup/{}", encode(code)))
}

/// Makes the first administrator.
pub fn setup(setup: &Setup) -> Call<Session> {
    client::send(Method::POST, "/setup", setup)
}

/// The terms of use.
pub fn terms() -> Call<Terms> {
    client::get("/terms")
}

/// Accepts the terms of use.
pub fn accept_terms(acceptance: &TermsAcceptance) -> Call<Session> {
    client::send(Method::POST, "/terms", acceptance)
}

/// How one can sign in to the own account.
pub fn logins() -> Call<AccountLogins> {
    client::get("/account/logins")
}

/// Connects a login with the own account, or begins to.
pub fn connect_login(wanted: &LoginConnection) -> Call<LoginConnectionStarted> {
    client::send(Method::POST, "/account/logins", wanted)
}

/// Takes a login from the own account.
pub fn disconnect_login(id: &str) -> Call<()> {
    client::delete(&format!("/account/logins/{}", encode(id)))
}

/// Changes the own password.
pub fn change_password(change: &PasswordChange) -> Call<()> {
    client::send_quietly(Method::PUT, "/account/password", change)
}

/// What everybody may know of a person.
pub fn profile(username: &str) -> Call<Profile> {
    client::get(&format!("/profiles/{}", encode(username)))
}

/// Users.
pub fn users(words: &str, cursor: &str) -> Call<UserPage> {
    client::get(&format!(
        "/users{}",
        query(&[("q", words), ("cursor", cursor)])
    ))
}

/// Makes a user.
pub fn new_user(user: &NewUser) -> Call<User> {
    client::send(Method::POST, "/users", user)
}

/// Changes a user.
pub fn change_user(username: &str, change: &UserChange) -> Call<User> {
    client::send(
        Method::PATCH,
        &format!("/users/{}", encode(username)),
        change,
    )
}
