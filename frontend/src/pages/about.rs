//! What this registry is, and whom to ask.

use leptos::prelude::*;
use leptos_meta::Title;
use shared_types::Registry;

use crate::{
    components::{copy::CopyButton, error::ErrorPanel, load::Skeleton},
    routes::Route,
    state::{session::SessionState, use_session},
};

/// About this registry.
#[component]
pub fn AboutPage() -> impl IntoView {
    let session = use_session();
    view! {
        <Title text="About" />
        <h1>"About this registry"</h1>
        {move || match session.state() {
            SessionState::Loading => view! { <Skeleton lines=6 /> }.into_any(),
            SessionState::Failed(error) => view! { <ErrorPanel error retry=move |()| session.renew() /> }.into_any(),
            SessionState::Ready(ready) => view! { <Facts registry=ready.registry /> }.into_any(),
        }}
    }
    .into_any()
}

#[component]
fn Facts(registry: Registry) -> impl IntoView {
    let privacy = if registry.private_only {
        "All collections are private: only their people see them."
    } else if registry.default_private {
        "New collections are private unless their makers say otherwise."
    } else {
        "New collections are public unless their makers say otherwise."
    };
    view! {
        <p class="lede">{registry.name.clone()} " keeps container images for Singularity and Apptainer."</p>
        <dl class="facts wide">
            <div>
                <dt>"Address"</dt>
                <dd class="digest"><code>{registry.url.clone()}</code><CopyButton text=Signal::stored(registry.url) label="Copy the address" /></dd>
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
            <div><dt>"Privacy"</dt><dd>{privacy}</dd></div>
        </dl>
        <ul class="cards">
            <li>
                <a class="card" href=Route::Terms.href()><h2>"Terms of use"</h2><p>"What this registry asks of its people."</p></a>
            </li>
            <li>
                <a class="card" href="/api/" rel="external"><h2>"API"</h2><p>"Everything that these pages do, for programs."</p></a>
            </li>
            <li>
                <a class="card" href="/api/openapi.json" rel="external"><h2>"OpenAPI document"</h2><p>"Generate a client from it."</p></a>
            </li>
        </ul>
    }
}
