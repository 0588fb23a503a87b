//! Sign in: the form of the registry's own accounts, and a button for every other provider.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};
use shared_types::{Login, LoginProvider, ProviderKind, SignInProblem};

use crate::{
    api::people,
    components::{
        error::ErrorPanel,
        field::{Choice, TextField},
        form::{Attempt, Form},
        load::Skeleton,
        robot::{Mood, Robot},
    },
    routes::{Route, safe_next},
    state::{session::SessionState, use_session},
    util::text,
};

/// Sign in. Whoever is signed in already goes on at once.
#[component]
pub fn LoginPage() -> impl IntoView {
    let session = use_session();
    let map = use_query_map();
    let navigate = use_navigate();
    let next = Memo::new(move |_| safe_next(map.with(|map| map.get("next"))));
    Effect::new(move || {
        if session.is_signed_in() {
            let options = NavigateOptions {
                replace: true,
                ..NavigateOptions::default()
            };
            // Whoever is signed in and comes back with a problem wanted to connect a login.
            let to = match map.with_untracked(problem_of) {
                Some(problem) => format!("{}?problem={problem}", Route::Logins.href()),
                None => next.get_untracked(),
            };
            navigate(&to, options);
        }
    });
    view! {
        <Title text="Sign in" />
        {move || match session.state() {
            SessionState::Failed(error) => view! { <ErrorPanel error retry=move |()| session.renew() /> }.into_any(),
            SessionState::Loading => view! { <Entry><Skeleton lines=4 /></Entry> }.into_any(),
            SessionState::Ready(ready) => {
                let (providers, setup) = (ready.registry.providers, ready.registry.setup_required);
                let problem = map.with(problem_of);
                view! { <Entry><Trouble problem /><Ways providers=providers.clone() next=next.get() setup /></Entry> }.into_any()
            }
        }}
    }
    .into_any()
}

#[component]
fn Entry(children: Children) -> impl IntoView {
    view! {
        <section class="panel narrow entry">
            <Robot mood=Mood::Glad />
            <h1>"Sign in"</h1>
            {children()}
        </section>
    }
}

/// Why the last try through a provider's page did not work, as the address says.
pub fn problem_of(map: &ParamsMap) -> Option<SignInProblem> {
    map.get("problem")?.parse().ok()
}

/// Says why the last try did not work.
#[component]
pub fn Trouble(
    /// The reason, if there is one.
    problem: Option<SignInProblem>,
) -> impl IntoView {
    problem.map(|problem| {
        view! { <p class="form-problem" role="alert">{text::sentence(problem.sentence())}</p> }
    })
}

/// A button for each provider that has a page of its own, and one form for all that take passwords.
#[component]
fn Ways(providers: Vec<LoginProvider>, next: String, setup: bool) -> impl IntoView {
    let (forms, pages): (Vec<LoginProvider>, Vec<LoginProvider>) = providers
        .into_iter()
        .partition(|provider| provider.kind == ProviderKind::Password);
    view! {
        {setup
            .then(|| {
                view! {
                    <p class="note-panel panel">
                        "This registry has no administrator yet. Open the one-time link that the server printed when it started."
                    </p>
                }
            })}
        {pages
            .into_iter()
            .map(|provider| {
                let href = Route::Provider(provider.id, next.clone()).href();
                view! { <a class="button" rel="external" href=href>"Sign in with "{provider.label}</a> }
            })
            .collect_view()}
        {(!forms.is_empty()).then(|| view! { <PasswordForm providers=forms /> })}
        <p class="quiet">"No account? " <a href=Route::About.href()>"Ask the people who run this registry"</a> "."</p>
    }
}

#[component]
fn PasswordForm(providers: Vec<LoginProvider>) -> impl IntoView {
    let session = use_session();
    let attempt = Attempt::new();
    let username = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let first = providers.first().map(|first| first.id.clone());
    let chosen = RwSignal::new(first.unwrap_or_default());
    let options: Vec<(String, String)> = providers
        .into_iter()
        .map(|provider| (provider.id, provider.label))
        .collect();
    let submit = move |()| {
        let id = chosen.get_untracked();
        let login = Login {
            username: username.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
        };
        attempt.run(people::login(&id, &login), move |opened| {
            session.set(opened);
        });
    };
    view! {
        <Form attempt submit label="Sign in">
            {(options.len() > 1)
                .then(|| view! { <Choice label="Account" name="provider" value=chosen options on_change=move |id| chosen.set(id) /> })}
            <TextField
                label="User name"
                name="username"
                value=username
                autocomplete="username"
                problem=attempt.wrong("username")
                required=true
            />
            <TextField
                label="Password"
                name="password"
                kind="password"
                value=password
                autocomplete="current-password"
                problem=attempt.wrong("password")
                required=true
            />
        </Form>
    }
}
