//! What there is besides collections: ways to look at the whole registry, and help.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    components::{
        copy::CommandBlock,
        icon::{Glyph, Icon},
    },
    routes::Route,
    state::use_session,
};

/// The cards.
#[component]
pub fn ToolsPage() -> impl IntoView {
    let cards = [
        (
            Route::Treemap.href(),
            Icon::Map,
            "Treemap",
            "What takes how much room, and what is pulled most, at one glance.",
        ),
        (
            Route::Labels.href(),
            Icon::Label,
            "Labels",
            "What makers wrote on their images: find all that carry the same.",
        ),
        (
            Route::Topics.href(),
            Icon::Stack,
            "Topics",
            "What containers are about, as their owners say.",
        ),
        (
            Route::Keys.href(),
            Icon::Key,
            "Public keys",
            "Whose signatures this registry can check. Add yours.",
        ),
        (
            Route::Search(String::new()).href(),
            Icon::Search,
            "Search",
            "All containers, narrowed down by words, architecture and label.",
        ),
        (
            Route::Token.href(),
            Icon::Person,
            "Set up a client",
            "A token, and the lines that your client needs for this registry.",
        ),
    ];
    view! {
        <Title text="Tools" />
        <h1>"Tools"</h1>
        <ul class="cards">
            {cards
                .map(|(href, icon, title, text)| view! {
                    <li><a class="card" href=href><Glyph icon=icon /><h2>{title}</h2><p>{text}</p></a></li>
                })
                .into_iter()
                .collect_view()}
            <li><a class="card" href=Route::Api.href()><Glyph icon=Icon::Settings /><h2>"API"</h2><p>"Everything that these pages do, for programs."</p></a></li>
            <li><a class="card" href=Route::About.href()><Glyph icon=Icon::Stack /><h2>"About"</h2><p>"This registry's address, its people and its rules."</p></a></li>
        </ul>
    }
    .into_any()
}

/// What programs talk to.
#[component]
pub fn ApiPage() -> impl IntoView {
    let session = use_session();
    let command = |rest: &'static str| {
        Signal::derive(move || {
            let url = session
                .registry()
                .map_or_else(String::new, |registry| registry.url);
            rest.replace("URL", &url)
        })
    };
    view! {
        <Title text="API" />
        <h1>"API"</h1>
        <p class="lede">"Everything that these pages do, a program can do. Answers are JSON, errors say what is wrong, lists have pages."</p>
        <ol class="steps plain">
            <li>
                <h2>"Ask"</h2>
                <p>"What is public needs no token."</p>
                <CommandBlock text=command("curl URL/api/v1/containers?q=samtools") label="Copy the command" />
            </li>
            <li>
                <h2>"Ask as yourself"</h2>
                <p>"Make a token on the " <a href=Route::Token.href()>"token page"</a> ", with no more rights than the program needs."</p>
                <CommandBlock text=command("curl -H \"Authorization: Bearer $TOKEN\" URL/api/v1/collections?filter=mine") label="Copy the command with a token" />
            </li>
        </ol>
        <ul class="cards">
            <li><a class="card" href="/api/" rel="external"><h2>"All operations"</h2><p>"Each with its parameters and answers, and a form to try it."</p></a></li>
            <li><a class="card" href="/api/openapi.json" rel="external"><h2>"OpenAPI document"</h2><p>"Generate a client from it."</p></a></li>
        </ul>
    }
    .into_any()
}
