//! Settings of a collection, for those who manage it.

use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::{use_navigate, use_params_map};
use shared_types::{CollectionChange, CollectionDetail};

use crate::{
    api::{ApiError, collections, limits::Holder},
    components::{
        field::{Submit, TextArea, TextField, Toggle},
        limits::DownloadLimits,
        load::Load,
    },
    routes::Route,
    state::{use_session, use_toasts},
};

/// The settings.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let params = use_params_map();
    let name =
        Memo::new(move |_| params.with(|params| params.get("collection").unwrap_or_default()));
    let detail = LocalResource::new(move || collections::get(&name.get()));
    let show = |detail: CollectionDetail| {
        if detail.collection.rights.manage {
            view! {
                <General detail=detail.clone() />
                <section aria-labelledby="limits">
                    <h2 id="limits">"Downloads"</h2>
                    <DownloadLimits holder=Holder { collection: detail.collection.name.clone(), container: None } />
                </section>
                <Danger name=detail.collection.name.clone() containers=detail.collection.containers />
            }
            .into_any()
        } else {
            view! {
                <div class="panel"><p>"Only owners of this collection and administrators can change its settings."</p></div>
            }
            .into_any()
        }
    };
    view! {
        <Title text=move || format!("Settings of {}", name.get()) />
        <nav class="crumbs" aria-label="Where this is">
            <a href=Route::Collections.href()>"Collections"</a>
            <a class="mono" href=move || Route::Collection(name.get()).href()>{move || name.get()}</a>
        </nav>
        <h1>"Settings"</h1>
        <Load resource=detail lines=12 children=show />
    }
    .into_any()
}

#[component]
fn General(detail: CollectionDetail) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let name = StoredValue::new(detail.collection.name.clone());
    let description = RwSignal::new(detail.collection.description.clone());
    let readme = RwSignal::new(detail.readme.clone());
    let private = RwSignal::new(detail.collection.private);
    let contributors = RwSignal::new(detail.contributors_may_push);
    let failure = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let locked = session
        .registry()
        .is_some_and(|registry| registry.private_only);
    let save = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        let change = CollectionChange {
            description: Some(description.get_untracked()),
            readme: Some(readme.get_untracked()),
            private: Some(private.get_untracked()),
            contributors_may_push: Some(contributors.get_untracked()),
        };
        spawn_local(async move {
            match collections::change(&name.get_value(), &change).await {
                Ok(_) => {
                    failure.set(None);
                    toasts.good("Settings saved.");
                }
                Err(error) => {
                    toasts.error(&error);
                    failure.set(Some(error));
                }
            }
            busy.set(false);
        });
    };
    let wrong = move |field: &'static str| {
        Signal::derive(move || failure.get().and_then(|error| error.field(field)))
    };
    view! {
        <form class="form" on:submit=save>
            <TextField label="Description" name="description" value=description hint="One line of what it is for." problem=wrong("description") />
            <TextArea label="README" name="readme" value=readme rows=12 hint="Markdown. It is shown on the page “About”." problem=wrong("readme") />
            <Toggle
                label="Private"
                name="private"
                value=private
                locked=locked
                hint=if locked { "Every collection of this registry is private." } else { "Only its people and administrators know that it exists." }
            />
            <Toggle
                label="Contributors may push"
                name="contributors_may_push"
                value=contributors
                hint="Otherwise they can only pull."
            />
            <Submit label="Save" busy=busy />
        </form>
    }
}

#[component]
fn Danger(name: String, containers: u64) -> impl IntoView {
    let toasts = use_toasts();
    let navigate = send_wrapper::SendWrapper::new(use_navigate());
    let typed = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let expected = name.clone();
    let disabled = Signal::derive(move || typed.get() != expected);
    let label = format!("Type “{name}” to confirm");
    let remove = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        let (name, navigate) = (name.clone(), navigate.clone());
        spawn_local(async move {
            match collections::delete(&name).await {
                Ok(()) => {
                    toasts.good(format!("Collection {name} deleted."));
                    navigate(
                        &Route::Collections.href(),
                        leptos_router::NavigateOptions::default(),
                    );
                }
                Err(error) => {
                    toasts.error(&error);
                    busy.set(false);
                }
            }
        });
    };
    view! {
        <section class="danger-zone" aria-labelledby="danger">
            <h2 id="danger">"Delete this collection"</h2>
            <p>
                {match containers {
                    0 => "It is empty.".to_owned(),
                    1 => "Its container and all images in it are deleted with it. This cannot be undone.".to_owned(),
                    many => format!("Its {many} containers and all images in them are deleted with it. This cannot be undone."),
                }}
            </p>
            <form class="form" on:submit=remove>
                <TextField label=label name="confirm" value=typed />
                <Submit label="Delete the collection" busy=busy danger=true disabled=disabled />
            </form>
        </section>
    }
}
