//! Copy buttons and commands that can be copied.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen_futures::JsFuture;

use super::icon::{Glyph, Icon};
use crate::state::use_toasts;

/// Puts a text into the clipboard and says so.
#[component]
pub fn CopyButton(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// What is copied, for those who cannot see the icon: “Copy …”.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let toasts = use_toasts();
    let copy = move |_| {
        let text = text.get_untracked();
        spawn_local(async move {
            match JsFuture::from(window().navigator().clipboard().write_text(&text)).await {
                Ok(_) => {
                    copied.set(true);
                    set_timeout(move || { let _ = copied.try_set(false); }, Duration::from_secs(2));
                }
                Err(_) => toasts.bad("The browser does not let this page copy. Select the text and copy it yourself."),
            }
        });
    };
    view! {
        <button type="button" class="copy" class:done=move || copied.get() on:click=copy aria-label=label.clone() title=label>
            {move || view! { <Glyph icon=if copied.get() { Icon::Check } else { Icon::Copy } /> }}
            <span class="sr-only" role="status">{move || if copied.get() { "Copied" } else { "" }}</span>
        </button>
    }
}

/// A command, or several lines of them, with a button that copies it.
#[component]
pub fn CommandBlock(
    /// The command.
    #[prop(into)]
    text: Signal<String>,
    /// What is copied.
    #[prop(into, default = "Copy the command".to_owned())]
    label: String,
) -> impl IntoView {
    view! {
        <div class="command">
            <pre tabindex="0">
                <code>{move || text.get().lines().map(|line| view! { <span class="line">{line.to_owned()}"\n"</span> }).collect_view()}</code>
            </pre>
            <CopyButton text label />
        </div>
    }
}
