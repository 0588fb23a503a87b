//! The menu of a row or of a page: what can be done with a thing, behind one button.
//!
//! Rule: a menu that nobody opened costs a button and nothing more, for there may be one in each of many rows.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::icon::{Glyph, Icon};

/// A button that opens a list of actions. It closes on a choice, on Escape, and on a click elsewhere.
#[component]
pub fn ActionMenu(
    /// What the actions are about, for those who cannot see the row: “Actions for …”.
    #[prop(into)]
    label: String,
    /// The actions: buttons. Made when the menu is opened for the first time.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Details>::new();
    let opened = RwSignal::new(false);
    let children = StoredValue::new_local(Some(children));
    let open = move |_| {
        if !opened.get_untracked() {
            opened.set(true);
        }
    };
    let list = move || {
        // Read once: what was made stays, also while the menu is closed.
        let children = opened
            .get()
            .then(|| children.try_update_value(Option::take));
        children.flatten().flatten().map(|children| {
            watch(node);
            view! { <div class="menu-list" on:click=move |_| close(node)>{children()}</div> }
        })
    };
    view! {
        <details class="menu row-menu" node_ref=node>
            <summary class="icon-button" aria-label=label on:click=open><Glyph icon=Icon::More /></summary>
            {list}
        </details>
    }
}

/// Closes an open menu. Whoever works with the keyboard goes on from where it was opened.
fn close(node: NodeRef<html::Details>) {
    let Some(menu) = node.try_get_untracked().flatten() else {
        return;
    };
    if !menu.open() {
        return;
    }
    menu.set_open(false);
    let button = menu.query_selector("summary").ok().flatten();
    if let Some(button) = button.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = button.focus();
    }
}

/// Closes the menu on Escape and on a click elsewhere.
fn watch(node: NodeRef<html::Details>) {
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "Escape" {
            close(node);
        }
    });
    let clicks = window_event_listener(leptos::ev::click, move |event| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        if let Some(menu) = node.try_get_untracked().flatten()
            && !menu.contains(target.as_ref())
        {
            menu.set_open(false);
        }
    });
    on_cleanup(move || {
        keys.remove();
        clicks.remove();
    });
}
