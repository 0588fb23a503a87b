//! Public keys: what signatures inside images are checked with.

mod one;

use leptos::prelude::*;
use leptos_meta::Title;
use shared_types::{BroughtKeys, Key, KeyChange};

pub use one::KeyPage;

use crate::{
    api::keys,
    components::{
        copy::{CommandBlock, CopyButton},
        dialog::Dialog,
        field::TextArea,
        find::Find,
        form::{Attempt, Form},
        icon::{Glyph, Icon},
        load::Load,
        pager::Pager,
        robot::Invitation,
        when::When,
    },
    routes::Route,
    state::{ask, use_query, use_session, use_toasts},
    util::{query::Query, text},
};

/// The list of keys.
#[component]
pub fn KeysPage() -> impl IntoView {
    let session = use_session();
    let state = use_query(&["q", "mine", "cursor"]);
    // Words look through all keys.
    let words = use_query(&["q"]);
    let found = ask(move || {
        let now = state.get();
        keys::list(now.get("q"), now.is("mine", "true"), now.get("cursor"))
    });
    let changed = Callback::new(move |()| found.refetch());
    let bringing = RwSignal::new(false);
    view! {
        <Title text="Public keys" />
        <div class="page-head">
            <h1>"Public keys"</h1>
            {move || session.is_signed_in().then(|| view! {
                <button type="button" class="button primary" on:click=move |_| bringing.set(true)><Glyph icon=Icon::Plus />"Add a key"</button>
            })}
        </div>
        <p class="lede">"Signatures inside images are checked with these keys. A name in a key is only what its maker wrote: compare the fingerprint with its owner."</p>
        <Dialog open=bringing title="Add public keys"><Bring open=bringing changed /></Dialog>
        <Find label="Name, address, fingerprint or key id" press="Search" state=words path=Route::Keys.href() />
        <nav class="tabs" aria-label="Which keys">
            <a href=move || state.get().to(&Route::Keys.href(), "mine", "") aria-current=move || state.get().is("mine", "").then_some("page")>"All keys"</a>
            {move || session.is_signed_in().then(|| view! {
                <a href=format!("{}?mine=true", Route::Keys.href()) aria-current=move || state.get().is("mine", "true").then_some("page")>"My keys"</a>
            })}
        </nav>
        <Load
            resource=found
            lines=8
            children=move |page| {
                let now = state.get_untracked();
                if page.items.is_empty() {
                    return view! { <Nothing state=now /> }.into_any();
                }
                view! {
                    <div class="table-wrap">
                        <table>
                            <thead>
                                <tr>
                                    <th scope="col">"Key"</th>
                                    <th scope="col">"Fingerprint"</th>
                                    <th scope="col">"Brought by"</th>
                                    <th scope="col">"Added"</th>
                                </tr>
                            </thead>
                            <tbody>{page.items.into_iter().map(|key| view! { <Row key=key /> }).collect_view()}</tbody>
                        </table>
                    </div>
                    <Pager total=page.total what="keys" path=Route::Keys.href() state=now next=page.next />
                }
                    .into_any()
            }
        />
    }
    .into_any()
}

#[component]
fn Nothing(state: Query) -> impl IntoView {
    if !state.is("q", "") {
        return view! {
            <Invitation title="No key fits">
                <p>"Names and addresses are found by their beginnings and words; fingerprints and key ids only whole."</p>
                <p><a href=Route::Keys.href()>"Show all keys"</a></p>
            </Invitation>
        }
        .into_any();
    }
    view! {
        <Invitation title="No keys yet">
            <p>"Bring the public half of the key that you sign images with, and everybody sees here that your signatures hold:"</p>
            <CommandBlock text=Signal::stored("singularity key push FINGERPRINT".to_owned()) />
        </Invitation>
    }
    .into_any()
}

/// The name that stands for a key: its main user id that was not taken back.
fn name(key: &Key) -> String {
    key.user_ids
        .iter()
        .find(|user| !user.revoked)
        .or(key.user_ids.first())
        .map_or_else(
            || "A key without a name".to_owned(),
            |user| user.text.clone(),
        )
}

/// What a key still is good for.
#[component]
fn Standing(revoked: bool, expired: bool) -> impl IntoView {
    if revoked {
        view! { <span class="badge bad">"revoked"</span> }.into_any()
    } else if expired {
        view! { <span class="badge unsure">"expired"</span> }.into_any()
    } else {
        ().into_any()
    }
}

/// A fingerprint, or the long id at its end, in groups of four.
fn grouped(digits: &str) -> String {
    let digits: Vec<char> = digits.chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|four| four.iter().collect()).collect();
    groups.join(" ")
}

#[component]
fn Row(key: Key) -> impl IntoView {
    let href = Route::Key(key.fingerprint.clone()).href();
    let end = key.fingerprint.len().saturating_sub(16);
    let short = grouped(key.fingerprint.get(end..).unwrap_or_default());
    view! {
        <tr>
            <th scope="row">
                <a href=href><bdi><strong>{name(&key)}</strong></bdi></a>
                " "<Standing revoked=key.revoked expired=key.expired />
                <p class="quiet">{format!("{} {}", key.algorithm, key.bits)}</p>
            </th>
            <td data-label="Fingerprint" class="digest">
                <code title=key.fingerprint.clone()>"… "{short}</code>
                <CopyButton text=Signal::stored(key.fingerprint) label="Copy the fingerprint" />
            </td>
            <td data-label="Brought by">{key.username.unwrap_or_else(|| "somebody".to_owned())}</td>
            <td data-label="Added"><When at=key.added_at /></td>
        </tr>
    }
}

/// The form for new keys, and afterwards what became of them.
#[component]
fn Bring(open: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let armored = RwSignal::new(String::new());
    let submit = move |()| {
        let text = armored.get_untracked();
        attempt.run(keys::bring(text), move |brought| {
            toasts.good(told(&brought));
            open.set(false);
            changed.run(());
        });
    };
    view! {
        <Form attempt submit label="Add" disabled=Signal::derive(move || armored.with(|text| text.trim().is_empty())) cancel=open>
            <p>"The public half only, as this prints it:"</p>
            <CommandBlock text=Signal::stored("gpg --export --armor you@example.org".to_owned()) />
            <TextArea label="Keys" name="armored" value=armored rows=8 hint="It begins with “-----BEGIN PGP PUBLIC KEY BLOCK-----”." problem=attempt.wrong("armored") />
        </Form>
    }
}

fn told(brought: &BroughtKeys) -> String {
    let count = |change| {
        brought
            .items
            .iter()
            .filter(|key| key.change == change)
            .count() as u64
    };
    let (added, updated) = (count(KeyChange::Added), count(KeyChange::Updated));
    match (added, updated) {
        (0, 0) => "All of it was here already.".to_owned(),
        (1, 0) => "Key added.".to_owned(),
        (0, 1) => "Key updated.".to_owned(),
        _ => format!("{} added, {updated} updated.", text::counted(added, "keys")),
    }
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;

    #[test]
    fn what_was_taken_back_does_not_stand_for_a_key() {
        let mut key = Key::sample();
        let mut old = key.user_ids[0].clone();
        old.text = "Old name".to_owned();
        old.revoked = true;
        key.user_ids.insert(0, old);
        assert_eq!(name(&key), "Amy <amy@example.org>");
        key.user_ids.clear();
        assert_eq!(name(&key), "A key without a name");
    }

    #[test]
    fn it_is_told_what_became_of_the_keys() {
        let mut brought = BroughtKeys::sample();
        assert_eq!(told(&brought), "Key added.");
        brought.items[0].change = KeyChange::Unchanged;
        assert_eq!(told(&brought), "All of it was here already.");
        assert_eq!(grouped("0123456789"), "0123 4567 89");
    }
}
