//! Which account a login opens.
//!
//! Rule: a login that is known opens its account. An unknown one is connected with an account only where the provider vouches for an
//! e-mail address that belongs to exactly one, and the settings allow it; else it gets a new account, under a name that nobody has.

use chrono::{DateTime, Utc};
use entity::user;
use sea_orm::{ActiveValue::Set, DatabaseTransaction, IntoActiveModel};
use shared_types::{AuditAction, Role, SignInProblem, names};

use crate::{
    plugins::auth::{ExternalIdentity, Roles},
    repo::{self, identity::Facts},
    services::{
        Core, Error, Result,
        audit::{Actor, Entry},
        keys, users,
    },
};

/// How often it is tried again where another sign-in with the same login came first by a moment.
const ATTEMPTS: u32 = 4;
/// How many numbers are tried behind a name that is in use.
const NUMBERS: u32 = 50;
/// Longest name for people that is taken over, in characters.
const LONGEST_DISPLAY_NAME: usize = 100;
/// Longest e-mail address that is taken over.
const LONGEST_EMAIL: usize = 254;

/// What the settings allow.
#[derive(Debug, Clone, Copy)]
struct Rules {
    create: bool,
    link: bool,
}

/// The user whom a proven login opens; made where the rules allow it.
///
/// # Errors
/// `SignIn` where there is no account and none is made, or it is disabled.
pub async fn admit(core: &Core, provider: &str, identity: ExternalIdentity) -> Result<user::Model> {
    let rules = Rules {
        create: core.settings.logins.create_accounts,
        link: core.settings.logins.link_by_email,
    };
    let (facts, now) = (facts(provider, &identity), core.clock.now());
    let mut attempt = 1;
    let user = loop {
        let (facts, identity) = (facts.clone(), identity.clone());
        let work = core
            .db
            .write(async move |tx| admit_within(tx, rules, facts, identity, now).await)
            .await;
        match work {
            Err(error) if error.is_duplicate() && attempt < ATTEMPTS => attempt += 1,
            other => break other?,
        }
    };
    if user.role == Role::Superuser.as_str() {
        core.people.note_superuser();
    }
    Ok(user)
}

async fn admit_within(
    tx: &DatabaseTransaction,
    rules: Rules,
    facts: Facts,
    identity: ExternalIdentity,
    now: DateTime<Utc>,
) -> Result<user::Model> {
    let known = repo::identity::find(tx, &facts.provider, &facts.subject).await?;
    let user = if let Some(row) = known {
        repo::identity::touch(tx, row.id, facts, now).await?;
        owner(tx, row.user_id).await?
    } else {
        let (user, how) = match linked(tx, rules, &facts).await? {
            Some(user) => (user, "connected by its e-mail address"),
            None if rules.create => (made(tx, &identity, &facts, now).await?, "a new account"),
            None => return Err(Error::SignIn(SignInProblem::NoAccount)),
        };
        let by = Actor::person(&users::person_of(&user)?, now);
        connected(tx, &by, user.id, &facts).await?;
        tracing::info!(
            user = user.username,
            provider = facts.provider,
            login = facts.login,
            "first sign-in with this login: {how}"
        );
        repo::identity::insert(tx, user.id, facts, now).await?;
        user
    };
    if user.disabled_at.is_some() {
        return Err(Error::SignIn(SignInProblem::Disabled));
    }
    with_roles(tx, user, identity.roles, now).await
}

/// Writes down that a login is connected with an account.
pub(super) async fn connected(
    tx: &DatabaseTransaction,
    by: &Actor,
    user: i64,
    facts: &Facts,
) -> Result<()> {
    let row = owner(tx, user).await?;
    Entry::user(AuditAction::LoginConnect, &row)
        .with("provider", &facts.provider)
        .record(tx, by)
        .await
}

async fn owner(tx: &DatabaseTransaction, id: i64) -> Result<user::Model> {
    repo::user::find(tx, id)
        .await?
        .ok_or_else(|| Error::internal("a login without its user"))
}

/// The account with the same address, where the rules let it be taken for the same person's.
async fn linked(
    tx: &DatabaseTransaction,
    rules: Rules,
    facts: &Facts,
) -> Result<Option<user::Model>> {
    let Some(email) = facts
        .email
        .as_deref()
        .filter(|_| rules.link && facts.email_verified)
    else {
        return Ok(None);
    };
    repo::identity::lock_email(tx, email).await?;
    let mut users = repo::identity::users_of_email(tx, email).await?;
    let found = users.pop().filter(|_| users.is_empty());
    // What an administrator can do is worth more than an address: those connect their logins themselves.
    Ok(found.filter(|user| user.role == Role::User.as_str()))
}

async fn made(
    tx: &DatabaseTransaction,
    identity: &ExternalIdentity,
    facts: &Facts,
    now: DateTime<Utc>,
) -> Result<user::Model> {
    let shown = identity
        .display_name
        .as_deref()
        .map(one_line)
        .filter(|name| !name.is_empty());
    let new = |username: String| repo::user::New {
        display_name: shown.clone().unwrap_or_else(|| username.clone()),
        username,
        // An address that nobody vouches for could be anybody's.
        email: facts.email.clone().filter(|_| facts.email_verified),
        role: Role::User,
        password_hash: None,
    };
    let user = named(tx, &identity.login, new, now).await?;
    Entry::user(AuditAction::UserCreate, &user)
        .with("by", format!("first sign-in with {}", facts.provider))
        .record(tx, &Actor::person(&users::person_of(&user)?, now))
        .await?;
    Ok(user)
}

/// A new user under a name that nobody has: the one wished for, else with a number behind it. Whoever has the name keeps it, also where
/// they came first by a moment.
async fn named(
    tx: &DatabaseTransaction,
    login: &str,
    new: impl Fn(String) -> repo::user::New,
    now: DateTime<Utc>,
) -> Result<user::Model> {
    let wished = names::normalise_username(login);
    for number in 1..NUMBERS {
        let name = match number {
            1 => wished.clone(),
            _ => format!("{wished}-{number}"),
        };
        let free = repo::user::by_name(tx, &name).await?.is_none();
        if free && let Some(user) = repo::user::insert_if_free(tx, new(name), now).await? {
            return Ok(user);
        }
    }
    let name = format!("{wished}-{}", keys::random_text::<3>());
    Ok(repo::user::insert(tx, new(name), now).await?)
}

/// The user with the role that the provider's groups give.
async fn with_roles(
    tx: &DatabaseTransaction,
    user: user::Model,
    roles: Roles,
    now: DateTime<Utc>,
) -> Result<user::Model> {
    if roles == Roles::default() {
        return Ok(user);
    }
    let current: Role = user
        .role
        .parse()
        .map_err(|error: String| Error::internal(error))?;
    let role = role_of(current, roles);
    if role == current {
        return Ok(user);
    }
    // Somebody must be able to manage the registry, whatever a directory says.
    if current == Role::Superuser && repo::user::lock_superusers(tx).await? <= 1 {
        tracing::warn!(
            user = user.username,
            "the directory takes the last superuser's role away; it stays"
        );
        return Ok(user);
    }
    tracing::info!(
        user = user.username,
        role = role.as_str(),
        "role changed by the provider's groups"
    );
    Entry::user(AuditAction::UserChange, &user)
        .with("role", role)
        .with("by", "the provider's groups")
        .record(tx, &Actor::nobody(now))
        .await?;
    let mut row = user.into_active_model();
    row.role = Set(role.as_str().to_owned());
    Ok(repo::user::update(tx, row).await?)
}

/// The role that follows from the one that is, and what the provider says. What it does not decide stays.
fn role_of(current: Role, roles: Roles) -> Role {
    let superuser = roles.superuser.unwrap_or(current == Role::Superuser);
    let admin = roles.admin.unwrap_or(current == Role::Admin);
    match (superuser, admin) {
        (true, _) => Role::Superuser,
        (false, true) => Role::Admin,
        (false, false) => Role::User,
    }
}

/// What is kept of a login.
pub(super) fn facts(provider: &str, identity: &ExternalIdentity) -> Facts {
    let shaped = |email: &String| {
        email.len() <= LONGEST_EMAIL
            && email
                .split_once('@')
                .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty())
            && !email.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    let email = identity
        .email
        .as_ref()
        .map(|email| email.to_lowercase())
        .filter(shaped);
    Facts {
        provider: provider.to_owned(),
        subject: identity.subject.clone(),
        login: one_line(&identity.login),
        email_verified: identity.email_verified && email.is_some(),
        email,
    }
}

fn one_line(text: &str) -> String {
    let line: String = text
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_DISPLAY_NAME)
        .collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_decide_only_what_they_are_asked_about() {
        let says = |admin, superuser| Roles { admin, superuser };
        for (current, roles, expected) in [
            (Role::User, says(Some(true), None), Role::Admin),
            (Role::User, says(Some(true), Some(true)), Role::Superuser),
            (Role::Admin, says(Some(false), None), Role::User),
            (Role::Superuser, says(Some(false), None), Role::Superuser),
            (Role::Superuser, says(Some(true), Some(false)), Role::Admin),
            (Role::Superuser, says(None, Some(false)), Role::User),
            (Role::Admin, says(None, Some(false)), Role::Admin),
        ] {
            assert_eq!(role_of(current, roles), expected, "{current} {roles:?}");
        }
    }

    #[test]
    fn what_is_no_address_is_not_kept() {
        let mut identity = ExternalIdentity {
            email: Some("Amy@Example.org".to_owned()),
            email_verified: true,
            ..ExternalIdentity::default()
        };
        let kept = facts("x", &identity);
        assert_eq!(
            (kept.email.as_deref(), kept.email_verified),
            (Some("amy@example.org"), true)
        );
        for email in [
            "",
            "amy",
            "@x",
            "amy@",
            "a my@x",
            &format!("{}@x", "a".repeat(300)),
        ] {
            identity.email = Some(email.to_owned());
            let kept = facts("x", &identity);
            assert_eq!((kept.email, kept.email_verified), (None, false), "{email}");
        }
    }
}
