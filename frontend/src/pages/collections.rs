//! All collections that the person may see.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use crate::{
    api::collections::{self, CollectionQuery},
    components::{
        field::Choice,
        icon::{Glyph, Icon},
        lists::CollectionTable,
        load::Load,
        pager::Pager,
        robot::Invitation,
    },
    routes::Route,
    state::{ask, use_session},
    util::query::Query,
};

/// The list, with its filters in the address.
#[component]
pub fn CollectionsPage() -> impl IntoView {
    let session = use_session();
    let map = use_query_map();
    let state = Memo::new(move |_| {
        let get = |name| map.with(|map| map.get(name).unwrap_or_default());
        CollectionQuery {
            filter: get("filter"),
            sort: get("sort"),
            q: get("q"),
            cursor: get("cursor"),
            limit: get("limit"),
        }
    });
    let list = ask(move || collections::list(&state.get()));
    let go = Callback::new(go_to());
    let signed_in = move || session.is_signed_in();
    let may_create = move || {
        session
            .account()
            .is_some_and(|account| account.may_create_collections)
    };
    view! {
        <Title text="Collections" />
        <div class="page-head">
            <h1>"Collections"</h1>
            {move || {
                may_create().then(|| {
                    view! { <a class="button primary" href=Route::NewCollection.href()><Glyph icon=Icon::Plus />"New collection"</a> }
                })
            }}
        </div>
        <Filters state go signed_in=Signal::derive(signed_in) />
        <Load
            resource=list
            lines=10
            children=move |page| {
                let now = state.get_untracked();
                if page.items.is_empty() {
                    return view! { <Nothing filtered=!now.q.is_empty() || !now.filter.is_empty() /> }.into_any();
                }
                view! {
                    <CollectionTable collections=page.items />
                    <Pager total=page.total what="collections" path=Route::Collections.href() state=parts(&now) next=page.next />
                }
                    .into_any()
            }
        />
    }
    .into_any()
}

fn parts(state: &CollectionQuery) -> Query {
    Query(vec![
        ("filter", state.filter.clone()),
        ("sort", state.sort.clone()),
        ("q", state.q.clone()),
        ("limit", state.limit.clone()),
        ("cursor", state.cursor.clone()),
    ])
}

fn address(state: &CollectionQuery, name: &str, value: &str) -> String {
    parts(state).to(&Route::Collections.href(), name, value)
}

fn go_to() -> impl Fn(String) + Send + Sync + 'static {
    let navigate = send_wrapper::SendWrapper::new(use_navigate());
    move |href: String| {
        navigate(
            &href,
            NavigateOptions {
                scroll: false,
                ..NavigateOptions::default()
            },
        );
    }
}

#[component]
fn Filters(
    state: Memo<CollectionQuery>,
    go: Callback<String>,
    signed_in: Signal<bool>,
) -> impl IntoView {
    let words = RwSignal::new(state.get_untracked().q);
    Effect::new(move || words.set(state.get().q));
    let change = move |name: &'static str| {
        move |value: String| go.run(address(&state.get_untracked(), name, &value))
    };
    let search = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        go.run(address(
            &state.get_untracked(),
            "q",
            words.get_untracked().trim(),
        ));
    };
    let options = |words: &[(&str, &str)]| -> Vec<(String, String)> {
        words
            .iter()
            .map(|(word, text)| ((*word).to_owned(), (*text).to_owned()))
            .collect()
    };
    let sorts = options(&[
        ("", "Changed last"),
        ("name", "Name"),
        ("size", "Size"),
        ("downloads", "Downloads"),
        ("stars", "Stars"),
    ]);
    let limits = options(&[("", "25"), ("50", "50"), ("100", "100"), ("250", "250")]);
    view! {
        <form class="filters" on:submit=search>
            <div class="field">
                <label for="filter-words">"Filter by words"</label>
                <input id="filter-words" type="search" autocomplete="off" bind:value=words />
            </div>
            {move || {
                let shows = options(&[("", "All"), ("mine", "Mine"), ("private", "Private"), ("starred", "With my star")]);
                signed_in
                    .get()
                    .then(|| {
                        view! {
                            <Choice
                                label="Show"
                                name="filter"
                                value=Signal::derive(move || state.get().filter)
                                options=shows
                                on_change=change("filter")
                            />
                        }
                    })
            }}
            <Choice label="Order" name="sort" value=Signal::derive(move || state.get().sort) options=sorts on_change=change("sort") />
            <Choice label="Rows" name="limit" value=Signal::derive(move || state.get().limit) options=limits on_change=change("limit") />
            <button type="submit" class="button">"Filter"</button>
        </form>
    }
}

#[component]
fn Nothing(filtered: bool) -> impl IntoView {
    if filtered {
        return view! {
            <Invitation title="No collection fits">
                <p>"Try other words, or " <a href=Route::Collections.href()>"show all collections"</a> "."</p>
            </Invitation>
        }
        .into_any();
    }
    view! {
        <Invitation title="No collections yet">
            <p>"A collection holds containers that belong together, such as those of a group or a project."</p>
            <p><a class="button primary" href=Route::NewCollection.href()>"Make the first one"</a></p>
        </Invitation>
    }
    .into_any()
}
