//! Bytes that leave: who may begin, and counting downloads: in memory while they happen, written by a job.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::{Core, Error, Result, limits, pull::File, shares};
use crate::repo;

/// What a download counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Counted {
    /// The image.
    pub image: i64,
    /// Its container.
    pub container: i64,
    /// Its collection.
    pub collection: i64,
}

/// Downloads that were counted but not yet written, and transfers under way.
///
/// A download is one completed transfer of a file's bytes to one client: in one response, or in ranges that together give the whole
/// file and come by the same ticket.
#[derive(Debug)]
pub struct Counters {
    done: Mutex<HashMap<Counted, u64>>,
    /// Held while they are written: what two would write at once would be written twice.
    writing: tokio::sync::Mutex<()>,
    /// What has been delivered of transfers in ranges, by ticket.
    under_way: moka::sync::Cache<String, Arc<Mutex<Pieces>>>,
    /// Tickets whose file has been delivered: while a limit is in force, one gives one download.
    spent: moka::sync::Cache<String, ()>,
    /// Responses that are sending bytes.
    sending: AtomicUsize,
    /// Ends of the uses of share links.
    pub(super) shares: shares::Ends,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            done: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
            under_way: moka::sync::Cache::builder()
                .max_capacity(20_000)
                .time_to_idle(Duration::from_hours(1))
                .build(),
            spent: moka::sync::Cache::builder()
                .max_capacity(20_000)
                .time_to_live(Duration::from_hours(24))
                .build(),
            sending: AtomicUsize::new(0),
            shares: shares::Ends::default(),
        }
    }
}

/// Downloads that are counted but not yet written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pending {
    pub(super) container: u64,
    pub(super) collection: u64,
}

impl Counters {
    /// Counts one download.
    pub fn count(&self, image: i64, container: i64, collection: i64) {
        self.add(
            Counted {
                image,
                container,
                collection,
            },
            1,
        );
    }

    /// How many responses are sending the bytes of images just now.
    pub fn sending(&self) -> usize {
        self.sending.load(Ordering::Relaxed)
    }

    /// Notes that bytes of a file were delivered to whoever holds this ticket; counts a download when they complete the file, and
    /// says whether they did.
    pub fn delivered(&self, ticket: &str, what: Counted, range: Range<u64>, size: u64) -> bool {
        let whole = (range.start == 0 && range.end >= size)
            || self
                .under_way
                .get_with_by_ref(ticket, Arc::default)
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .add(range, size);
        if whole {
            self.under_way.invalidate(ticket);
            self.add(what, 1);
        }
        whole
    }

    /// What is counted but not yet written, for a container and its collection.
    pub(super) fn pending(&self, what: Counted) -> Pending {
        Pending {
            container: self.pending_of(|other| other.container == what.container),
            collection: self.pending_of(|other| other.collection == what.collection),
        }
    }

    /// What is counted but not yet written, for some images.
    pub(super) fn pending_of(&self, which: impl Fn(&Counted) -> bool) -> u64 {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let those = done.iter().filter(|(what, _)| which(what));
        those.map(|(_, count)| count).sum()
    }

    fn add(&self, what: Counted, count: u64) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        *done.entry(what).or_default() += count;
    }

    /// What is to be written. It stays here until then, because limits ask for it.
    fn unwritten(&self) -> HashMap<Counted, u64> {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.clone()
    }

    /// Forgets what was written.
    fn forget(&self, written: &HashMap<Counted, u64>) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.retain(|what, count| {
            *count -= written.get(what).copied().unwrap_or(0).min(*count);
            *count > 0
        });
    }
}

/// By what right bytes leave, and as whose transfer they count.
#[derive(Debug, Clone)]
pub enum Claim {
    /// A ticket, by its signature. Limits were asked when it was given out.
    Ticket(String),
    /// Somebody who was allowed, by whatever tells one from another: who comes back for the rest goes on.
    Caller(String),
    /// Somebody who followed a share link.
    Share(shares::Visit),
}

/// Bytes of an image on their way to a client.
///
/// It is told what is handed over, and tells the counters: when the last byte that was asked for is on its way, or when it is
/// dropped before.
#[derive(Debug)]
pub struct Transfer {
    core: Arc<Core>,
    what: Counted,
    size: u64,
    /// Where transfers that belong together meet.
    key: String,
    /// Whether the key is a ticket that is worth one download only.
    single: bool,
    share_use: Option<i64>,
    handed: Range<u64>,
    end: u64,
    ended: bool,
}

/// Lets bytes of an image leave.
///
/// # Errors
/// `DownloadLimit`; `Gone` where a share link gives no more downloads.
pub async fn begin(
    core: &Arc<Core>,
    file: &File,
    claim: Claim,
    range: Range<u64>,
) -> Result<Transfer> {
    let counters = &core.counters;
    let limited = limits::apply(core, file.tallies);
    let mut share_use = None;
    let (key, single) = match claim {
        Claim::Ticket(key) => {
            if limited && counters.spent.contains_key(&key) {
                limits::check(core, file.counted, file.tallies)?;
            }
            (key, limited)
        }
        Claim::Caller(key) => {
            if limited && !counters.under_way.contains_key(&key) {
                limits::check(core, file.counted, file.tallies)?;
            }
            (key, false)
        }
        Claim::Share(visit) => {
            let id = shares::take_use(core, &visit, file, &range).await?;
            share_use = Some(id);
            (format!("share {id}"), false)
        }
    };
    if limited && range.end.saturating_sub(range.start) < file.size {
        // From now on the other ranges belong to a transfer under way, which a limit does not end.
        counters.under_way.get_with_by_ref(&key, Arc::default);
    }
    counters.sending.fetch_add(1, Ordering::Relaxed);
    Ok(Transfer {
        core: Arc::clone(core),
        what: file.counted,
        size: file.size,
        key,
        single,
        share_use,
        handed: range.start..range.start,
        end: range.end,
        ended: false,
    })
}

impl Transfer {
    /// Notes that the next bytes are on their way.
    pub fn hand(&mut self, bytes: u64) {
        self.handed.end = self.handed.end.saturating_add(bytes);
        if self.handed.end >= self.end {
            self.finish();
        }
    }

    fn finish(&mut self) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let counters = &self.core.counters;
        counters.sending.fetch_sub(1, Ordering::Relaxed);
        if let Some(id) = self.share_use {
            let unsent = self.end.saturating_sub(self.handed.end);
            counters
                .shares
                .note(id, unsent, self.handed.end >= self.size);
        }
        let whole = counters.delivered(&self.key, self.what, self.handed.clone(), self.size);
        if whole && self.single {
            counters.spent.insert(self.key.clone(), ());
        }
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Which bytes of a file have been delivered: ranges in order that do not touch.
#[derive(Debug, Default)]
struct Pieces(Vec<Range<u64>>);

impl Pieces {
    /// Ranges kept of one transfer; who scatters more than this over a file is not counted.
    const MOST: usize = 4096;

    /// Adds a range; true where the whole file is there.
    fn add(&mut self, new: Range<u64>, size: u64) -> bool {
        if new.is_empty() || self.0.len() >= Self::MOST {
            return false;
        }
        let first = self.0.partition_point(|piece| piece.end < new.start);
        let last = self.0.partition_point(|piece| piece.start <= new.end);
        let touched = self.0.get(first..last).unwrap_or_default();
        let start = touched
            .first()
            .map_or(new.start, |p| p.start.min(new.start));
        let end = touched.last().map_or(new.end, |p| p.end.max(new.end));
        self.0
            .splice(first..last.max(first), std::iter::once(start..end));
        start == 0 && end >= size
    }
}

/// Writes the downloads counted so far.
///
/// # Errors
/// The database failed; the counts are kept for the next time.
pub async fn flush(core: &Core) -> Result<()> {
    shares::settle(core).await?;
    let _one_at_a_time = core.counters.writing.lock().await;
    let counts = core.counters.unwritten();
    if counts.is_empty() {
        return Ok(());
    }
    // In one order, so that two servers that write at once do not wait for each other in a circle.
    let mut batch: Vec<(Counted, i64)> = counts
        .iter()
        .map(|(what, count)| (*what, i64::try_from(*count).unwrap_or(i64::MAX)))
        .collect();
    batch.sort_unstable_by_key(|(what, _)| (what.collection, what.container, what.image));
    let now = core.clock.now();
    let (day, week) = (repo::download::day(now), limits::week(now));
    core.db
        .write(async move |tx| {
            for (what, count) in &batch {
                // What is gone by now needs no count.
                let Some(image) = repo::image::by_id(tx, what.image).await? else {
                    continue;
                };
                repo::download::add(tx, &image, day, *count).await?;
                let totals = (what.image, what.container, what.collection);
                repo::pull::add_to_totals(tx, totals, week, *count).await?;
            }
            Ok::<_, Error>(())
        })
        .await?;
    core.counters.forget(&counts);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHAT: Counted = Counted {
        image: 1,
        container: 2,
        collection: 3,
    };

    fn counted(counters: &Counters) -> u64 {
        let counts = counters.unwritten();
        counters.forget(&counts);
        counts.get(&WHAT).copied().unwrap_or(0)
    }

    #[test]
    fn ranges_that_make_the_file_are_one_download() {
        let counters = Counters::default();
        for range in [60..100, 0..30, 20..60] {
            assert_eq!(counted(&counters), 0);
            counters.delivered("a", WHAT, range, 100);
        }
        assert_eq!(counted(&counters), 1);
        counters.delivered("a", WHAT, 0..100, 100);
        assert_eq!(counted(&counters), 1, "a second transfer is another");
    }

    #[test]
    fn ranges_of_different_tickets_do_not_add_up() {
        let counters = Counters::default();
        counters.delivered("a", WHAT, 0..50, 100);
        counters.delivered("b", WHAT, 50..100, 100);
        counters.delivered("a", WHAT, 0..50, 100);
        assert_eq!(counted(&counters), 0);
    }

    #[test]
    fn pieces_are_kept_in_order_and_merged() {
        let mut pieces = Pieces::default();
        for range in [10..20, 30..40, 50..60, 0..5] {
            assert!(!pieces.add(range, 60));
        }
        assert_eq!(pieces.0, [0..5, 10..20, 30..40, 50..60]);
        assert!(!pieces.add(15..55, 60));
        assert_eq!(pieces.0, [0..5, 10..60]);
        assert!(pieces.add(5..10, 60));
    }
}
