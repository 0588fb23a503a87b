//! Teams: people who work together, and from whom the people of collections are picked.

mod invitation;
mod invitations;
mod new;
mod one;
mod people;
mod settings;

use leptos::prelude::*;
use leptos_meta::Title;
use shared_types::{Team, TeamPage as Teams, TeamPermission, TeamRole};

pub use invitation::InvitationPage;
pub use new::NewTeamPage;
pub use one::TeamPage;

use crate::{
    api::teams,
    components::{
        find::Find,
        icon::{Glyph, Icon},
        load::Load,
        pager::Pager,
        people::linked,
        robot::Invitation,
    },
    routes::Route,
    state::{ask, use_query, use_session},
    util::{bytes, query::Query},
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
    let state = use_query(&["filter", "q", "cursor"]);
    let list = ask(move || {
        let now = state.get();
        teams::list(now.get("filter"), now.get("q"), now.get("cursor"))
    });
    let may_create = move || {
        session
            .account()
            .is_some_and(|account| account.may_create_collections)
    };
    let tab = move |word: &'static str, text: &'static str| {
        view! {
            <a
                href=move || state.get().to(&Route::Teams.href(), "filter", word)
                aria-current=move || state.get().is("filter", word).then_some("page")
            >
                {text}
            </a>
        }
    };
    view! {
        <Title text="Teams" />
        <div class="page-head">
            <h1>"Teams"</h1>
            {move || may_create().then(|| view! {
                <a class="button primary" href=Route::NewTeam.href()><Glyph icon=Icon::Plus />"New team"</a>
            })}
        </div>
        <p class="lede">"People who work together. Being in a team grants nothing by itself: owners of collections pick their people from the teams that they are in."</p>
        {move || session.is_signed_in().then(|| view! {
            <nav class="tabs" aria-label="Which teams">{tab("", "All teams")}{tab("mine", "My teams")}</nav>
        })}
        <Find
            label="Find teams"
            state
            path=Route::Teams.href()
        />
        <Load resource=list lines=6 children=move |page| view! { <List page state /> } />
    }
    .into_any()
}

#[component]
fn List(page: Teams, state: Memo<Query>) -> impl IntoView {
    let now = state.get_untracked();
    if page.items.is_empty() {
        let all = Route::Teams.href();
        let hint = if !now.is("q", "") {
            view! { <p>"Names and descriptions were searched. "<a href=all>"Show all teams"</a></p> }.into_any()
        } else if now.is("filter", "mine") {
            view! { <p>"You are in no team yet. "<a href=all>"Find one to join"</a>", or make one and invite others."</p> }.into_any()
        } else {
            view! { <p>"A team is a group, a project or a course. Make one, and invite those who belong to it."</p> }.into_any()
        };
        return view! { <Invitation title="No teams here">{hint}</Invitation> }.into_any();
    }
    view! {
        <div class="table-wrap">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Team"</th>
                        <th scope="col">"Owners"</th>
                        <th scope="col" class="num">"People"</th>
                        <th scope="col">"Way in"</th>
                    </tr>
                </thead>
                <tbody>{page.items.into_iter().map(|team| view! { <Row team /> }).collect_view()}</tbody>
            </table>
        </div>
        <Pager total=page.total what="teams" path=Route::Teams.href() state=now next=page.next />
    }
    .into_any()
}

#[component]
fn Row(team: Team) -> impl IntoView {
    let href = Route::Team(team.name.clone()).href();
    view! {
        <tr>
            <th scope="row">
                <div class="with-picture">
                    <Picture path=team.picture name=team.name.clone() />
                    <div>
                        <a class="mono" href=href><strong>{team.name}</strong></a>
                        {standing(team.role, team.requested).map(|word| view! { <span class="badge">{word}</span> })}
                        <p class="quiet"><bdi>{team.description}</bdi></p>
                    </div>
                </div>
            </th>
            <td data-label="Owners">{linked(team.owners)}</td>
            <td data-label="People" class="num">{bytes::count(team.members)}</td>
            <td data-label="Way in">{way_in(team.permission)}</td>
        </tr>
    }
}

/// The team's picture, or its first letter.
#[component]
fn Picture(
    /// Where it is.
    path: Option<String>,
    /// The team's name.
    name: String,
) -> impl IntoView {
    if let Some(path) = path {
        return view! { <img class="team-picture" src=path alt="" width="40" height="40" /> }
            .into_any();
    }
    let letter: String = name.chars().take(1).collect();
    view! { <span class="team-picture" aria-hidden="true">{letter}</span> }.into_any()
}

/// What the person is to the team.
fn standing(role: Option<TeamRole>, requested: bool) -> Option<&'static str> {
    match role {
        Some(TeamRole::Owner) => Some("owner"),
        Some(TeamRole::Member) => Some("member"),
        None => requested.then_some("asked"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_in_a_team_asks_for_nothing() {
        assert_eq!(standing(Some(TeamRole::Member), true), Some("member"));
        assert_eq!(standing(None, true), Some("asked"));
        assert_eq!(standing(None, false), None);
    }
}
