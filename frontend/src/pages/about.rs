//! What this registry is, what it speaks, and whom to ask.

use leptos::prelude::*;
use leptos_meta::Title;
use shared_types::Registry;

use super::home::Figures;
use crate::{
    api::collections,
    components::{
        copy::CopyButton,
        error::ErrorPanel,
        load::{Load, Skeleton},
    },
    routes::Route,
    state::{ask, session::SessionState, use_session},
};

/// What clients of each kind ask for, and what they can do: programs, the address, in words. `HOST` and `URL` are this registry's.
const DOORS: [(&str, &str, &str); 7] = [
    (
        "SingularityCE, Apptainer",
        "library://collection/container:tag",
        "pull, push, search, sign, delete",
    ),
    (
        "Apptainer, ORAS",
        "oras://HOST/collection/container:tag",
        "pull and push",
    ),
    (
        "Docker, Podman, skopeo",
        "docker://HOST/collection/container:tag",
        "pull and push what is no SIF, too",
    ),
    (
        "sregistry",
        "registry://collection/container:tag",
        "pull, push, search, share, delete",
    ),
    (
        "Older Singularity",
        "shub://HOST/collection/container:tag",
        "pull",
    ),
    (
        "curl, wget, browsers",
        "URL/download/collection/container/tag.sif",
        "download, and go on after a break",
    ),
    ("gpg, key commands", "URL/pks", "find and add public keys"),
];

/// About this registry.
#[component]
pub fn AboutPage() -> impl IntoView {
    let session = use_session();
    view! {
        <Title text="About" />
        <h1>"About this registry"</h1>
        {move || match session.state() {
            SessionState::Loading => view! { <Skeleton lines=10 /> }.into_any(),
            SessionState::Failed(error) => view! { <ErrorPanel error retry=move |()| session.renew() /> }.into_any(),
            SessionState::Ready(ready) => view! { <Facts registry=ready.registry /> }.into_any(),
        }}
    }
    .into_any()
}

#[component]
fn Facts(registry: Registry) -> impl IntoView {
    let stats = ask(collections::stats);
    let privacy = if registry.private_only {
        "All collections are private: only their people see them."
    } else if registry.default_private {
        "New collections are private unless their makers say otherwise."
    } else {
        "New collections are public unless their makers say otherwise."
    };
    let ways: Vec<_> = registry
        .providers
        .into_iter()
        .map(|way| way.label)
        .collect();
    let host = registry.url.split_once("://").map_or("", |(_, host)| host);
    let doors = DOORS.map(|(who, address, what)| {
        let address = address.replace("HOST", host).replace("URL", &registry.url);
        view! { <tr><th scope="row">{who}</th><td data-label="Address"><code class="wrap">{address}</code></td><td data-label="Can">{what}</td></tr> }
    });
    let cards = [
        (
            Route::Terms.href(),
            "Terms of use",
            "What this registry asks of its people.",
        ),
        (
            Route::Token.href(),
            "Set up a client",
            "A token, and the lines that your client needs.",
        ),
        (
            "/api/".to_owned(),
            "API",
            "Everything that these pages do, for programs; with a page to try it.",
        ),
        (
            "/api/openapi.json".to_owned(),
            "OpenAPI document",
            "Generate a client from it.",
        ),
    ];
    view! {
        <p class="lede">{registry.name.clone()} " keeps container images for Singularity and Apptainer."</p>
        <Load resource=stats lines=1 children=|stats| view! { <Figures stats /> } />
        <dl class="facts wide">
            <div>
                <dt>"Address"</dt>
                <dd class="digest"><code>{registry.url.clone()}</code><CopyButton text=Signal::stored(registry.url.clone()) label="Copy the address" /></dd>
            </div>
            <div><dt>"Version"</dt><dd>{registry.version}</dd></div>
            <div>
                <dt>"Help"</dt>
                <dd>
                    {match registry.help_email {
                        Some(mail) => view! { <a href=format!("mailto:{mail}")>{mail.clone()}</a> }.into_any(),
                        None => "Ask whoever gave you this address.".into_any(),
                    }}
                </dd>
            </div>
            {registry
                .institution_site
                .map(|site| view! { <div><dt>"Institution"</dt><dd><a href=site.clone() rel="noopener">{site.clone()}</a></dd></div> })}
            <div><dt>"Sign in with"</dt><dd>{ways.join(", ")}</dd></div>
            <div><dt>"Privacy"</dt><dd>{privacy}</dd></div>
        </dl>
        <section aria-labelledby="doors">
            <h2 id="doors">"What it speaks"</h2>
            <div class="table-wrap">
                <table>
                    <thead><tr><th scope="col">"Clients"</th><th scope="col">"Address"</th><th scope="col">"Can"</th></tr></thead>
                    <tbody>{doors.into_iter().collect_view()}</tbody>
                </table>
            </div>
        </section>
        <ul class="cards">
            {cards
                .map(|(href, title, text)| {
                    let rel = href.starts_with("/api").then_some("external");
                    view! { <li><a class="card" href=href rel=rel><h2>{title}</h2><p>{text}</p></a></li> }
                })
                .into_iter()
                .collect_view()}
        </ul>
    }
}
