//! What surrounds every page: the bar on top and the foot.

use gloo_timers::future::TimeoutFuture;
use leptos::{html, prelude::*, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use shared_types::{Account, Role};

use super::icon::{Glyph, Icon};
use crate::{
    api::people,
    routes::Route,
    state::{theme::Theme, use_here, use_session, use_toasts},
    util::query,
};

/// The bar on top.
#[component]
pub fn TopBar() -> impl IntoView {
    let session = use_session();
    let location = use_location();
    let address = use_here();
    let here = move || {
        let path = location.pathname.get();
        (path != "/login" && path != "/").then(|| address.get())
    };
    view! {
        <a class="skip" href="#content">"Skip to the content"</a>
        <header class="topbar" class:waiting=move || session.is_loading()>
            <a class="brand" href=Route::Home.href()>{mark()}<span>{move || session.registry_name()}</span></a>
            <nav aria-label="Main">
                <a href=Route::Collections.href()>"Collections"</a>
                <a href=Route::Teams.href()>"Teams"</a>
                <a href=Route::Tools.href()>"Tools"</a>
            </nav>
            <SearchBox />
            <div class="topbar-end">
                <ThemeSwitch />
                {move || match session.account() {
                    Some(account) => view! { <UserMenu account /> }.into_any(),
                    None => view! { <a class="button" href=move || Route::Login(here()).href()>"Sign in"</a> }.into_any(),
                }}
            </div>
        </header>
    }
}

/// What the server wrote into the page for this registry alone.
fn of_page(selector: &str, attribute: &str) -> Option<String> {
    let found = document().query_selector(selector).ok()??;
    found.get_attribute(attribute)
}

/// The registry's logo, where it has one.
fn mark() -> AnyView {
    match of_page("meta[name=registry-logo]", "content") {
        Some(logo) => view! { <img class="brand-logo" src=logo alt="" /> }.into_any(),
        None => view! { <span class="brand-mark" aria-hidden="true">"S"</span> }.into_any(),
    }
}

/// What else is in the address of a search.
const FACETS: [&str; 7] = ["q", "arch", "label", "value", "topic", "owner", "sort"];
/// How long nothing is typed before a search follows, in milliseconds.
const PAUSE: u32 = 180;

/// The search box; `/` puts the cursor into it.
#[component]
fn SearchBox() -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let navigate = use_navigate();
    let location = use_location();
    let words = RwSignal::new(String::new());
    Effect::new(move || {
        let query = location.query.get();
        let asked = if location.pathname.get() == "/search" {
            query.get("q").unwrap_or_default()
        } else {
            String::new()
        };
        // What is being typed stays, with the space before the next word.
        if words.with_untracked(|words| words.trim() != asked) {
            words.set(asked);
        }
    });
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        let typing = document().active_element().is_some_and(|element| {
            matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
        });
        if event.key() == "/" && !typing && !event.ctrl_key() && !event.meta_key() {
            event.prevent_default();
            if let Some(input) = node.get() {
                let _ = input.focus();
            }
        }
    });
    on_cleanup(move || handle.remove());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let words = words.get_untracked();
        if !words.trim().is_empty() {
            navigate(
                &Route::Search(words.trim().to_owned()).href(),
                NavigateOptions::default(),
            );
        }
    };
    // On the page of the search what is found follows the words, and the way back leads to where one came from.
    let follow = use_navigate();
    let turn = StoredValue::new(0_u32);
    let typed = move |_| {
        if location.pathname.get_untracked() != "/search" {
            return;
        }
        turn.update_value(|turn| *turn += 1);
        let (own, follow) = (turn.get_value(), follow.clone());
        spawn_local(async move {
            TimeoutFuture::new(PAUSE).await;
            if turn.try_get_value() == Some(own) {
                let query = location.query.get_untracked();
                let parts = FACETS.map(|name| (name, query.get(name).unwrap_or_default()));
                let options = NavigateOptions {
                    replace: true,
                    scroll: false,
                    ..NavigateOptions::default()
                };
                let words = words.get_untracked();
                follow(&query::with("/search", &parts, "q", words.trim()), options);
            }
        });
    };
    view! {
        <form class="search" role="search" on:submit=submit>
            <Glyph icon=Icon::Search />
            <input
                node_ref=node
                type="search"
                name="q"
                aria-label="Search containers"
                placeholder="Search containers"
                autocomplete="off"
                bind:value=words
                on:input=typed
            />
            <kbd aria-hidden="true">"/"</kbd>
        </form>
    }
}

#[component]
fn ThemeSwitch() -> impl IntoView {
    let theme = RwSignal::new(Theme::remembered());
    let switch = move |_| {
        let next = theme.get_untracked().next();
        next.apply();
        theme.set(next);
    };
    view! {
        <button type="button" class="icon-button" on:click=switch aria-label=move || theme.get().label() title=move || theme.get().label()>
            <Glyph icon=Icon::Theme />
        </button>
    }
}

/// The menu of the person who is signed in.
#[component]
fn UserMenu(account: Account) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let node = NodeRef::<html::Details>::new();
    let location = use_location();
    let close = move || {
        if let Some(menu) = node.get_untracked() {
            menu.set_open(false);
        }
    };
    Effect::new(move || {
        location.pathname.track();
        close();
    });
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "Escape" {
            close();
        }
    });
    on_cleanup(move || keys.remove());
    let sign_out = move |_| {
        spawn_local(async move {
            match people::logout().await {
                Ok(()) => {
                    session.renew();
                    toasts.good("Signed out.");
                }
                Err(error) => toasts.error(&error),
            }
        });
    };
    view! {
        <details class="menu" node_ref=node>
            <summary class="button"><Glyph icon=Icon::Person /><span>{account.username.clone()}</span><Glyph icon=Icon::Down /></summary>
            <div class="menu-list">
                <p class="quiet">{account.display_name}</p>
                <a href=Route::Profile.href()>"Profile"</a>
                <a href=format!("{}?filter=mine", Route::Collections.href())>"My collections"</a>
                <a href=format!("{}?filter=mine", Route::Teams.href())>"My teams"</a>
                <a href=Route::Token.href()>"Tokens"</a>
                <a href=Route::Logins.href()>"Logins"</a>
                <a href=Route::Password.href()>"Password"</a>
                {(account.role != Role::User).then(|| view! { <a href=Route::Robots.href()>"Robots"</a> })}
                {(account.role != Role::User).then(|| {
                    let first = if session.is_superuser() { "users" } else { "collections" };
                    view! { <a href=Route::Admin(first).href()>"Administration"</a> }
                })}
                <button type="button" on:click=sign_out>"Sign out"</button>
            </div>
        </details>
    }
}

/// The foot.
#[component]
pub fn Footer() -> impl IntoView {
    let session = use_session();
    view! {
        <footer class="footer" class:waiting=move || session.is_loading()>
            {move || session.registry().map(|registry| view! {
                <span>{registry.name}</span>
                <span class="quiet">"Version "{registry.version}</span>
                {registry.help_email.map(|mail| view! { <a href=format!("mailto:{mail}")>"Get help"</a> })}
                {registry.institution_site.map(|site| view! { <a href=site rel="noopener">"Institution"</a> })}
            })}
            <a href=Route::About.href()>"About"</a>
            <a href=Route::Terms.href()>"Terms of use"</a>
            <a href="/api/" rel="external">"API documentation"</a>
            // The script beside the page asks again.
            {of_page("script[data-statistics]", "src").map(|_| view! { <button type="button" class="link" data-consent="">"Statistics"</button> })}
        </footer>
    }
}
