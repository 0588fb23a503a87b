//! A new team.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use shared_types::{NewTeam, TeamPermission};

use crate::{
    api::teams,
    components::{
        field::{Choice, Submit, TextField},
        form::{Attempt, FormProblem},
    },
    pages::errors::SignInFirst,
    routes::Route,
    state::{use_session, use_toasts},
    util::text,
};

/// The ways into a team, for a choice.
pub fn ways() -> Vec<(String, String)> {
    [
        (TeamPermission::Invite, "By invitation or on request"),
        (TeamPermission::Open, "Whoever wants joins"),
    ]
    .map(|(way, text)| (way.as_str().to_owned(), text.to_owned()))
    .to_vec()
}

/// The way of a word.
pub fn way(word: &str) -> TeamPermission {
    if word == TeamPermission::Open.as_str() {
        TeamPermission::Open
    } else {
        TeamPermission::Invite
    }
}

/// The form.
#[component]
pub fn NewTeamPage() -> impl IntoView {
    let session = use_session();
    view! {
        <Title text="New team" />
        <nav class="crumbs" aria-label="Where this is"><a href=Route::Teams.href()>"Teams"</a></nav>
        <h1>"New team"</h1>
        {move || if session.is_signed_in() || session.is_loading() {
            view! { <Form /> }.into_any()
        } else {
            view! { <SignInFirst why="to make a team" /> }.into_any()
        }}
    }
    .into_any()
}

#[component]
fn Form() -> impl IntoView {
    let toasts = use_toasts();
    let navigate = use_navigate();
    let attempt = Attempt::new();
    let name = RwSignal::new(String::new());
    let description = RwSignal::new(String::new());
    let permission = RwSignal::new(TeamPermission::Invite.as_str().to_owned());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let navigate = navigate.clone();
        let new = NewTeam {
            name: name.get_untracked().trim().to_owned(),
            description: text::filled(&description.get_untracked()),
            permission: Some(way(&permission.get_untracked())),
        };
        attempt.run(async move { teams::create(&new).await }, move |team| {
            toasts.good(format!("Team {} made.", team.name));
            navigate(&Route::Team(team.name).href(), NavigateOptions::default());
        });
    };
    view! {
        <form class="form" on:submit=submit>
            <TextField label="Name" name="name" value=name required=true hint="Lower case letters, digits and single -." problem=attempt.wrong("name") />
            <TextField label="Description" name="description" value=description hint="One line of who they are." problem=attempt.wrong("description") />
            <Choice label="Way in" name="permission" value=permission options=ways() on_change=move |word| permission.set(word) />
            <FormProblem attempt />
            <Submit label="Make the team" busy=attempt.busy() />
        </form>
    }
}
