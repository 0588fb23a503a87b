//! What is shown where no page is.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use crate::{
    components::robot::{Mood, Robot},
    routes::Route,
    state::use_here,
};

/// No page has this address.
#[component]
pub fn NotFound() -> impl IntoView {
    let location = use_location();
    view! {
        <Title text="Not found" />
        <section class="panel problem">
            <Robot mood=Mood::Puzzled />
            <h1>"Nothing here"</h1>
            <p>"No page of this registry has the address " <code>{move || location.pathname.get()}</code> "."</p>
            <div class="actions">
                <a class="button primary" href=Route::Home.href()>"Home"</a>
                <a class="button" href=Route::Collections.href()>"Collections"</a>
            </div>
        </section>
    }
    .into_any()
}

/// The page is there, but not for this person.
#[component]
pub fn Forbidden() -> impl IntoView {
    view! {
        <Title text="Not allowed" />
        <section class="panel problem">
            <Robot mood=Mood::Puzzled />
            <h1>"Not allowed"</h1>
            <p>"This page is for the superusers of the registry."</p>
            <div class="actions">
                <a class="button primary" href=Route::Home.href()>"Home"</a>
            </div>
        </section>
    }
    .into_any()
}

/// A page for people who are signed in, seen by somebody who is not.
#[component]
pub fn SignInFirst(
    /// What one needs to sign in for: “to make tokens”.
    why: &'static str,
) -> impl IntoView {
    let here = use_here();
    let href = move || Route::Login(Some(here.get())).href();
    view! {
        <div class="invitation">
            <Robot mood=Mood::Glad />
            <div>
                <h2>"Sign in first"</h2>
                <p>{format!("You need to be signed in {why}.")}</p>
                <p><a class="button primary" href=href>"Sign in"</a></p>
            </div>
        </div>
    }
}
