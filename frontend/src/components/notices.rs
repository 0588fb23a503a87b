//! Shows the notices.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::state::{toasts::Tone, use_toasts};

/// The notices, at the edge of the page.
#[component]
pub fn Notices() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.list() key=|toast| toast.id let:toast>
                <div class="toast" class:bad=toast.tone == Tone::Bad>
                    <span>{toast.text.clone()}</span>
                    <button type="button" aria-label="Dismiss" on:click=move |_| toasts.dismiss(toast.id)>
                        <Glyph icon=Icon::Close />
                    </button>
                </div>
            </For>
        </div>
    }
}
