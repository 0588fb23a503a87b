//! Passes: what OCI clients get for their token, for a few minutes and no more than they ask for.
//!
//! Rule: a pass is signed over the hash of the token behind it, which is looked up at each use. So it ends with its time, and at once
//! where the token is revoked, rotated or runs out, or its user is disabled. It never reaches further than the token does.

use std::collections::BTreeSet;

use shared_types::{Scope, names::normalise_collection};

use super::{Core, Error, Result, tokens};
use crate::{
    domain::access::{Grant, Viewer},
    repo,
};

/// What every pass begins with.
pub const PREFIX: &str = "sregpass_";
/// How long one lasts, in seconds.
pub const LIFETIME: i64 = 300;
/// Stands for nobody's token.
const NOBODY: i64 = 0;
/// Most collections that a pass is narrowed to; whoever asks for more gets one that is as wide as the token.
const MOST_COLLECTIONS: usize = 16;

/// Makes a pass for a caller, for the scopes asked for (`repository:name:pull,push`, `registry:catalog:*`).
///
/// # Errors
/// `Unauthenticated` where the token ended meanwhile.
pub async fn issue(core: &Core, viewer: &Viewer, scopes: &[String]) -> Result<String> {
    let expires = core.clock.now().timestamp().saturating_add(LIFETIME);
    let (id, hash) = match viewer.grant() {
        Some(Grant::Token { id, .. }) => {
            let found = repo::token::by_id_with_user(core.db.read(), *id).await?;
            let (token, _) = found.ok_or_else(ended)?;
            (*id, token.secret_hash)
        }
        _ => (NOBODY, String::new()),
    };
    let (level, collections) = wanted(scopes);
    let said = format!("{expires}.{id}.{}.{collections}", level.as_str());
    let signature = core.keys.sign_ticket(&message(&said, &hash));
    Ok(format!("{PREFIX}{signature}.{said}"))
}

/// Who a pass speaks for.
///
/// # Errors
/// `Unauthenticated`, in the same words whatever is wrong with the pass itself.
pub async fn authenticate(core: &Core, pass: &str) -> Result<Viewer> {
    let rest = pass.strip_prefix(PREFIX).ok_or_else(ended)?;
    let (signature, said) = rest.split_once('.').ok_or_else(ended)?;
    let mut parts = said.splitn(4, '.');
    let mut next = || parts.next().ok_or_else(ended);
    let expires: i64 = next()?.parse().map_err(|_| ended())?;
    let id: i64 = next()?.parse().map_err(|_| ended())?;
    let level: Scope = next()?.parse().map_err(|_| ended())?;
    let asked: Vec<String> = next()?
        .split('~')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    if core.clock.now().timestamp() > expires {
        return Err(ended());
    }
    let genuine = |hash: &str| core.keys.verify_ticket(&message(said, hash), signature);
    if id == NOBODY {
        let nobody = || Viewer::anonymous(core.openness());
        return genuine("").then(nobody).ok_or_else(ended);
    }
    let found = repo::token::by_id_with_user(core.db.read(), id).await?;
    let (token, user) = found
        .filter(|(token, _)| genuine(&token.secret_hash))
        .ok_or_else(ended)?;
    let viewer = tokens::admit(core, &token, &user)?;
    Ok(narrowed(&viewer, level, asked))
}

fn message(said: &str, hash: &str) -> String {
    format!("PASS\n{said}\n{hash}")
}

fn ended() -> Error {
    Error::Unauthenticated("this pass is not valid, or no longer; ask for another".to_owned())
}

/// The same caller with less reach.
fn narrowed(viewer: &Viewer, level: Scope, asked: Vec<String>) -> Viewer {
    let (
        Some(person),
        Some(Grant::Token {
            id,
            name,
            scope,
            collections,
        }),
    ) = (viewer.person(), viewer.grant())
    else {
        return Viewer::anonymous(viewer.openness());
    };
    let shared: Vec<String> = asked
        .iter()
        .filter(|name| collections.contains(name))
        .cloned()
        .collect();
    let collections = match (collections.is_empty(), shared.is_empty()) {
        (true, _) => asked,
        // Nothing in common: no list at all would mean no limit, so the token's own stays.
        (false, true) => collections.clone(),
        (false, false) => shared,
    };
    let grant = Grant::Token {
        id: *id,
        name: name.clone(),
        scope: level.min(*scope),
        collections,
    };
    Viewer::of(person.clone(), grant, viewer.openness())
}

/// How far the scopes asked for reach, and the collections that they name, joined by `~`.
///
/// Only what reads is narrowed to collections: a push may have to create the one that it names.
fn wanted(scopes: &[String]) -> (Scope, String) {
    let mut level = Scope::Pull;
    let mut names = BTreeSet::new();
    let mut everywhere = scopes.is_empty();
    for scope in scopes.iter().flat_map(|scope| scope.split(' ')) {
        let mut ends = scope.splitn(2, ':');
        let (kind, rest) = (ends.next(), ends.next().unwrap_or_default());
        let (name, actions) = rest.rsplit_once(':').unwrap_or((rest, ""));
        if kind != Some("repository") {
            everywhere = true;
            continue;
        }
        for action in actions.split(',') {
            level = level.max(match action {
                // Who may push may delete what is theirs, and nothing here asks for more.
                "push" | "delete" | "*" => Scope::Push,
                _ => Scope::Pull,
            });
        }
        match name.rsplit('/').nth(1).map(normalise_collection) {
            Some(collection) if is_plain(&collection) => {
                names.insert(collection);
            }
            _ => everywhere = true,
        }
    }
    if everywhere || level > Scope::Pull || names.len() > MOST_COLLECTIONS {
        names.clear();
    }
    (level, names.into_iter().collect::<Vec<_>>().join("~"))
}

/// Whether a name can stand in a pass as it is.
fn is_plain(name: &str) -> bool {
    let fits = |c: u8| c.is_ascii_alphanumeric() || b"._-".contains(&c);
    (1..=250).contains(&name.len()) && name.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(scopes: &[&str]) -> (Scope, String) {
        wanted(&scopes.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn scopes_are_read_as_far_as_they_reach() {
        let of = |level, names: &str| (level, names.to_owned());
        assert_eq!(reach(&[]), of(Scope::Pull, ""));
        assert_eq!(reach(&["repository:a/b:pull"]), of(Scope::Pull, "a"));
        assert_eq!(
            reach(&["repository:e/c/n:pull", "repository:a/b:pull"]),
            of(Scope::Pull, "a~c")
        );
        assert_eq!(
            reach(&["repository:a/b:pull repository:c/d:pull"]),
            of(Scope::Pull, "a~c")
        );
        assert_eq!(reach(&["repository:a/b:pull,push"]), of(Scope::Push, ""));
        assert_eq!(reach(&["repository:a/b:delete"]), of(Scope::Push, ""));
        assert_eq!(reach(&["repository:a/b:*"]), of(Scope::Push, ""));
        assert_eq!(
            reach(&["registry:catalog:*", "repository:a/b:pull"]),
            of(Scope::Pull, "")
        );
        // A name that cannot be is read as the lookup reads it.
        assert_eq!(reach(&["repository:a~x/b:pull"]), of(Scope::Pull, "a-x"));
        assert_eq!(reach(&["repository:b:pull"]), of(Scope::Pull, ""));
    }
}
