//! The menu of a row or of a page: what can be done with a thing, behind one button.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::icon::{Glyph, Icon};

/// A button that opens a list of actions. It closes on a choice, on Escape, and on a click elsewhere.
#[component]
pub fn ActionMenu(
    /// What the actions are about, for those who cannot see the row: “Actions for …”.
    #[prop(into)]
    label: String,
    /// The actions: buttons.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Details>::new();
    let close = move || {
        if let Some(menu) = node.try_get_untracked().flatten() {
            menu.set_open(false);
        }
    };
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        let Some(menu) = node.try_get_untracked().flatten() else {
            return;
        };
        if event.key() == "Escape" && menu.open() {
            menu.set_open(false);
            // Whoever works with the keyboard goes on from where the menu was opened.
            let button = menu.query_selector("summary").ok().flatten();
            if let Some(button) =
                button.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok())
            {
                let _ = button.focus();
            }
        }
    });
    let clicks = window_event_listener(leptos::ev::click, move |event| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        let inside = node
            .try_get_untracked()
            .flatten()
            .is_some_and(|menu| menu.contains(target.as_ref()));
        if !inside {
            close();
        }
    });
    on_cleanup(move || {
        keys.remove();
        clicks.remove();
    });
    view! {
        <details class="menu row-menu" node_ref=node>
            <summary class="icon-button" aria-label=label><Glyph icon=Icon::More /></summary>
            <div class="menu-list" on:click=move |_| close()>
                {children()}
            </div>
        </details>
    }
}
