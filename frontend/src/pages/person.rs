//! A person, as whoever meets them may see: collections and teams.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use shared_types::{CollectionPage, Profile, TeamPage};

use crate::{
    api::{collections, people, teams},
    components::{
        lists::CollectionTable,
        load::Load,
        pager::Pager,
        robot::{Invitation, Robot},
        when::When,
    },
    routes::Route,
    state::{ask, use_query, use_session},
};

/// The page.
#[component]
pub fn PersonPage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("user").unwrap_or_default()));
    let found = ask(move || people::profile(&name.get()));
    view! {
        <Title text=move || name.get() />
        <Load resource=found lines=10 children=|profile| view! { <Shown profile /> } />
    }
    .into_any()
}

/// The colour of a person's robot, as an angle: the same wherever they are met.
fn hue(name: &str) -> u32 {
    let sum = name
        .bytes()
        .fold(7_u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte));
    sum % 360
}

#[component]
fn Shown(profile: Profile) -> impl IntoView {
    let Profile {
        username,
        display_name,
        created_at,
    } = profile;
    let session = use_session();
    let own = username.clone();
    let is_own = move || {
        session
            .account()
            .is_some_and(|account| account.username == own)
    };
    let state = use_query(&["cursor"]);
    let path = Route::User(username.clone()).href();
    let asked = username.clone();
    let owned = ask(move || collections::owned_by(&asked, state.get().get("cursor")));
    let asked = username.clone();
    let within = ask(move || teams::of(&asked));
    let list = move |page: CollectionPage| {
        if page.items.is_empty() {
            return view! { <Invitation title="No collections here"><p>"Collections that this person owns show up here, as far as you may see them."</p></Invitation> }.into_any();
        }
        view! {
            <CollectionTable collections=page.items />
            <Pager total=page.total what="collections" path=path.clone() state=state.get_untracked() next=page.next />
        }
        .into_any()
    };
    view! {
        <div class="person-head">
            <div class="portrait" style=format!("--accent-fill:hsl({} 55% 42%)", hue(&username))><Robot /></div>
            <div>
                <h1><bdi>{display_name}</bdi></h1>
                <p class="quiet"><span class="mono">{username}</span>" · joined "<When at=created_at /></p>
            </div>
            {move || is_own().then(|| view! { <a class="button" href=Route::Profile.href()>"Your profile"</a> })}
        </div>
        <section aria-labelledby="owned">
            <h2 id="owned">"Collections"</h2>
            <Load resource=owned lines=5 children=list />
        </section>
        <Load resource=within lines=0 children=|page| view! { <Teams page /> } />
    }
}

/// The teams; nothing where the visitor may know of none.
#[component]
fn Teams(page: TeamPage) -> impl IntoView {
    let links = page.items.into_iter().map(|team| {
        let href = Route::Team(team.name.clone()).href();
        view! { <li><a class="mono" href=href>{team.name}</a>" "<span class="quiet"><bdi>{team.description}</bdi></span></li> }
    });
    (page.total > 0).then(|| {
        view! {
            <section aria-labelledby="teams">
                <h2 id="teams">"Teams"</h2>
                <ul class="list">{links.collect_view()}</ul>
            </section>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_keeps_the_colour_and_others_have_others() {
        assert_eq!(hue("amy"), hue("amy"));
        assert_ne!(hue("amy"), hue("ben"));
        assert!(hue("a-very-long-name-that-goes-on-and-on") < 360);
    }
}
