//! Uploads that clients make with the object store itself.
//!
//! Rule: the store reads what was sent there and compares it with what was announced before the row says that it is stored; from
//! there on it is an upload like any other.

use std::time::Duration;

use entity::upload;
use store::{Digest, Direct};
use url::Url;

use super::{
    super::{Core, Error, Result},
    How, Pushed, gone, keep, refused,
};
use crate::repo;

/// The most that S3 takes in one piece, in bytes, and the most parts of an upload.
const PIECE: u64 = 5 << 30;
const PARTS: u64 = 10_000;

/// Begins an upload that the client makes itself; nothing where it goes through this server.
pub(super) async fn begin(core: &Core, size: u64, parts: bool) -> Result<Option<Direct>> {
    if !core.settings.storage.direct_uploads || (!parts && size > PIECE) {
        return Ok(None);
    }
    Ok(core.blobs.begin_direct(parts).await?)
}

/// The length of parts, in bytes, with which an upload does not have too many of them.
pub(super) fn part_size(wanted: u64, size: u64) -> u64 {
    const MIB: u64 = 1 << 20;
    wanted.max(size.div_ceil(PARTS).div_ceil(MIB) * MIB)
}

/// How such an upload is kept.
pub(super) fn how(direct: &Direct, parts: Option<(i64, i32)>) -> How {
    How {
        kind: match direct.upload {
            Some(_) => repo::upload::DIRECT_PARTS,
            None => repo::upload::DIRECT,
        },
        store_key: Some(direct.key.as_str().to_owned()),
        remote_id: direct.upload.clone(),
        parts,
    }
}

/// The upload in the store that a row is about; nothing where the bytes come through this server.
pub(in crate::services) fn of(row: &upload::Model) -> Option<Direct> {
    let kinds = [repo::upload::DIRECT, repo::upload::DIRECT_PARTS];
    let key = row.store_key.as_deref()?.parse().ok()?;
    kinds.contains(&row.kind.as_str()).then(|| Direct {
        key,
        upload: row.remote_id.clone(),
    })
}

/// Where the client sends the bytes, or those of a part.
pub(super) async fn address(core: &Core, direct: &Direct, part: u32) -> Result<Url> {
    let lifetime = lifetime(core);
    Ok(core.blobs.sign_write(direct, part, lifetime).await?)
}

/// How long an address to the object store works: S3 makes none for longer than a week.
pub(in crate::services) fn lifetime(core: &Core) -> Duration {
    let week = Duration::from_hours(7 * 24);
    core.settings.storage.ticket_lifetime.min(week)
}

/// Has the store verify what was sent. False where the upload has ended or was verified meanwhile.
pub(super) async fn settle(
    core: &Core,
    pushed: &Pushed,
    row: &upload::Model,
    tokens: Vec<String>,
) -> Result<bool> {
    let direct = of(row).ok_or_else(gone)?;
    let expected = Digest::from_hex(&row.sha256).map_err(Error::internal)?;
    let size = u64::try_from(row.size).map_err(Error::internal)?;
    let finished = core.blobs.finish_direct(&direct, tokens, size, expected);
    match finished.await {
        Ok(stored) => keep(core, row, &stored).await,
        Err(store::Error::NotFound) => Err(Error::Conflict(
            "the bytes of this image have not arrived; send them first".to_owned(),
        )),
        Err(error) => {
            let lie = matches!(
                error,
                store::Error::Length { .. } | store::Error::DigestMismatch { .. }
            );
            if lie {
                pushed.discard(core, row).await;
            }
            Err(refused(error))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::part_size;

    #[test]
    fn parts_are_never_more_than_the_service_takes() {
        let (mib, gib) = (1_u64 << 20, 1_u64 << 30);
        assert_eq!(part_size(64 * mib, gib), 64 * mib);
        for size in [640 * gib, 1024 * gib, 50 * 1024 * gib + 1] {
            let part = part_size(64 * mib, size);
            assert!(
                size.div_ceil(part) <= 10_000 && part.is_multiple_of(mib),
                "{size}"
            );
        }
    }
}
