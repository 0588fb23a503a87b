//! Topics: all of them, and the containers of one.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::{
    api::{
        containers::{self, ContainerQuery},
        explore,
    },
    components::{load::Load, pages_of::ContainerPages, robot::Invitation},
    routes::Route,
    state::{ask, use_query},
    util::bytes,
};

/// All topics, the most used first.
#[component]
pub fn TopicsPage() -> impl IntoView {
    let found = ask(explore::topics);
    view! {
        <Title text="Topics" />
        <nav class="crumbs" aria-label="Where this is"><a href=Route::Tools.href()>"Tools"</a></nav>
        <h1>"Topics"</h1>
        <p class="lede">"What containers are about, as their owners say."</p>
        <Load
            resource=found
            lines=6
            children=|found| {
                if found.items.is_empty() {
                    return view! { <Invitation title="No topics yet"><p>"Owners say on a container's page what it is about."</p></Invitation> }.into_any();
                }
                let topics = found.items.into_iter().map(|topic| {
                    let href = Route::Topic(topic.name.clone()).href();
                    view! { <li><a class="badge tag" href=href>{topic.name}<span class="quiet">{bytes::count(topic.containers)}</span></a></li> }
                });
                view! { <ul class="badges topics">{topics.collect_view()}</ul> }.into_any()
            }
        />
    }
    .into_any()
}

/// The containers of one topic.
#[component]
pub fn TopicPage() -> impl IntoView {
    let params = use_params_map();
    let state = use_query(&["cursor"]);
    let topic = Memo::new(move |_| params.with(|params| params.get("topic").unwrap_or_default()));
    let found = ask(move || {
        containers::list(&ContainerQuery {
            topic: topic.get(),
            cursor: state.get().get("cursor").to_owned(),
            ..ContainerQuery::default()
        })
    });
    view! {
        <Title text=move || format!("Topic {}", topic.get()) />
        <nav class="crumbs" aria-label="Where this is">
            <a href=Route::Tools.href()>"Tools"</a>
            <a href=Route::Topics.href()>"Topics"</a>
        </nav>
        <h1 class="mono uri"><bdi>{move || topic.get()}</bdi></h1>
        <ContainerPages found state path=Signal::derive(move || Route::Topic(topic.get()).href()) nothing="No container is about this." />
    }
    .into_any()
}
