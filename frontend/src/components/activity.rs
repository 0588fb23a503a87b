//! What happened lately: pushes and downloads by day, as plots and as a table.

use std::fmt::Write;

use leptos::prelude::*;
use shared_types::ActivityDay;

use super::load::Load;
use crate::{
    api::collections,
    state::ask,
    util::{bytes, text},
};

/// Room for one day in the plot's own units, and for the bar in it.
const DAY: usize = 10;
const BAR: usize = 8;
/// The plot's height in its own units.
const HEIGHT: u64 = 100;

/// The activity of a collection, or of one of its containers.
#[component]
pub fn Activity(
    /// The collection.
    collection: String,
    /// The container.
    #[prop(default = None)]
    container: Option<String>,
) -> impl IntoView {
    let asked = ask(move || collections::activity(&collection, container.as_deref()));
    view! {
        <Load resource=asked lines=10 children=|activity| view! { <Shown days=activity.days /> } />
    }
}

#[component]
fn Shown(days: Vec<ActivityDay>) -> impl IntoView {
    let downloads = days.iter().map(|day| day.downloads).collect();
    let pushes = days.iter().map(|day| day.pushes).collect();
    let span = (
        days.first().map(|day| day.date.clone()).unwrap_or_default(),
        days.last().map(|day| day.date.clone()).unwrap_or_default(),
    );
    let rows: Vec<_> = days
        .into_iter()
        .rev()
        .filter(|day| day.downloads > 0 || day.pushes > 0)
        .map(|day| {
            view! {
                <tr>
                    <th scope="row">{day.date}</th>
                    <td class="num" data-label="Downloads">{bytes::count(day.downloads)}</td>
                    <td class="num" data-label="Pushes">{bytes::count(day.pushes)}</td>
                </tr>
            }
        })
        .collect();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <details class="after">
                <summary>"As a table"</summary>
                <div class="table-wrap">
                    <table>
                        <thead><tr><th scope="col">"Day"</th><th scope="col" class="num">"Downloads"</th><th scope="col" class="num">"Pushes"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </details>
        }
    });
    view! {
        <div class="plots">
            <Plot what="Downloads" counts=downloads span=span.clone() />
            <Plot what="Pushes" counts=pushes span />
        </div>
        {table}
    }
}

#[component]
fn Plot(what: &'static str, counts: Vec<u64>, span: (String, String)) -> impl IntoView {
    let (total, most) = (
        counts.iter().sum::<u64>(),
        counts.iter().copied().max().unwrap_or_default(),
    );
    let said = format!(
        "{what} from {} to {}: {}, {} at most on one day",
        span.0,
        span.1,
        bytes::count(total),
        bytes::count(most)
    );
    view! {
        <figure class="plot">
            <figcaption><strong>{what}</strong><span class="quiet">{format!("{} in {}", bytes::count(total), text::counted(counts.len() as u64, "days"))}</span></figcaption>
            <svg viewBox=format!("0 0 {} {HEIGHT}", counts.len() * DAY) preserveAspectRatio="none" role="img" aria-label=said>
                <path d=bars(&counts, most)></path>
            </svg>
            <p class="quiet"><span>{span.0}</span><span>{span.1}</span></p>
        </figure>
    }
}

/// All bars as one path. What is not nothing can be seen.
fn bars(counts: &[u64], most: u64) -> String {
    let mut path = String::new();
    for (day, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let height = (count.saturating_mul(HEIGHT) / most.max(1)).max(2);
        // A text can always be written to.
        let _ = write!(path, "M{} {HEIGHT}v-{height}h{BAR}v{height}z", day * DAY);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bar_fills_the_plot_and_the_lowest_can_be_seen() {
        assert_eq!(
            bars(&[0, 1000, 1], 1000),
            "M10 100v-100h8v100zM20 100v-2h8v2z"
        );
        assert_eq!(bars(&[0, 0], 0), "");
    }
}
