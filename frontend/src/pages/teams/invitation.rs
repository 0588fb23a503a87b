//! What an invitation grants: accept it, or decline.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use shared_types::TeamInvitationOffer;

use super::way_in;
use crate::{
    api::{ApiError, teams},
    components::{
        error::ErrorPanel,
        form::{Attempt, FormProblem},
        load::Skeleton,
        robot::{Mood, Robot},
    },
    routes::Route,
    state::{ask, use_go, use_here, use_session, use_toasts},
    util::time,
};

/// The page; the code is in the address.
#[component]
pub fn InvitationPage() -> impl IntoView {
    let params = use_params_map();
    let code = Memo::new(move |_| params.with(|params| params.get("code").unwrap_or_default()));
    let session = use_session();
    // What the offer says of the person depends on who it is.
    let signed_in = Memo::new(move |_| session.is_signed_in());
    let offer = ask(move || {
        signed_in.track();
        teams::offer(&code.get())
    });
    view! {
        <Title text="Invitation" />
        <section class="panel narrow entry">
            {move || match offer.get() {
                None => view! { <Skeleton lines=6 /> }.into_any(),
                Some(Ok(offer)) => view! { <Shown offer code=code.get_untracked() /> }.into_any(),
                Some(Err(error)) if is_over(&error) => view! { <Over /> }.into_any(),
                Some(Err(error)) => view! { <ErrorPanel error retry=move |()| offer.refetch() /> }.into_any(),
            }}
        </section>
    }
    .into_any()
}

/// The server does not say why an invitation does not work: whoever guesses shall learn nothing.
fn is_over(error: &ApiError) -> bool {
    matches!(error.status(), 404 | 410)
}

#[component]
fn Over() -> impl IntoView {
    view! {
        <Robot mood=Mood::Puzzled />
        <h1>"This invitation does not work"</h1>
        <p>"It was used already, it has ended, it was revoked, or a part of the link is missing."</p>
        <p class="quiet">"Ask whoever sent it for another one."</p>
        <div class="actions"><a class="button" href=Route::Teams.href()>"All teams"</a></div>
    }
}

#[component]
fn Shown(offer: TeamInvitationOffer, code: String) -> impl IntoView {
    let session = use_session();
    let TeamInvitationOffer {
        team,
        invited_by,
        expires_at,
    } = offer;
    let by = invited_by.unwrap_or_else(|| "Somebody".to_owned());
    let people = match team.members {
        1 => "One person is in it.".to_owned(),
        many => format!("{many} people are in it."),
    };
    let ends = time::until(expires_at, time::now()).unwrap_or_else(|| "now".to_owned());
    let member = team.role.is_some();
    let name = StoredValue::new(team.name.clone());
    let code = StoredValue::new(code);
    view! {
        <Robot mood=Mood::Glad />
        <h1>"You are invited"</h1>
        <p><strong>{by}</strong>" invites you to the team "<strong class="mono">{team.name}</strong>"."</p>
        {(!team.description.is_empty()).then(|| view! { <p><bdi>{team.description}</bdi></p> })}
        <p class="quiet">{format!("{people} Its way in: {}. The invitation ends {ends}.", way_in(team.permission))}</p>
        <p class="quiet">"Members can be picked by owners of collections who are in the team too. Nothing else comes with it."</p>
        {move || if member {
            view! { <Inside name=name.get_value() /> }.into_any()
        } else if session.is_signed_in() {
            view! { <Answer code=code.get_value() /> }.into_any()
        } else {
            view! { <SignIn /> }.into_any()
        }}
    }
}

/// Who is in the team already leaves the invitation for somebody else.
#[component]
fn Inside(name: String) -> impl IntoView {
    view! {
        <p>"You are in this team already; the link still works for somebody else."</p>
        <div class="actions"><a class="button primary" href=Route::Team(name).href()>"To the team"</a></div>
    }
}

/// Whoever signs in comes back here.
#[component]
fn SignIn() -> impl IntoView {
    let here = use_here();
    view! {
        <p>"Sign in to accept or decline it; this page comes back afterwards."</p>
        <div class="actions"><a class="button primary" href=move || Route::Login(Some(here.get())).href()>"Sign in"</a></div>
    }
}

#[component]
fn Answer(code: String) -> impl IntoView {
    let toasts = use_toasts();
    let go = use_go();
    let attempt = Attempt::new();
    let code = StoredValue::new(code);
    let accept = move |_| {
        attempt.run(teams::accept(&code.get_value()), move |team| {
            toasts.good(format!("You are in team {}.", team.name));
            go.run(Route::Team(team.name));
        });
    };
    let decline = move |_| {
        attempt.run(teams::decline(&code.get_value()), move |()| {
            toasts.good("Invitation declined.");
            go.run(Route::Home);
        });
    };
    let busy = move || attempt.busy().get();
    view! {
        <FormProblem attempt />
        <div class="actions">
            <button type="button" class="button primary" disabled=busy on:click=accept>"Accept"</button>
            <button type="button" class="button" disabled=busy on:click=decline>"Decline"</button>
        </div>
    }
}
