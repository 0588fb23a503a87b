//! What a container is about: its topics, and for its collection's owners a form to change them.

use leptos::prelude::*;
use shared_types::{Container, ContainerChange};

use crate::{
    api::containers,
    components::{
        field::TextField,
        form::{Attempt, Form},
    },
    routes::Route,
    state::use_toasts,
    util::text,
};

/// The topics in a line.
#[component]
pub fn Topics(container: Container, changed: Callback<()>) -> impl IntoView {
    let manage = container.rights.manage;
    if container.topics.is_empty() && !manage {
        return ().into_any();
    }
    let editing = RwSignal::new(false);
    let none = container.topics.is_empty();
    let stored = StoredValue::new(container);
    let line = move || {
        let links = stored.with_value(|container| {
            container
                .topics
                .iter()
                .map(|topic| {
                    let href = Route::Topic(topic.clone()).href();
                    view! { <li><a class="badge tag" href=href>{topic.clone()}</a></li> }
                })
                .collect_view()
        });
        view! {
            <div class="topics">
                <ul class="badges" aria-label="Topics">{links}</ul>
                {manage.then(|| view! {
                    <button type="button" class="link" on:click=move |_| editing.set(true)>{if none { "Add topics" } else { "Change topics" }}</button>
                })}
            </div>
        }
    };
    view! {
        {move || if editing.get() {
            view! { <Change container=stored.get_value() editing changed /> }.into_any()
        } else {
            line().into_any()
        }}
    }
    .into_any()
}

#[component]
fn Change(container: Container, editing: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let words = RwSignal::new(container.topics.join(", "));
    let submit = move |()| {
        let (collection, name) = (container.collection.clone(), container.name.clone());
        let change = ContainerChange {
            topics: Some(text::words(&words.get_untracked())),
            ..ContainerChange::default()
        };
        attempt.run(containers::change(&collection, &name, &change), move |_| {
            toasts.good("Topics saved.");
            changed.run(());
        });
    };
    view! {
        <Form attempt submit label="Save topics" cancel=editing>
            <TextField label="Topics" name="topics" value=words hint="Words with commas between them: lower case letters, digits and “-”." problem=attempt.wrong("topics") />
        </Form>
    }
}
