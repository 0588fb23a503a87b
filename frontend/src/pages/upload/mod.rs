//! Upload an image to a collection from the browser.

mod form;
mod running;
mod unfinished;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use shared_types::{CollectionDetail, Upload};

use crate::{
    api::{collections, uploads},
    components::{load::Load, signed_in::SignedIn},
    routes::Route,
    state::ask,
    upload::use_transfer,
};

/// The page.
#[component]
pub fn UploadPage() -> impl IntoView {
    let params = use_params_map();
    let name =
        Memo::new(move |_| params.with(|params| params.get("collection").unwrap_or_default()));
    view! {
        <Title text=move || format!("Upload to {}", name.get()) />
        <nav class="crumbs" aria-label="Where this is">
            <a href=Route::Collections.href()>"Collections"</a>
            <a class="mono" href=move || Route::Collection(name.get()).href()>{move || name.get()}</a>
        </nav>
        <h1>"Upload an image"</h1>
        <SignedIn why="to upload an image" children=move |_| view! { <Allowed name=name.get() /> } />
    }
    .into_any()
}

/// Whoever may push here uploads; others read why not.
#[component]
fn Allowed(name: String) -> impl IntoView {
    let detail = ask(move || collections::get(&name));
    let show = |detail: CollectionDetail| {
        if detail.collection.rights.push {
            view! { <Uploads collection=detail.collection.name /> }.into_any()
        } else {
            view! { <p class="panel note-panel">"You may not push to this collection. One of its owners can change that."</p> }.into_any()
        }
    };
    view! { <Load resource=detail lines=8 children=show /> }
}

/// The running upload, or the form for one and those that were left unfinished.
#[component]
fn Uploads(collection: String) -> impl IntoView {
    let transfer = use_transfer();
    let unfinished = ask(uploads::list);
    let name = collection.clone();
    // Those of this collection; an empty list until they are known.
    let open = Memo::new(move |_| -> Vec<Upload> {
        let mut items = match unfinished.get() {
            Some(Ok(page)) => page.items,
            _ => Vec::new(),
        };
        items.retain(|upload| upload.collection == name);
        items
    });
    let busy = Memo::new(move |_| transfer.job().map(|job| job.collection));
    // What was given up or has ended is not in the list any more.
    Effect::new(move |before: Option<bool>| {
        let free = busy.with(Option::is_none);
        if free && before == Some(false) {
            unfinished.refetch();
        }
        free
    });
    move || match busy.get() {
        None => view! {
            <form::UploadForm collection=collection.clone() open />
            <unfinished::Unfinished open changed=Callback::new(move |()| unfinished.refetch()) />
        }
        .into_any(),
        Some(other) if other != collection => {
            let href = Route::Upload(other.clone(), None).href();
            view! {
                <p class="panel note-panel">
                    "An upload to " <a href=href class="mono">{other}</a> " is not at its end yet. One at a time is fastest."
                </p>
            }
            .into_any()
        }
        Some(_) => view! { <running::Running /> }.into_any(),
    }
}
