//! Collections: list, make, look at, change, delete.

use std::collections::HashMap;

use entity::collection;
use shared_types::{Collection, NewCollection, Rights, names};

use super::{
    Core, Error, Result, access,
    error::{Problems, is_duplicate},
    view,
};
use crate::{
    domain::access::{Membership, Viewer},
    repo,
};

/// Makes a collection; its maker owns it.
///
/// # Errors
/// `Unauthenticated`, `Forbidden` where only administrators may, `Invalid`, `Quota` where the user has made as many as the
/// registry allows, `NameTaken`.
pub async fn create(core: &Core, viewer: &Viewer, new: NewCollection) -> Result<Collection> {
    let person = access::person(viewer)?;
    let rules = &core.settings.registry;
    if !viewer.can_create_collections(rules.user_collections) {
        return Err(Error::Forbidden(may_not_create(
            viewer,
            rules.user_collections,
        )));
    }
    let row = checked(core, &new, person.id)?;
    let limit = rules.user_collection_limit.filter(|_| !viewer.is_admin());
    let now = core.clock.now();
    let row = core
        .db
        .write(async |tx| {
            if let Some(limit) = limit {
                within_limit(
                    repo::collection::count_made_by(tx, row.user_id).await?,
                    limit,
                )?;
            }
            match repo::collection::insert(tx, row.clone(), now).await {
                Ok(row) => Ok(row),
                Err(error) if is_duplicate(&error) => Err(name_taken(&row.name)),
                Err(error) => Err(error.into()),
            }
        })
        .await?;
    let rights = viewer.rights(access::facts(&row, Some(Membership::Owner)));
    let owners = vec![person.username.clone()];
    Ok(view::collection(&row, owners, 0, rights))
}

fn may_not_create(viewer: &Viewer, open: bool) -> String {
    if !open && !viewer.is_admin() {
        return "only administrators create collections in this registry; ask one of them".into();
    }
    "this token may not create collections; use one that may push, for every collection".into()
}

fn checked(core: &Core, new: &NewCollection, user_id: i64) -> Result<repo::collection::New> {
    let rules = &core.settings.registry;
    let description = new.description.as_deref().unwrap_or_default().trim();
    let private = new
        .private
        .unwrap_or(rules.default_private || rules.private_only);
    let mut problems = Problems::default();
    problems.check("name", names::check_collection(&new.name));
    problems.check("description", check_text(description));
    problems.check("private", check_private(core, private));
    problems.into_result()?;
    Ok(repo::collection::New {
        name: new.name.clone(),
        description: description.to_owned(),
        private,
        user_id,
    })
}

/// Checks a description. PostgreSQL cannot keep the character NUL.
pub(super) fn check_text(text: &str) -> Result<(), String> {
    if text.contains('\0') {
        return Err("a text cannot hold the character NUL".to_owned());
    }
    names::check_description(text)
}

fn check_private(core: &Core, private: bool) -> Result<(), String> {
    if core.settings.registry.private_only && !private {
        return Err("every collection of this registry is private".to_owned());
    }
    Ok(())
}

fn within_limit(made: u64, limit: u64) -> Result<()> {
    if made < limit {
        return Ok(());
    }
    Err(Error::Quota(format!(
        "you have made {made} collections, and this registry allows {limit}; delete one, or ask an administrator"
    )))
}

fn name_taken(name: &str) -> Error {
    Error::NameTaken(format!(
        "the name “{name}” is in use; take another, or ask its owner to let you in"
    ))
}
