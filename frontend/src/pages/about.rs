//! About this registry.

use leptos::prelude::*;

/// About this registry.
#[component]
pub fn AboutPage() -> impl IntoView {
    view! { <h1>"About this registry."</h1> }
}
