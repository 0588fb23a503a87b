//! All collections that the person may see.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use shared_types::CollectionPage;

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
    state::{ask, asked::Asked, use_query, use_session},
    util::query::Query,
};

/// What the address says of a list of collections.
pub const PARTS: [&str; 6] = ["filter", "sort", "q", "limit", "view", "cursor"];

/// The list, with its filters in the address.
#[component]
pub fn CollectionsPage() -> impl IntoView {
    let session = use_session();
    let state = use_query(&PARTS);
    let list = listed(state);
    let as_cards = move || state.with(|state| state.is("view", "cards"));
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
        <Filters state path=Route::Collections.href() whole=false />
        <Load
            resource=list
            lines=10
            children=move |page| {
                let now = state.get_untracked();
                if page.items.is_empty() {
                    return view! { <Nothing filtered=!(now.is("q", "") && now.is("filter", "")) /> }.into_any();
                }
                view! {
                    <div class:as-cards=as_cards><CollectionTable collections=page.items /></div>
                    <Pager total=page.total what="collections" path=Route::Collections.href() state=now next=page.next />
                }
                    .into_any()
            }
        />
    }
    .into_any()
}

/// The collections that the address asks for.
pub fn listed(state: Memo<Query>) -> Asked<CollectionPage> {
    ask(move || {
        let now = state.get();
        let part = |name| now.get(name).to_owned();
        collections::list(&CollectionQuery {
            filter: part("filter"),
            sort: part("sort"),
            q: part("q"),
            cursor: part("cursor"),
            limit: part("limit"),
        })
    })
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

/// What a list of collections is narrowed down and ordered by.
#[component]
pub fn Filters(
    /// What the list shows now.
    state: Memo<Query>,
    /// The list's address without its query.
    path: String,
    /// It is that of the whole registry, for administrators: nothing in it is one's own.
    whole: bool,
) -> impl IntoView {
    let session = use_session();
    let navigate = go_to();
    let go = Callback::new(move |(name, value): (&'static str, String)| {
        navigate(state.with_untracked(|state| state.to(&path, name, &value)));
    });
    let part = move |name: &'static str| Signal::derive(move || state.get().get(name).to_owned());
    let words = RwSignal::new(part("q").get_untracked());
    Effect::new(move || words.set(part("q").get()));
    let change = move |name: &'static str| move |value: String| go.run((name, value));
    let search = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        go.run(("q", words.get_untracked().trim().to_owned()));
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
    let views = options(&[("", "Table"), ("cards", "Cards")]);
    view! {
        <form class="filters" on:submit=search>
            <div class="field">
                <label for="filter-words">"Filter by words"</label>
                <input id="filter-words" type="search" autocomplete="off" bind:value=words />
            </div>
            {move || {
                let shows: &[_] = if whole {
                    &[("", "All"), ("private", "Private")]
                } else {
                    &[("", "All"), ("mine", "Mine"), ("private", "Private"), ("starred", "With my star")]
                };
                session
                    .is_signed_in()
                    .then(|| {
                        view! {
                            <Choice
                                label="Show"
                                name="filter"
                                value=part("filter")
                                options=options(shows)
                                on_change=change("filter")
                            />
                        }
                    })
            }}
            <Choice label="Order" name="sort" value=part("sort") options=sorts on_change=change("sort") />
            <Choice label="Rows" name="limit" value=part("limit") options=limits on_change=change("limit") />
            {(!whole).then(|| view! { <Choice label="As" name="view" value=part("view") options=views on_change=change("view") /> })}
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
