//! What is for people who are signed in.

use leptos::prelude::*;
use shared_types::Account;

use super::{error::ErrorPanel, load::Skeleton};
use crate::{
    pages::errors::SignInFirst,
    state::{session::SessionState, use_session},
};

/// Shows something to whoever is signed in, and to others why they should.
#[component]
pub fn SignedIn<F, V>(
    /// What one needs to sign in for: “to make tokens”.
    why: &'static str,
    /// The heading for whoever is not, where the page's own is among what is shown.
    #[prop(optional)]
    title: Option<&'static str>,
    /// How many lines the skeleton has.
    #[prop(default = 8)]
    lines: usize,
    /// Made anew when somebody else signs in.
    children: F,
) -> impl IntoView
where
    F: Fn(Account) -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let show = move |account| children(account).into_any();
    shown(why, title, lines, Box::new(show))
}

type Show = Box<dyn Fn(Account) -> AnyView + Send + Sync>;

fn shown(why: &'static str, title: Option<&'static str>, lines: usize, show: Show) -> AnyView {
    let session = use_session();
    // The session is renewed now and then; the page stays as it is when it says the same.
    let state = Memo::new(move |_| match session.state() {
        SessionState::Loading => None,
        SessionState::Ready(ready) => Some(Ok(ready.account)),
        SessionState::Failed(error) => Some(Err(error)),
    });
    let view = move || match state.get() {
        None => view! { <Skeleton lines /> }.into_any(),
        Some(Ok(Some(account))) => show(account),
        Some(Ok(None)) => view! {
            {title.map(|title| view! { <h1>{title}</h1> })}
            <SignInFirst why />
        }
        .into_any(),
        Some(Err(error)) => {
            view! { <ErrorPanel error retry=move |()| session.renew() /> }.into_any()
        }
    };
    view.into_any()
}
