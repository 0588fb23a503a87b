//! The first page: what the registry holds, and how to begin.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_navigate;
use shared_types::{Collection, Container, RegistryStats};

use crate::{
    api::{
        collections::{self, CollectionQuery},
        containers::{self, ContainerQuery},
    },
    components::{
        copy::CommandBlock,
        icon::{Glyph, Icon},
        lists::ContainerTable,
        load::Load,
        robot::{Invitation, Mood, Robot},
    },
    routes::Route,
    state::{ask, use_session},
    util::bytes,
};

/// The first page.
#[component]
pub fn HomePage() -> impl IntoView {
    let session = use_session();
    let stats = ask(collections::stats);
    let recent = ask(|| containers::list(&first_by("updated")));
    let popular = ask(|| containers::list(&first_by("downloads")));
    let starred = ask(|| {
        collections::list(&CollectionQuery {
            sort: "stars".to_owned(),
            limit: "8".to_owned(),
            ..CollectionQuery::default()
        })
    });
    view! {
        <Title text="" />
        <section class="hero">
            <div>
                <h1>{move || session.registry_name()}</h1>
                <p class="lede">"Container images for Singularity and Apptainer: find one, look inside, and run it."</p>
                <HeroSearch />
                <Load resource=stats lines=1 children=|stats| view! { <Figures stats /> } />
            </div>
            <Robot mood=Mood::Glad />
        </section>
        <div class="split">
            <section aria-labelledby="recent">
                <div class="page-head">
                    <h2 id="recent">"Pushed last"</h2>
                    <a href=Route::Collections.href()>"All collections"</a>
                </div>
                <Load
                    resource=recent
                    lines=6
                    children=|page| {
                        if page.items.is_empty() {
                            view! {
                                <Invitation title="Nothing here yet">
                                    <p>"The first image that is pushed shows up here. The steps below tell how."</p>
                                </Invitation>
                            }
                                .into_any()
                        } else {
                            view! { <ContainerTable containers=page.items /> }.into_any()
                        }
                    }
                />
            </section>
            <section aria-labelledby="popular">
                <h2 id="popular">"Most downloaded"</h2>
                <Load resource=popular lines=6 children=|page| view! { <Popular containers=page.items /> } />
                <h2 id="starred">"Most stars"</h2>
                <Load resource=starred lines=3 children=|page| view! { <Starred collections=page.items /> } />
            </section>
        </div>
        <FirstPush />
    }
    .into_any()
}

fn first_by(sort: &str) -> ContainerQuery {
    ContainerQuery {
        sort: sort.to_owned(),
        limit: "8".to_owned(),
        ..ContainerQuery::default()
    }
}

/// Containers by how often they were downloaded; those that never were are left out.
#[component]
fn Popular(containers: Vec<Container>) -> impl IntoView {
    let places = containers
        .into_iter()
        .filter(|container| container.downloads > 0)
        .map(|container| Place {
            href: Route::Container(container.collection.clone(), container.name.clone()).href(),
            before: format!("{}/", container.collection),
            name: container.name,
            count: container.downloads,
        });
    view! { <Ranking places=places.collect() nothing="Nothing has been downloaded yet. What people pull most shows up here." /> }
}

/// Collections by their stars; those that nobody gave one are left out.
#[component]
fn Starred(collections: Vec<Collection>) -> impl IntoView {
    let places = collections
        .into_iter()
        .filter(|collection| collection.stars > 0)
        .map(|collection| Place {
            href: Route::Collection(collection.name.clone()).href(),
            before: String::new(),
            name: collection.name,
            count: collection.stars,
        });
    view! { <Ranking places=places.collect() nothing="No stars yet. What people like most shows up here." /> }
}

/// A place in a ranking.
struct Place {
    href: String,
    before: String,
    name: String,
    count: u64,
}

#[component]
fn Ranking(places: Vec<Place>, nothing: &'static str) -> impl IntoView {
    if places.is_empty() {
        return view! { <p class="quiet after">{nothing}</p> }.into_any();
    }
    let rows = places.into_iter().map(|place| {
        view! {
            <li>
                <a class="mono" href=place.href>{place.before}<strong>{place.name}</strong></a>
                <span class="quiet">{bytes::count(place.count)}</span>
            </li>
        }
    });
    view! { <ol class="ranking">{rows.collect_view()}</ol> }.into_any()
}

#[component]
fn HeroSearch() -> impl IntoView {
    let words = RwSignal::new(String::new());
    let navigate = use_navigate();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        navigate(
            &Route::Search(words.get_untracked().trim().to_owned()).href(),
            leptos_router::NavigateOptions::default(),
        );
    };
    view! {
        <form class="search large" on:submit=submit>
            <Glyph icon=Icon::Search />
            <input
                type="search"
                name="find"
                aria-label="Find a container"
                placeholder="Find a container, for example samtools"
                autocomplete="off"
                bind:value=words
            />
            <button type="submit" class="button primary">"Search"</button>
        </form>
    }
}

/// What the registry holds.
#[component]
pub fn Figures(
    /// The numbers.
    stats: RegistryStats,
) -> impl IntoView {
    let figures = [
        ("Collections", bytes::count(stats.collections)),
        ("Containers", bytes::count(stats.containers)),
        ("Stored", bytes::show(stats.size_bytes)),
        (
            "Downloads this week",
            bytes::count(stats.downloads_this_week),
        ),
    ];
    view! {
        <dl class="figures">
            {figures
                .into_iter()
                .map(|(what, value)| view! { <div><dt>{what}</dt><dd>{value}</dd></div> })
                .collect_view()}
        </dl>
    }
}

/// How to push the first image, with this registry's own address and the person's own name.
#[component]
fn FirstPush() -> impl IntoView {
    let session = use_session();
    let user = move || {
        session
            .account()
            .map_or_else(|| "you".to_owned(), |account| account.username)
    };
    let push = Signal::derive(move || {
        format!(
            "singularity push -U image.sif library://{}/my-collection/my-container:1.0",
            user()
        )
    });
    let pull =
        Signal::stored("singularity pull library://my-collection/my-container:1.0".to_owned());
    view! {
        <section aria-labelledby="first">
            <h2 id="first">"Push your first image"</h2>
            <ol class="steps">
                <li>
                    <h3>"Tell your client where this registry is"</h3>
                    <p>
                        "Make a token on the " <a href=Route::Token.href()>"token page"</a>
                        ". It shows the lines that your client needs, filled in for this registry."
                    </p>
                </li>
                <li>
                    <h3>"Push"</h3>
                    <p>"The collection and the container are made if they do not exist."</p>
                    <CommandBlock text=push label="Copy the push command" />
                </li>
                <li>
                    <h3>"Pull it anywhere"</h3>
                    <CommandBlock text=pull label="Copy the pull command" />
                </li>
            </ol>
        </section>
    }
}
