//! Labels: their keys, the values of one, and the containers that carry one.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::{
    api::{
        containers::{self, ContainerQuery},
        explore,
    },
    components::{find::Find, load::Load, pages_of::ContainerPages, robot::Invitation},
    routes::Route,
    state::{ask, use_query},
    util::bytes,
};

/// All keys, the most used first.
#[component]
pub fn LabelsPage() -> impl IntoView {
    let state = use_query(&["q"]);
    let found = ask(move || explore::labels(state.get().get("q")));
    view! {
        <Title text="Labels" />
        <nav class="crumbs" aria-label="Where this is"><a href=Route::Tools.href()>"Tools"</a></nav>
        <h1>"Labels"</h1>
        <p class="lede">"What makers wrote on their images, in the section %labels of the definition file."</p>
        <Find label="Letters of the label" press="Filter" state path=Route::Labels.href() />
        <Load
            resource=found
            lines=8
            children=move |found| {
                if found.items.is_empty() {
                    return view! { <Nothing narrowed=!state.get_untracked().is("q", "") /> }.into_any();
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
    let state = use_query(&["q"]);
    let found = ask(move || explore::label_values(&key.get(), state.get().get("q")));
    view! {
        <Title text=move || format!("Label {}", key.get()) />
        <Crumbs key=None />
        <h1 class="mono uri"><bdi>{move || key.get()}</bdi></h1>
        {move || view! { <Find label="Letters of the value" press="Filter" state path=Route::Label(key.get()).href() /> }}
        <Load
            resource=found
            lines=8
            children=move |found| {
                if found.items.is_empty() {
                    return view! { <Nothing narrowed=!state.get_untracked().is("q", "") /> }.into_any();
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
    let place = Memo::new(move |_| {
        let get = |name| params.with(|params| params.get(name).unwrap_or_default());
        (get("key"), get("value"))
    });
    let state = use_query(&["cursor"]);
    let found = ask(move || {
        let (label, label_value) = place.get();
        containers::list(&ContainerQuery {
            label,
            label_value,
            cursor: state.get().get("cursor").to_owned(),
            ..ContainerQuery::default()
        })
    });
    view! {
        <Title text=move || { let (key, value) = place.get(); format!("{key}: {value}") } />
        {move || view! { <Crumbs key=Some(place.get().0) /> }}
        <h1 class="mono uri"><bdi>{move || place.get().0}</bdi>" "<span class="quiet"><bdi>{move || place.get().1}</bdi></span></h1>
        <ContainerPages
            found
            state
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
    (hidden > 0).then(|| view! { <p class="quiet">{format!("{} more, used less; narrow the list down to find them.", bytes::count(hidden))}</p> })
}
