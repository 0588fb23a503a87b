//! The treemap: what the registry holds, by size or by downloads.

mod map;
mod paint;
mod plan;

use std::sync::Arc;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use shared_types::{Treemap, TreemapLevel};

use plan::Measure;

use crate::{
    api::explore,
    components::{field::Choice, load::Load, robot::Invitation},
    routes::Route,
    state::ask,
    util::{bytes, query, text},
};

/// Rows of the table on the page; the file has all.
const ROWS: usize = 500;

/// What the page shows, as in its address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct State {
    collection: String,
    by: String,
    q: String,
    view: String,
}

impl State {
    fn address(&self, name: &str, value: &str) -> String {
        let parts = [
            ("collection", self.collection.clone()),
            ("by", self.by.clone()),
            ("q", self.q.clone()),
            ("view", self.view.clone()),
        ];
        query::with(&Route::Treemap.href(), &parts, name, value)
    }

    fn measure(&self) -> Measure {
        if self.by == "downloads" {
            Measure::Downloads
        } else {
            Measure::Size
        }
    }
}

/// What a value is, in words.
fn told(value: u64, by: Measure) -> String {
    match by {
        Measure::Size => bytes::show(value),
        Measure::Downloads => text::counted(value, "downloads"),
    }
}

/// The page.
#[component]
pub fn TreemapPage() -> impl IntoView {
    let map = use_query_map();
    let state = Memo::new(move |_| {
        let get = |name| map.with(|map| map.get(name).unwrap_or_default());
        State {
            collection: get("collection"),
            by: get("by"),
            q: get("q"),
            view: get("view"),
        }
    });
    let collection = Memo::new(move |_| state.get().collection);
    let data = ask(move || explore::treemap(&collection.get()).map(Arc::new));
    let by_key = StoredValue::new(false);
    let shown = move |data: Arc<Treemap>| {
        if data.collections.is_empty() {
            return view! { <Invitation title="Nothing to draw yet"><p>"Once images are pushed, this page shows how much room each takes."</p></Invitation> }.into_any();
        }
        let drawn = Arc::clone(&data);
        let table = Memo::new(move |_| state.get().view == "table");
        view! {
            <Legend data=Arc::clone(&data) state />
            {move || {
                let data = Arc::clone(&drawn);
                if table.get() {
                    view! { <Table data state /> }.into_any()
                } else {
                    view! { <map::Map data state by_key /> }.into_any()
                }
            }}
        }
        .into_any()
    };
    view! {
        <Title text="Treemap" />
        <nav class="crumbs" aria-label="Where this is">
            <a href=Route::Tools.href()>"Tools"</a>
            {move || (!collection.get().is_empty()).then(|| view! { <a href=state.get_untracked().address("collection", "")>"Treemap"</a> })}
        </nav>
        <h1>
            "Treemap"
            {move || (!collection.get().is_empty()).then(|| view! { " of "<span class="mono">{collection.get()}</span> })}
        </h1>
        <Controls state />
        <Load resource=data lines=10 children=shown />
    }
    .into_any()
}

#[component]
fn Controls(state: Memo<State>) -> impl IntoView {
    let navigate = send_wrapper::SendWrapper::new(use_navigate());
    let go = Callback::new(move |(name, value): (&'static str, String)| {
        let options = NavigateOptions {
            scroll: false,
            replace: name == "q",
            ..NavigateOptions::default()
        };
        navigate(&state.get_untracked().address(name, &value), options);
    });
    let words = |all: [(&str, &str); 2]| {
        all.map(|(word, text)| (word.to_owned(), text.to_owned()))
            .to_vec()
    };
    view! {
        <form class="filters" on:submit=move |event| event.prevent_default()>
            <Choice
                label="Area"
                name="by"
                value=Signal::derive(move || state.get().by)
                options=words([("", "Size"), ("downloads", "Downloads")])
                on_change=move |word| go.run(("by", word))
            />
            <Choice
                label="Show as"
                name="view"
                value=Signal::derive(move || state.get().view)
                options=words([("", "Map"), ("table", "Table")])
                on_change=move |word| go.run(("view", word))
            />
            <div class="field">
                <label for="map-words">"Highlight"</label>
                <input
                    id="map-words"
                    type="search"
                    autocomplete="off"
                    prop:value=move || state.get().q
                    on:input:target=move |event| go.run(("q", event.target().value()))
                />
            </div>
        </form>
    }
}

#[component]
fn Legend(data: Arc<Treemap>, state: Memo<State>) -> impl IntoView {
    let sum = move || {
        let by = state.get().measure();
        let values = data.collections.iter().map(|group| match by {
            Measure::Size => group.size_bytes,
            Measure::Downloads => group.downloads,
        });
        let only = if data.level == TreemapLevel::Collections {
            " There are too many containers to show each: choose a collection."
        } else {
            ""
        };
        format!(
            "Containers: {}, collections: {}, in all {}. Colours tell collections apart.{only}",
            bytes::count(data.containers),
            data.collections.len(),
            told(values.sum(), by)
        )
    };
    view! { <p class="quiet">{sum}</p> }
}

/// The same as a table, largest first.
#[component]
fn Table(data: Arc<Treemap>, state: Memo<State>) -> impl IntoView {
    let rows = move || {
        let State { q, by, .. } = state.get();
        let words = q.trim().to_lowercase();
        let mut all: Vec<(String, String, u64, u64)> = Vec::new();
        for group in &data.collections {
            if group.names.is_empty() {
                all.push((
                    group.name.clone(),
                    String::new(),
                    group.size_bytes,
                    group.downloads,
                ));
            }
            let items = group.names.iter().zip(&group.sizes).zip(&group.counts);
            all.extend(
                items
                    .map(|((name, size), count)| (group.name.clone(), name.clone(), *size, *count)),
            );
        }
        all.retain(|(collection, name, ..)| {
            format!("{collection}/{name}")
                .to_lowercase()
                .contains(&words)
        });
        all.sort_by_key(|row| std::cmp::Reverse(if by == "downloads" { row.3 } else { row.2 }));
        let hidden = all.len().saturating_sub(ROWS);
        all.truncate(ROWS);
        let rows = all.into_iter().map(|(collection, name, size, count)| {
            let (text, href) = if name.is_empty() {
                (collection.clone(), Route::Collection(collection).href())
            } else {
                (
                    format!("{collection}/{name}"),
                    Route::Container(collection, name).href(),
                )
            };
            view! {
                <tr>
                    <th scope="row"><a class="mono" href=href>{text}</a></th>
                    <td data-label="Size" class="num">{bytes::show(size)}</td>
                    <td data-label="Downloads" class="num">{bytes::count(count)}</td>
                </tr>
            }
        });
        view! {
            <div class="table-wrap">
                <table>
                    <thead><tr><th scope="col">"Name"</th><th scope="col" class="num">"Size"</th><th scope="col" class="num">"Downloads"</th></tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
            {(hidden > 0).then(|| view! { <p class="quiet">{format!("{hidden} smaller not shown; the CSV file has them all.")}</p> })}
        }
    };
    view! { {rows} }
}
