//! What an invitation grants: accept it, or decline.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map, use_query_map},
};
use shared_types::TeamInvitationOffer;

use super::way_in;
use crate::{
    api::teams,
    components::{
        form::{Attempt, FormProblem},
        load::Load,
        robot::Robot,
        when::When,
    },
    pages::errors::SignInFirst,
    routes::Route,
    state::{use_session, use_toasts},
    util::bytes,
};

/// The page: the code is in the path or in the query.
#[component]
pub fn InvitationPage() -> impl IntoView {
    let session = use_session();
    let params = use_params_map();
    let map = use_query_map();
    let code = Memo::new(move |_| {
        params
            .with(|params| params.get("code"))
            .or_else(|| map.with(|map| map.get("code")))
            .unwrap_or_default()
    });
    view! {
        <Title text="Invitation" />
        {move || {
            if session.is_signed_in() || session.is_loading() {
                view! { <Offer code=code.get() /> }.into_any()
            } else {
                view! { <h1>"You are invited"</h1><SignInFirst why="to accept an invitation" /> }.into_any()
            }
        }}
    }
    .into_any()
}

#[component]
fn Offer(code: String) -> impl IntoView {
    let asked = code.clone();
    let offer = LocalResource::new(move || teams::offer(&asked));
    let code = StoredValue::new(code);
    view! { <Load resource=offer lines=6 children=move |offer| view! { <Shown offer code=code.get_value() /> } /> }
}

#[component]
fn Shown(offer: TeamInvitationOffer, code: String) -> impl IntoView {
    let toasts = use_toasts();
    let navigate = send_wrapper::SendWrapper::new(use_navigate());
    let attempt = Attempt::new();
    let code = StoredValue::new(code);
    let team = offer.team;
    let by = offer
        .invited_by
        .map_or_else(|| "Somebody".to_owned(), |user| user);
    let accept = {
        let navigate = navigate.clone();
        move |_| {
            let navigate = navigate.clone();
            attempt.run(async move { teams::accept(&code.get_value()).await }, move |team| {
                toasts.good("You are in.");
                navigate(&Route::Team(team.name).href(), NavigateOptions::default());
            });
        }
    };
    let decline = move |_| {
        let navigate = navigate.clone();
        attempt.run(async move { teams::decline(&code.get_value()).await }, move |()| {
            toasts.good("Declined.");
            navigate(&Route::Home.href(), NavigateOptions::default());
        });
    };
    view! {
        <section class="panel narrow entry">
            <Robot />
            <h1>"You are invited"</h1>
            <p>{by}" invites you to the team "<strong class="mono">{team.name}</strong>"."</p>
            {(!team.description.is_empty()).then(|| view! { <p>{team.description}</p> })}
            <p class="quiet">{format!("{} people, {}. The invitation ends ", bytes::count(team.members), way_in(team.permission))}<When at=offer.expires_at />"."</p>
            <FormProblem attempt />
            <div class="actions">
                <button type="button" class="button primary" disabled=move || attempt.busy().get() on:click=accept>"Accept"</button>
                <button type="button" class="button" disabled=move || attempt.busy().get() on:click=decline>"Decline"</button>
            </div>
        </section>
    }
}
