//! Tokens: the credential of every client. Make one, see what exists, end it; and the lines that a client needs.

mod client;
mod list;
mod new;
mod setup;

use leptos::prelude::*;
use leptos_meta::Title;
use shared_types::{Account, IssuedToken, Registry};

use crate::{
    api::people,
    components::{
        copy::CopyButton,
        error::ErrorPanel,
        icon::{Glyph, Icon},
        load::{Load, Skeleton},
    },
    pages::errors::SignInFirst,
    state::{session::SessionState, use_session},
};

/// The token page.
#[component]
pub fn TokenPage() -> impl IntoView {
    let session = use_session();
    view! {
        <Title text="Tokens" />
        <h1>"Tokens"</h1>
        <p class="lede">"A token signs a client in as you, without your password. Give each machine its own, so that one can be ended alone."</p>
        {move || match session.state() {
            SessionState::Loading => view! { <Skeleton lines=8 /> }.into_any(),
            SessionState::Failed(error) => {
                view! { <ErrorPanel error retry=move || session.renew() /> }.into_any()
            }
            SessionState::Ready(ready) => match ready.account {
                Some(account) => view! { <Tokens account registry=ready.registry /> }.into_any(),
                None => view! { <SignInFirst why="to make tokens" /> }.into_any(),
            },
        }}
    }
    .into_any()
}

#[component]
fn Tokens(account: Account, registry: Registry) -> impl IntoView {
    let tokens = LocalResource::new(people::tokens);
    let issued = RwSignal::new(None::<IssuedToken>);
    let revealed = RwSignal::new(false);
    let fresh = Callback::new(move |token: IssuedToken| {
        revealed.set(false);
        issued.set(Some(token));
        tokens.refetch();
    });
    let changed = Callback::new(move |()| tokens.refetch());
    let secret = Signal::derive(move || {
        issued
            .get()
            .filter(|_| revealed.get())
            .map(|token| token.secret)
    });
    let role = account.role;
    view! {
        {move || match issued.get() {
            Some(token) => view! { <Issued token issued revealed /> }.into_any(),
            None => view! { <new::NewTokenForm role fresh /> }.into_any(),
        }}
        <section aria-labelledby="own">
            <h2 id="own">"Your tokens"</h2>
            <Load resource=tokens lines=3 children=move |page| view! { <list::TokenList tokens=page.items fresh changed /> } />
        </section>
        <setup::ClientSetup registry username=account.username secret />
    }
}

/// The new secret: hidden until asked for, and gone when the page is left.
#[component]
fn Issued(
    token: IssuedToken,
    issued: RwSignal<Option<IssuedToken>>,
    revealed: RwSignal<bool>,
) -> impl IntoView {
    let IssuedToken { token, secret } = token;
    let shown = secret.clone();
    let length = secret.len();
    let text = move || {
        if revealed.get() {
            shown.clone()
        } else {
            format!("{} ({length} characters)", "•".repeat(16))
        }
    };
    let label = move || {
        if revealed.get() {
            "Hide the token"
        } else {
            "Show the token"
        }
    };
    view! {
        <section class="issued" aria-labelledby="issued">
            <h2 id="issued">"Here is “" {token.name} "”"</h2>
            <p>"Copy it now and keep it safe: the registry stores only a fingerprint and cannot show it again."</p>
            <div class="secret">
                <code>{text}</code>
                <button
                    type="button"
                    class="icon-button"
                    aria-label=label
                    title=label
                    aria-pressed=move || revealed.get().to_string()
                    on:click=move |_| revealed.update(|shown| *shown = !*shown)
                >
                    <Glyph icon=Icon::Eye />
                </button>
                <CopyButton text=Signal::stored(secret) label="Copy the token" />
            </div>
            <div class="actions">
                <a class="button primary" href="#client">"What your client needs"</a>
                <button type="button" class="button" on:click=move |_| issued.set(None)>"Done"</button>
            </div>
        </section>
    }
}
