//! What there is besides collections: ways to look at the whole registry, and help.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    components::icon::{Glyph, Icon},
    routes::Route,
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
            <li><a class="card" href="/api/" rel="external"><Glyph icon=Icon::Settings /><h2>"API"</h2><p>"Everything that these pages do, for programs; with a page to try it."</p></a></li>
            <li><a class="card" href=Route::About.href()><Glyph icon=Icon::Stack /><h2>"About"</h2><p>"This registry's address, its people and its rules."</p></a></li>
        </ul>
    }
    .into_any()
}
