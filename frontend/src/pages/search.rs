//! What a search finds.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    api::containers::{self, ContainerQuery},
    components::{lists::ContainerTable, load::Load, pager::Pager, robot::Invitation},
    routes::Route,
    util::query,
};

/// Containers whose collection, name, description or tag has the words.
#[component]
pub fn SearchPage() -> impl IntoView {
    let map = use_query_map();
    let state = Memo::new(move |_| {
        let get = |name| map.with(|map| map.get(name).unwrap_or_default());
        ContainerQuery {
            q: get("q"),
            cursor: get("cursor"),
            ..ContainerQuery::default()
        }
    });
    let found = LocalResource::new(move || containers::list(&state.get()));
    let title = move || {
        let words = state.get().q;
        if words.is_empty() {
            "All containers".to_owned()
        } else {
            format!("Containers with “{words}”")
        }
    };
    view! {
        <Title text=title />
        <h1>{title}</h1>
        <Load
            resource=found
            lines=10
            children=move |page| {
                if page.items.is_empty() {
                    return view! {
                        <Invitation title="Nothing found">
                            <p>"Names, descriptions and tags were searched. Try fewer letters, or look through the " <a href=Route::Collections.href()>"collections"</a> "."</p>
                        </Invitation>
                    }
                        .into_any();
                }
                let now = state.get_untracked();
                let to = |cursor: &str| {
                    query::with("/search", &[("q", now.q.clone()), ("cursor", now.cursor.clone())], "cursor", cursor)
                };
                let first = (!now.cursor.is_empty()).then(|| to(""));
                let next = page.next.as_deref().map(to);
                view! {
                    <ContainerTable containers=page.items />
                    <Pager total=page.total what="containers" first next />
                }
                    .into_any()
            }
        />
    }
    .into_any()
}
