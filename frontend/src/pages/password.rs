//! The own password.

use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use shared_types::{PasswordChange, names};

use crate::{
    api::{ApiError, people},
    components::field::{Submit, TextField},
    pages::errors::SignInFirst,
    state::{use_session, use_toasts},
};

/// Changes the own password.
#[component]
pub fn PasswordPage() -> impl IntoView {
    let session = use_session();
    view! {
        <Title text="Password" />
        <h1>"Password"</h1>
        {move || {
            if session.is_signed_in() {
                view! { <PasswordForm /> }.into_any()
            } else {
                view! { <SignInFirst why="to change your password" /> }.into_any()
            }
        }}
    }
    .into_any()
}

#[component]
fn PasswordForm() -> impl IntoView {
    let toasts = use_toasts();
    let current = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<ApiError>);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        failure.set(None);
        let change = PasswordChange {
            current: current.get_untracked(),
            new: new.get_untracked(),
        };
        spawn_local(async move {
            match people::change_password(&change).await {
                Ok(()) => {
                    toasts.good("Password changed. Other browsers have to sign in again.");
                    current.set(String::new());
                    new.set(String::new());
                }
                Err(error) => failure.set(Some(error)),
            }
            busy.try_set(false);
        });
    };
    let wrong = move |field: &'static str| {
        Signal::derive(move || failure.get().and_then(|error| error.field(field)))
    };
    let general = move || {
        failure.get().and_then(|error| {
            let told = error.field("current").is_some() || error.field("new").is_some();
            (!told).then(|| error.message())
        })
    };
    view! {
        <form class="form" on:submit=submit>
            <TextField
                label="Password in use now"
                name="current"
                kind="password"
                value=current
                autocomplete="current-password"
                problem=wrong("current")
                required=true
            />
            <TextField
                label="New password"
                name="new"
                kind="password"
                value=new
                autocomplete="new-password"
                hint=format!("At least {} characters. A few words in a row are easier to keep in mind than odd signs.", names::MIN_PASSWORD)
                problem=wrong("new")
                required=true
            />
            <p class="form-problem" role="alert">{general}</p>
            <Submit label="Change the password" busy=busy />
        </form>
    }
}
