//! Pages for people who are signed in, and pages for superusers.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use shared_types::{Account, Registry, Role};

use super::{
    error::ErrorPanel,
    load::Skeleton,
    robot::{Mood, Robot},
};
use crate::{
    routes::Route,
    state::{session::SessionState, use_session},
};

/// Shows its content to whoever is signed in (and is a superuser, where that is asked for); asks everybody else to sign in.
#[component]
pub fn Gate<F, V>(
    /// What the page is called, for those who may not see it.
    title: &'static str,
    /// Only superusers may see it.
    #[prop(default = false)]
    superuser: bool,
    /// Shows the page. Made anew only when another person signs in.
    children: F,
) -> impl IntoView
where
    F: Fn(Account, Registry) -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let session = use_session();
    let state = Memo::new(move |_| Stage::of(session.state(), superuser));
    move || match state.get() {
        Stage::Loading => view! { <Skeleton lines=8 /> }.into_any(),
        Stage::Failed(error) => {
            view! { <ErrorPanel error retry=move || session.renew() /> }.into_any()
        }
        Stage::Stranger => view! { <SignInFirst title /> }.into_any(),
        Stage::NotAllowed => view! { <crate::pages::errors::Forbidden /> }.into_any(),
        Stage::Open(open) => children(open.0, open.1).into_any(),
    }
}

#[derive(Clone, PartialEq)]
enum Stage {
    Loading,
    Failed(crate::api::ApiError),
    Stranger,
    NotAllowed,
    Open(Box<(Account, Registry)>),
}

impl Stage {
    fn of(state: SessionState, superuser: bool) -> Self {
        match state {
            SessionState::Loading => Self::Loading,
            SessionState::Failed(error) => Self::Failed(error),
            SessionState::Ready(session) => match session.account {
                None => Self::Stranger,
                Some(account) if superuser && account.role != Role::Superuser => Self::NotAllowed,
                Some(account) => Self::Open(Box::new((account, session.registry))),
            },
        }
    }
}

#[component]
fn SignInFirst(title: &'static str) -> impl IntoView {
    let location = use_location();
    let here = move || format!("{}{}", location.pathname.get(), location.search.get());
    view! {
        <section class="panel problem">
            <Robot mood=Mood::Puzzled />
            <h1>{title}</h1>
            <p>"This page is about your own account, so the registry has to know who you are."</p>
            <div class="actions">
                <a class="button primary" href=move || Route::Login(Some(here())).href()>"Sign in"</a>
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use shared_types::{Sample, Session};

    use super::*;

    #[test]
    fn only_the_right_people_pass() {
        let ready = |change: fn(&mut Session)| {
            let mut session = Session::sample();
            change(&mut session);
            SessionState::Ready(Box::new(session))
        };
        let open = |stage: Stage| matches!(stage, Stage::Open(_));
        assert!(open(Stage::of(ready(|_| ()), false)));
        assert!(Stage::of(ready(|_| ()), true) == Stage::NotAllowed);
        let stranger = |session: &mut Session| session.account = None;
        assert!(Stage::of(ready(stranger), false) == Stage::Stranger);
        assert!(Stage::of(ready(stranger), true) == Stage::Stranger);
        let superuser = |session: &mut Session| {
            if let Some(account) = &mut session.account {
                account.role = Role::Superuser;
            }
        };
        assert!(open(Stage::of(ready(superuser), true)));
    }
}
