//! Tokens: the credential of every client. Make one, see what exists, end it; and the lines that a client needs.

mod client;
mod list;
mod new;
mod setup;

use leptos::prelude::*;
use leptos_meta::Title;
use shared_types::{Account, IssuedToken, Role};

use crate::{
    api::tokens::{self, Keeper},
    components::{
        copy::CopyButton,
        icon::{Glyph, Icon},
        load::Load,
        signed_in::SignedIn,
    },
    state::{ask, use_session},
};

/// The token page.
#[component]
pub fn TokenPage() -> impl IntoView {
    view! {
        <Title text="Tokens" />
        <h1>"Tokens"</h1>
        <p class="lede">"A token signs a client in as you, without your password. Give each machine its own, so that one can be ended alone."</p>
        <SignedIn why="to make tokens" children=|account| view! { <Own account /> } />
    }
    .into_any()
}

#[component]
fn Own(account: Account) -> impl IntoView {
    let session = use_session();
    let issued = RwSignal::new(None::<IssuedToken>);
    let revealed = RwSignal::new(false);
    let secret = Signal::derive(move || {
        issued
            .get()
            .filter(|_| revealed.get())
            .map(|token| token.secret)
    });
    view! {
        <Tokens keeper=Keeper::Me title="Your tokens" role=account.role issued revealed />
        {session.registry().map(|registry| view! { <setup::ClientSetup registry username=account.username secret /> })}
    }
}

/// The form for a new token, or the secret of the one just made; and those that there are.
#[component]
pub fn Tokens(
    /// Whose tokens they are.
    keeper: Keeper,
    /// What the list is called.
    title: &'static str,
    /// The person's role.
    role: Role,
    /// The token just made.
    issued: RwSignal<Option<IssuedToken>>,
    /// Its secret is shown.
    revealed: RwSignal<bool>,
) -> impl IntoView {
    let asked = keeper.clone();
    let list = ask(move || tokens::list(&asked));
    let changed = Callback::new(move |()| list.refetch());
    let fresh = Callback::new(move |token: IssuedToken| {
        revealed.set(false);
        issued.set(Some(token));
        list.refetch();
    });
    let own = keeper == Keeper::Me;
    let stored = StoredValue::new(keeper);
    view! {
        {move || match issued.get() {
            Some(token) => view! { <Issued token own issued revealed /> }.into_any(),
            None => view! { <new::NewTokenForm keeper=stored.get_value() role fresh /> }.into_any(),
        }}
        <section aria-labelledby="tokens">
            <h2 id="tokens">{title}</h2>
            <Load resource=list lines=3 children=move |page| view! { <list::TokenList keeper=stored.get_value() tokens=page.items fresh changed /> } />
        </section>
    }
}

/// The new secret: hidden until asked for, and gone when the page is left.
#[component]
fn Issued(
    token: IssuedToken,
    own: bool,
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
                {own.then(|| view! { <a class="button primary" href="#client">"What your client needs"</a> })}
                <button type="button" class="button" on:click=move |_| issued.set(None)>"Done"</button>
            </div>
        </section>
    }
}
