//! The key server: public keys that people bring, and what they say of the signatures inside images.
//!
//! Rule: everything in here is public, as on every key server; who may bring a key is a setting. A key that comes again is merged
//! with what is here, so that new user ids, subkeys and revocations add up and nothing is doubled.

mod armor;
pub mod catalog;
mod certificate;
mod facts;
pub mod lookup;
mod message;
mod owned;
pub mod verify;

use chrono::{DateTime, Utc};
use entity::key;
use sea_orm::ConnectionTrait;

use super::{
    Core, Error, Result, access,
    audit::{Actor, Entry},
    queue::Job,
};
use crate::{
    domain::access::Viewer,
    repo::{self, key::Written},
};
pub use armor::{LONGEST, write as armored};
use certificate::Certificate;
use shared_types::{AuditAction, AuditThing, Scope};

/// What became of a key that was brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was not here.
    Added,
    /// It brought something new.
    Updated,
    /// All of it was here.
    Unchanged,
}

/// A key that was brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// Its fingerprint.
    pub fingerprint: String,
    /// What became of it.
    pub change: Change,
}

/// Takes the keys in a text.
///
/// # Errors
/// `Unauthenticated` or `Forbidden` for callers who may not bring keys, `BadRequest` with a sentence for what is no public key,
/// `TooLarge`.
pub async fn add(core: &Core, viewer: &Viewer, text: String) -> Result<Vec<Brought>> {
    let user_id = bringer(core, viewer)?;
    let read = tokio::task::spawn_blocking(move || armor::read(&text));
    let certificates = read.await.map_err(Error::internal)??;
    let (by, now) = (Actor::of(core, viewer), core.clock.now());
    let brought = core
        .db
        .write(async move |tx| {
            let mut brought = Vec::with_capacity(certificates.len());
            for certificate in certificates {
                let key = keep(tx, certificate, user_id, now).await?;
                if key.change != Change::Unchanged {
                    on_key(AuditAction::KeyAdd, &key.fingerprint)
                        .record(tx, &by)
                        .await?;
                }
                brought.push(key);
            }
            Ok::<_, Error>(brought)
        })
        .await?;
    if brought.iter().any(|key| key.change != Change::Unchanged) {
        core.queue.send(Job::VerifySignatures).await;
    }
    Ok(brought)
}

/// Who brings a key: a person who may push, or, where the registry allows it, nobody in particular.
fn bringer(core: &Core, viewer: &Viewer) -> Result<Option<i64>> {
    if viewer.is_anonymous() && core.settings.registry.keyserver_anonymous_add {
        return Ok(None);
    }
    let person = access::person(viewer).map_err(|_| {
        Error::Unauthenticated(
            "this registry takes keys from people who are signed in; send a token with the key"
                .to_owned(),
        )
    })?;
    if viewer.has_scope(Scope::Push) {
        return Ok(Some(person.id));
    }
    Err(Error::Forbidden(
        "this token may only pull; use one that may push".to_owned(),
    ))
}

/// Something done to a key, for the log.
fn on_key(action: AuditAction, fingerprint: &str) -> Entry {
    Entry::new(action, AuditThing::Key, None, fingerprint)
}

/// Writes one key: it is new, or merged with what is here.
async fn keep(
    tx: &impl ConnectionTrait,
    certificate: Certificate,
    user_id: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Brought> {
    let fingerprint = certificate.fingerprint();
    let row = repo::key::claim(tx, &fingerprint, now).await?;
    let (merged, change) = if row.packets.is_empty() {
        (certificate, Change::Added)
    } else {
        (stored(&row)?.merge(certificate)?, Change::Updated)
    };
    let packets = merged.packets()?;
    let change = if packets == row.packets {
        Change::Unchanged
    } else {
        let written = written(&merged, packets);
        let ids: Vec<String> = written.parts.iter().map(|(_, id)| id.clone()).collect();
        repo::key::write(tx, row.id, &written, now).await?;
        repo::signature::recheck(tx, row.id, &fingerprint, &ids).await?;
        change
    };
    if let Some(user_id) = user_id {
        repo::key::bind(tx, row.id, user_id).await?;
    }
    Ok(Brought {
        fingerprint,
        change,
    })
}

/// The key of a row, which was verified when it came.
fn stored(row: &key::Model) -> Result<Certificate> {
    let mut read = Certificate::read(&row.packets)?;
    read.pop()
        .ok_or_else(|| Error::internal(format!("key {} cannot be read back", row.fingerprint)))
}

fn written(certificate: &Certificate, packets: Vec<u8>) -> Written {
    let facts = certificate.facts();
    let parts = facts.parts.into_iter();
    let users = facts.users.into_iter().map(|user| repo::key::User {
        text: user.text,
        email: user.email,
        created_at: user.created_at,
        revoked: user.revoked,
    });
    Written {
        fingerprint: facts.fingerprint,
        algorithm: facts.algorithm.into(),
        bits: facts.bits.into(),
        packets,
        created_at: facts.created_at,
        expires_at: facts.expires_at,
        revoked: facts.revoked,
        parts: parts.map(|part| (part.fingerprint, part.long_id)).collect(),
        users: users.collect(),
    }
}
