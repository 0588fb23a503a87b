//! Settings of a collection, for those who manage it.

mod badges;
mod danger;
mod quota;

pub use danger::{TransferForm, deleted_with};
pub use quota::Quota;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use shared_types::{CollectionChange, CollectionDetail};

use crate::{
    api::{collections, limits::Holder},
    components::{
        audit::Audit,
        field::{TextArea, TextField, Toggle},
        form::{Attempt, Form},
        limits::DownloadLimits,
        load::Load,
        webhooks::Webhooks,
    },
    pages::{people::People, robots::CollectionRobots},
    routes::Route,
    state::{ask, use_session, use_toasts},
    util::query,
};

/// The parts, by their words in the address.
const PARTS: [(&str, &str); 8] = [
    ("", "General"),
    ("people", "People"),
    ("robots", "Robots"),
    ("limits", "Limits"),
    ("badges", "Badges"),
    ("webhooks", "Webhooks"),
    ("audit", "Audit log"),
    ("danger", "Danger zone"),
];

/// The settings.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let params = use_params_map();
    let map = use_query_map();
    let name =
        Memo::new(move |_| params.with(|params| params.get("collection").unwrap_or_default()));
    let part = Memo::new(move |_| map.with(|map| map.get("part").unwrap_or_default()));
    let detail = ask(move || collections::get(&name.get()));
    let show = move |detail: CollectionDetail| {
        if detail.collection.rights.manage {
            view! { <Parts detail part /> }.into_any()
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
fn Parts(detail: CollectionDetail, part: Memo<String>) -> impl IntoView {
    let path = Route::CollectionSettings(detail.collection.name.clone()).href();
    let stored = StoredValue::new(detail);
    view! {
        <nav class="tabs" aria-label="Parts of the settings">
            {PARTS
                .map(|(word, text)| {
                    let href = query::with(&path, &[("part", String::new())], "part", word);
                    view! { <a href=href aria-current=move || (part.get() == word).then_some("page")>{text}</a> }
                })
                .into_iter()
                .collect_view()}
        </nav>
        {move || {
            let detail = stored.get_value();
            let name = detail.collection.name.clone();
            match part.get().as_str() {
                "people" => view! { <People collection=name manage=true /> }.into_any(),
                "robots" => view! { <CollectionRobots collection=name /> }.into_any(),
                "limits" => {
                    let holder = Holder { collection: name.clone(), container: None };
                    view! {
                        <section aria-labelledby="limits">
                            <h2 id="limits">"Downloads"</h2>
                            <DownloadLimits holder />
                        </section>
                        <section aria-labelledby="storage">
                            <h2 id="storage">"Storage"</h2>
                            <Quota collection=name />
                        </section>
                    }
                        .into_any()
                }
                "badges" => view! { <badges::Badges collection=name private=detail.collection.private /> }.into_any(),
                "webhooks" => view! { <Webhooks collection=Some(name) /> }.into_any(),
                "audit" => {
                    let path = Route::CollectionSettings(name.clone()).href();
                    view! { <Audit collection=Some(name) path /> }.into_any()
                }
                "danger" => view! { <danger::Danger name containers=detail.collection.containers /> }.into_any(),
                _ => view! { <General detail /> }.into_any(),
            }
        }}
    }
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
    let attempt = Attempt::new();
    let locked = session
        .registry()
        .is_some_and(|registry| registry.private_only);
    let save = move |()| {
        let change = CollectionChange {
            description: Some(description.get_untracked()),
            readme: Some(readme.get_untracked()),
            // Where every collection is private, what this one says of itself stays as it is.
            private: (!locked).then(|| private.get_untracked()),
            contributors_may_push: Some(contributors.get_untracked()),
        };
        attempt.run(collections::change(&name.get_value(), &change), move |_| {
            toasts.good("Settings saved.");
        });
    };
    view! {
        <Form attempt submit=save label="Save">
            <TextField label="Description" name="description" value=description hint="One line of what it is for." problem=attempt.wrong("description") />
            <TextArea label="README" name="readme" value=readme rows=12 hint="Markdown. It is shown on the page “About”." problem=attempt.wrong("readme") />
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
        </Form>
    }
}
