//! One team: who is in it, how to come in and out, and for its owners its invitations and settings.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use shared_types::{Account, NewTeamRequest, Team, TeamPermission};

use super::{
    Picture,
    invitations::Invitations,
    people::{Members, Requests},
    settings::Settings,
    standing, way_in,
};
use crate::{
    api::teams,
    components::{
        act::{Act, Confirm, Deed},
        dialog::Dialog,
        field::TextArea,
        form::{Attempt, Form},
        load::Load,
        people::linked,
        signed_in::SignedIn,
        when::When,
    },
    routes::Route,
    state::{ask, use_toasts},
    util::{bytes, query, text},
};

/// The page.
#[component]
pub fn TeamPage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("team").unwrap_or_default()));
    view! {
        <Title text=move || name.get() />
        <nav class="crumbs" aria-label="Where this is"><a href=Route::Teams.href()>"Teams"</a></nav>
        <SignedIn title="Team" why="to see who is in a team" lines=10 children=move |account| view! { <Found name account /> } />
    }
    .into_any()
}

#[component]
fn Found(name: Memo<String>, account: Account) -> impl IntoView {
    let team = ask(move || teams::get(&name.get()));
    let changed = Callback::new(move |()| team.refetch());
    let account = StoredValue::new(account);
    view! { <Load resource=team lines=10 children=move |team| view! { <Shown team account=account.get_value() changed /> } /> }
}

#[component]
fn Shown(team: Team, account: Account, changed: Callback<()>) -> impl IntoView {
    let map = use_query_map();
    let tab = Memo::new(move |_| map.with(|map| map.get("tab").unwrap_or_default()));
    let path = Route::Team(team.name.clone()).href();
    let manage = team.may_manage;
    let tabs = [
        ("", "People"),
        ("invitations", "Invitations"),
        ("settings", "Settings"),
    ];
    let stored = StoredValue::new((team.clone(), account.clone()));
    view! {
        <div class="page-head">
            <Picture path=team.picture.clone() name=team.name.clone() />
            <h1 class="mono">{team.name.clone()}</h1>
            {standing(team.role, team.requested).map(|word| view! { <span class="badge">{word}</span> })}
            <div class="actions"><WaysInAndOut team=team.clone() user=account.username changed /></div>
        </div>
        {(!team.description.is_empty()).then(|| view! { <p class="lede"><bdi>{team.description}</bdi></p> })}
        <dl class="facts">
            <div><dt>"Owners"</dt><dd>{linked(team.owners.clone())}</dd></div>
            <div><dt>"People"</dt><dd>{bytes::count(team.members)}</dd></div>
            <div><dt>"Way in"</dt><dd>{way_in(team.permission)}</dd></div>
            <div><dt>"Made"</dt><dd><When at=team.created_at /></dd></div>
        </dl>
        {manage.then(|| view! {
            <nav class="tabs" aria-label="Parts of this team">
                {tabs
                    .map(|(word, text)| {
                        let href = query::with(&path, &[("tab", String::new())], "tab", word);
                        view! { <a href=href aria-current=move || (tab.get() == word).then_some("page")>{text}</a> }
                    })
                    .into_iter()
                    .collect_view()}
            </nav>
        })}
        {move || {
            let (team, account) = stored.get_value();
            match tab.get().as_str() {
                "invitations" if manage => view! { <Invitations team=team.name /> }.into_any(),
                "settings" if manage => view! { <Settings team changed /> }.into_any(),
                _ => view! {
                    {manage.then(|| view! { <Requests team=team.name.clone() changed /> })}
                    <Members team account changed />
                }.into_any(),
            }
        }}
    }
}

/// Join, ask, take back, leave.
#[component]
fn WaysInAndOut(team: Team, user: String, changed: Callback<()>) -> impl IntoView {
    let open = RwSignal::new(false);
    let place = StoredValue::new((team.name.clone(), user));
    if team.role.is_some() {
        let leave = Deed::new(
            move || {
                let (team, user) = place.get_value();
                teams::remove_member(&team, &user)
            },
            "You left the team.",
            changed,
        );
        let text = match team.permission {
            TeamPermission::Open => "You can join again whenever you like.",
            TeamPermission::Invite => {
                "To come back you need an invitation, or an owner who lets you in."
            }
        };
        return view! {
            <button type="button" class="button" on:click=move |_| open.set(true)>"Leave"</button>
            <Confirm open title=format!("Leave {}?", team.name) text label="Leave the team" danger=false deed=leave />
        }
        .into_any();
    }
    if team.requested {
        let back = Deed::new(
            move || {
                let (team, user) = place.get_value();
                teams::refuse(&team, &user)
            },
            "Request taken back.",
            changed,
        );
        return view! { <Act label="Take the request back" deed=back /> }.into_any();
    }
    if team.permission == TeamPermission::Open {
        let join = Deed::new(
            move || teams::join(&place.get_value().0),
            "You are in.",
            changed,
        );
        return view! { <Act label="Join" deed=join class="button primary" /> }.into_any();
    }
    view! {
        <button type="button" class="button" on:click=move |_| open.set(true)>"Ask to join…"</button>
        <Dialog open title="Ask to join"><Ask name=place.get_value().0 open changed /></Dialog>
    }
    .into_any()
}

#[component]
fn Ask(name: String, open: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let message = RwSignal::new(String::new());
    let submit = move |()| {
        let name = name.clone();
        let request = NewTeamRequest {
            message: text::filled(&message.get_untracked()),
        };
        attempt.run(teams::ask(&name, &request), move |_| {
            toasts.good("The owners are asked.");
            open.set(false);
            changed.run(());
        });
    };
    view! {
        <Form attempt submit label="Ask" cancel=open>
            <TextArea label="What to say to the owners (optional)" name="message" value=message rows=3 problem=attempt.wrong("message") />
        </Form>
    }
}
