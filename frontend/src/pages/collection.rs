//! A collection.

use leptos::prelude::*;

/// A collection.
#[component]
pub fn CollectionPage() -> impl IntoView {
    view! { <h1>"A collection."</h1> }
}
