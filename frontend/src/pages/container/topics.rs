//! What a container is about: its topics, and for its collection's owners a form to change them.

use leptos::prelude::*;
use shared_types::{Container, ContainerChange};

use crate::{
    api::containers,
    components::{
        field::{Submit, TextField},
        form::{Attempt, FormProblem},
    },
    routes::Route,
    state::use_toasts,
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
            view! { <Form container=stored.get_value() editing changed /> }.into_any()
        } else {
            line().into_any()
        }}
    }
    .into_any()
}

#[component]
fn Form(container: Container, editing: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let words = RwSignal::new(container.topics.join(", "));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (collection, name) = (container.collection.clone(), container.name.clone());
        let change = ContainerChange {
            topics: Some(split(&words.get_untracked())),
            ..ContainerChange::default()
        };
        attempt.run(
            async move { containers::change(&collection, &name, &change).await },
            move |_| {
                toasts.good("Topics saved.");
                changed.run(());
            },
        );
    };
    view! {
        <form class="form inline" on:submit=submit>
            <TextField label="Topics" name="topics" value=words hint="Words with commas between them: lower case letters, digits and “-”." problem=attempt.wrong("topics") />
            <FormProblem attempt />
            <div class="actions">
                <Submit label="Save topics" busy=attempt.busy() />
                <button type="button" class="button" on:click=move |_| editing.set(false)>"Cancel"</button>
            </div>
        </form>
    }
}

fn split(words: &str) -> Vec<String> {
    let words = words.split([',', ' ']).map(str::trim);
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_blanks_divide_topics() {
        assert_eq!(
            split(" genomics,  climate-models ,,"),
            ["genomics", "climate-models"]
        );
        assert!(split(" , ").is_empty());
    }
}
