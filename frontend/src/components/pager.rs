//! Where a list goes on.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// Links to the first and the next page of a list; nothing where one page is all.
#[component]
pub fn Pager(
    /// How many items there are in all.
    total: u64,
    /// What they are, in the plural.
    #[prop(default = "items")]
    what: &'static str,
    /// The address of the first page, where this is not it.
    first: Option<String>,
    /// The address of the next page, where there is one.
    next: Option<String>,
) -> impl IntoView {
    view! {
        <nav class="pager" aria-label="Pages">
            <span class="quiet">{crate::util::bytes::count(total)}" "{what}</span>
            {first.map(|href| view! { <a class="button" href=href><Glyph icon=Icon::Left />"First page"</a> })}
            {next.map(|href| view! { <a class="button" href=href rel="next">"Next page"<Glyph icon=Icon::Right /></a> })}
        </nav>
    }
}
