//! Uploads that grow at their end: begun without knowing all of the file, gone on with after any break, and a blob in the end.
//!
//! Rule: only who began a session sees it or goes on with it, and the right to push is asked for each time. What arrived stays
//! until the session ends. A session becomes a blob in the transaction in which its caller says what the blob is for.

use std::pin::pin;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use entity::{blob, upload_session};
use futures_util::Stream;
use sea_orm::ConnectionTrait;
use store::{AppendId, AppendWriter, Digest};

use super::{
    super::{Core, Error, Result, access, keys, push::Target, sweep},
    forget, gone,
    landed::Landed,
    next_frame, refused,
    room::{Limit, check_room},
};
use crate::{
    domain::access::Viewer,
    repo::{self, blob::Claimed},
};

/// A session to begin.
#[derive(Debug, Clone, Default)]
pub struct NewSession {
    /// Where it belongs.
    pub container_id: i64,
    /// How many bytes come, where that is known.
    pub size: Option<u64>,
    /// What they hash to, where that is known.
    pub sha256: Option<Digest>,
    /// The tag that the image gets, for uploads of the web application.
    pub tag: Option<String>,
    /// What its pusher says of the image.
    pub description: String,
}

/// A session that can be gone on with.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its unguessable id.
    pub id: String,
    /// Where it belongs.
    pub container_id: i64,
    /// How many bytes come, where that was said.
    pub size: Option<u64>,
    /// How many have arrived: the offset of the next one.
    pub received: u64,
    /// When it is given up if nothing more arrives.
    pub expires_at: DateTime<Utc>,
}

/// Begins a session.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden`; where the size is known `TooLarge`, `Quota`, `NoSpace`.
pub async fn begin(core: &Core, viewer: &Viewer, new: NewSession) -> Result<Session> {
    let row = insert(core, viewer, new).await?;
    session(&row, 0)
}

/// As `begin`, with the row.
pub(super) async fn insert(
    core: &Core,
    viewer: &Viewer,
    new: NewSession,
) -> Result<upload_session::Model> {
    let user_id = access::person(viewer)?.id;
    let target = Target::by_id(core, viewer, new.container_id).await?;
    let size = match new.size {
        Some(size) => Some(check_room(core, &target.granted.collection, size, true).await?),
        None => None,
    };
    let id = core.blobs.begin_append().await?;
    let now = core.clock.now();
    let row = repo::upload_session::New {
        public_id: keys::random_text::<16>(),
        container_id: target.container.id,
        user_id,
        size,
        sha256: new.sha256.map(|digest| digest.to_hex()),
        tag: new.tag,
        description: new.description,
        store_key: id.as_str().to_owned(),
        created_at: now,
        expires_at: now + life(core)?,
    };
    let inserted = core
        .db
        .write(async move |tx| {
            repo::upload_session::insert(tx, row)
                .await
                .map_err(Error::from)
        })
        .await;
    if inserted.is_err() {
        forget(core.blobs.abort_append(&id).await);
    }
    inserted
}

/// How far a session is.
///
/// # Errors
/// `NotFound` for everybody but who began it, and once it has ended; `Forbidden` where its owner may push no longer.
pub async fn state(core: &Core, viewer: &Viewer, id: &str) -> Result<Session> {
    let open = Open::find(core, viewer, id).await?;
    session(&open.row, received(core, &open.row).await?)
}

/// Adds bytes, at `offset` or wherever the session ends. What arrives of a request that is cut off stays. A request that
/// hangs while the next one comes has lost its turn.
///
/// # Errors
/// As `state`; `Offset` where the session goes on elsewhere; `DigestMismatch` for more bytes than were announced, `TooLarge`
/// and `Quota` where none were; `NoSpace`, `BadRequest` where the sender stopped, `Conflict` where it has begun again.
pub async fn append(
    core: &Core,
    viewer: &Viewer,
    id: &str,
    offset: Option<u64>,
    length: Option<u64>,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send,
) -> Result<Session> {
    let open = Open::find(core, viewer, id).await?;
    let (row, received) = open.append(core, offset, length, body).await?;
    session(&row, received)
}

async fn take(
    writer: &mut AppendWriter,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send,
    limit: &Limit,
) -> Result<()> {
    let mut body = pin!(body);
    while let Some(frame) = next_frame(&mut body).await? {
        match writer.write(frame).await {
            Err(store::Error::TooLarge { .. }) => return Err(limit.exceeded()),
            written => written.map_err(refused)?,
        }
    }
    Ok(())
}

/// Ends a session: its bytes are in the store, verified, for the caller to claim. It may be repeated until they are claimed.
///
/// # Errors
/// As `state`; `Conflict` where bytes are missing; `DigestMismatch` where the bytes are others: then nothing is kept.
pub async fn finish(core: &Core, viewer: &Viewer, id: &str, expected: Digest) -> Result<Finished> {
    let open = Open::find(core, viewer, id).await?;
    let announced = open.row.sha256.as_deref();
    if let Some(announced) = announced.filter(|hex| *hex != expected.to_hex()) {
        return Err(Error::DigestMismatch(format!(
            "this upload was announced as sha256:{announced}, not as {expected}"
        )));
    }
    if let Some(size) = open.row.size {
        let received = signed(received(core, &open.row).await?)?;
        if received != size {
            return Err(Error::Conflict(format!(
                "the upload is not complete: {received} of {size} bytes have arrived"
            )));
        }
    }
    let key = append_id(&open.row)?;
    let stored = match core.blobs.finish_append(&key, Some(expected)).await {
        Err(error @ store::Error::DigestMismatch { .. }) => {
            discard(core, &open.row).await;
            return Err(error.into());
        }
        stored => stored.map_err(refused)?,
    };
    let new = repo::blob::New {
        sha256: stored.sha256.to_hex(),
        key: stored.key.as_str().to_owned(),
        mark: stored.mark,
        size: signed(stored.size)?,
    };
    Ok(Finished {
        landed: Landed::find(core, new).await?,
        row: open.row,
        target: open.target,
    })
}

/// Gives up a session and removes what arrived.
///
/// # Errors
/// `NotFound` for everybody but who began it, and once it has ended.
pub async fn abort(core: &Core, viewer: &Viewer, id: &str) -> Result<()> {
    let row = own(core, viewer, id).await?;
    discard(core, &row).await;
    Ok(())
}

/// A session whose bytes are all in the store, verified. Dropped without a claim it can be finished again.
#[derive(Debug, Clone)]
pub struct Finished {
    landed: Landed,
    pub(super) row: upload_session::Model,
    pub(super) target: Target,
}

impl Finished {
    /// The container that they are for.
    pub fn container_id(&self) -> i64 {
        self.target.container.id
    }

    /// The digest, 64 hexadecimal digits.
    pub fn sha256(&self) -> &str {
        &self.landed.new.sha256
    }

    /// The key of their blob in the store, and what the store said of it.
    pub(super) fn place(&self) -> (&str, Option<&str>) {
        (&self.landed.new.key, self.landed.new.mark.as_deref())
    }

    /// Their number.
    pub fn size(&self) -> i64 {
        self.landed.new.size
    }

    /// Makes the bytes a blob's, in the transaction that says what it is for. After it comes `settle`.
    ///
    /// # Errors
    /// `NotFound` where the session has ended in the meantime.
    pub async fn claim(&self, tx: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Claimed> {
        if !repo::upload_session::set_done(tx, self.row.id).await? {
            return Err(gone());
        }
        Ok(self.landed.claim(tx, now).await?)
    }

    /// Removes what nobody needs after the transaction.
    pub async fn settle(&self, core: &Core, claimed: &Claimed) {
        self.landed.settle(core, claimed).await;
    }

    /// Makes the bytes a blob that nothing uses yet: it stays for the grace period.
    ///
    /// # Errors
    /// As `claim`.
    pub async fn keep(self, core: &Core) -> Result<blob::Model> {
        let now = core.clock.now();
        let claiming = self.clone();
        let claimed = core
            .db
            .write(async move |tx| claiming.claim(tx, now).await)
            .await?;
        self.settle(core, &claimed).await;
        Ok(claimed.blob)
    }

    /// Leaves nothing of bytes that cannot be used.
    pub async fn discard(&self, core: &Core) {
        discard(core, &self.row).await;
    }
}

/// A session that its owner may go on with.
pub(super) struct Open {
    pub(super) row: upload_session::Model,
    pub(super) target: Target,
}

impl Open {
    pub(super) async fn find(core: &Core, viewer: &Viewer, id: &str) -> Result<Self> {
        let row = own(core, viewer, id).await?;
        let now = core.clock.now();
        let open = row.state == repo::upload::OPEN && row.expires_at > now;
        let container = row.container_id.filter(|_| open).ok_or_else(gone)?;
        match Target::by_id(core, viewer, container).await {
            Ok(target) => Ok(Self { row, target }),
            Err(Error::NotFound(_)) => Err(gone()),
            Err(error) => Err(error),
        }
    }

    /// Adds bytes; the row as it is then, and how many have arrived.
    pub(super) async fn append(
        &self,
        core: &Core,
        offset: Option<u64>,
        length: Option<u64>,
        body: impl Stream<Item = std::io::Result<Bytes>> + Send,
    ) -> Result<(upload_session::Model, u64)> {
        let collection = &self.target.granted.collection;
        let limit = Limit::of(core, collection, self.row.size.map(unsigned)).await?;
        // Where a client does not say where its bytes go, they go to the end.
        let at = offset.unwrap_or(unsigned(self.row.received));
        let end = length.map(|length| at.saturating_add(length));
        if end.is_some_and(|end| end > limit.bytes) {
            return Err(limit.exceeded());
        }
        let id = append_id(&self.row)?;
        let writer = core.blobs.append(&id, offset, limit.bytes).await;
        let mut writer = writer.map_err(refused)?;
        let taken = take(&mut writer, body, &limit).await;
        let received = match writer.finish().await {
            Ok(received) => received,
            Err(error) => {
                taken?;
                return Err(refused(error));
            }
        };
        // What arrived stays, so it is noted also where the rest did not.
        let row = self.advanced(core, received).await?;
        taken?;
        Ok((row.ok_or_else(gone)?, received))
    }

    /// Notes how far it is; nothing where it has ended in the meantime.
    async fn advanced(&self, core: &Core, received: u64) -> Result<Option<upload_session::Model>> {
        let (id, now, bytes) = (self.row.id, core.clock.now(), signed(received)?);
        let expires_at = now + life(core)?;
        let alive = core
            .db
            .write(async move |tx| {
                repo::upload_session::advance(tx, id, bytes, now, expires_at)
                    .await
                    .map_err(Error::from)
            })
            .await?;
        Ok(alive.then(|| upload_session::Model {
            expires_at,
            received: bytes,
            ..self.row.clone()
        }))
    }
}

/// How many bytes of a session have arrived.
pub(super) async fn received(core: &Core, row: &upload_session::Model) -> Result<u64> {
    match core.blobs.appended(&append_id(row)?).await {
        // Complete in the store, and waiting to be claimed.
        Err(store::Error::UnknownAppend(_)) => Ok(unsigned(row.received)),
        other => other.map_err(refused),
    }
}

/// The row of one's own session, whatever its state.
pub(super) async fn own(core: &Core, viewer: &Viewer, id: &str) -> Result<upload_session::Model> {
    let user = access::person(viewer)?.id;
    let found = repo::upload_session::find(core.db.read(), id, user).await?;
    found.ok_or_else(gone)
}

/// Leaves nothing of a session. What cannot be removed now is removed by the sweep.
async fn discard(core: &Core, row: &upload_session::Model) {
    let id = row.id;
    let removed = core
        .db
        .write(async move |tx| {
            repo::upload_session::delete(tx, id)
                .await
                .map_err(Error::from)
        })
        .await;
    match removed {
        Ok(true) => forget(sweep::remove_session(core, &row.store_key).await),
        other => forget(other),
    }
}

fn session(row: &upload_session::Model, received: u64) -> Result<Session> {
    Ok(Session {
        id: row.public_id.clone(),
        container_id: row.container_id.ok_or_else(gone)?,
        size: row.size.map(unsigned),
        received,
        expires_at: row.expires_at,
    })
}

fn append_id(row: &upload_session::Model) -> Result<AppendId> {
    row.store_key.parse().map_err(Error::internal)
}

fn life(core: &Core) -> Result<chrono::Duration> {
    let expiry = core.settings.storage.upload_expiry;
    chrono::Duration::from_std(expiry).map_err(Error::internal)
}

fn signed(bytes: u64) -> Result<i64> {
    i64::try_from(bytes).map_err(Error::internal)
}

fn unsigned(bytes: i64) -> u64 {
    u64::try_from(bytes).unwrap_or(0)
}
