//! The people of a team: members, those who ask, those who are invited.

use std::future::Future;

use leptos::{prelude::*, task::spawn_local};
use shared_types::{
    IssuedTeamInvitation, NewTeamInvitation, Team, TeamInvitation, TeamMember, TeamMemberChange,
    TeamRequest, TeamRole,
};

use crate::{
    api::{ApiResult, teams},
    components::{
        copy::CopyButton,
        field::{Submit, TextField},
        form::{Attempt, FormProblem},
        load::Load,
        when::When,
    },
    state::{toasts::Toasts, use_toasts},
    util::text,
};

/// Does something, says so, and reads again.
fn act<T: 'static>(
    toasts: Toasts,
    work: impl Future<Output = ApiResult<T>> + 'static,
    done: String,
    changed: Callback<()>,
) {
    spawn_local(async move {
        match work.await {
            Ok(_) => {
                toasts.good(done);
                changed.run(());
            }
            Err(error) => toasts.error(&error),
        }
    });
}

/// Who is in it.
#[component]
pub fn Members(
    /// The team.
    team: Team,
    /// Called when somebody came or went.
    changed: Callback<()>,
) -> impl IntoView {
    let asked = team.name.clone();
    let members = LocalResource::new(move || teams::members(&asked));
    let stored = StoredValue::new(team);
    let again = Callback::new(move |()| {
        members.refetch();
        changed.run(());
    });
    view! {
        <section aria-labelledby="members">
            <h2 id="members">"Members"</h2>
            <Load
                resource=members
                lines=4
                children=move |page| {
                    let team = stored.get_value();
                    let rows = page
                        .items
                        .into_iter()
                        .map(|member| view! { <Member member team=team.name.clone() manage=team.may_manage changed=again /> })
                        .collect_view();
                    view! {
                        <div class="table-wrap">
                            <table>
                                <thead><tr><th scope="col">"Person"</th><th scope="col">"Role"</th><th scope="col">"Since"</th><th scope="col"><span class="sr-only">"Actions"</span></th></tr></thead>
                                <tbody>{rows}</tbody>
                            </table>
                        </div>
                    }
                }
            />
        </section>
    }
}

#[component]
fn Member(member: TeamMember, team: String, manage: bool, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let owner = member.role == TeamRole::Owner;
    let (other, label) = if owner {
        (TeamRole::Member, format!("Make {} a member", member.username))
    } else {
        (TeamRole::Owner, format!("Make {} an owner", member.username))
    };
    let out = format!("Take {} out", member.username);
    let place = StoredValue::new((team, member.username.clone()));
    let busy = RwSignal::new(false);
    let run = move |change: Option<TeamRole>| {
        busy.set(true);
        spawn_local(async move {
            let (team, user) = place.get_value();
            let result = match change {
                Some(role) => teams::put_member(&team, &user, &TeamMemberChange { role }).await.map(drop),
                None => teams::remove_member(&team, &user).await,
            };
            busy.try_set(false);
            match result {
                Ok(()) => changed.run(()),
                Err(error) => toasts.error(&error),
            }
        });
    };
    view! {
        <tr>
            <th scope="row"><bdi><strong>{member.display_name}</strong></bdi><p class="quiet mono">{member.username}</p></th>
            <td data-label="Role">{member.role.as_str()}</td>
            <td data-label="Since"><When at=member.since /></td>
            <td>
                {manage.then(|| view! {
                    <div class="actions">
                        <button type="button" class="button" aria-label=label disabled=move || busy.get() on:click=move |_| run(Some(other))>{if owner { "Make a member" } else { "Make an owner" }}</button>
                        <button type="button" class="button" aria-label=out disabled=move || busy.get() on:click=move |_| run(None)>"Take out"</button>
                    </div>
                })}
            </td>
        </tr>
    }
}

/// Who asks to be let in.
#[component]
pub fn Requests(
    /// The team.
    team: String,
    /// Called when somebody was let in or refused.
    changed: Callback<()>,
) -> impl IntoView {
    let asked = team.clone();
    let requests = LocalResource::new(move || teams::requests(&asked));
    let stored = StoredValue::new(team);
    let again = Callback::new(move |()| {
        requests.refetch();
        changed.run(());
    });
    view! {
        <Load
            resource=requests
            lines=1
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
    let toasts = use_toasts();
    let user = request.username.clone();
    let place = StoredValue::new((team, user.clone()));
    let approve = move |_| {
        let (team, user) = place.get_value();
        let done = format!("{user} is in.");
        act(toasts, async move { teams::approve(&team, &user).await }, done, changed);
    };
    let refuse = move |_| {
        let (team, user) = place.get_value();
        act(toasts, async move { teams::refuse(&team, &user).await }, "Refused.".to_owned(), changed);
    };
    view! {
        <li>
            <div>
                <p><bdi><strong>{request.display_name}</strong></bdi>" "<span class="mono quiet">{request.username}</span></p>
                <p><bdi>{request.message}</bdi></p>
                <p class="quiet"><When at=request.created_at /></p>
            </div>
            <div class="actions">
                <button type="button" class="button primary" aria-label=format!("Let {user} in") on:click=approve>"Let in"</button>
                <button type="button" class="button" aria-label=format!("Refuse {user}") on:click=refuse>"Refuse"</button>
            </div>
        </li>
    }
}

/// Invitations that still work, and a new one.
#[component]
pub fn Invitations(
    /// The team.
    team: String,
) -> impl IntoView {
    let toasts = use_toasts();
    let asked = team.clone();
    let invitations = LocalResource::new(move || teams::invitations(&asked));
    let changed = Callback::new(move |()| invitations.refetch());
    let attempt = Attempt::new();
    let note = RwSignal::new(String::new());
    let issued = RwSignal::new(None::<IssuedTeamInvitation>);
    let stored = StoredValue::new(team);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let new = NewTeamInvitation {
            expires_in_hours: None,
            note: text::filled(&note.get_untracked()),
        };
        let team = stored.get_value();
        attempt.run(async move { teams::invite(&team, &new).await }, move |made| {
            note.set(String::new());
            issued.set(Some(made));
            toasts.good("Invitation made.");
            changed.run(());
        });
    };
    view! {
        <section aria-labelledby="invitations">
            <h2 id="invitations">"Invite somebody"</h2>
            <p class="quiet">"A link for one person. It works once, for 7 days."</p>
            {move || issued.get().map(|made| view! {
                <div class="issued" role="status">
                    <h3>"Here is the link"</h3>
                    <p>"Copy it now: it is not shown again."</p>
                    <div class="secret"><code>{made.url.clone()}</code><CopyButton text=Signal::stored(made.url) label="Copy the link" /></div>
                </div>
            })}
            <form class="form" on:submit=submit>
                <TextField label="Note (optional)" name="note" value=note hint="Whom it is for; only seen here." problem=attempt.wrong("note") />
                <FormProblem attempt />
                <Submit label="Make a link" busy=attempt.busy() />
            </form>
            <Load
                resource=invitations
                lines=1
                children=move |page| {
                    (!page.items.is_empty()).then(|| view! {
                        <ul class="links">
                            {page.items.into_iter().map(|one| view! { <Invited one team=stored.get_value() changed /> }).collect_view()}
                        </ul>
                    })
                }
            />
        </section>
    }
}

#[component]
fn Invited(one: TeamInvitation, team: String, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let title = if one.note.is_empty() { "Without a note".to_owned() } else { one.note };
    let place = StoredValue::new((team, one.id));
    let revoke = move |_| {
        let (team, id) = place.get_value();
        act(toasts, async move { teams::revoke(&team, &id).await }, "Invitation revoked.".to_owned(), changed);
    };
    view! {
        <li>
            <div><strong>{title.clone()}</strong><p class="quiet">"ends "<When at=one.expires_at /></p></div>
            <button type="button" class="button" aria-label=format!("Revoke: {title}") on:click=revoke>"Revoke"</button>
        </li>
    }
}
