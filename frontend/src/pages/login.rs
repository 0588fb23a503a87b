//! Sign in: the form of the registry's own accounts, and a button for every other provider.

use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use shared_types::{Login, LoginProvider, ProviderKind};

use crate::{
    api::{ApiError, people},
    components::{
        error::ErrorPanel,
        field::{Submit, TextField},
        load::Skeleton,
        robot::{Mood, Robot},
    },
    routes::{Route, safe_next},
    state::{
        session::{SessionHandle, SessionState},
        use_session,
    },
};

/// Sign in. Whoever is signed in already goes on at once.
#[component]
pub fn LoginPage() -> impl IntoView {
    let session = use_session();
    let map = use_query_map();
    let navigate = use_navigate();
    Effect::new(move || {
        if session.is_signed_in() {
            let next = safe_next(map.with(|map| map.get("next")));
            let options = NavigateOptions {
                replace: true,
                ..NavigateOptions::default()
            };
            navigate(&next, options);
        }
    });
    view! {
        <Title text="Sign in" />
        <section class="panel narrow entry">
            <Robot mood=Mood::Glad />
            <h1>"Sign in"</h1>
            {move || match session.state() {
                SessionState::Loading => view! { <Skeleton lines=4 /> }.into_any(),
                SessionState::Failed(error) => view! { <ErrorPanel error retry=move || session.renew() /> }.into_any(),
                SessionState::Ready(ready) => view! { <Providers providers=ready.registry.providers session /> }.into_any(),
            }}
        </section>
    }
    .into_any()
}

#[component]
fn Providers(providers: Vec<LoginProvider>, session: SessionHandle) -> impl IntoView {
    let setup = session
        .registry()
        .is_some_and(|registry| registry.setup_required);
    let several = providers.len() > 1;
    let ways = providers
        .into_iter()
        .map(|provider| match provider.kind {
            ProviderKind::Password => {
                view! { <PasswordForm provider several session /> }.into_any()
            }
            ProviderKind::Redirect => {
                let href = format!("/api/v1/login/{}", crate::routes::encode(&provider.id));
                view! { <a class="button" rel="external" href=href>{provider.label}</a> }.into_any()
            }
        })
        .collect_view();
    view! {
        {setup
            .then(|| {
                view! {
                    <p class="note-panel panel">
                        "This registry has no administrator yet. Open the one-time link that the server printed when it started."
                    </p>
                }
            })}
        {ways}
    }
}

#[component]
fn PasswordForm(provider: LoginProvider, several: bool, session: SessionHandle) -> impl IntoView {
    let username = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<ApiError>);
    let id = StoredValue::new(provider.id);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        let login = Login {
            username: username.get_untracked(),
            password: password.get_untracked(),
        };
        spawn_local(async move {
            match people::login(&id.get_value(), &login).await {
                Ok(opened) => session.set(opened),
                Err(error) => {
                    failure.set(Some(error));
                    password.set(String::new());
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <form class="form" on:submit=submit>
            {several.then(|| view! { <h2>{provider.label}</h2> })}
            <TextField label="User name" name="username" value=username autocomplete="username" required=true />
            <TextField label="Password" name="password" kind="password" value=password autocomplete="current-password" required=true />
            <p class="form-problem" role="alert">{move || failure.get().map(|error| error.message())}</p>
            <Submit label="Sign in" busy=busy />
        </form>
        <p class="quiet">"No account? " <a href=Route::About.href()>"Ask the people who run this registry"</a> "."</p>
    }
}
