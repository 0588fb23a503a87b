//! Terms.

use leptos::prelude::*;

/// Terms.
#[component]
pub fn TermsPage() -> impl IntoView {
    view! { <h1>"Terms"</h1> }
}

/// Welcome.
#[component]
pub fn WelcomePage() -> impl IntoView {
    view! { <h1>"Welcome"</h1> }
}
