//! A list of containers that goes on over pages.

use leptos::prelude::*;
use shared_types::ContainerPage;

use super::{lists::ContainerTable, load::Load, pager::Pager, robot::Invitation};
use crate::{state::asked::Asked, util::query};

/// The containers of one page, and the way to the others.
#[component]
pub fn ContainerPages(
    /// What was found.
    found: Asked<ContainerPage>,
    /// Where this page starts.
    cursor: Memo<String>,
    /// The address of the first page.
    path: Signal<String>,
    /// What is said where nothing was found.
    nothing: &'static str,
) -> impl IntoView {
    let show = move |page: ContainerPage| {
        if page.items.is_empty() {
            return view! { <Invitation title="Nothing here"><p>{nothing}</p></Invitation> }
                .into_any();
        }
        let path = path.get_untracked();
        let to = |cursor: &str| query::with(&path, &[("cursor", String::new())], "cursor", cursor);
        let first = (!cursor.get_untracked().is_empty()).then(|| to(""));
        let next = page.next.as_deref().map(to);
        view! {
            <ContainerTable containers=page.items />
            <Pager total=page.total what="containers" first next />
        }
        .into_any()
    };
    view! { <Load resource=found lines=8 children=show /> }
}
