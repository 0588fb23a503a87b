//! Collections.

use leptos::prelude::*;

/// Collections.
#[component]
pub fn CollectionsPage() -> impl IntoView {
    view! { <h1>"Collections."</h1> }
}
