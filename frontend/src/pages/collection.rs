//! A collection: its containers, how to use them, what it is about.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use shared_types::{CollectionDetail, ContainerPage};

use crate::{
    api::{
        collections,
        containers::{self, ContainerQuery},
    },
    components::{
        activity::Activity,
        copy::CommandBlock,
        icon::{Glyph, Icon},
        load::Load,
        pager::Pager,
        people::linked,
        robot::Invitation,
        star::Star,
        when::When,
    },
    pages::{container::rows, people::People},
    routes::Route,
    state::{ask, use_query, use_session},
    util::{bytes, query},
};

/// A collection.
#[component]
pub fn CollectionPage() -> impl IntoView {
    let params = use_params_map();
    let name =
        Memo::new(move |_| params.with(|params| params.get("collection").unwrap_or_default()));
    let detail = ask(move || collections::get(&name.get()));
    view! {
        <Title text=move || name.get() />
        <Load resource=detail lines=12 children=|detail| view! { <Shown detail /> } />
    }
    .into_any()
}

#[component]
fn Shown(detail: CollectionDetail) -> impl IntoView {
    let map = use_query_map();
    let tab = Memo::new(move |_| map.with(|map| map.get("tab").unwrap_or_default()));
    let CollectionDetail {
        collection,
        readme_html,
        contributors,
        ..
    } = detail;
    let name = collection.name.clone();
    let path = Route::Collection(name.clone()).href();
    let tabs = [
        ("", "Containers"),
        ("usage", "Usage"),
        ("activity", "Activity"),
        ("people", "People"),
        ("readme", "About"),
    ];
    let upload = collection
        .rights
        .push
        .then(|| Route::Upload(name.clone(), None).href());
    let settings = collection
        .rights
        .manage
        .then(|| Route::CollectionSettings(name.clone()).href());
    let owners = linked(collection.owners.clone());
    let shown = StoredValue::new((name.clone(), readme_html, collection.rights.push));
    view! {
        <nav class="crumbs" aria-label="Where this is"><a href=Route::Collections.href()>"Collections"</a></nav>
        <div class="page-head">
            <h1 class="mono">{name.clone()}</h1>
            {collection.private.then(|| view! { <span class="badge private"><Glyph icon=Icon::Lock />"private"</span> })}
            <div class="actions">
                <Star collection=collection.clone() />
                {upload.map(|href| view! { <a class="button" href=href><Glyph icon=Icon::Upload />"Upload"</a> })}
                {settings.map(|href| view! { <a class="button" href=href><Glyph icon=Icon::Settings />"Settings"</a> })}
            </div>
        </div>
        {(!collection.description.is_empty()).then(|| view! { <p class="lede">{collection.description.clone()}</p> })}
        <dl class="facts">
            <div><dt>"Owner"</dt><dd>{owners}</dd></div>
            {(!contributors.is_empty()).then(|| view! { <div><dt>"Contributors"</dt><dd>{linked(contributors)}</dd></div> })}
            <div><dt>"Containers"</dt><dd>{bytes::count(collection.containers)}</dd></div>
            <div><dt>"Size"</dt><dd>{bytes::show(collection.size_bytes)}</dd></div>
            <div><dt>"Downloads"</dt><dd>{bytes::count(collection.downloads)}</dd></div>
            <div><dt>"Changed"</dt><dd><When at=collection.updated_at /></dd></div>
        </dl>
        <nav class="tabs" aria-label="Parts of this collection">
            {tabs
                .map(|(word, text)| {
                    let href = query::with(&path, &[("tab", String::new())], "tab", word);
                    view! { <a href=href aria-current=move || (tab.get() == word).then_some("page")>{text}</a> }
                })
                .into_iter()
                .collect_view()}
        </nav>
        {move || {
            let (name, readme, push) = shown.get_value();
            match tab.get().as_str() {
                "usage" => view! { <Usage name /> }.into_any(),
                "activity" => view! { <Activity collection=name /> }.into_any(),
                "people" => view! { <People collection=name manage=false /> }.into_any(),
                "readme" => view! { <About readme name push /> }.into_any(),
                _ => view! { <Containers name push /> }.into_any(),
            }
        }}
    }
}

#[component]
fn Containers(name: String, push: bool) -> impl IntoView {
    let state = use_query(&["cursor"]);
    let path = Route::Collection(name.clone()).href();
    let asked = name.clone();
    let list = ask(move || {
        containers::list(&ContainerQuery {
            collection: asked.clone(),
            cursor: state.get().get("cursor").to_owned(),
            limit: "50".to_owned(),
            ..ContainerQuery::default()
        })
    });
    let changed = Callback::new(move |()| list.refetch());
    let show = move |page: ContainerPage| {
        if page.items.is_empty() {
            return view! { <FirstContainer name=name.clone() push /> }.into_any();
        }
        view! {
            <rows::Containers containers=page.items changed />
            <Pager total=page.total what="containers" path=path.clone() state=state.get_untracked() next=page.next />
        }
        .into_any()
    };
    view! { <Load resource=list lines=8 children=show /> }
}

#[component]
fn FirstContainer(name: String, push: bool) -> impl IntoView {
    let session = use_session();
    let user = session
        .account()
        .map_or_else(|| "you".to_owned(), |account| account.username);
    let command = format!("singularity push -U image.sif library://{user}/{name}/my-container:1.0");
    let upload_to = name;
    view! {
        <Invitation title="No containers yet">
            {if push {
                view! {
                    <p>"Push the first one:"</p>
                    <CommandBlock text=Signal::stored(command) label="Copy the push command" />
                    <p>"Or " <a href=Route::Upload(upload_to, None).href()>"upload a file"</a> " from here."</p>
                    <p class="quiet">"Your client needs a token first: see the " <a href=Route::Token.href()>"token page"</a> "."</p>
                }
                    .into_any()
            } else {
                view! { <p>"Its owners have not pushed anything."</p> }.into_any()
            }}
        </Invitation>
    }
}

#[component]
fn Usage(name: String) -> impl IntoView {
    let session = use_session();
    let user = session
        .account()
        .map_or_else(|| "you".to_owned(), |account| account.username);
    let container = "my-container:1.0";
    let commands = [
        (
            "Push an image",
            format!("singularity push -U image.sif library://{user}/{name}/{container}"),
        ),
        (
            "Pull it",
            format!("singularity pull library://{name}/{container}"),
        ),
        (
            "Run it without keeping the file",
            format!("singularity run library://{name}/{container}"),
        ),
        (
            "Build on it",
            format!("Bootstrap: library\nFrom: {name}/{container}"),
        ),
        (
            "Push for another architecture",
            format!(
                "singularity push -U image-arm64.sif library://{user}/{name}/{container}\nsingularity pull --arch arm64 library://{name}/{container}"
            ),
        ),
        ("Find it", format!("singularity search {name}")),
    ];
    view! {
        <p>"The same commands work with " <code>"apptainer"</code> ". Your client needs this registry's address and a token: see the " <a href=Route::Token.href()>"token page"</a> "."</p>
        <ol class="steps plain">
            {commands
                .map(|(title, command)| {
                    view! { <li><h3>{title}</h3><CommandBlock text=Signal::stored(command) label=format!("Copy: {title}") /></li> }
                })
                .into_iter()
                .collect_view()}
        </ol>
    }
}

#[component]
fn About(readme: String, name: String, push: bool) -> impl IntoView {
    if readme.is_empty() {
        return view! {
            <Invitation title="No README yet">
                {push.then(|| view! { <p>"Say what these containers are for: " <a href=Route::CollectionSettings(name).href()>"write a README"</a> "."</p> })}
            </Invitation>
        }
        .into_any();
    }
    // The server sanitises this HTML.
    view! { <article class="prose" inner_html=readme></article> }.into_any()
}
