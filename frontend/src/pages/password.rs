//! The own password.

use leptos::prelude::*;
use leptos_meta::Title;
use shared_types::{PasswordChange, names};

use crate::{
    api::people,
    components::{
        field::TextField,
        form::{Attempt, Form, checked, either},
        signed_in::SignedIn,
    },
    state::use_toasts,
};

/// Changes the own password.
#[component]
pub fn PasswordPage() -> impl IntoView {
    view! {
        <Title text="Password" />
        <h1>"Password"</h1>
        <SignedIn why="to change your password" lines=4 children=|account| view! { <PasswordForm username=account.username /> } />
    }
    .into_any()
}

#[component]
fn PasswordForm(username: String) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let current = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let submit = move |()| {
        let change = PasswordChange {
            current: current.get_untracked(),
            new: new.get_untracked(),
        };
        attempt.run(people::change_password(&change), move |()| {
            toasts.good("Password changed. Other browsers have to sign in again.");
            current.set(String::new());
            new.set(String::new());
        });
    };
    view! {
        <Form attempt submit label="Change the password">
            // Password managers look for the name that a password belongs to.
            <input type="text" name="username" autocomplete="username" value=username readonly hidden />
            <TextField
                label="Password in use now"
                name="current"
                kind="password"
                value=current
                autocomplete="current-password"
                problem=attempt.wrong("current")
                required=true
            />
            <TextField
                label="New password"
                name="new"
                kind="password"
                value=new
                autocomplete="new-password"
                hint=format!("At least {} characters. A few words in a row are easier to keep in mind than odd signs.", names::MIN_PASSWORD)
                problem=either(attempt.wrong("new"), checked(new, names::check_password))
                required=true
            />
        </Form>
    }
}
