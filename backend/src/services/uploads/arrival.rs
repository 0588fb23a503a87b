//! Bytes that arrive by ticket.
//!
//! Rule: they are measured and hashed on their way into the store; what fails leaves nothing there.

use std::{fmt::Display, time::Duration};

use bytes::Bytes;
use entity::upload;
use futures_util::{Stream, StreamExt};
use store::Digest;

use super::{
    super::{Core, Error, Result},
    delete_object, gone, keep, parts_id, refused,
};
use crate::repo;

/// How long a sender may send nothing.
const STALL: Duration = Duration::from_mins(1);

/// Takes the bytes of an upload in one piece. Who may call this has shown a ticket.
///
/// # Errors
/// `NotFound` where the upload has ended, `DigestMismatch` where the bytes are not those announced, `NoSpace`,
/// `BadRequest` where the sender stopped.
pub async fn receive(
    core: &Core,
    upload: &str,
    length: Option<u64>,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send,
) -> Result<()> {
    let row = awaited(core, upload, repo::upload::SINGLE).await?;
    store_single(core, &row, length, body).await
}

pub(super) async fn store_single(
    core: &Core,
    row: &upload::Model,
    length: Option<u64>,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send,
) -> Result<()> {
    let size = u64::try_from(row.size).unwrap_or(0);
    check_length(length, size)?;
    let expected = Digest::from_hex(&row.sha256).map_err(Error::internal)?;
    let mut writer = core.blobs.begin(size).await?;
    let mut body = std::pin::pin!(body);
    while let Some(frame) = next_frame(&mut body).await? {
        writer.write(frame).await.map_err(|error| match error {
            store::Error::TooLarge { limit } => lied(limit, "more"),
            other => other.into(),
        })?;
    }
    if writer.written() != size {
        return Err(lied(size, writer.written()));
    }
    let stored = writer.finish(Some(expected)).await?;
    let key = stored.key.as_str();
    match keep(core, row, &stored).await {
        Ok(true) => {
            // The bytes were sent before; one copy is enough.
            if let Some(earlier) = &row.store_key {
                delete_object(core, earlier).await;
            }
            Ok(())
        }
        Ok(false) => {
            delete_object(core, key).await;
            Err(gone())
        }
        Err(error) => {
            delete_object(core, key).await;
            Err(error)
        }
    }
}

/// Takes the bytes of one part; gives the text that names them, without quotes. Who may call this has shown a ticket.
///
/// # Errors
/// As `receive`.
pub async fn receive_part(
    core: &Core,
    upload: &str,
    part: u32,
    length: Option<u64>,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send,
) -> Result<String> {
    let row = awaited(core, upload, repo::upload::PARTS).await?;
    let id = parts_id(&row)?;
    let mut writer = core.blobs.write_part(&id, part).await.map_err(refused)?;
    check_length(length, writer.due())?;
    let mut body = std::pin::pin!(body);
    while let Some(frame) = next_frame(&mut body).await? {
        writer.write(frame).await.map_err(refused)?;
    }
    Ok(writer.finish().await.map_err(refused)?.etag)
}

/// An upload that still takes bytes.
async fn awaited(core: &Core, public_id: &str, kind: &str) -> Result<upload::Model> {
    let found = repo::upload::find(core.db.read(), public_id).await?;
    let now = core.clock.now();
    // One that has its bytes takes them again: the client may not have heard that they arrived.
    let state = |state: &str| {
        state == repo::upload::OPEN
            || (state == repo::upload::STORED && kind == repo::upload::SINGLE)
    };
    found
        .filter(|row| row.kind == kind && state(&row.state) && row.expires_at > now)
        .ok_or_else(gone)
}

/// The next bytes of a body; none at its end.
pub(super) async fn next_frame(
    body: &mut (impl Stream<Item = std::io::Result<Bytes>> + Unpin),
) -> Result<Option<Bytes>> {
    match tokio::time::timeout(STALL, body.next()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(frame))) => Ok(Some(frame)),
        Ok(Some(Err(error))) => {
            tracing::debug!(%error, "an upload was cut off");
            Err(Error::BadRequest(
                "the connection ended before all bytes had arrived".to_owned(),
            ))
        }
        Err(_) => Err(Error::BadRequest(format!(
            "no bytes have arrived for {} s; start again",
            STALL.as_secs()
        ))),
    }
}

pub(super) fn check_length(length: Option<u64>, due: u64) -> Result<()> {
    match length {
        Some(length) if length != due => Err(lied(due, length)),
        _ => Ok(()),
    }
}

pub(super) fn lied(announced: u64, came: impl Display) -> Error {
    Error::DigestMismatch(format!(
        "{announced} bytes were announced, but {came} have come"
    ))
}
