//! The box that narrows a list by words; the words live in the address.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use send_wrapper::SendWrapper;

use crate::util::query::Query;

/// The box.
#[component]
pub fn Find(
    /// What is looked for: “Find teams”.
    label: &'static str,
    /// What the button says.
    #[prop(default = "Find")]
    press: &'static str,
    /// What the list shows now; its words are `q`.
    state: Memo<Query>,
    /// The list's address without its query.
    path: String,
) -> impl IntoView {
    let words = move || state.with(|state| state.get("q").to_owned());
    let typed = RwSignal::new(untrack(words));
    let navigate = SendWrapper::new(use_navigate());
    Effect::new(move || typed.set(words()));
    let search = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let href = state.with_untracked(|state| state.to(&path, "q", typed.get_untracked().trim()));
        navigate(&href, NavigateOptions::default());
    };
    view! {
        <form class="filters" on:submit=search>
            <div class="field">
                <label for="find">{label}</label>
                <input id="find" type="search" autocomplete="off" spellcheck="false" bind:value=typed />
            </div>
            <button type="submit" class="button">{press}</button>
        </form>
    }
}
