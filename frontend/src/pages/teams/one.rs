//! One team: who is in it, how to come in and out, and for its owners its settings.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};
use shared_types::{NewTeamRequest, Team, TeamChange, TeamPermission};

use super::{
    new::{way, ways},
    people::{Invitations, Members, Requests},
    standing, way_in,
};
use crate::{
    api::teams,
    components::{
        dialog::Dialog,
        field::{Choice, Submit, TextField},
        form::{Attempt, FormProblem},
        load::Load,
        when::When,
    },
    routes::Route,
    state::{use_session, use_toasts},
    util::{bytes, text},
};

/// The page.
#[component]
pub fn TeamPage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("team").unwrap_or_default()));
    let team = LocalResource::new(move || teams::get(&name.get()));
    let changed = Callback::new(move |()| team.refetch());
    view! {
        <Title text=move || name.get() />
        <nav class="crumbs" aria-label="Where this is"><a href=Route::Teams.href()>"Teams"</a></nav>
        <Load resource=team lines=10 children=move |team| view! { <Shown team changed /> } />
    }
    .into_any()
}

#[component]
fn Shown(team: Team, changed: Callback<()>) -> impl IntoView {
    let name = team.name.clone();
    let manage = team.may_manage;
    view! {
        <div class="page-head">
            {team.picture.clone().map(|path| view! { <img class="avatar" src=path alt="" width="48" height="48" /> })}
            <h1 class="mono">{name.clone()}</h1>
            {standing(team.role, team.requested).map(|word| view! { <span class="badge">{word}</span> })}
            <div class="actions"><WaysInAndOut team=team.clone() changed /></div>
        </div>
        {(!team.description.is_empty()).then(|| view! { <p class="lede">{team.description.clone()}</p> })}
        <dl class="facts">
            <div><dt>"Owners"</dt><dd>{team.owners.join(", ")}</dd></div>
            <div><dt>"Members"</dt><dd>{bytes::count(team.members)}</dd></div>
            <div><dt>"Way in"</dt><dd>{way_in(team.permission)}</dd></div>
            <div><dt>"Made"</dt><dd><When at=team.created_at /></dd></div>
        </dl>
        {manage.then(|| view! { <Requests team=name.clone() changed /> })}
        <Members team=team.clone() changed />
        {manage.then(|| view! {
            <Invitations team=name.clone() />
            <Settings team=team.clone() changed />
            <Danger name=name.clone() />
        })}
    }
}

/// Join, ask, take back, leave.
#[component]
fn WaysInAndOut(team: Team, changed: Callback<()>) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let asking = RwSignal::new(false);
    let Some(account) = session.account() else {
        return ().into_any();
    };
    let name = StoredValue::new(team.name.clone());
    let user = StoredValue::new(account.username);
    let told = move |words: &'static str| {
        toasts.good(words);
        changed.run(());
    };
    let problem = view! { <FormProblem attempt /> };
    let button = |label: &'static str, press: Callback<()>| {
        view! { <button type="button" class="button" disabled=move || attempt.busy().get() on:click=move |_| press.run(())>{label}</button> }
    };
    let press = if team.role.is_some() {
        button("Leave", Callback::new(move |()| {
            attempt.run(
                async move { teams::remove_member(&name.get_value(), &user.get_value()).await },
                move |()| told("You left the team."),
            );
        }))
    } else if team.requested {
        button("Take the request back", Callback::new(move |()| {
            attempt.run(
                async move { teams::refuse(&name.get_value(), &user.get_value()).await },
                move |()| told("Request taken back."),
            );
        }))
    } else if team.permission == TeamPermission::Open {
        button("Join", Callback::new(move |()| {
            attempt.run(async move { teams::join(&name.get_value()).await }, move |_| {
                told("You are in.");
            });
        }))
    } else {
        button("Ask to join…", Callback::new(move |()| asking.set(true)))
    };
    view! {
        {problem}
        {press}
        <Dialog open=asking title="Ask to join"><Ask name=name.get_value() open=asking changed /></Dialog>
    }
    .into_any()
}

#[component]
fn Ask(name: String, open: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let message = RwSignal::new(String::new());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let name = name.clone();
        let request = NewTeamRequest {
            message: text::filled(&message.get_untracked()),
        };
        attempt.run(async move { teams::ask(&name, &request).await }, move |_| {
            toasts.good("The owners are asked.");
            open.set(false);
            changed.run(());
        });
    };
    view! {
        <form class="form" on:submit=submit>
            <TextField label="What to say to the owners (optional)" name="message" value=message problem=attempt.wrong("message") />
            <FormProblem attempt />
            <div class="actions">
                <Submit label="Ask" busy=attempt.busy() />
                <button type="button" class="button" on:click=move |_| open.set(false)>"Cancel"</button>
            </div>
        </form>
    }
}

#[component]
fn Settings(team: Team, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let description = RwSignal::new(team.description);
    let permission = RwSignal::new(team.permission.as_str().to_owned());
    let name = team.name;
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let name = name.clone();
        let change = TeamChange {
            name: None,
            description: Some(description.get_untracked().trim().to_owned()),
            permission: Some(way(&permission.get_untracked())),
        };
        attempt.run(async move { teams::change(&name, &change).await }, move |_| {
            toasts.good("Team saved.");
            changed.run(());
        });
    };
    view! {
        <section aria-labelledby="settings">
            <h2 id="settings">"Settings"</h2>
            <form class="form" on:submit=submit>
                <TextField label="Description" name="description" value=description hint="One line of who they are." problem=attempt.wrong("description") />
                <Choice label="Way in" name="permission" value=permission options=ways() on_change=move |word| permission.set(word) />
                <FormProblem attempt />
                <Submit label="Save" busy=attempt.busy() />
            </form>
        </section>
    }
}

#[component]
fn Danger(name: String) -> impl IntoView {
    let toasts = use_toasts();
    let navigate = use_navigate();
    let attempt = Attempt::new();
    let typed = RwSignal::new(String::new());
    let expected = name.clone();
    let label = format!("Type “{name}” to confirm");
    let remove = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (team, navigate) = (name.clone(), navigate.clone());
        let done = format!("Team {name} deleted.");
        attempt.run(async move { teams::delete(&team).await }, move |()| {
            toasts.good(done);
            navigate(&Route::Teams.href(), NavigateOptions::default());
        });
    };
    view! {
        <section class="danger-zone" aria-labelledby="danger">
            <h2 id="danger">"Delete this team"</h2>
            <p>"Its people keep what they may do in collections."</p>
            <form class="form" on:submit=remove>
                <TextField label=label name="confirm" value=typed />
                <FormProblem attempt />
                <Submit label="Delete the team" busy=attempt.busy() danger=true disabled=Signal::derive(move || typed.get() != expected) />
            </form>
        </section>
    }
}
