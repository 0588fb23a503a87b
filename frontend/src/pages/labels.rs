//! Labels: their keys, the values of one, and the containers that carry one.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map, use_query_map},
};

use crate::{
    api::{
        containers::{self, ContainerQuery},
        explore,
    },
    components::{load::Load, pages_of::ContainerPages, robot::Invitation},
    routes::Route,
    state::ask,
    util::{bytes, query},
};

/// All keys, the most used first.
#[component]
pub fn LabelsPage() -> impl IntoView {
    let words = use_words();
    let found = ask(move || explore::labels(&words.get()));
    view! {
        <Title text="Labels" />
        <nav class="crumbs" aria-label="Where this is"><a href=Route::Tools.href()>"Tools"</a></nav>
        <h1>"Labels"</h1>
        <p class="lede">"What makers wrote on their images, in the section %labels of the definition file."</p>
        <Narrow label="Letters of the label" words path=Signal::stored(Route::Labels.href()) />
        <Load
            resource=found
            lines=8
            children=move |found| {
                if found.items.is_empty() {
                    return view! { <Nothing narrowed=!words.get_untracked().is_empty() /> }.into_any();
                }
                let hidden = hidden(found.total, found.items.len());
                let rows = found.items.into_iter().map(|one| {
                    let href = Route::Label(one.key.clone()).href();
                    view! {
                        <tr>
                            <th scope="row"><a class="mono" href=href><bdi>{one.key}</bdi></a></th>
                            <td data-label="Values" class="num">{bytes::count(one.values)}</td>
                            <td data-label="Images" class="num">{bytes::count(one.images)}</td>
                        </tr>
                    }
                });
                view! {
                    <div class="table-wrap">
                        <table>
                            <thead><tr><th scope="col">"Label"</th><th scope="col" class="num">"Values"</th><th scope="col" class="num">"Images"</th></tr></thead>
                            <tbody>{rows.collect_view()}</tbody>
                        </table>
                    </div>
                    {hidden}
                }
                    .into_any()
            }
        />
    }
    .into_any()
}

/// The values of one label.
#[component]
pub fn LabelPage() -> impl IntoView {
    let params = use_params_map();
    let key = Memo::new(move |_| params.with(|params| params.get("key").unwrap_or_default()));
    let words = use_words();
    let found = ask(move || explore::label_values(&key.get(), &words.get()));
    let path = Signal::derive(move || Route::Label(key.get()).href());
    view! {
        <Title text=move || format!("Label {}", key.get()) />
        <Crumbs key=None />
        <h1 class="mono uri"><bdi>{move || key.get()}</bdi></h1>
        <Narrow label="Letters of the value" words path />
        <Load
            resource=found
            lines=8
            children=move |found| {
                if found.items.is_empty() {
                    return view! { <Nothing narrowed=!words.get_untracked().is_empty() /> }.into_any();
                }
                let hidden = hidden(found.total, found.items.len());
                let key = found.key;
                let rows = found.items.into_iter().map(|one| {
                    let href = Route::LabelValue(key.clone(), one.value.clone()).href();
                    let text = if one.value.is_empty() { "(empty)".to_owned() } else { one.value };
                    view! {
                        <tr>
                            <th scope="row"><a class="mono" href=href><bdi>{text}</bdi></a></th>
                            <td data-label="Images" class="num">{bytes::count(one.images)}</td>
                        </tr>
                    }
                });
                view! {
                    <div class="table-wrap">
                        <table>
                            <thead><tr><th scope="col">"Value"</th><th scope="col" class="num">"Images"</th></tr></thead>
                            <tbody>{rows.collect_view()}</tbody>
                        </table>
                    </div>
                    {hidden}
                }
                    .into_any()
            }
        />
    }
    .into_any()
}

/// The containers with a label of this value.
#[component]
pub fn LabelValuePage() -> impl IntoView {
    let params = use_params_map();
    let map = use_query_map();
    let place = Memo::new(move |_| {
        let get = |name| params.with(|params| params.get(name).unwrap_or_default());
        (get("key"), get("value"))
    });
    let cursor = Memo::new(move |_| map.with(|map| map.get("cursor").unwrap_or_default()));
    let found = ask(move || {
        let (label, label_value) = place.get();
        containers::list(&ContainerQuery {
            label,
            label_value,
            cursor: cursor.get(),
            ..ContainerQuery::default()
        })
    });
    view! {
        <Title text=move || { let (key, value) = place.get(); format!("{key}: {value}") } />
        {move || view! { <Crumbs key=Some(place.get().0) /> }}
        <h1 class="mono uri"><bdi>{move || place.get().0}</bdi>" "<span class="quiet"><bdi>{move || place.get().1}</bdi></span></h1>
        <ContainerPages
            found
            cursor
            path=Signal::derive(move || { let (key, value) = place.get(); Route::LabelValue(key, value).href() })
            nothing="No image that you may see carries this."
        />
    }
    .into_any()
}

#[component]
fn Crumbs(key: Option<String>) -> impl IntoView {
    view! {
        <nav class="crumbs" aria-label="Where this is">
            <a href=Route::Tools.href()>"Tools"</a>
            <a href=Route::Labels.href()>"Labels"</a>
            {key.map(|key| {
                let href = Route::Label(key.clone()).href();
                view! { <a class="mono" href=href><bdi>{key}</bdi></a> }
            })}
        </nav>
    }
}

/// The words in the address.
fn use_words() -> Memo<String> {
    let map = use_query_map();
    Memo::new(move |_| map.with(|map| map.get("q").unwrap_or_default()))
}

/// A field that narrows a list down.
#[component]
fn Narrow(label: &'static str, words: Memo<String>, path: Signal<String>) -> impl IntoView {
    let navigate = use_navigate();
    let typed = RwSignal::new(words.get_untracked());
    Effect::new(move || typed.set(words.get()));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let words = typed.get_untracked();
        let href = query::with(
            &path.get_untracked(),
            &[("q", String::new())],
            "q",
            words.trim(),
        );
        navigate(&href, NavigateOptions::default());
    };
    view! {
        <form class="filters" on:submit=submit>
            <div class="field">
                <label for="label-words">{label}</label>
                <input id="label-words" type="search" autocomplete="off" bind:value=typed />
            </div>
            <button type="submit" class="button">"Filter"</button>
        </form>
    }
}

#[component]
fn Nothing(narrowed: bool) -> impl IntoView {
    let text = if narrowed {
        "Try fewer letters."
    } else {
        "A definition file says it in its section %labels; the registry reads it after each push."
    };
    view! { <Invitation title="Nothing carries this"><p>{text}</p></Invitation> }
}

/// How many are not shown.
fn hidden(total: u64, shown: usize) -> Option<impl IntoView> {
    let hidden = total.saturating_sub(shown as u64);
    (hidden > 0).then(|| view! { <p class="quiet">{format!("{} more are used less; narrow the list down to find them.", bytes::count(hidden))}</p> })
}
