//! The person who is signed in: facts, collections, keys, and the links that they have given away.

use leptos::prelude::*;
use leptos_meta::Title;
use shared_types::{Account, ShareLink, ShareState};

use crate::{
    api::{
        collections::{self, CollectionQuery},
        shares,
    },
    components::{
        act::{Act, Deed},
        lists::CollectionTable,
        load::Load,
        robot::Invitation,
        signed_in::SignedIn,
    },
    pages::{container::share::used, leave::OwnData},
    routes::Route,
    state::ask,
    util::{bytes, time},
};

/// The page.
#[component]
pub fn ProfilePage() -> impl IntoView {
    view! {
        <Title text="Profile" />
        <SignedIn title="Profile" why="to see your profile" children=|account| view! { <Shown account /> } />
    }
    .into_any()
}

#[component]
fn Shown(account: Account) -> impl IntoView {
    let mine = ask(|| {
        collections::list(&CollectionQuery {
            filter: "mine".to_owned(),
            limit: "100".to_owned(),
            ..CollectionQuery::default()
        })
    });
    let quota = account.quota_bytes.map_or_else(
        || format!("{}, without a limit", bytes::show(account.used_bytes)),
        |quota| {
            format!(
                "{} of {}",
                bytes::show(account.used_bytes),
                bytes::show(quota)
            )
        },
    );
    let own = account.username.clone();
    view! {
        <h1><bdi>{account.display_name.clone()}</bdi></h1>
        <dl class="facts">
            <div><dt>"User name"</dt><dd class="mono">{account.username}</dd></div>
            <div><dt>"E-mail"</dt><dd>{account.email.unwrap_or_else(|| "none".to_owned())}</dd></div>
            <div><dt>"Role"</dt><dd>{account.role.as_str()}</dd></div>
            <div><dt>"Stored"</dt><dd>{quota}</dd></div>
        </dl>
        <div class="actions after">
            <a class="button" href=Route::Token.href()>"Tokens"</a>
            <a class="button" href=format!("{}?mine=true", Route::Keys.href())>"My keys"</a>
            <a class="button" href=format!("{}?filter=starred", Route::Collections.href())>"My stars"</a>
            <a class="button" href=format!("{}?filter=mine", Route::Teams.href())>"My teams"</a>
            <a class="button" href=Route::User(own).href()>"Public page"</a>
            <a class="button" href=Route::Password.href()>"Password"</a>
        </div>
        <section aria-labelledby="mine">
            <h2 id="mine">"My collections"</h2>
            <Load
                resource=mine
                lines=4
                children=|page| {
                    if page.items.is_empty() {
                        view! { <Invitation title="No collections yet"><p><a class="button primary" href=Route::NewCollection.href()>"Make the first one"</a></p></Invitation> }.into_any()
                    } else {
                        view! { <CollectionTable collections=page.items /> }.into_any()
                    }
                }
            />
        </section>
        <Links />
        <OwnData />
    }
}

/// Share links that the person made and that still work.
#[component]
fn Links() -> impl IntoView {
    let links = ask(shares::mine);
    let changed = Callback::new(move |()| links.refetch());
    view! {
        <section aria-labelledby="links">
            <h2 id="links">"My share links"</h2>
            <Load
                resource=links
                lines=3
                children=move |page| {
                    let live: Vec<ShareLink> = page.items.into_iter().filter(|link| link.state == ShareState::Active).collect();
                    if live.is_empty() {
                        return view! { <p class="quiet after">"None that works. The button “Share” on an image's page makes one."</p> }.into_any();
                    }
                    view! { <ul class="links">{live.into_iter().map(|link| view! { <Row link changed /> }).collect_view()}</ul> }.into_any()
                }
            />
        </section>
    }
}

#[component]
fn Row(link: ShareLink, changed: Callback<()>) -> impl IntoView {
    let uses = used(&link);
    let id = StoredValue::new(link.id);
    let revoke = Deed::new(
        move || shares::revoke(&id.get_value()),
        "Link revoked.",
        changed,
    );
    let place = match (link.collection, link.container, link.digest) {
        (Some(collection), Some(container), Some(digest)) => {
            let text = format!(
                "{collection}/{container}{}",
                link.tag.map(|tag| format!(":{tag}")).unwrap_or_default()
            );
            let href = Route::Image(collection, container, digest).href();
            view! { <a class="mono" href=href>{text}</a> }.into_any()
        }
        _ => "an image".into_any(),
    };
    let label = format!(
        "Revoke: {}",
        if link.note.is_empty() {
            "without a note"
        } else {
            &link.note
        }
    );
    view! {
        <li>
            <div>
                <strong>{place}</strong>
                <p class="quiet">{(!link.note.is_empty()).then(|| format!("{} · ", link.note))}{uses}{format!(" · ends {}", time::until(link.expires_at, time::now()).unwrap_or_else(|| "now".to_owned()))}</p>
            </div>
            <Act label="Revoke" about=label deed=revoke />
        </li>
    }
}
