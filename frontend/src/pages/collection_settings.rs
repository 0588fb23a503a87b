//! Settings of a collection.

use leptos::prelude::*;

/// Settings of a collection.
#[component]
pub fn SettingsPage() -> impl IntoView {
    view! { <h1>"Settings of a collection."</h1> }
}
