//! Download limits: how many downloads a container, and a collection as a whole, gives in a week.
//!
//! Rule: a week is from Monday 00:00 to Monday 00:00, UTC. Limits are asked where bytes are about to leave, by whatever door, and
//! never in the middle of a transfer. What counts is what the database says and what this process has not yet written; what other
//! processes counted in the last seconds (`jobs::schedule::FLUSH`), and transfers under way, may come on top.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use shared_types::{AuditAction, AuditThing, DownloadLimit, DownloadLimitChange, LimitRule};

use super::{
    Core, Error, Result,
    access::{self, Action},
    audit::{Actor, Entry},
    containers,
    downloads::Counted,
    paging::unsigned,
    users,
};
use crate::{
    domain::access::Viewer,
    repo::{self, limit::UNLIMITED},
};

/// Seconds of a week.
const WEEK: i64 = 7 * 86_400;
/// Seconds from the first Monday before 1970 to 1970.
const TO_MONDAY: i64 = 3 * 86_400;
/// The largest limit that can be set.
pub const LARGEST: u64 = 1_000_000_000;

/// The week of a moment: how many Mondays have passed.
pub fn week(at: DateTime<Utc>) -> i32 {
    let week = (at.timestamp() + TO_MONDAY).div_euclid(WEEK);
    i32::try_from(week).unwrap_or(i32::MAX)
}

/// When the week after that of a moment begins.
fn next_week(at: DateTime<Utc>) -> DateTime<Utc> {
    let start = (i64::from(week(at)) + 1) * WEEK - TO_MONDAY;
    Utc.timestamp_opt(start, 0)
        .single()
        .unwrap_or(at + TimeDelta::seconds(WEEK))
}

/// What a container or a collection may give, and has given in the week that was counted last.
#[derive(Debug, Clone, Copy)]
pub struct Tally {
    /// Its own limit; absent for the registry's.
    pub own: Option<i64>,
    /// The week.
    pub week: i32,
    /// Downloads in it.
    pub downloads: i64,
}

impl Tally {
    fn limit(self, general: Option<u64>) -> Option<u64> {
        match self.own {
            Some(UNLIMITED) => None,
            Some(own) => Some(unsigned(own)),
            None => general,
        }
    }

    fn used(self, week: i32) -> u64 {
        if self.week == week {
            unsigned(self.downloads)
        } else {
            0
        }
    }

    fn shown(self, core: &Core, general: Option<u64>, pending: u64) -> DownloadLimit {
        let now = core.clock.now();
        DownloadLimit {
            rule: match self.own {
                None => LimitRule::Default,
                Some(UNLIMITED) => LimitRule::Unlimited,
                Some(_) => LimitRule::Own,
            },
            limit: self.limit(general),
            used: self.used(week(now)) + pending,
            resets_at: next_week(now).into(),
        }
    }
}

/// The tallies that decide about one image.
#[derive(Debug, Clone, Copy)]
pub struct Tallies {
    /// Of its container.
    pub container: Tally,
    /// Of its collection.
    pub collection: Tally,
}

/// Whether any limit is in force for an image.
pub(super) fn apply(core: &Core, tallies: Tallies) -> bool {
    let rules = &core.settings.registry;
    let container = tallies.container.limit(rules.container_weekly_get_limit);
    let collection = tallies.collection.limit(rules.collection_weekly_get_limit);
    container.or(collection).is_some()
}

/// Whether one more download may begin.
///
/// # Errors
/// `DownloadLimit`.
pub(super) fn check(core: &Core, what: Counted, tallies: Tallies) -> Result<()> {
    if !apply(core, tallies) {
        return Ok(());
    }
    let rules = &core.settings.registry;
    let pending = core.counters.pending(what);
    let now = core.clock.now();
    let week = week(now);
    for (holder, tally, general, pending) in [
        (
            "container",
            tallies.container,
            rules.container_weekly_get_limit,
            pending.container,
        ),
        (
            "collection",
            tallies.collection,
            rules.collection_weekly_get_limit,
            pending.collection,
        ),
    ] {
        let Some(limit) = tally.limit(general) else {
            continue;
        };
        if tally.used(week) + pending >= limit {
            return Err(refusal(holder, limit, now));
        }
    }
    Ok(())
}

fn refusal(holder: &str, limit: u64, now: DateTime<Utc>) -> Error {
    let next = next_week(now);
    let day = next.format("%Y-%m-%d");
    Error::DownloadLimit {
        sentence: format!(
            "this {holder} has given the {limit} downloads that it gives in a week; more from Monday, {day} 00:00 UTC, \
             or ask its owners"
        ),
        retry_after: (next - now).to_std().unwrap_or_default(),
    }
}

/// The limit of a collection, and what was downloaded this week.
///
/// # Errors
/// `NotFound`.
pub async fn of_collection(core: &Core, viewer: &Viewer, name: &str) -> Result<DownloadLimit> {
    let granted = access::collection(core, viewer, name, Action::See).await?;
    let row = granted.collection;
    let tally = Tally {
        own: row.weekly_limit,
        week: row.week,
        downloads: row.week_downloads,
    };
    let general = core.settings.registry.collection_weekly_get_limit;
    let pending = core.counters.pending_of(|what| what.collection == row.id);
    Ok(tally.shown(core, general, pending))
}

/// The limit of a container, and what was downloaded this week.
///
/// # Errors
/// `NotFound`.
pub async fn of_container(
    core: &Core,
    viewer: &Viewer,
    collection: &str,
    name: &str,
) -> Result<DownloadLimit> {
    let (_, row) = containers::find(core, viewer, collection, name, Action::See).await?;
    let tally = Tally {
        own: row.weekly_limit,
        week: row.week,
        downloads: row.week_downloads,
    };
    let general = core.settings.registry.container_weekly_get_limit;
    let pending = core.counters.pending_of(|what| what.container == row.id);
    Ok(tally.shown(core, general, pending))
}

/// Sets the limit of a collection.
///
/// # Errors
/// What `access::collection` says, `Invalid`.
pub async fn set_of_collection(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    change: &DownloadLimitChange,
) -> Result<DownloadLimit> {
    let granted = access::collection(core, viewer, name, Action::Manage).await?;
    let (id, limit) = (granted.collection.id, checked(change)?);
    let by = Actor::of(core, viewer);
    let entry = Entry::collection(AuditAction::CollectionLimit, &granted.collection)
        .with("rule", change.rule)
        .with_some("limit", change.limit);
    core.db
        .write(async move |tx| {
            repo::limit::set_of_collection(tx, id, limit).await?;
            entry.record(tx, &by).await
        })
        .await?;
    of_collection(core, viewer, name).await
}

/// Sets the limit of a container.
///
/// # Errors
/// What `containers::find` says, `Invalid`.
pub async fn set_of_container(
    core: &Core,
    viewer: &Viewer,
    collection: &str,
    name: &str,
    change: &DownloadLimitChange,
) -> Result<DownloadLimit> {
    let (granted, row) = containers::find(core, viewer, collection, name, Action::Manage).await?;
    let (id, limit) = (row.id, checked(change)?);
    let by = Actor::of(core, viewer);
    let entry = Entry::container(AuditAction::ContainerLimit, &granted.collection, &row)
        .with("rule", change.rule)
        .with_some("limit", change.limit);
    core.db
        .write(async move |tx| {
            repo::limit::set_of_container(tx, id, limit).await?;
            entry.record(tx, &by).await
        })
        .await?;
    of_container(core, viewer, collection, name).await
}

/// What the database keeps for a change.
fn checked(change: &DownloadLimitChange) -> Result<Option<i64>> {
    match (change.rule, change.limit) {
        (LimitRule::Default, None) => Ok(None),
        (LimitRule::Unlimited, None) => Ok(Some(UNLIMITED)),
        (LimitRule::Own, Some(limit)) if limit <= LARGEST => {
            Ok(Some(i64::try_from(limit).unwrap_or(i64::MAX)))
        }
        (LimitRule::Own, Some(_)) => Err(Error::invalid(
            "limit",
            format!("a limit is a number up to {LARGEST}; for more, take the rule “unlimited”"),
        )),
        (LimitRule::Own, None) => Err(Error::invalid(
            "limit",
            "say how many downloads a week has, or take another rule",
        )),
        (_, Some(_)) => Err(Error::invalid(
            "limit",
            "a number goes with the rule “own” only",
        )),
    }
}

/// Forgets what was downloaded this week, everywhere: all limits begin anew. Totals stay. Returns for how many containers.
///
/// # Errors
/// The database failed.
pub async fn reset(core: &Core) -> Result<u64> {
    let by = Actor::of(core, &users::operator());
    core.db
        .write(async move |tx| {
            let entry = Entry::new(AuditAction::LimitReset, AuditThing::Registry, None, "");
            entry.record(tx, &by).await?;
            Ok(repo::limit::reset(tx).await?)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn weeks_begin_on_mondays() {
        let sunday = at("2026-11-22T23:59:59Z");
        let monday = at("2026-11-23T00:00:00Z");
        assert_eq!(week(sunday) + 1, week(monday));
        assert_eq!(week(monday), week(at("2026-11-29T23:59:59Z")));
        assert_eq!(next_week(sunday), monday);
        assert_eq!(next_week(monday), at("2026-11-30T00:00:00Z"));
        assert_eq!(week(at("1970-01-01T00:00:00Z")), 0);
        assert_eq!(week(at("1970-01-05T00:00:00Z")), 1);
    }

    #[test]
    fn ones_own_limit_counts_before_the_registrys_and_an_older_week_counts_nothing() {
        let tally = |own| Tally {
            own,
            week: 7,
            downloads: 5,
        };
        assert_eq!(tally(None).limit(Some(3)), Some(3));
        assert_eq!(tally(Some(9)).limit(Some(3)), Some(9));
        assert_eq!(tally(Some(0)).limit(Some(3)), Some(0));
        assert_eq!(tally(Some(UNLIMITED)).limit(Some(3)), None);
        assert_eq!((tally(None).used(7), tally(None).used(8)), (5, 0));
    }

    #[test]
    fn a_number_goes_with_the_rule_that_needs_one() {
        let change = |rule, limit| checked(&DownloadLimitChange { rule, limit });
        assert_eq!(change(LimitRule::Own, Some(0)).unwrap(), Some(0));
        assert_eq!(change(LimitRule::Unlimited, None).unwrap(), Some(UNLIMITED));
        assert_eq!(change(LimitRule::Default, None).unwrap(), None);
        for (rule, limit) in [
            (LimitRule::Own, None),
            (LimitRule::Own, Some(LARGEST + 1)),
            (LimitRule::Default, Some(1)),
            (LimitRule::Unlimited, Some(1)),
        ] {
            assert!(change(rule, limit).is_err());
        }
    }
}
