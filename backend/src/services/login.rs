//! Signing in, coming back, signing out.
//!
//! Rule: a session's secret is drawn anew at each sign-in and kept as a hash; ending it is a matter of its row.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{session, user};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use shared_types::{
    Account, AuditAction, AuditThing, Login, LoginProvider, PasswordChange, ProviderKind, Registry,
    Session, names,
};

use super::{
    Core, Error, Result,
    access::person,
    audit::{self, Actor, Entry},
    error::Resource,
    keys,
    paging::unsigned,
    passwords, providers, setup, terms, users,
};
use crate::{
    domain::access::{Grant, Kind, Viewer},
    repo,
};

pub use super::setup::link as setup_link;

/// The word for accounts of this server itself, in URLs.
pub const LOCAL: &str = "local";
/// How often it is written down that someone came back, in seconds.
const SEEN_PRECISION: i64 = 60;
/// Letters kept of what a browser calls itself.
const LONGEST_AGENT: usize = 200;

/// Who a request comes from.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Who it is, and what the credential allows.
    pub viewer: Viewer,
    /// The browser session, where it is one.
    pub session: Option<BrowserSession>,
}

/// A browser session at work.
#[derive(Debug, Clone)]
pub struct BrowserSession {
    /// The row's id.
    pub id: i64,
    /// Proof that a change comes from our own page.
    pub csrf_token: String,
    /// The user accepted the terms in force.
    pub terms_accepted: bool,
}

impl Identity {
    /// Nobody in particular.
    pub fn anonymous(core: &Core) -> Self {
        Self::of(Viewer::anonymous(core.openness()))
    }

    /// Someone without a browser session.
    pub fn of(viewer: Viewer) -> Self {
        Self {
            viewer,
            session: None,
        }
    }
}

/// Where someone signs in from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The address.
    pub address: Option<IpAddr>,
    /// What the browser calls itself.
    pub user_agent: String,
    /// The session that the browser had before, which ends.
    pub before: Option<i64>,
}

/// A session just opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The value of the cookie: the only time that it is known.
    pub cookie: String,
    /// What the browser is told.
    pub session: Session,
}

/// Opens a session for user name and password.
///
/// # Errors
/// `NotFound` for an unknown provider, `WrongCredentials`, `RateLimited`, `SignIn` where the provider does not help, `Forbidden` for a
/// disabled account, `Busy`.
pub async fn sign_in(core: &Core, provider: &str, login: Login, origin: &Origin) -> Result<Opened> {
    let user = if provider == LOCAL {
        prove(core, login, origin.address).await?
    } else {
        providers::by_password(core, provider, login, origin.address).await?
    };
    open(core, user, origin, provider).await
}

/// The user of a name and password. Whoever tries too often has to wait.
///
/// # Errors
/// `NotFound` where there are no local accounts, `WrongCredentials`, `RateLimited`, `Forbidden` for a disabled account, `Busy`.
pub(super) async fn prove(
    core: &Core,
    login: Login,
    address: Option<IpAddr>,
) -> Result<user::Model> {
    let name = login.username.clone();
    let proven = prove_password(core, login, address).await;
    if let Err(error) = &proven {
        audit::login_failed(core, LOCAL, &name, error).await;
    }
    proven
}

async fn prove_password(core: &Core, login: Login, address: Option<IpAddr>) -> Result<user::Model> {
    if !core.settings.security.local_accounts {
        return Err(Error::NotFound(Resource::Path));
    }
    let username = login.username.trim().to_lowercase();
    let now = core.clock.now();
    core.rates.attempts.begin(&username, address, now).await?;
    let user = match names::check_username(&username) {
        Ok(()) => repo::user::by_name(core.db.read(), &username).await?,
        Err(_) => None,
    };
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    // A password that nobody can have costs no more time than any other.
    let right = login.password.chars().count() <= names::MAX_PASSWORD;
    let password = if right { login.password } else { String::new() };
    let right = passwords::verify(core, password, hash).await? && right;
    let Some(user) = user.filter(|_| right) else {
        tracing::debug!("sign-in refused");
        return Err(Error::WrongCredentials);
    };
    core.rates.attempts.succeeded(&username, address).await;
    if user.disabled_at.is_some() {
        return Err(Error::Forbidden(
            "this account is disabled; ask the registry's administrators".to_owned(),
        ));
    }
    Ok(user)
}

/// Opens a session for a user whose identity has been proved.
///
/// # Errors
/// `Forbidden` for a robot.
pub(super) async fn open(
    core: &Core,
    user: user::Model,
    origin: &Origin,
    provider: &str,
) -> Result<Opened> {
    let person = users::person_of(&user)?;
    if person.kind == Kind::Robot {
        return Err(Error::Forbidden("robots do not sign in".to_owned()));
    }
    let now = core.clock.now();
    let cookie = keys::random_text::<32>();
    let secret_hash = keys::hash(&cookie);
    let new = repo::session::New {
        secret_hash: secret_hash.clone(),
        user_id: user.id,
        expires_at: end(core, now, now),
        user_agent: origin.user_agent.chars().take(LONGEST_AGENT).collect(),
    };
    let before = origin.before;
    let by = Actor::person(&person, now);
    let entry = Entry::user(AuditAction::LoginSucceed, &user).with("provider", provider);
    let (session, user) = core
        .db
        .write(async move |tx| {
            if let Some(before) = before {
                repo::session::delete(tx, before).await?;
            }
            let session = repo::session::insert(tx, new, now).await?;
            let mut row = user.into_active_model();
            row.last_login_at = Set(Some(now));
            let user = repo::user::update(tx, row).await?;
            entry.record(tx, &by).await?;
            Ok::<_, Error>((session, user))
        })
        .await?;
    tracing::info!(user = user.username, "signed in");
    let identity = identity(core, session.id, &secret_hash, &user).await?;
    Ok(Opened {
        cookie,
        session: describe_for(core, &identity, Some(&user)).await?,
    })
}

/// When a session that was opened then and used now ends: it slides, but not for ever.
fn end(core: &Core, opened: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let security = &core.settings.security;
    let span = |time| TimeDelta::from_std(time).unwrap_or(TimeDelta::days(1));
    let (idle, age) = (
        span(security.session_lifetime),
        span(security.session_max_age),
    );
    (now + idle).min(opened + age)
}

async fn identity(
    core: &Core,
    session: i64,
    secret_hash: &str,
    user: &user::Model,
) -> Result<Identity> {
    let person = users::person_of(user)?;
    Ok(Identity {
        viewer: Viewer::of(person, Grant::Session(session), core.openness()),
        session: Some(BrowserSession {
            id: session,
            csrf_token: core.keys.csrf(secret_hash),
            terms_accepted: terms::is_current(core, user.terms_version.as_deref()).await?,
        }),
    })
}

/// Who the holder of a cookie is; nobody where the session has ended.
///
/// # Errors
/// The database failed.
pub async fn resume(core: &Core, cookie: &str) -> Result<Identity> {
    let now = core.clock.now();
    let secret_hash = keys::hash(cookie);
    let found = repo::session::with_user(core.db.read(), &secret_hash, now).await?;
    let in_force = |(session, user): &(session::Model, user::Model)| {
        // Of a session from before the setting was lowered, the row alone says too much.
        user.disabled_at.is_none() && end(core, session.created_at, now) > now
    };
    let Some((session, user)) = found.filter(in_force) else {
        return Ok(Identity::anonymous(core));
    };
    if now - session.last_seen_at >= TimeDelta::seconds(SEEN_PRECISION) {
        let (id, end) = (session.id, end(core, session.created_at, now));
        let noted = core
            .db
            .write(async move |tx| repo::session::extend(tx, id, now, end).await)
            .await;
        // Who comes back may go on also when that cannot be written, such as on a full disk.
        if let Err(error) = noted {
            tracing::warn!(%error, "a session could not be extended");
        }
    }
    identity(core, session.id, &secret_hash, &user).await
}

/// Ends the browser session, if there is one.
///
/// # Errors
/// The database failed.
pub async fn sign_out(core: &Core, identity: &Identity) -> Result<()> {
    if let (Some(session), Some(person)) = (&identity.session, identity.viewer.person()) {
        let (id, by) = (session.id, Actor::of(core, &identity.viewer));
        let ended = AuditAction::LoginEnd;
        let entry = Entry::new(ended, AuditThing::User, person.id, &person.username);
        core.db
            .write(async move |tx| {
                repo::session::delete(tx, id).await?;
                entry.record(tx, &by).await
            })
            .await?;
    }
    Ok(())
}

/// What a page needs to know first: who is signed in, and what registry this is.
///
/// # Errors
/// The database failed.
pub async fn describe(core: &Core, identity: &Identity) -> Result<Session> {
    let user = match identity.viewer.person() {
        Some(person) => repo::user::find(core.db.read(), person.id).await?,
        None => None,
    };
    describe_for(core, identity, user.as_ref()).await
}

async fn describe_for(
    core: &Core,
    identity: &Identity,
    user: Option<&user::Model>,
) -> Result<Session> {
    let account = match user {
        Some(user) => Some(account(core, &identity.viewer, user).await?),
        None => None,
    };
    Ok(Session {
        account,
        registry: registry(core).await?,
        csrf_token: identity
            .session
            .as_ref()
            .map(|session| session.csrf_token.clone()),
    })
}

async fn account(core: &Core, viewer: &Viewer, user: &user::Model) -> Result<Account> {
    let stored = repo::user::used_bytes(core.db.read(), [user.id]).await?;
    Ok(Account {
        username: user.username.clone(),
        display_name: user.display_name.clone(),
        email: user.email.clone(),
        role: users::role_of(user)?,
        terms_accepted: terms::is_current(core, user.terms_version.as_deref()).await?,
        may_create_collections: viewer
            .can_create_collections(core.settings.registry.user_collections),
        used_bytes: stored
            .first()
            .map(|(_, bytes)| unsigned(*bytes))
            .unwrap_or_default(),
        quota_bytes: users::quota(core, user),
    })
}

async fn registry(core: &Core) -> Result<Registry> {
    let settings = &core.settings.registry;
    let local = core
        .settings
        .security
        .local_accounts
        .then(|| LoginProvider {
            id: LOCAL.to_owned(),
            label: "Local account".to_owned(),
            kind: ProviderKind::Password,
        });
    Ok(Registry {
        name: settings.name.clone(),
        uri: settings.uri.clone(),
        url: core.settings.server.domain_name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        help_email: settings.help_contact_email.clone(),
        institution_site: settings.help_institution_site.clone(),
        private_only: settings.private_only,
        default_private: settings.default_private,
        setup_required: !setup::has_superuser(core).await?,
        providers: providers::shown(core).chain(local).collect(),
    })
}

/// Changes the caller's own password. Other sessions of theirs end, the one at hand goes on.
///
/// # Errors
/// `Unauthenticated`, `Forbidden` without a browser session, `WrongCredentials`, `RateLimited`, `Invalid`.
pub async fn change_password(
    core: &Core,
    viewer: &Viewer,
    change: PasswordChange,
    address: Option<IpAddr>,
) -> Result<()> {
    let person = person(viewer)?;
    let Some(&Grant::Session(kept)) = viewer.grant() else {
        return Err(Error::Forbidden(
            "passwords are changed in the browser, not with a token".to_owned(),
        ));
    };
    names::check_password(&change.new).map_err(|sentence| Error::invalid("new", sentence))?;
    let now = core.clock.now();
    let attempts = &core.rates.attempts;
    attempts.begin(&person.username, address, now).await?;
    let user = repo::user::find(core.db.read(), person.id)
        .await?
        .ok_or_else(Error::sign_in)?;
    if !passwords::verify(core, change.current, user.password_hash.clone()).await? {
        return Err(Error::invalid("current", "this is not your password"));
    }
    attempts.succeeded(&person.username, address).await;
    let hash = passwords::hash(core, change.new).await?;
    let by = Actor::of(core, viewer);
    core.db
        .write(async move |tx| {
            repo::session::delete_of_user(tx, user.id, Some(kept)).await?;
            Entry::user(AuditAction::PasswordChange, &user)
                .record(tx, &by)
                .await?;
            let mut row = user.into_active_model();
            row.password_hash = Set(Some(hash));
            repo::user::update(tx, row).await?;
            Ok::<_, Error>(())
        })
        .await?;
    tracing::info!(user = person.username, "password changed");
    Ok(())
}
