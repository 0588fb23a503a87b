//! The logins of one's own account.
//!
//! Rule: connecting and disconnecting take a browser session: a token that leaked must not be able to add a way in. One way to sign in always stays.

use std::net::IpAddr;

use shared_types::{
    AccountLogins, AuditAction, Login, LoginConnection, LoginConnectionStarted, Scope,
    SignInProblem,
};

use super::{Departing, accounts, described, journey, prove, provider};
use crate::{
    domain::access::{Grant, Person, Viewer},
    plugins::auth::Way,
    repo::{self, identity::Facts},
    services::{
        Core, Error, Result,
        access::person,
        audit::{Actor, Entry},
        error::{Problems, Resource},
    },
};

/// Most logins of one account.
const MOST: usize = 50;

/// The caller's logins.
///
/// # Errors
/// `Unauthenticated`, `Forbidden` for tokens of a lesser scope.
pub async fn list(core: &Core, viewer: &Viewer) -> Result<AccountLogins> {
    let person = person(viewer)?;
    if !viewer.has_scope(Scope::Admin) || viewer.limited_to().is_some() {
        return Err(Error::Forbidden(
            "this token may not see logins; sign in, or use one with the scope “admin”".to_owned(),
        ));
    }
    let user = repo::user::find(core.db.read(), person.id)
        .await?
        .ok_or_else(Error::sign_in)?;
    let rows = repo::identity::of_user(core.db.read(), person.id).await?;
    Ok(AccountLogins {
        password: user.password_hash.is_some() && core.settings.security.local_accounts,
        connected: rows.into_iter().map(|row| described(core, row)).collect(),
    })
}

/// Whoever is signed in with a browser.
fn in_browser(viewer: &Viewer) -> Result<&Person> {
    let person = person(viewer)?;
    match viewer.grant() {
        Some(Grant::Session(_)) => Ok(person),
        _ => Err(Error::Forbidden(
            "logins are connected in the browser, not with a token".to_owned(),
        )),
    }
}

/// Connects a login with the caller's account, or begins to: then the browser has to go where the answer says, with the cookie.
///
/// # Errors
/// `Unauthenticated`, `Forbidden` without a browser session, `NotFound` for an unknown provider, `Invalid`, `WrongCredentials`, `RateLimited`, `SignIn`.
pub async fn connect(
    core: &Core,
    viewer: &Viewer,
    wanted: LoginConnection,
    address: Option<IpAddr>,
) -> Result<(LoginConnectionStarted, Option<Departing>)> {
    let person = in_browser(viewer)?;
    let id = wanted.provider.as_str();
    let found = provider(core, id).ok_or(Error::NotFound(Resource::Path))?;
    if repo::identity::of_user(core.db.read(), person.id)
        .await?
        .len()
        >= MOST
    {
        return Err(Error::Conflict(format!(
            "an account has {MOST} logins at most"
        )));
    }
    if matches!(found.way, Way::Redirect(_)) {
        let departing = journey::depart(core, id, wanted.next.as_deref(), Some(person.id)).await?;
        let url = Some(departing.url.clone());
        return Ok((LoginConnectionStarted { url }, Some(departing)));
    }
    let mut problems = Problems::default();
    let given = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
    let (username, password) = (given(&wanted.username), given(&wanted.password));
    let missing = || Err("is missing".to_owned());
    problems.check(
        "username",
        username.as_ref().map_or_else(missing, |_| Ok(())),
    );
    problems.check(
        "password",
        password.as_ref().map_or_else(missing, |_| Ok(())),
    );
    problems.into_result()?;
    let login = Login {
        username: username.unwrap_or_default(),
        password: password.unwrap_or_default(),
    };
    let proven = prove(core, id, login, address).await?;
    let by = Actor::of(core, viewer);
    attach(core, person.id, accounts::facts(id, &proven), by).await?;
    Ok((LoginConnectionStarted { url: None }, None))
}

/// Connects a proven login with a user.
pub(super) async fn attach(core: &Core, user: i64, facts: Facts, by: Actor) -> Result<()> {
    let now = core.clock.now();
    let (provider, login) = (facts.provider.clone(), facts.login.clone());
    let done = core
        .db
        .write(async move |tx| {
            match repo::identity::find(tx, &facts.provider, &facts.subject).await? {
                Some(row) if row.user_id == user => {
                    repo::identity::touch(tx, row.id, facts, now).await?;
                }
                Some(_) => return Err(Error::SignIn(SignInProblem::OtherAccount)),
                None => {
                    accounts::connected(tx, &by, user, &facts).await?;
                    repo::identity::insert(tx, user, facts, now).await?;
                }
            }
            Ok(())
        })
        .await;
    match done {
        Err(error) if error.is_duplicate() => Err(Error::SignIn(SignInProblem::OtherAccount)),
        Err(error) => Err(error),
        Ok(()) => {
            tracing::info!(user, provider, login, "login connected");
            Ok(())
        }
    }
}

/// Takes a login from the caller's account.
///
/// # Errors
/// `Unauthenticated`, `Forbidden` without a browser session, `NotFound`, `Conflict` where it is the last way to sign in.
pub async fn disconnect(core: &Core, viewer: &Viewer, id: &str) -> Result<()> {
    let person = in_browser(viewer)?.clone();
    let local = core.settings.security.local_accounts;
    let usable: Vec<String> = core
        .providers
        .iter()
        .map(|provider| provider.id.clone())
        .collect();
    let wanted: Option<i64> = id.parse().ok();
    let (user, by) = (person.id, Actor::of(core, viewer));
    core.db
        .write(async move |tx| {
            // The owner's row is written first, so that two of these do not each leave the login that the other removes.
            let row = repo::user::lock(tx, user)
                .await?
                .ok_or_else(Error::sign_in)?;
            let rows = repo::identity::of_user(tx, user).await?;
            let found = rows.iter().find(|row| Some(row.id) == wanted);
            let Some(found) = found else {
                return Err(Error::NotFound(Resource::Login));
            };
            let password = local && row.password_hash.is_some();
            let other = rows
                .iter()
                .any(|row| row.id != found.id && usable.contains(&row.provider));
            if !password && !other {
                return Err(Error::Conflict(
                    "this is the last way to sign in to the account; connect another one first"
                        .to_owned(),
                ));
            }
            repo::identity::delete(tx, found.id).await?;
            Entry::user(AuditAction::LoginDisconnect, &row)
                .with("provider", &found.provider)
                .record(tx, &by)
                .await?;
            Ok(())
        })
        .await?;
    tracing::info!(user = person.username, login = id, "login disconnected");
    Ok(())
}
