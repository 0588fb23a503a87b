//! Uses of share links: what a download is when it may be interrupted, and how often one may be had.
//!
//! Rule: a use is taken when a download begins, in one transaction, so that a link never gives more than it was made for. Whoever was
//! cut off goes on within the same use: the same address, for a day, up to twice the bytes of the file. A request from the first
//! byte after the last one was sent is another download.

use std::{
    collections::HashMap,
    net::IpAddr,
    ops::Range,
    sync::{Mutex, PoisonError},
};

use entity::share_use;

use super::in_force;
use crate::{
    repo,
    services::{Core, Error, Result, error::Resource, limits, pull::File},
};

/// How often the bytes of the file one use covers, transfers that were cut off included.
const COVERED: i64 = 2;

/// Somebody who follows a link.
#[derive(Debug, Clone)]
pub struct Visit {
    link: i64,
    /// What tells one from another; no address is kept.
    client: String,
}

impl Visit {
    pub(super) fn of(core: &Core, link: i64, address: Option<IpAddr>) -> Self {
        let address = address.map(|ip| ip.to_string()).unwrap_or_default();
        Self {
            link,
            client: core.keys.pseudonym(&format!("{link} {address}")),
        }
    }
}

/// How transfers of uses have ended, not yet written.
#[derive(Debug, Default)]
pub struct Ends {
    noted: Mutex<HashMap<i64, End>>,
    /// Held while they are written: what reads the rows waits for it.
    settling: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone, Copy, Default)]
struct End {
    unsent: i64,
    finished: bool,
}

impl Ends {
    /// Notes that a transfer has ended, so many bytes short, or with the end of the file.
    pub(in crate::services) fn note(&self, id: i64, unsent: u64, finished: bool) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let end = noted.entry(id).or_default();
        end.unsent = end.unsent.saturating_add(bytes(unsent));
        end.finished |= finished;
    }

    fn take(&self) -> HashMap<i64, End> {
        std::mem::take(&mut self.noted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn bytes(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Writes how transfers of uses have ended.
///
/// # Errors
/// The database failed; what was noted is kept for the next time.
pub(in crate::services) async fn settle(core: &Core) -> Result<()> {
    let ends = &core.counters.shares;
    let _settling = ends.settling.lock().await;
    let noted = ends.take();
    if noted.is_empty() {
        return Ok(());
    }
    let now = core.clock.now();
    let batch = noted.clone();
    let written = core
        .db
        .write(async move |tx| {
            for (id, end) in batch {
                if end.unsent > 0 {
                    repo::share::add_bytes(tx, id, -end.unsent).await?;
                }
                if end.finished {
                    repo::share::finish_use(tx, id, now).await?;
                }
            }
            Ok::<_, Error>(())
        })
        .await;
    if written.is_err() {
        for (id, end) in noted {
            ends.note(id, end.unsent.unsigned_abs(), end.finished);
        }
    }
    written
}

/// Takes a use of a link, or goes on with one. Returns its id.
///
/// # Errors
/// `Gone` where the link works no longer or gives no more downloads, `DownloadLimit`.
pub(in crate::services) async fn take_use(
    core: &Core,
    visit: &Visit,
    file: &File,
    range: &Range<u64>,
) -> Result<i64> {
    settle(core).await?;
    let now = core.clock.now();
    let within_limits = limits::check(core, file.counted, file.tallies);
    let fresh_allowed = within_limits.is_ok();
    let (visit, start, size) = (visit.clone(), range.start, bytes(file.size));
    let wanted = bytes(range.end.saturating_sub(range.start));
    let taken = core
        .db
        .write(async move |tx| {
            let link = repo::share::follow(tx, visit.link, now).await?;
            let link = link.ok_or(Error::NotFound(Resource::ShareLink))?;
            in_force(&link, now)?;
            let latest = repo::share::latest_use(tx, link.id, &visit.client, now).await?;
            if let Some(latest) = latest.filter(|latest| goes_on(latest, start, wanted, size)) {
                repo::share::add_bytes(tx, latest.id, wanted).await?;
                return Ok(Some(latest.id));
            }
            if link.max_uses.is_some_and(|most| link.uses >= most) {
                return Err(used_up());
            }
            if !fresh_allowed {
                return Ok(None);
            }
            let id = repo::share::begin_use(tx, link.id, &visit.client, wanted, now).await?;
            Ok(Some(id))
        })
        .await?;
    match (taken, within_limits) {
        (Some(id), _) => Ok(id),
        (None, Err(limit)) => Err(limit),
        (None, Ok(())) => Err(Error::internal("a use was refused for no reason")),
    }
}

/// Whether a request belongs to a use: it takes up what was begun, and does not fetch the file over and over.
fn goes_on(latest: &share_use::Model, start: u64, wanted: i64, size: i64) -> bool {
    (start > 0 || latest.finished_at.is_none())
        && latest.bytes.saturating_add(wanted) <= size.saturating_mul(COVERED)
}

fn used_up() -> Error {
    Error::Gone(
        "this share link has given all the downloads it was made for; ask whoever gave it to you for another"
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latest(bytes: i64, finished: bool) -> share_use::Model {
        let now = chrono::DateTime::UNIX_EPOCH;
        share_use::Model {
            id: 1,
            share_link_id: 1,
            client: String::new(),
            started_at: now,
            bytes,
            finished_at: finished.then_some(now),
        }
    }

    #[test]
    fn a_use_covers_interruptions_but_not_a_second_download() {
        assert!(goes_on(&latest(40, false), 40, 60, 100), "the rest");
        assert!(goes_on(&latest(40, false), 0, 100, 100), "all over again");
        assert!(
            goes_on(&latest(100, true), 90, 10, 100),
            "the end, which was sent but did not arrive"
        );
        assert!(!goes_on(&latest(100, true), 0, 100, 100), "once more");
        assert!(
            !goes_on(&latest(200, false), 0, 100, 100),
            "a third transfer beside two that are under way"
        );
    }
}
