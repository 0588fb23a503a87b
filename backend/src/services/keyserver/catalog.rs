//! Keys as the JSON API shows them: list, look at, remove.

use shared_types::{
    AuditAction, BroughtKey, BroughtKeys, Key, KeyChange, KeyDetail, KeyPage, KeyUserId, NewKeys,
    Scope,
};

use super::{
    super::{
        Core, Error, Result, access,
        audit::Actor,
        paging::{self, Page, Window},
        queue::Job,
    },
    Change, add, armored,
    lookup::{self, Found},
    on_key, stored,
};
use crate::{
    domain::access::Viewer,
    repo::{self, key::Wanted},
};

/// Keys, newest here first; with words, the ones that these find.
///
/// # Errors
/// `BadRequest` for a bad window or words.
pub async fn list(
    core: &Core,
    viewer: &Viewer,
    q: Option<&str>,
    window: &Window,
) -> Result<KeyPage> {
    let page = match paging::words(q)? {
        Some(words) => lookup::search(core, words, false, window).await?,
        None => lookup::page(core, &Wanted::All, window).await?,
    };
    Ok(shown(core, viewer, &page))
}

/// The keys that a person brought, newest here first.
///
/// # Errors
/// `Unauthenticated`, `BadRequest` for a bad window.
pub async fn mine(core: &Core, viewer: &Viewer, window: &Window) -> Result<KeyPage> {
    let person = access::person(viewer)?;
    let page = lookup::page(core, &Wanted::BroughtBy(person.id), window).await?;
    Ok(shown(core, viewer, &page))
}

fn shown(core: &Core, viewer: &Viewer, page: &Page<Found>) -> KeyPage {
    let items = page.items.iter().map(|found| view(core, viewer, found));
    KeyPage {
        items: items.collect(),
        total: page.total,
        next: page.next.clone(),
    }
}

/// Takes the keys in a text.
///
/// # Errors
/// What `keyserver::add` says.
pub async fn bring(core: &Core, viewer: &Viewer, new: NewKeys) -> Result<BroughtKeys> {
    let brought = add(core, viewer, new.armored).await?;
    let items = brought.into_iter().map(|key| BroughtKey {
        fingerprint: key.fingerprint,
        change: match key.change {
            Change::Added => KeyChange::Added,
            Change::Updated => KeyChange::Updated,
            Change::Unchanged => KeyChange::Unchanged,
        },
    });
    Ok(BroughtKeys {
        items: items.collect(),
    })
}

/// One key, by the fingerprint of its primary key.
///
/// # Errors
/// `NotFound`.
pub async fn get(core: &Core, viewer: &Viewer, fingerprint: &str) -> Result<KeyDetail> {
    let found = lookup::one(core, fingerprint).await?;
    Ok(KeyDetail {
        key: view(core, viewer, &found),
        armored: armored(&found.key.packets),
    })
}

/// Removes a key. What it signed is then signed by a key that is not here.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden` for all but who brought it and administrators.
pub async fn remove(core: &Core, viewer: &Viewer, fingerprint: &str) -> Result<()> {
    let person = access::person(viewer)?.username.clone();
    let found = lookup::one(core, fingerprint).await?;
    if !may_remove(viewer, &found) {
        return Err(Error::Forbidden(format!(
            "{person} may not remove this key; who brought it, an administrator, or a token with more rights can"
        )));
    }
    let (by, key) = (Actor::of(core, viewer), found.key);
    core.db
        .write(async move |tx| {
            let facts = stored(&key)?.facts();
            let ids: Vec<String> = facts.parts.into_iter().map(|part| part.long_id).collect();
            repo::signature::recheck(tx, key.id, &key.fingerprint, &ids).await?;
            on_key(AuditAction::KeyDelete, &key.fingerprint)
                .record(tx, &by)
                .await?;
            Ok::<_, Error>(repo::key::delete(tx, key.id).await?)
        })
        .await?;
    core.queue.send(Job::VerifySignatures).await;
    Ok(())
}

fn may_remove(viewer: &Viewer, found: &Found) -> bool {
    let brought = viewer
        .person()
        .is_some_and(|person| Some(person.id) == found.key.user_id);
    viewer.has_scope(Scope::Manage)
        && viewer.limited_to().is_none()
        && (brought || viewer.is_admin())
}

fn view(core: &Core, viewer: &Viewer, found: &Found) -> Key {
    let users = found.users.iter().map(|user| KeyUserId {
        text: user.text.clone(),
        email: user.email.clone(),
        revoked: user.revoked,
    });
    let key = &found.key;
    Key {
        fingerprint: key.fingerprint.clone(),
        algorithm: algorithm(key.algorithm).to_owned(),
        bits: u32::try_from(key.bits).unwrap_or_default(),
        user_ids: users.collect(),
        created_at: key.created_at.into(),
        expires_at: key.expires_at.map(Into::into),
        expired: found.expired(core.clock.now()),
        revoked: key.revoked,
        username: found.username.clone(),
        added_at: key.added_at.into(),
        updated_at: key.updated_at.into(),
        deletable: may_remove(viewer, found),
    }
}

/// What people call an algorithm.
fn algorithm(number: i32) -> &'static str {
    match number {
        1..=3 => "RSA",
        16 | 20 => "Elgamal",
        17 => "DSA",
        18 => "ECDH",
        19 => "ECDSA",
        22 => "EdDSA",
        27 => "Ed25519",
        28 => "Ed448",
        _ => "other",
    }
}
