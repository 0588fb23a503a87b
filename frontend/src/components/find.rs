//! The box that narrows a list by words; the words live in the address.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use send_wrapper::SendWrapper;

/// The box.
#[component]
pub fn Find(
    /// What is looked for: “Find teams”.
    label: &'static str,
    /// The words that the list shows now.
    #[prop(into)]
    words: Signal<String>,
    /// The address of the list for other words.
    #[prop(into)]
    to: Callback<String, String>,
) -> impl IntoView {
    let typed = RwSignal::new(words.get_untracked());
    let navigate = SendWrapper::new(use_navigate());
    Effect::new(move || typed.set(words.get()));
    let search = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let href = to.run(typed.get_untracked().trim().to_owned());
        navigate(&href, NavigateOptions::default());
    };
    view! {
        <form class="filters" on:submit=search>
            <div class="field">
                <label for="find">{label}</label>
                <input id="find" type="search" autocomplete="off" bind:value=typed />
            </div>
            <button type="submit" class="button">"Find"</button>
        </form>
    }
}
