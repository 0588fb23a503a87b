//! What happened lately, day by day: pushes and downloads of a collection or a container.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use sea_orm::sea_query::SelectStatement;
use shared_types::{Activity, ActivityDay};

use super::{
    Core, Result,
    access::{self, Action},
    containers,
    paging::unsigned,
};
use crate::{domain::access::Viewer, repo};

/// Most days that one answer has.
pub const MOST_DAYS: u32 = 366;

/// Days of an answer where none are asked for.
const DAYS: u32 = 90;

/// Most pushes that are counted: more than a plot can show.
const MOST_PUSHES: u64 = 100_000;

/// What happened in a collection, or in one of its containers, each day up to today.
///
/// # Errors
/// `NotFound`.
pub async fn get(
    core: &Core,
    viewer: &Viewer,
    collection: &str,
    container: Option<&str>,
    days: Option<u32>,
) -> Result<Activity> {
    let containers = match container {
        None => {
            let granted = access::collection(core, viewer, collection, Action::See).await?;
            repo::container::ids_of(granted.collection.id)
        }
        Some(name) => {
            let (_, row) = containers::find(core, viewer, collection, name, Action::See).await?;
            repo::container::only(row.id)
        }
    };
    let days = days.unwrap_or(DAYS).clamp(1, MOST_DAYS);
    let today = core.clock.now().date_naive().and_time(NaiveTime::MIN);
    let first = today.and_utc() - TimeDelta::days(i64::from(days) - 1);
    counted(core, containers, first, days).await
}

async fn counted(
    core: &Core,
    containers: SelectStatement,
    first: DateTime<Utc>,
    days: u32,
) -> Result<Activity> {
    let db = core.db.read();
    let first_day = repo::download::day(first);
    let index = |day: i32| usize::try_from(day - first_day).ok();
    let day = |number: u32| ActivityDay {
        date: (first + TimeDelta::days(i64::from(number)))
            .date_naive()
            .to_string(),
        pushes: 0,
        downloads: 0,
    };
    let mut shown: Vec<_> = (0..days).map(day).collect();
    for (day, count) in repo::activity::downloads(db, containers.clone(), first_day).await? {
        if let Some(day) = index(day).and_then(|day| shown.get_mut(day)) {
            day.downloads += unsigned(count);
        }
    }
    for moment in repo::activity::pushes(db, containers, first, MOST_PUSHES).await? {
        let day = index(repo::download::day(moment));
        if let Some(day) = day.and_then(|day| shown.get_mut(day)) {
            day.pushes += 1;
        }
    }
    Ok(Activity { days: shown })
}
