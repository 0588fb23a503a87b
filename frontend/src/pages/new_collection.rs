//! New collection.

use leptos::prelude::*;

/// New collection.
#[component]
pub fn NewCollectionPage() -> impl IntoView {
    view! { <h1>"New collection."</h1> }
}
