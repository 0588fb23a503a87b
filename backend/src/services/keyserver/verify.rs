//! Signatures inside images: what they cover is held against the file once, when it is read; who made them, again with each change
//! of a key.
//!
//! Rule: that a check is needed is in the row (`checked_at is null`), in the transaction that makes it needed; the job does what it
//! finds, so it may run twice, late, or on several replicas.

use std::io::{Read, Seek};

use chrono::{DateTime, Utc};
use entity::{image_signature, key};
use sea_orm::ConnectionTrait;
use shared_types::{ImageSignature, KeySigner, SignatureKind, SignatureState, SignatureSummary};
use sif::{Integrity, SignatureFormat, SignatureObject};

use super::{
    super::{Core, Error, Result, paging::unsigned},
    lookup,
    message::{Judgement, SignedMessage},
    stored,
};
use crate::repo::{
    self,
    signature::{Checked, Found, Standing},
};

/// How many signatures are checked in one transaction.
const BATCH: u64 = 10;
/// How many keys with the same id are tried.
const NAMESAKES: u64 = 8;

/// Reads the signatures of an image, and holds what they sign against the file.
///
/// # Errors
/// The file could not be read, or is no image.
pub fn read(file: impl Read + Seek) -> std::result::Result<Vec<Found>, sif::Error> {
    let mut image = Integrity::open(file, &sif::Limits::default())?;
    let signatures = image.signatures()?;
    let found = signatures.into_iter().map(|object| match object.format {
        SignatureFormat::Pgp => read_pgp(&mut image, object),
        SignatureFormat::Dsse => Ok(found(object, SignatureKind::Dsse)),
        SignatureFormat::Unknown => Ok(found(object, SignatureKind::Unknown)),
    });
    found.collect()
}

fn found(object: SignatureObject, kind: SignatureKind) -> Found {
    Found {
        object_id: object.object.into(),
        kind: kind.as_str().to_owned(),
        fingerprint: object.signature.fingerprint,
        message: object.message,
        ..Found::default()
    }
}

fn read_pgp<R: Read + Seek>(
    image: &mut Integrity<R>,
    object: SignatureObject,
) -> std::result::Result<Found, sif::Error> {
    let message = match SignedMessage::read(&object.message) {
        Ok(message) => message,
        Err(error) => {
            return Ok(Found {
                file_problem: Some(error.to_string()),
                ..found(object, SignatureKind::Pgp)
            });
        }
    };
    let covered = image.check(&object.signature, message.text())?;
    let kind = if covered.legacy {
        SignatureKind::PgpLegacy
    } else {
        SignatureKind::Pgp
    };
    let objects: Vec<String> = covered.objects.iter().map(ToString::to_string).collect();
    Ok(Found {
        signer: message.signer(),
        file_problem: covered.problem,
        objects: objects.join(","),
        complete: covered.complete,
        ..found(object, kind)
    })
}

/// Checks the signatures that need it, all of them.
///
/// # Errors
/// The database failed.
pub async fn pending(core: &Core) -> Result<()> {
    loop {
        let now = core.clock.now();
        let done = core
            .db
            .write(async move |tx| {
                let rows = repo::signature::claim(tx, BATCH, now).await?;
                let count = rows.len();
                for row in rows {
                    let checked = check(tx, &row, now).await?;
                    repo::signature::set_checked(tx, row.id, checked).await?;
                }
                Ok::<_, Error>(count)
            })
            .await?;
        if done == 0 {
            return Ok(());
        }
    }
}

async fn check(
    tx: &impl ConnectionTrait,
    row: &image_signature::Model,
    now: DateTime<Utc>,
) -> Result<Checked> {
    let kind: SignatureKind = row
        .kind
        .parse()
        .map_err(|error: String| Error::internal(error))?;
    let (judgement, key_id) = match kind {
        SignatureKind::Dsse => (
            Judgement::of(
                SignatureState::NotChecked,
                "Signatures made with X.509 or PEM keys are not checked here; a client can, with the key.",
            ),
            None,
        ),
        SignatureKind::Unknown => (
            Judgement::of(
                SignatureState::NotChecked,
                "This server does not know this kind of signature.",
            ),
            None,
        ),
        SignatureKind::Pgp | SignatureKind::PgpLegacy => check_pgp(tx, row, now).await?,
    };
    Ok(Checked {
        state: judgement.state.as_str().to_owned(),
        problem: judgement.problem,
        key_id,
        signed_at: judgement.signed_at,
        valid_until: judgement.valid_until,
    })
}

async fn check_pgp(
    tx: &impl ConnectionTrait,
    row: &image_signature::Model,
    now: DateTime<Utc>,
) -> Result<(Judgement, Option<i64>)> {
    let message = match SignedMessage::read(&row.message) {
        Ok(message) => message,
        Err(error) => {
            return Ok((
                Judgement::of(SignatureState::Invalid, error.to_string()),
                None,
            ));
        }
    };
    let (mut judgement, key_id) = match judge(tx, row, &message, now).await? {
        Some((judgement, key_id)) => (judgement, Some(key_id)),
        None => (
            Judgement::of(
                SignatureState::UnknownKey,
                "The key that it names is not here.",
            ),
            None,
        ),
    };
    if let Some(problem) = &row.file_problem {
        judgement.state = SignatureState::Invalid;
        judgement.problem = Some(problem.clone());
    }
    Ok((judgement, key_id))
}

/// The judgement of the key that made a signature; nothing where no key here did.
async fn judge(
    tx: &impl ConnectionTrait,
    row: &image_signature::Model,
    message: &SignedMessage,
    now: DateTime<Utc>,
) -> Result<Option<(Judgement, i64)>> {
    if let Some(fingerprint) = &row.fingerprint
        && let Some(key) = repo::key::by_fingerprint(tx, fingerprint).await?
        && let Some(judgement) = judged_by(message, &key, now)
    {
        return Ok(Some((judgement, key.id)));
    }
    let Some(signer) = &row.signer else {
        return Ok(None);
    };
    let mut found = None;
    for key in repo::key::by_long_id(tx, signer, NAMESAKES).await? {
        let Some(judgement) = judged_by(message, &key, now) else {
            continue;
        };
        let made_it = judgement.state != SignatureState::Invalid;
        let judged = (other_than_named(row, &key, judgement), key.id);
        if made_it {
            return Ok(Some(judged));
        }
        // Another key may share the id: its no counts only where the file names no key.
        if row.fingerprint.is_none() {
            found.get_or_insert(judged);
        }
    }
    Ok(found)
}

/// What a stored key has to do with a message. One that cannot be read back is our fault, and no reason to leave all others unchecked.
fn judged_by(message: &SignedMessage, key: &key::Model, now: DateTime<Utc>) -> Option<Judgement> {
    match stored(key) {
        Ok(certificate) => message.judge(&certificate, now),
        Err(error) => {
            tracing::error!(key = key.fingerprint, %error, "a stored key cannot be read");
            None
        }
    }
}

/// A key made the signature, but the file says that another did: clients refuse that.
fn other_than_named(
    row: &image_signature::Model,
    key: &key::Model,
    judgement: Judgement,
) -> Judgement {
    match &row.fingerprint {
        Some(named) if *named != key.fingerprint => Judgement {
            state: SignatureState::Invalid,
            problem: Some("The image names another key than the one that signed.".to_owned()),
            ..judgement
        },
        _ => judgement,
    }
}

/// What is known of the signatures of an image, now.
///
/// # Errors
/// The database failed.
pub async fn of_image(core: &Core, image_id: i64) -> Result<Vec<ImageSignature>> {
    let db = core.db.read();
    let rows = repo::signature::of_image(db, image_id).await?;
    let keys = lookup::by_ids(core, rows.iter().filter_map(|row| row.key_id)).await?;
    let now = core.clock.now();
    rows.iter()
        .map(|row| {
            let key = keys.iter().find(|found| Some(found.key.id) == row.key_id);
            let signer = key.map(|found| KeySigner {
                fingerprint: found.key.fingerprint.clone(),
                user_ids: found.names(),
                username: found.username.clone(),
            });
            view(row, signer, now)
        })
        .collect()
}

/// What the signatures of an image say together, now; nothing where it has none.
///
/// # Errors
/// A row says a word that this version does not know.
pub fn summary(
    signatures: impl IntoIterator<Item = Standing>,
    now: DateTime<Utc>,
) -> Result<Option<SignatureSummary>> {
    let known = signatures.into_iter().map(|one| {
        let found: SignatureState = one.state.parse().map_err(Error::internal)?;
        Ok((lasting(found, one.valid_until, now), one.complete))
    });
    Ok(SignatureSummary::of(known.collect::<Result<Vec<_>>>()?))
}

/// What was found out, as long as it lasts: what held ends with its time.
fn lasting(
    found: SignatureState,
    valid_until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> SignatureState {
    let over = valid_until.is_some_and(|end| end <= now);
    if found == SignatureState::Valid && over {
        SignatureState::KeyExpired
    } else {
        found
    }
}

fn view(
    row: &image_signature::Model,
    signer: Option<KeySigner>,
    now: DateTime<Utc>,
) -> Result<ImageSignature> {
    let word = |error: String| Error::internal(error);
    let kind: SignatureKind = row.kind.parse().map_err(word)?;
    let found: SignatureState = row.state.parse().map_err(word)?;
    let state = lasting(found, row.valid_until, now);
    let mut problem = row.problem.clone();
    if state != found {
        problem = Some("The key, or the signature itself, has expired.".to_owned());
    } else if state == SignatureState::Valid {
        if kind == SignatureKind::PgpLegacy {
            problem =
                Some("It covers the data of objects, but not how they are described.".to_owned());
        } else if !row.complete {
            problem = Some("It does not cover every object of the image.".to_owned());
        }
    }
    let objects = row
        .objects
        .split(',')
        .filter_map(|number| number.parse().ok());
    Ok(ImageSignature {
        object: u32::try_from(unsigned(row.object_id)).unwrap_or(u32::MAX),
        kind,
        state,
        problem,
        fingerprint: row.fingerprint.clone(),
        signer,
        objects: objects.collect(),
        complete: row.complete,
        signed_at: row.signed_at.map(Into::into),
        valid_until: row.valid_until.map(Into::into),
    })
}
