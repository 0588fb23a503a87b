//! The star of a collection: what people like, and find again.

use leptos::{prelude::*, task::spawn_local};
use shared_types::Collection;

use super::icon::{Glyph, Icon};
use crate::{
    api::collections,
    routes::Route,
    state::{use_session, use_toasts},
    util::{bytes, text},
};

/// A button that gives the star or takes it back; who is not signed in is asked to.
#[component]
pub fn Star(
    /// What the star is for.
    collection: Collection,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let state = RwSignal::new((collection.starred, collection.stars));
    let busy = RwSignal::new(false);
    let name = StoredValue::new(collection.name);
    let press = move |_| {
        let (starred, stars) = state.get_untracked();
        busy.set(true);
        spawn_local(async move {
            match collections::star(&name.get_value(), !starred).await {
                Ok(()) => {
                    let stars = if starred {
                        stars.saturating_sub(1)
                    } else {
                        stars + 1
                    };
                    state.try_set((!starred, stars));
                }
                Err(error) => toasts.error(&error),
            }
            busy.try_set(false);
        });
    };
    let count =
        move || view! { <Glyph icon=Icon::Star /><span>{bytes::count(state.get().1)}</span> };
    view! {
        {move || {
            if session.is_signed_in() {
                view! {
                    <button
                        type="button"
                        class="button star"
                        aria-pressed=move || state.get().0.to_string()
                        aria-label=move || said(state.get().1)
                        title=move || if state.get().0 { "Take your star back" } else { "Give a star" }
                        disabled=move || busy.get()
                        on:click=press
                    >
                        {count}
                    </button>
                }
                    .into_any()
            } else {
                let back = Route::Collection(name.get_value()).href();
                view! {
                    <a class="button star" href=Route::Login(Some(back)).href() title="Sign in to give a star" aria-label=format!("{}; sign in to give one", said(state.get().1))>
                        {count}
                    </a>
                }
                    .into_any()
            }
        }}
    }
}

fn said(stars: u64) -> String {
    text::counted(stars, "stars")
}
