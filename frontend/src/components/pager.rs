//! Where a list goes on.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::util::{query::Query, text};

/// Links to the first and the next page of a list; nothing where one page is all.
#[component]
pub fn Pager(
    /// How many items there are in all.
    total: u64,
    /// What they are, in the plural.
    what: &'static str,
    /// The list's address without its query.
    path: String,
    /// What the list shows now.
    state: Query,
    /// Where the next page begins, where there is one.
    next: Option<String>,
) -> impl IntoView {
    let first = (!state.is("cursor", "")).then(|| state.to(&path, "cursor", ""));
    let next = next.map(|cursor| state.to(&path, "cursor", &cursor));
    view! {
        <nav class="pager" aria-label="Pages">
            <span class="quiet">{text::counted(total, what)}</span>
            {first.map(|href| view! { <a class="button" href=href><Glyph icon=Icon::Left />"First page"</a> })}
            {next.map(|href| view! { <a class="button" href=href rel="next">"Next page"<Glyph icon=Icon::Right /></a> })}
        </nav>
    }
}
