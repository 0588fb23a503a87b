//! Search.

use leptos::prelude::*;

/// Search.
#[component]
pub fn SearchPage() -> impl IntoView {
    view! { <h1>"Search."</h1> }
}
