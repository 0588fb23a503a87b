//! The first administrator: where the one-time link of the server's log leads.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use shared_types::{Setup, SetupStatus, names};

use crate::{
    api::{Call, people},
    components::{
        field::TextField,
        form::{Attempt, Form, checked, either},
        load::Load,
        robot::{Mood, Robot},
    },
    routes::Route,
    state::{ask, use_go, use_session, use_toasts},
    util::text,
};

/// Makes the first administrator, once.
#[component]
pub fn SetupPage() -> impl IntoView {
    let map = use_query_map();
    let code = Memo::new(move |_| map.with(|map| map.get("code").unwrap_or_default()));
    let status = ask(move || {
        let code = code.get();
        if code.is_empty() {
            return Call::ready(SetupStatus {
                usable: false,
                reason: None,
            });
        }
        people::setup_status(&code)
    });
    view! {
        <Title text="First administrator" />
        <section class="panel narrow entry">
            <Robot mood=Mood::Carrying />
            <h1>"Welcome to your registry"</h1>
            <Load
                resource=status
                lines=5
                children=move |status| {
                    if status.usable {
                        view! { <SetupForm code=code.get_untracked() /> }.into_any()
                    } else {
                        view! { <Unusable /> }.into_any()
                    }
                }
            />
        </section>
    }
    .into_any()
}

#[component]
fn Unusable() -> impl IntoView {
    view! {
        <p>"This one-time link does not work: it has been used, it has expired, or a part of it is missing."</p>
        <p class="quiet">
            "If the registry has no administrator yet, restart the server: it prints a new link. Another way is the command "
            <code>"sregistry-server user add NAME --superuser"</code> " on the server."
        </p>
        <p><a class="button primary" href=Route::Login(None).href()>"Sign in"</a></p>
    }
}

#[component]
fn SetupForm(code: String) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let go = use_go();
    let attempt = Attempt::new();
    let username = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let email = RwSignal::new(String::new());
    let submit = move |()| {
        let setup = Setup {
            code: code.clone(),
            username: username.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
            email: text::filled(&email.get_untracked()),
        };
        attempt.run(people::setup(&setup), move |opened| {
            session.set(opened);
            toasts.good("You are the administrator of this registry now.");
            go.run(Route::Welcome);
        });
    };
    view! {
        <p>"Make the account of its first administrator. It may do everything here."</p>
        <Form attempt submit label="Create the administrator">
            <TextField
                label="User name"
                name="username"
                value=username
                autocomplete="username"
                hint="Lower case letters, digits, “-”, “_” and “.”."
                problem=either(attempt.wrong("username"), checked(username, names::check_username))
                required=true
            />
            <TextField
                label="Password"
                name="password"
                kind="password"
                value=password
                autocomplete="new-password"
                hint=format!("At least {} characters.", names::MIN_PASSWORD)
                problem=attempt.wrong("password")
                required=true
            />
            <TextField
                label="E-mail (if you like)"
                name="email"
                kind="email"
                value=email
                autocomplete="email"
                problem=attempt.wrong("email")
            />
        </Form>
    }
}
