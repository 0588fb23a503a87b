//! Password.

use leptos::prelude::*;

/// Password.
#[component]
pub fn PasswordPage() -> impl IntoView {
    view! { <h1>"Password."</h1> }
}
