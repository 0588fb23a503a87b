//! A new team.

use leptos::prelude::*;
use leptos_meta::Title;
use shared_types::{Account, NewTeam, TeamPermission, names};

use crate::{
    api::teams,
    components::{
        field::{Choice, TextField},
        form::{Attempt, Form, checked, either},
        signed_in::SignedIn,
    },
    routes::Route,
    state::{use_go, use_toasts},
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

/// The form.
#[component]
pub fn NewTeamPage() -> impl IntoView {
    let show = |account: Account| {
        if account.may_create_collections {
            view! { <NewTeamForm /> }.into_any()
        } else {
            view! { <p class="panel note-panel">"In this registry only administrators make teams. Ask one of them for yours."</p> }.into_any()
        }
    };
    view! {
        <Title text="New team" />
        <nav class="crumbs" aria-label="Where this is"><a href=Route::Teams.href()>"Teams"</a></nav>
        <h1>"New team"</h1>
        <SignedIn why="to make a team" lines=5 children=show />
    }
    .into_any()
}

#[component]
fn NewTeamForm() -> impl IntoView {
    let toasts = use_toasts();
    let go = use_go();
    let attempt = Attempt::new();
    let name = RwSignal::new(String::new());
    let description = RwSignal::new(String::new());
    let permission = RwSignal::new(TeamPermission::Invite.to_string());
    let submit = move |()| {
        let new = NewTeam {
            name: name.get_untracked().trim().to_owned(),
            description: text::filled(&description.get_untracked()),
            permission: permission.get_untracked().parse().ok(),
        };
        attempt.run(teams::create(&new), move |team| {
            toasts.good(format!("Team {} is there.", team.name));
            go.run(Route::Team(team.name));
        });
    };
    view! {
        <Form attempt submit label="Create the team" disabled=Signal::derive(move || name.get().trim().is_empty())>
            <TextField
                label="Name"
                name="name"
                value=name
                required=true
                hint="Lower case letters, digits and single “-”."
                problem=either(checked(name, names::check_team), attempt.wrong("name"))
            />
            <TextField
                label="Description"
                name="description"
                value=description
                hint="One line of who they are."
                problem=attempt.wrong("description")
            />
            <Choice label="Way in" name="permission" value=permission options=ways() on_change=move |word| permission.set(word) />
        </Form>
    }
}
