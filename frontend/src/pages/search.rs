//! What a search finds, narrowed down; everything of it is in the address.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use shared_types::ContainerPage;

use crate::{
    api::{
        Call,
        collections::{self, CollectionQuery},
        containers::{self, ContainerQuery},
        explore,
    },
    components::{
        field::Choice,
        icon::{Glyph, Icon},
        lists::ContainerTable,
        load::Load,
        pager::Pager,
        robot::Invitation,
    },
    routes::Route,
    state::{ask, asked::Asked},
    util::query::Query,
};

/// Architectures that one can ask for, as the clients write them.
const ARCHES: [&str; 6] = ["amd64", "arm64", "ppc64le", "riscv64", "s390x", "386"];
/// Most labels offered to narrow a search down.
const LABELS: usize = 12;

fn parts(state: &ContainerQuery) -> Query {
    Query(vec![
        ("q", state.q.clone()),
        ("arch", state.arch.clone()),
        ("label", state.label.clone()),
        ("value", state.label_value.clone()),
        ("topic", state.topic.clone()),
        ("owner", state.owner.clone()),
        ("sort", state.sort.clone()),
        ("cursor", state.cursor.clone()),
    ])
}

fn address(state: &ContainerQuery, name: &str, value: &str) -> String {
    parts(state).to(&Route::Search(String::new()).href(), name, value)
}

/// Containers whose collection, name, description or tag has the words.
#[component]
pub fn SearchPage() -> impl IntoView {
    let map = use_query_map();
    let state = Memo::new(move |_| {
        let get = |name| map.with(|map| map.get(name).unwrap_or_default());
        let label = get("label");
        ContainerQuery {
            q: get("q"),
            sort: get("sort"),
            arch: get("arch"),
            // A value means something with its label only.
            label_value: if label.is_empty() {
                String::new()
            } else {
                get("value")
            },
            label,
            topic: get("topic"),
            owner: get("owner"),
            owners: true,
            cursor: get("cursor"),
            ..ContainerQuery::default()
        }
    });
    let found = ask(move || containers::list(&state.get()));
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
        <Facets state found />
        <Found state />
        <Load
            resource=found
            lines=10
            children=move |page| {
                let now = state.get_untracked();
                if page.items.is_empty() {
                    return view! { <Nothing state=now /> }.into_any();
                }
                view! {
                    <ContainerTable containers=page.items />
                    <Pager total=page.total what="containers" path=Route::Search(String::new()).href() state=parts(&now) next=page.next />
                }
                    .into_any()
            }
        />
    }
    .into_any()
}

/// Collections that the words find, on one line: what is looked for may be one.
#[component]
fn Found(state: Memo<ContainerQuery>) -> impl IntoView {
    let words = Memo::new(move |_| state.get().q);
    let found = ask(move || {
        let q = words.get();
        if q.is_empty() {
            return Call::ready(Vec::new());
        }
        collections::list(&CollectionQuery {
            q,
            limit: "6".to_owned(),
            ..CollectionQuery::default()
        })
        .map(|page| page.items)
    });
    move || {
        if found.is_pending() {
            return Some(view! { <p class="pending"></p> }.into_any());
        }
        let links: Vec<_> = found
            .get()?
            .ok()?
            .into_iter()
            .map(|one| {
                let href = Route::Collection(one.name.clone()).href();
                view! { <a class="badge tag" href=href><Glyph icon=Icon::Stack />{one.name}</a> }
            })
            .collect();
        (!links.is_empty()).then(|| {
            view! { <p class="badges"><span class="quiet">"Collections"</span>{links}</p> }
                .into_any()
        })
    }
}

#[component]
fn Nothing(state: ContainerQuery) -> impl IntoView {
    let narrowed = is_narrowed(&state);
    view! {
        <Invitation title="Nothing found">
            {narrowed.then(|| {
                let all = Route::Search(state.q.clone()).href();
                view! { <p><a class="button" href=all>"Search without the filters"</a></p> }
            })}
            <p>"Names, descriptions and tags were searched. Try fewer letters, or look through the " <a href=Route::Collections.href()>"collections"</a> "."</p>
        </Invitation>
    }
}

fn is_narrowed(state: &ContainerQuery) -> bool {
    let facets = [&state.arch, &state.label, &state.topic, &state.owner];
    facets.iter().any(|word| !word.is_empty())
}

/// What narrows the list down.
#[component]
fn Facets(state: Memo<ContainerQuery>, found: Asked<ContainerPage>) -> impl IntoView {
    let navigate = send_wrapper::SendWrapper::new(use_navigate());
    let go = Callback::new(move |(name, value): (&'static str, String)| {
        // Another label has other values.
        let mut now = state.get_untracked();
        if name == "label" {
            now.label_value = String::new();
        }
        let options = NavigateOptions {
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&address(&now, name, &value), options);
    });
    let words = |first: &str, all: &[&str]| {
        let first = (String::new(), first.to_owned());
        let rest = all
            .iter()
            .map(|word| ((*word).to_owned(), (*word).to_owned()));
        std::iter::once(first).chain(rest).collect::<Vec<_>>()
    };
    let sorts = [
        ("", "Changed last"),
        ("name", "Name"),
        ("size", "Size"),
        ("downloads", "Downloads"),
    ]
    .map(|(word, text)| (word.to_owned(), text.to_owned()));
    let topics = ask(explore::topics);
    let labels = ask(|| explore::labels(""));
    let chosen = Memo::new(move |_| state.get().label);
    let values = ask(move || {
        let key = chosen.get();
        if key.is_empty() {
            return Call::ready(Vec::new());
        }
        explore::label_values(&key, "").map(|found| found.items)
    });
    // While the next answer is on its way, the owners stay.
    let owners = Memo::new(move |before: Option<&Vec<String>>| match found.get() {
        Some(Ok(page)) => page.owners.into_iter().map(|one| one.username).collect(),
        _ => before.cloned().unwrap_or_default(),
    });
    // A list of words; what is chosen is among them, whether it is used much or not.
    let offered = |found: Vec<String>, chosen: String| {
        let mut all: Vec<String> = found.into_iter().take(LABELS).collect();
        if !chosen.is_empty() && !all.contains(&chosen) {
            all.push(chosen);
        }
        all
    };
    let pending = move || {
        labels.is_pending() || topics.is_pending() || values.is_pending() || found.is_pending()
    };
    view! {
        <form class="filters" class:pending=pending on:submit=move |event| event.prevent_default()>
            <Choice label="Architecture" name="arch" value=Signal::derive(move || state.get().arch) options=words("Any", &ARCHES) on_change=move |word| go.run(("arch", word)) />
            {move || {
                let found: Vec<String> = labels.get()?.ok()?.items.into_iter().map(|one| one.key).collect();
                let all = offered(found, chosen.get());
                let all: Vec<&str> = all.iter().map(String::as_str).collect();
                (!all.is_empty()).then(|| view! {
                    <Choice label="Label" name="label" value=chosen options=words("Any", &all) on_change=move |word| go.run(("label", word)) />
                })
            }}
            {move || {
                let found: Vec<String> = values.get()?.ok()?.into_iter().map(|one| one.value).collect();
                let all = offered(found, state.get().label_value);
                let all: Vec<&str> = all.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
                (!all.is_empty()).then(|| view! {
                    <Choice label="Value" name="value" value=Signal::derive(move || state.get().label_value) options=words("Any", &all) on_change=move |word| go.run(("value", word)) />
                })
            }}
            {move || {
                let found: Vec<String> = topics.get()?.ok()?.items.into_iter().map(|one| one.name).collect();
                let all = offered(found, state.get().topic);
                let all: Vec<&str> = all.iter().map(String::as_str).collect();
                (!all.is_empty()).then(|| view! {
                    <Choice label="Topic" name="topic" value=Signal::derive(move || state.get().topic) options=words("Any", &all) on_change=move |word| go.run(("topic", word)) />
                })
            }}
            {move || {
                let all = offered(owners.get(), state.get().owner);
                let all: Vec<&str> = all.iter().map(String::as_str).collect();
                (!all.is_empty()).then(|| view! {
                    <Choice label="Owner" name="owner" value=Signal::derive(move || state.get().owner) options=words("Anybody", &all) on_change=move |word| go.run(("owner", word)) />
                })
            }}
            <Choice label="Order" name="sort" value=Signal::derive(move || state.get().sort) options=sorts.to_vec() on_change=move |word| go.run(("sort", word)) />
            {move || {
                let now = state.get();
                is_narrowed(&now).then(|| view! {
                    <a class="button" href=Route::Search(now.q).href()><Glyph icon=Icon::Close />"Clear"</a>
                })
            }}
        </form>
    }
}
