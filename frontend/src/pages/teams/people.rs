//! The people of a team: members, and those who ask to be let in.

use leptos::prelude::*;
use shared_types::{Account, Role, Team, TeamMember, TeamRequest, TeamRole};

use crate::{
    api::teams,
    components::{
        act::{Act, Deed},
        field::TextField,
        form::{Attempt, Form},
        load::Load,
        menu::ActionMenu,
        people::{PeopleTable, linked},
        when::When,
    },
    state::{ask, use_toasts},
};

/// Who is in it.
#[component]
pub fn Members(
    /// The team.
    team: Team,
    /// Who looks.
    account: Account,
    /// Called when somebody came or went.
    changed: Callback<()>,
) -> impl IntoView {
    let asked = team.name.clone();
    let cursor = RwSignal::new(String::new());
    let members = ask(move || teams::members(&asked, &cursor.get()));
    let again = Callback::new(move |()| {
        members.refetch();
        changed.run(());
    });
    // Owners invite; whoever runs the registry also adds.
    let adds = (account.role != Role::User).then(|| team.name.clone());
    let manage = team.may_manage;
    let stored = StoredValue::new(team.name);
    view! {
        <section aria-labelledby="members">
            <h2 id="members">"People"</h2>
            <Load
                resource=members
                lines=4
                children=move |page| {
                    let rows = page
                        .items
                        .into_iter()
                        .map(|member| view! { <Member member team=stored.get_value() manage changed=again /> })
                        .collect_view()
                        .into_any();
                    view! { <PeopleTable rows actions=manage next=page.next cursor /> }
                }
            />
            {adds.map(|team| view! { <Add team changed=again /> })}
        </section>
    }
}

#[component]
fn Member(member: TeamMember, team: String, manage: bool, changed: Callback<()>) -> impl IntoView {
    let TeamMember {
        username,
        display_name,
        role,
        since,
    } = member;
    let place = StoredValue::new((team, username.clone()));
    let (other, label) = match role {
        TeamRole::Owner => (TeamRole::Member, "Make a member"),
        TeamRole::Member => (TeamRole::Owner, "Make an owner"),
    };
    let turn = Deed::new(
        move || {
            let (team, user) = place.get_value();
            teams::put_member(&team, &user, other)
        },
        format!("{username} is {other} now."),
        changed,
    );
    let out = Deed::new(
        move || {
            let (team, user) = place.get_value();
            teams::remove_member(&team, &user)
        },
        format!("{username} is out of the team."),
        changed,
    );
    let menu = format!("Actions for {username}");
    view! {
        <tr>
            <th scope="row"><bdi><strong>{display_name}</strong></bdi><p class="quiet mono">{linked(vec![username])}</p></th>
            <td data-label="Role"><span class="badge" class:good=role == TeamRole::Owner>{role.as_str()}</span></td>
            <td data-label="Since"><When at=since /></td>
            {manage.then(|| view! {
                <td>
                    <ActionMenu label=menu>
                        <Act label deed=turn class="" />
                        <Act label="Take out of the team" deed=out class="danger-text" />
                    </ActionMenu>
                </td>
            })}
        </tr>
    }
}

/// Adds somebody by name, for whoever runs the registry.
#[component]
fn Add(team: String, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let username = RwSignal::new(String::new());
    let submit = move |()| {
        let (team, user) = (team.clone(), username.get_untracked().trim().to_owned());
        attempt.run(
            teams::put_member(&team, &user, TeamRole::Member),
            move |member| {
                toasts.good(format!("{} is in.", member.username));
                username.set(String::new());
                changed.run(());
            },
        );
    };
    view! {
        <Form attempt submit label="Add" disabled=Signal::derive(move || username.get().trim().is_empty())>
            <TextField label="Add somebody as an administrator" name="username" value=username hint="A user name. Owners of the team send an invitation instead." />
        </Form>
    }
}

/// Who asks to be let in; nothing where nobody does.
#[component]
pub fn Requests(
    /// The team.
    team: String,
    /// Called when somebody was let in or refused.
    changed: Callback<()>,
) -> impl IntoView {
    let asked = team.clone();
    let requests = ask(move || teams::requests(&asked));
    let stored = StoredValue::new(team);
    let again = Callback::new(move |()| {
        requests.refetch();
        changed.run(());
    });
    view! {
        <Load
            resource=requests
            lines=0
            children=move |page| {
                (!page.items.is_empty()).then(|| view! {
                    <section aria-labelledby="requests">
                        <h2 id="requests">"Who asks to join"</h2>
                        <ul class="links">
                            {page.items.into_iter().map(|request| view! { <Request request team=stored.get_value() changed=again /> }).collect_view()}
                        </ul>
                    </section>
                })
            }
        />
    }
}

#[component]
fn Request(request: TeamRequest, team: String, changed: Callback<()>) -> impl IntoView {
    let user = request.username;
    let place = StoredValue::new((team, user.clone()));
    let approve = Deed::new(
        move || {
            let (team, user) = place.get_value();
            teams::approve(&team, &user)
        },
        format!("{user} is in."),
        changed,
    );
    let refuse = Deed::new(
        move || {
            let (team, user) = place.get_value();
            teams::refuse(&team, &user)
        },
        format!("{user} was declined."),
        changed,
    );
    view! {
        <li>
            <div>
                <p><bdi><strong>{request.display_name}</strong></bdi>" "<span class="mono quiet">{user.clone()}</span>" "<span class="quiet"><When at=request.created_at /></span></p>
                {(!request.message.is_empty()).then(|| view! { <p><bdi>{request.message}</bdi></p> })}
            </div>
            <div class="actions">
                <Act label="Approve" about=format!("Approve {user}") deed=approve class="button primary" />
                <Act label="Decline" about=format!("Decline {user}") deed=refuse />
            </div>
        </li>
    }
}
