//! Terms of use: what everyone accepts once, and again when it changes.

use sea_orm::{ActiveValue::Set, IntoActiveModel};
use shared_types::{AuditAction, Scope, Terms};

use super::{
    Core, Error, Result,
    access::person,
    audit::{Actor, Entry},
    keys, readme,
};
use crate::{domain::access::Viewer, repo};

/// What is asked where the settings name no file.
const BUILT_IN: &str = "\
## Using this registry

By using this registry you agree to the following.

- Put only images here that you may share with those who can see them. You are responsible for what is in them.
- No passwords, keys or personal data in an image: whoever can pull it can read all of it.
- Keep your password and your tokens to yourself, and revoke a token that may have leaked.
- Do not use the registry to harm others, or in ways that keep it from working for them.
- The registry comes without warranty. Its administrators may remove images and close accounts that break these rules.

The registry keeps your user name, your address if you gave one, and what you push and change.
";

/// Letters of the hash that make a version.
const VERSION: usize = 12;

/// The terms of use in force.
///
/// # Errors
/// `Internal` where the file in the settings cannot be read.
pub async fn get(core: &Core) -> Result<&Terms> {
    core.people
        .terms
        .get_or_try_init(async || {
            let markdown = match &core.settings.registry.terms_file {
                Some(path) => tokio::fs::read_to_string(path).await.map_err(|error| {
                    Error::internal(format!("terms of use in {}: {error}", path.display()))
                })?,
                None => BUILT_IN.to_owned(),
            };
            Ok(Terms {
                version: keys::hash(&markdown).chars().take(VERSION).collect(),
                html: readme::render(&markdown),
            })
        })
        .await
}

/// Whether this version, the one that someone accepted last, is in force.
pub(super) async fn is_current(core: &Core, accepted: Option<&str>) -> Result<bool> {
    Ok(accepted == Some(get(core).await?.version.as_str()))
}

/// Notes that the caller accepts the terms.
///
/// # Errors
/// `Unauthenticated`, `Forbidden` for tokens of a lesser scope, `Conflict` where the terms have changed since they were read.
pub async fn accept(core: &Core, viewer: &Viewer, version: &str) -> Result<()> {
    let person = person(viewer)?;
    // To agree in someone's name takes all of their rights: a token that leaked must not.
    if !viewer.has_scope(Scope::Admin) {
        return Err(Error::Forbidden(
            "this token may not accept the terms of use; sign in, or use one with the scope “admin”"
                .to_owned(),
        ));
    }
    let current = &get(core).await?.version;
    if version != current {
        return Err(Error::Conflict(
            "the terms of use have changed meanwhile; read them again".to_owned(),
        ));
    }
    let now = core.clock.now();
    let (user, accepted) = (person.id, version.to_owned());
    let by = Actor::of(core, viewer);
    core.db
        .write(async move |tx| {
            let row = repo::user::find(tx, user)
                .await?
                .ok_or_else(Error::sign_in)?;
            Entry::user(AuditAction::TermsAccept, &row)
                .with("version", &accepted)
                .record(tx, &by)
                .await?;
            let mut row = row.into_active_model();
            row.terms_version = Set(Some(accepted));
            row.terms_accepted_at = Set(Some(now));
            repo::user::update(tx, row).await?;
            Ok::<_, Error>(())
        })
        .await?;
    tracing::info!(
        user = person.username,
        version = current,
        "terms of use accepted"
    );
    Ok(())
}
