//! A new collection: the name is checked while it is typed.

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use leptos_meta::Title;
use shared_types::{Account, NewCollection, Registry, names};

use crate::{
    api::collections,
    components::{
        field::{TextField, Toggle},
        form::{Attempt, Form},
        signed_in::SignedIn,
    },
    routes::Route,
    state::{use_go, use_session, use_toasts},
    util::text,
};

/// Makes a collection.
#[component]
pub fn NewCollectionPage() -> impl IntoView {
    let session = use_session();
    let show = move |account: Account| {
        match session.registry() {
        Some(registry) if account.may_create_collections => view! { <NewForm registry /> }.into_any(),
        _ => view! {
            <p class="panel note-panel">"In this registry only administrators make collections. Ask one of them for yours."</p>
        }
        .into_any(),
    }
    };
    view! {
        <Title text="New collection" />
        <nav class="crumbs" aria-label="Where this is"><a href=Route::Collections.href()>"Collections"</a></nav>
        <h1>"New collection"</h1>
        <SignedIn why="to make a collection" lines=5 children=show />
    }
    .into_any()
}

/// What is known of the name so far.
#[derive(Debug, Clone, PartialEq, Eq)]
enum NameState {
    /// Nothing.
    Unknown,
    /// It can be taken.
    Free,
    /// It cannot, and why.
    Bad(String),
}

/// Follows the name: its rules at once, and whether it is free when typing pauses.
fn follow(name: RwSignal<String>) -> RwSignal<NameState> {
    let state = RwSignal::new(NameState::Unknown);
    let pause = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move || {
        let text = name.get();
        pause.update_value(|pause| {
            if let Some(pause) = pause.take() {
                pause.clear();
            }
        });
        if text.is_empty() {
            return state.set(NameState::Unknown);
        }
        if let Err(problem) = names::check_collection(&text) {
            return state.set(NameState::Bad(problem));
        }
        state.set(NameState::Unknown);
        let ask = move || {
            spawn_local(async move {
                let answer = collections::check_name(&text).await;
                // The name may have changed while the answer was on its way.
                if name.try_get_untracked().as_ref() != Some(&text) {
                    return;
                }
                if let Ok(check) = answer {
                    state.set(match check.message {
                        Some(message) if !check.available => NameState::Bad(message),
                        _ if check.available => NameState::Free,
                        _ => NameState::Bad("This name cannot be taken.".to_owned()),
                    });
                }
            });
        };
        let handle = set_timeout_with_handle(ask, std::time::Duration::from_millis(250)).ok();
        pause.set_value(handle);
    });
    state
}

#[component]
fn NewForm(registry: Registry) -> impl IntoView {
    let toasts = use_toasts();
    let go = use_go();
    let name = RwSignal::new(String::new());
    let description = RwSignal::new(String::new());
    let private = RwSignal::new(registry.private_only || registry.default_private);
    let attempt = Attempt::new();
    let refused = attempt.wrong("name");
    let state = follow(name);
    let name_problem = Signal::derive(move || match state.get() {
        NameState::Bad(problem) => Some(text::sentence(&problem)),
        _ => refused.get(),
    });
    let submit = move |()| {
        let collection = NewCollection {
            name: name.get_untracked(),
            description: text::filled(&description.get_untracked()),
            private: Some(private.get_untracked()),
        };
        attempt.run(collections::create(&collection), move |made| {
            toasts.good(format!("Collection {} is there.", made.name));
            go.run(Route::Collection(made.name));
        });
    };
    let locked = registry.private_only;
    view! {
        <Form attempt submit label="Create the collection" disabled=Signal::derive(move || name.get().is_empty() || matches!(state.get(), NameState::Bad(_)))>
            <TextField
                label="Name"
                name="name"
                value=name
                hint="Lower case letters, digits and single “-”. It is part of every address, so keep it short."
                problem=name_problem
                required=true
            />
            <p class="free" aria-live="polite">
                {move || (state.get() == NameState::Free).then(|| format!("“{}” is free.", name.get()))}
            </p>
            <TextField
                label="Description"
                name="description"
                value=description
                hint="One line of what it is for."
                problem=attempt.wrong("description")
            />
            <Toggle
                label="Private"
                name="private"
                value=private
                locked=locked
                hint=if locked { "Every collection of this registry is private." } else { "Only its people and administrators know that it exists." }
            />
        </Form>
    }
}
