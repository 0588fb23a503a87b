//! A container.

use leptos::prelude::*;

/// A container.
#[component]
pub fn ContainerPage() -> impl IntoView {
    view! { <h1>"A container."</h1> }
}
