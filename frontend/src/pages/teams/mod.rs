//! Teams: people who work together, and from whom the people of collections are picked.

mod invitation;
mod new;
mod one;
mod people;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use shared_types::{Team, TeamPermission, TeamRole};

pub use invitation::InvitationPage;
pub use new::NewTeamPage;
pub use one::TeamPage;

use crate::{
    api::teams,
    components::{
        icon::{Glyph, Icon},
        load::Load,
        pager::Pager,
        robot::Invitation,
    },
    routes::Route,
    state::use_session,
    util::{bytes, query},
};

/// How people come into a team, in a word.
fn way_in(permission: TeamPermission) -> &'static str {
    match permission {
        TeamPermission::Open => "open",
        TeamPermission::Invite => "by invitation",
    }
}

/// The list.
#[component]
pub fn TeamsPage() -> impl IntoView {
    let session = use_session();
    let map = use_query_map();
    let state = Memo::new(move |_| {
        let get = |name| map.with(|map| map.get(name).unwrap_or_default());
        (get("filter"), get("cursor"))
    });
    let list = LocalResource::new(move || {
        let (filter, cursor) = state.get();
        teams::list(&filter, "", &cursor)
    });
    let to = |filter: &str, name: &str, value: &str| {
        let parts = [("filter", filter.to_owned()), ("cursor", String::new())];
        query::with(&Route::Teams.href(), &parts, name, value)
    };
    let current = move |word: &'static str| move || (state.get().0 == word).then_some("page");
    view! {
        <Title text="Teams" />
        <div class="page-head">
            <h1>"Teams"</h1>
            {move || session.is_signed_in().then(|| view! {
                <a class="button primary" href=Route::NewTeam.href()><Glyph icon=Icon::Plus />"New team"</a>
            })}
        </div>
        <p class="lede">"People who work together. Being in a team grants nothing by itself: owners of collections pick their people from their teams."</p>
        {move || session.is_signed_in().then(|| view! {
            <nav class="tabs" aria-label="Which teams">
                <a href=to("", "filter", "") aria-current=current("")>"All teams"</a>
                <a href=to("", "filter", "mine") aria-current=current("mine")>"My teams"</a>
            </nav>
        })}
        <Load
            resource=list
            lines=6
            children=move |page| {
                let (filter, cursor) = state.get_untracked();
                if page.items.is_empty() {
                    return view! {
                        <Invitation title="No teams here">
                            <p>"A team is a group, a project or a course. Make one, and invite those who belong to it."</p>
                        </Invitation>
                    }
                        .into_any();
                }
                let first = (!cursor.is_empty()).then(|| to(&filter, "cursor", ""));
                let next = page.next.as_deref().map(|cursor| to(&filter, "cursor", cursor));
                view! {
                    <div class="table-wrap">
                        <table>
                            <thead>
                                <tr>
                                    <th scope="col">"Team"</th>
                                    <th scope="col">"Owners"</th>
                                    <th scope="col" class="num">"Members"</th>
                                    <th scope="col">"Way in"</th>
                                </tr>
                            </thead>
                            <tbody>{page.items.into_iter().map(|team| view! { <Row team /> }).collect_view()}</tbody>
                        </table>
                    </div>
                    <Pager total=page.total what="teams" first next />
                }
                    .into_any()
            }
        />
    }
    .into_any()
}

#[component]
fn Row(team: Team) -> impl IntoView {
    let href = Route::Team(team.name.clone()).href();
    view! {
        <tr>
            <th scope="row">
                <a class="mono" href=href><strong>{team.name}</strong></a>
                {standing(team.role, team.requested).map(|word| view! { <span class="badge">{word}</span> })}
                <p class="quiet">{team.description}</p>
            </th>
            <td data-label="Owners">{team.owners.join(", ")}</td>
            <td data-label="Members" class="num">{bytes::count(team.members)}</td>
            <td data-label="Way in">{way_in(team.permission)}</td>
        </tr>
    }
}

/// What the person is to the team.
fn standing(role: Option<TeamRole>, requested: bool) -> Option<&'static str> {
    match role {
        Some(TeamRole::Owner) => Some("owner"),
        Some(TeamRole::Member) => Some("member"),
        None => requested.then_some("asked"),
    }
}
