//! The terms of use, accepted once, and the welcome that follows.

use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use shared_types::{Terms, TermsAcceptance};

use crate::{
    api::people,
    components::{
        field::Submit,
        icon::{Glyph, Icon},
        load::Load,
        robot::{Mood, Robot},
    },
    routes::Route,
    state::{ask, use_session, use_toasts},
};

/// The text; whoever has not accepted it can do so here.
#[component]
pub fn TermsPage() -> impl IntoView {
    let terms = ask(people::terms);
    view! {
        <Title text="Terms of use" />
        <h1>"Terms of use"</h1>
        <Load resource=terms lines=8 children=|terms| view! { <Text terms /> } />
    }
    .into_any()
}

#[component]
fn Text(terms: Terms) -> impl IntoView {
    let session = use_session();
    let version = terms.version.clone();
    let due = move || {
        session
            .account()
            .is_some_and(|account| !account.terms_accepted)
    };
    // The server sanitises this HTML.
    view! {
        <article class="prose" inner_html=terms.html></article>
        <p class="quiet after">"Version " {terms.version}</p>
        <Show when=due>
            <Accept version=version.clone() />
        </Show>
    }
}

#[component]
fn Accept(version: String) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let navigate = send_wrapper::SendWrapper::new(use_navigate());
    let busy = RwSignal::new(false);
    let accept = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        let acceptance = TermsAcceptance {
            version: version.clone(),
        };
        let navigate = navigate.clone();
        spawn_local(async move {
            match people::accept_terms(&acceptance).await {
                Ok(opened) => {
                    session.set(opened);
                    navigate(&Route::Welcome.href(), NavigateOptions::default());
                }
                Err(error) => toasts.error(&error),
            }
            busy.try_set(false);
        });
    };
    let sign_out = move |_| {
        spawn_local(async move {
            match people::logout().await {
                Ok(()) => session.renew(),
                Err(error) => toasts.error(&error),
            }
        });
    };
    view! {
        <form class="form" on:submit=accept>
            <p>"Before you go on, this registry asks you to accept these terms. You are asked once, and again only when they change."</p>
            <div class="actions">
                <Submit label="I accept the terms" busy=busy />
                <button type="button" class="button" on:click=sign_out>"Sign out instead"</button>
            </div>
        </form>
    }
}

/// What a new person sees first.
#[component]
pub fn WelcomePage() -> impl IntoView {
    let session = use_session();
    let name = move || {
        session.account().map_or_else(
            || "Welcome".to_owned(),
            |account| format!("Welcome, {}", account.display_name),
        )
    };
    let steps = [
        (
            Icon::Key,
            Route::Token,
            "Make a token",
            "Your client signs in with it. The page shows the lines to paste.",
        ),
        (
            Icon::Stack,
            Route::NewCollection,
            "Make a collection",
            "It holds containers that belong together.",
        ),
        (
            Icon::Search,
            Route::Search(String::new()),
            "Look around",
            "See what others have pushed, and what is inside.",
        ),
    ];
    view! {
        <Title text="Welcome" />
        <section class="welcome">
            <Robot mood=Mood::Glad />
            <div>
                <h1>{name}</h1>
                <p class="lede">"Three ways to begin:"</p>
            </div>
        </section>
        <ul class="cards">
            {steps
                .into_iter()
                .map(|(icon, route, title, text)| {
                    view! {
                        <li>
                            <a class="card" href=route.href()>
                                <Glyph icon=icon />
                                <h2>{title}</h2>
                                <p>{text}</p>
                            </a>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
    .into_any()
}
