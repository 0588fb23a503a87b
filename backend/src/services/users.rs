//! Users: who has an account, with which role.
//!
//! Rule: there is always a superuser who can sign in, once there was one.

mod apply;

use std::collections::HashMap;

use entity::user;
use shared_types::{AuditAction, LARGEST_NUMBER, NewUser, Role, User, UserChange, UserPage, names};

use super::{
    Core, Error, Result,
    access::person,
    audit::{self, Actor, Entry},
    error::{Problems, Resource},
    paging::{self, By, Window, unsigned},
    passwords, view,
};
use apply::{apply, keeps_a_superuser};

use crate::{
    domain::access::{Grant, Kind, Openness, Person, Viewer},
    repo,
};

/// Longest name for people, in characters.
pub const LONGEST_DISPLAY_NAME: usize = 100;
/// Longest e-mail address, in characters (RFC 5321, 4.5.3.1).
pub const LONGEST_EMAIL: usize = 254;

/// Whoever may run commands on the server's machine.
pub fn operator() -> Viewer {
    let person = Person {
        id: 0,
        username: "operator".to_owned(),
        role: Role::Superuser,
        kind: Kind::Person,
    };
    // Whoever sees everything sees it everywhere.
    Viewer::of(person, Grant::Local, Openness::PrivateOnly)
}

/// A user in whose name a command of the server's machine works.
///
/// # Errors
/// `NotFound`, or the database failed.
pub async fn acting(core: &Core, username: &str) -> Result<Viewer> {
    Ok(Viewer::of(
        person_of(&row(core, username).await?)?,
        Grant::Local,
        core.openness(),
    ))
}

/// The person of a row.
pub(super) fn person_of(row: &user::Model) -> Result<Person> {
    Ok(Person {
        id: row.id,
        username: row.username.clone(),
        role: role_of(row)?,
        kind: Kind::from_word(&row.kind),
    })
}

pub(super) fn role_of(row: &user::Model) -> Result<Role> {
    row.role
        .parse()
        .map_err(|error: String| Error::internal(error))
}

/// A person's row by name, in any case. Robots are handled in `robots` alone.
pub(super) async fn row(core: &Core, username: &str) -> Result<user::Model> {
    let found = row_of_any(core, username).await?;
    if Kind::from_word(&found.kind) == Kind::Robot {
        return Err(missing(username));
    }
    Ok(found)
}

/// The row of a person or a robot by name, in any case.
pub(super) async fn row_of_any(core: &Core, username: &str) -> Result<user::Model> {
    let name = username.to_lowercase();
    let found = match names::check_username(&name) {
        Ok(()) => repo::user::by_name(core.db.read(), &name).await?,
        Err(_) => None,
    };
    found.ok_or_else(|| missing(username))
}

/// What is said of a user who does not exist, or may not be known of.
pub(super) fn missing(username: &str) -> Error {
    Error::NotFound(Resource::User(view::shortened(username)))
}

pub(super) fn administrator(viewer: &Viewer) -> Result<&Person> {
    let person = person(viewer)?;
    if viewer.can_administer() {
        return Ok(person);
    }
    Err(Error::Forbidden(
        "only superusers may manage users".to_owned(),
    ))
}

/// Users by name, with these words in name or address.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `BadRequest` for a bad cursor or limit.
pub async fn list(
    core: &Core,
    viewer: &Viewer,
    q: Option<&str>,
    window: &Window,
) -> Result<UserPage> {
    administrator(viewer)?;
    let select = repo::user::list(paging::words(q)?);
    let by = By::text("name", user::Column::Username, user::Column::Id);
    let page = paging::fetch(core.db.read(), select, window, by).await?;
    let items = dtos(core, &page.items).await?;
    Ok(UserPage {
        items,
        total: page.total,
        next: page.next,
    })
}

/// One user.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn get(core: &Core, viewer: &Viewer, username: &str) -> Result<User> {
    administrator(viewer)?;
    dto(core, row(core, username).await?).await
}

async fn dto(core: &Core, row: user::Model) -> Result<User> {
    let mut users = dtos(core, &[row]).await?;
    users
        .pop()
        .ok_or_else(|| Error::internal("a user without a view"))
}

async fn dtos(core: &Core, rows: &[user::Model]) -> Result<Vec<User>> {
    let ids = || rows.iter().map(|row| row.id);
    let owned = repo::user::owned_collections(core.db.read(), ids()).await?;
    let used = repo::user::used_bytes(core.db.read(), ids()).await?;
    let (owned, used): (HashMap<_, _>, HashMap<_, _>) =
        (owned.into_iter().collect(), used.into_iter().collect());
    let of = |numbers: &HashMap<i64, i64>, row: &user::Model| {
        unsigned(numbers.get(&row.id).copied().unwrap_or_default())
    };
    rows.iter()
        .map(|row| {
            Ok(User {
                username: row.username.clone(),
                display_name: row.display_name.clone(),
                email: row.email.clone(),
                role: role_of(row)?,
                disabled: row.disabled_at.is_some(),
                created_at: row.created_at.into(),
                last_login_at: row.last_login_at.map(Into::into),
                collections: of(&owned, row),
                used_bytes: of(&used, row),
                quota_bytes: quota(core, row),
            })
        })
        .collect()
}

/// How many bytes a user may store: the own limit, else everyone's.
pub(super) fn quota(core: &Core, row: &user::Model) -> Option<u64> {
    row.quota_bytes
        .map(unsigned)
        .or(core.settings.registry.user_quota)
}

/// Makes a local account.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `Invalid`, `NameTaken`.
pub async fn create(core: &Core, viewer: &Viewer, new: NewUser) -> Result<User> {
    let by = administrator(viewer)?;
    let row = prepare(core, new).await?;
    let now = core.clock.now();
    let (username, role) = (row.username.clone(), row.role);
    let actor = Actor::of(core, viewer);
    let made = core
        .db
        .write(async move |tx| {
            let made = repo::user::insert(tx, row, now).await?;
            let entry = Entry::user(AuditAction::UserCreate, &made).with("role", role);
            entry.record(tx, &actor).await?;
            Ok::<_, Error>(made)
        })
        .await;
    let made = made.map_err(|error| taken_or(error, &username))?;
    if role == Role::Superuser {
        core.people.note_superuser();
    }
    tracing::info!(
        user = made.username,
        role = made.role,
        by = by.username,
        "user made"
    );
    dto(core, made).await
}

/// Checks what a new user is made from, and hashes the password.
pub(super) async fn prepare(core: &Core, new: NewUser) -> Result<repo::user::New> {
    let mut problems = Problems::default();
    problems.check("username", names::check_username(&new.username));
    let display_name = new
        .display_name
        .as_deref()
        .map(str::trim)
        .filter(|name| !name.is_empty());
    problems.check(
        "display_name",
        check_display_name(new.display_name.as_deref().unwrap_or_default()),
    );
    let email = new
        .email
        .as_deref()
        .map(str::trim)
        .filter(|email| !email.is_empty());
    problems.check("email", new.email.as_deref().map_or(Ok(()), check_email));
    problems.check(
        "password",
        new.password
            .as_deref()
            .map_or(Ok(()), names::check_password),
    );
    problems.into_result()?;
    let display_name = display_name.unwrap_or(&new.username).to_owned();
    let email = email.map(str::to_owned);
    let password_hash = match new.password {
        Some(password) => Some(passwords::hash(core, password).await?),
        None => None,
    };
    Ok(repo::user::New {
        username: new.username,
        display_name,
        email,
        role: new.role.unwrap_or(Role::User),
        password_hash,
    })
}

/// The error of an insert, in words where the name is in use.
pub(super) fn taken_or(error: Error, username: &str) -> Error {
    if error.is_duplicate() {
        Error::NameTaken(format!("the user name “{username}” is in use"))
    } else {
        error
    }
}

fn check_display_name(name: &str) -> Result<(), String> {
    if name.chars().count() > LONGEST_DISPLAY_NAME || name.chars().any(char::is_control) {
        return Err(format!(
            "a name is one line of {LONGEST_DISPLAY_NAME} characters at most"
        ));
    }
    Ok(())
}

/// Checks an address as it was sent; an empty one stands for none.
fn check_email(text: &str) -> Result<(), String> {
    let email = text.trim();
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    let shaped = email.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && !host.is_empty() && !host.contains('@') && email.chars().all(plain)
    });
    if (shaped || email.is_empty()) && text.chars().count() <= LONGEST_EMAIL {
        Ok(())
    } else {
        Err("an e-mail address looks like name@example.org".to_owned())
    }
}

fn check_change(change: &UserChange) -> Result<()> {
    let mut problems = Problems::default();
    if let Some(name) = &change.display_name {
        let given = if name.trim().is_empty() {
            Err("a name is missing".to_owned())
        } else {
            check_display_name(name)
        };
        problems.check("display_name", given);
    }
    if let Some(email) = &change.email {
        problems.check("email", check_email(email));
    }
    if let Some(password) = &change.password {
        problems.check("password", names::check_password(password));
    }
    if change
        .quota_bytes
        .is_some_and(|quota| quota > LARGEST_NUMBER)
    {
        problems.check(
            "quota_bytes",
            Err("this is more than any disk holds".to_owned()),
        );
    }
    problems.into_result()
}

/// Changes a user. A new password and being disabled end the user's sessions; tokens of a disabled user do not work.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `Invalid`, `Conflict` where no superuser would be left.
pub async fn change(
    core: &Core,
    viewer: &Viewer,
    username: &str,
    change: UserChange,
) -> Result<User> {
    let by = administrator(viewer)?;
    check_change(&change)?;
    let id = row(core, username).await?.id;
    let password_hash = match change.password.clone() {
        Some(password) => Some(passwords::hash(core, password).await?),
        None => None,
    };
    let now = core.clock.now();
    let (actor, name) = (Actor::of(core, viewer), username.to_owned());
    let changed = core
        .db
        .write(async move |tx| {
            let active = repo::user::lock_superusers(tx).await?;
            let row = repo::user::find(tx, id)
                .await?
                .ok_or_else(|| missing(&name))?;
            keeps_a_superuser(&row, &change, active)?;
            audit::user_changed(tx, &actor, &row, &change).await?;
            if change.disabled == Some(true) || password_hash.is_some() {
                repo::session::delete_of_user(tx, row.id, None).await?;
            }
            let row = apply(row, &change, password_hash, now);
            Ok::<_, Error>(repo::user::update(tx, row).await?)
        })
        .await?;
    if changed.role == Role::Superuser.as_str() {
        core.people.note_superuser();
    }
    tracing::info!(
        user = changed.username,
        role = changed.role,
        disabled = changed.disabled_at.is_some(),
        by = by.username,
        "user changed"
    );
    dto(core, changed).await
}
