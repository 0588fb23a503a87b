//! Tokens.

use leptos::prelude::*;

/// Tokens.
#[component]
pub fn TokenPage() -> impl IntoView {
    view! { <h1>"Tokens."</h1> }
}
