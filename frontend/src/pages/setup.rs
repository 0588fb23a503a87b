//! First administrator.

use leptos::prelude::*;

/// First administrator.
#[component]
pub fn SetupPage() -> impl IntoView {
    view! { <h1>"First administrator."</h1> }
}
