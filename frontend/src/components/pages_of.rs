//! A list of containers that goes on over pages.

use leptos::prelude::*;
use shared_types::ContainerPage;

use super::{lists::ContainerTable, load::Load, pager::Pager, robot::Invitation};
use crate::{state::asked::Asked, util::query::Query};

/// The containers of one page, and the way to the others.
#[component]
pub fn ContainerPages(
    /// What was found.
    found: Asked<ContainerPage>,
    /// What the list shows now.
    state: Memo<Query>,
    /// The list's address without its query.
    path: Signal<String>,
    /// What is said where nothing was found.
    nothing: &'static str,
) -> impl IntoView {
    let show = move |page: ContainerPage| {
        if page.items.is_empty() {
            return view! { <Invitation title="Nothing here"><p>{nothing}</p></Invitation> }
                .into_any();
        }
        let now = state.get_untracked();
        view! {
            <ContainerTable containers=page.items />
            <Pager total=page.total what="containers" path=path.get_untracked() state=now next=page.next />
        }
        .into_any()
    };
    view! { <Load resource=found lines=8 children=show /> }
}
