//! One key.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use shared_types::{KeyDetail, Timestamp};

use super::{Standing, grouped, name};
use crate::{
    api::keys,
    components::{
        act::{Confirm, Deed},
        copy::{CommandBlock, CopyButton},
        load::Load,
        when::When,
    },
    routes::Route,
    state::{ask, use_go},
    util::time,
};

/// A key: who, how long, and its text.
#[component]
pub fn KeyPage() -> impl IntoView {
    let params = use_params_map();
    let fingerprint =
        Memo::new(move |_| params.with(|params| params.get("fingerprint").unwrap_or_default()));
    let detail = ask(move || keys::get(&fingerprint.get()));
    view! {
        <Title text="Public key" />
        <Load resource=detail lines=10 children=|detail| view! { <Shown detail /> } />
    }
    .into_any()
}

/// When a key ends, in words.
fn ends(at: Option<Timestamp>, now: i64) -> String {
    match at {
        None => "never".to_owned(),
        Some(at) => time::until(at, now).unwrap_or_else(|| "its time is over".to_owned()),
    }
}

#[component]
fn Shown(detail: KeyDetail) -> impl IntoView {
    let KeyDetail { key, armored } = detail;
    let removing = RwSignal::new(false);
    let fingerprint = key.fingerprint.clone();
    let pull = format!("singularity key pull {fingerprint}");
    let users = key
        .user_ids
        .iter()
        .map(|user| {
            view! {
                <li><bdi>{user.text.clone()}</bdi>{user.revoked.then(|| view! { " "<span class="badge bad">"taken back"</span> })}</li>
            }
        })
        .collect_view();
    let removable = StoredValue::new(key.fingerprint.clone());
    let go = use_go();
    let gone = Callback::new(move |()| go.run(Route::Keys));
    let remove = Deed::new(
        move || keys::remove(&removable.get_value()),
        "Key removed.",
        gone,
    );
    view! {
        <nav class="crumbs" aria-label="Where this is"><a href=Route::Keys.href()>"Public keys"</a></nav>
        <div class="page-head">
            <h1><bdi>{name(&key)}</bdi></h1>
            <Standing revoked=key.revoked expired=key.expired />
            {key.deletable.then(|| view! {
                <div class="actions"><button type="button" class="button" on:click=move |_| removing.set(true)>"Remove…"</button></div>
            })}
        </div>
        <dl class="facts wide">
            <div>
                <dt>"Fingerprint"</dt>
                <dd class="digest"><code>{grouped(&fingerprint)}</code><CopyButton text=Signal::stored(fingerprint) label="Copy the fingerprint" /></dd>
            </div>
            <div><dt>"Kind"</dt><dd>{format!("{} {}", key.algorithm, key.bits)}</dd></div>
            <div><dt>"Made"</dt><dd><When at=key.created_at /></dd></div>
            <div><dt>"Ends"</dt><dd>{ends(key.expires_at, time::now())}</dd></div>
            <div><dt>"Brought by"</dt><dd>{key.username.clone().unwrap_or_else(|| "somebody without an account".to_owned())}</dd></div>
            <div><dt>"Added here"</dt><dd><When at=key.added_at /></dd></div>
        </dl>
        <section aria-labelledby="names">
            <h2 id="names">"Names in this key"</h2>
            <ul class="list">{users}</ul>
        </section>
        <section aria-labelledby="use">
            <h2 id="use">"Use it"</h2>
            <ol class="steps plain">
                <li><h3>"Take it to your keyring"</h3><CommandBlock text=Signal::stored(pull) label="Copy: take it to your keyring" /></li>
                <li><h3>"Or as text"</h3><CommandBlock text=Signal::stored(armored) label="Copy the key" /></li>
            </ol>
        </section>
        <Confirm
            open=removing
            title="Remove this key?"
            text="What it signed shows as signed by an unknown key, until somebody brings it again."
            label="Remove the key"
            deed=remove
        />
    }
}
